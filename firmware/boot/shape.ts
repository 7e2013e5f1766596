// JSON objects of a known shape, read as the rows of a table say; each mistake is one sentence that names its place and
// never quotes what was given: it may be a secret in the wrong place. A loop, not a recursion: the stack of a small
// board is nearly used up where a console's request is carried out.

import { textLength } from "../bytes.js";
import {
	CLOSE_ARRAY,
	CLOSE_OBJECT,
	COLON,
	COMMA,
	type JsonReader,
	OPEN_ARRAY,
	OPEN_OBJECT,
} from "../lwm2m/formats/json.js";

/** One member. The bounds are of a text's UTF-8 bytes, a number's value, bytes in hexadecimal, a list's items. */
interface Field {
	readonly name: string;
	readonly type: "text" | "integer" | "boolean" | "hex" | "object" | "list";
	readonly least: number;
	readonly most: number;
	readonly optional?: true;
	/** Of an object, or of each item of a list. */
	readonly of?: Shape;
}

/** The members that an object may have. */
export type Shape = readonly Field[];

type Members = Record<string, unknown>;

/** An object that is being read. */
interface Level {
	readonly shape: Shape;
	/** Where it stands: "accounts[0].credentials"; "" for the whole. */
	readonly place: string;
	readonly members: Members;
	/** Of an item: the list it belongs to, and where that stands. */
	readonly list: { readonly field: Field; readonly place: string; readonly items: Members[] } | undefined;
}

const QUOTE = 0x22;

/** Reads one object. */
export class ShapeReader {
	readonly #reader: JsonReader;
	/** The open objects, the outermost first. */
	readonly #levels: Level[] = [];
	#problem: string | undefined;

	constructor(reader: JsonReader) {
		this.#reader = reader;
	}

	/** The members of the object that comes next, without those that are not there; or a sentence. */
	read(shape: Shape): Members | string {
		this.open({ shape, place: "", members: {}, list: undefined });
		const root = this.#levels[0];
		while (this.#problem === undefined && this.#levels.length > 0) {
			const level = this.#levels[this.#levels.length - 1]!;
			if (this.#reader.takes(CLOSE_OBJECT)) this.close(level);
			else this.readMember(level);
		}
		return this.#problem ?? root!.members;
	}

	private open(level: Level): void {
		if (this.#reader.takes(OPEN_OBJECT)) this.#levels.push(level);
		else this.#problem = `${subject(level)} must be a JSON object`;
	}

	private close({ shape, place, members, list }: Level): void {
		for (let i = 0; i < shape.length; i++) {
			const { name, optional } = shape[i]!;
			if (members[name] === undefined && optional !== true) this.#problem ??= `${join(place, name)} is missing`;
		}
		this.#levels.pop();
		if (list !== undefined) {
			list.items.push(members);
			if (this.#reader.takes(COMMA)) return this.openItem(list.field, list.place, list.items);
			if (!this.#reader.takes(CLOSE_ARRAY)) this.#problem ??= `${list.place} is not well-formed JSON`;
		}
		this.separate();
	}

	private openItem(field: Field, place: string, items: Members[]): void {
		if (items.length === field.most) this.#problem ??= `${place} has more than ${field.most} items`;
		else {
			const list = { field, place, items };
			this.open({ shape: field.of!, place: `${place}[${items.length}]`, members: {}, list });
		}
	}

	/** After a value: the end of its object is next, or a comma and another member. */
	private separate(): void {
		const level = this.#levels[this.#levels.length - 1];
		if (level === undefined || this.#reader.peek() === CLOSE_OBJECT) return;
		if (!this.#reader.takes(COMMA) || this.#reader.peek() === CLOSE_OBJECT) this.#problem ??= malformed(level);
	}

	private readMember(level: Level): void {
		const reader = this.#reader;
		const name = reader.string();
		reader.expect(COLON);
		const field = fieldOf(level.shape, name);
		const place = join(level.place, name);
		if (reader.failed) this.#problem = malformed(level);
		else if (field === undefined) this.#problem = `${subject(level)} may have ${namesOf(level.shape)} and nothing else`;
		else if (level.members[name] !== undefined) this.#problem = `${place} stands there twice`;
		else if (field.type === "object") {
			const members: Members = {};
			level.members[name] = members;
			this.open({ shape: field.of!, place, members, list: undefined });
		} else if (field.type === "list") {
			const items: Members[] = [];
			level.members[name] = items;
			this.openList(field, place, items);
		} else {
			level.members[name] = this.readValue(field, place);
			this.separate();
		}
	}

	private openList(field: Field, place: string, items: Members[]): void {
		if (!this.#reader.takes(OPEN_ARRAY)) this.#problem = `${place} must be a list`;
		else if (!this.#reader.takes(CLOSE_ARRAY)) this.openItem(field, place, items);
		else if (field.least > 0) this.#problem = `${place} must have at least ${field.least} item`;
		else this.separate();
	}

	private readValue({ type, least, most }: Field, place: string): unknown {
		const reader = this.#reader;
		const isText = reader.peek() === QUOTE;
		if (type === "integer") {
			const value = isText ? undefined : reader.scalar();
			if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
			this.#problem = `${place} must be a whole number from ${least} to ${most}`;
		} else if (type === "boolean") {
			const value = isText ? undefined : reader.scalar();
			if (typeof value === "boolean") return value;
			this.#problem = `${place} must be true or false`;
		} else if (!isText) {
			this.#problem = `${place} must be ${type === "text" ? "a text" : "hexadecimal digits in quotes"}`;
		} else {
			const text = reader.string();
			const bytes = type === "hex" ? fromHex(text) : undefined;
			const length = bytes?.length ?? textLength(text);
			if (reader.failed) this.#problem = `${place} is not well-formed JSON`;
			else if (length > most) this.#problem = `${place} is longer than ${most} bytes`;
			else if (type === "hex" && bytes === undefined) this.#problem = `${place} must be pairs of hexadecimal digits`;
			else if (length < least) this.#problem = `${place} is shorter than ${least === 1 ? "a byte" : `${least} bytes`}`;
			else if (hasControl(text)) this.#problem = `${place} must not hold control characters`;
			return bytes ?? text;
		}
		return undefined;
	}
}

function subject({ place }: Level): string {
	return place === "" ? "it" : place;
}

function malformed(level: Level): string {
	return `${subject(level)} is not well-formed JSON`;
}

function join(place: string, name: string): string {
	return place === "" ? name : `${place}.${name}`;
}

function fieldOf(shape: Shape, name: string): Field | undefined {
	for (let i = 0; i < shape.length; i++) if (shape[i]!.name === name) return shape[i];
	return undefined;
}

function namesOf(shape: Shape): string {
	let names = shape[0]!.name;
	for (let i = 1; i < shape.length; i++) names += (i + 1 < shape.length ? ", " : " and ") + shape[i]!.name;
	return names;
}

function hasControl(text: string): boolean {
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20 || text.charCodeAt(i) === 0x7f) return true;
	return false;
}

/** The bytes of pairs of hexadecimal digits; undefined where there is anything else. */
function fromHex(text: string): Uint8Array | undefined {
	const bytes = new Uint8Array(text.length >> 1);
	for (let i = 0; i < text.length; i++) {
		const digit = "0123456789abcdef".indexOf(text.charAt(i).toLowerCase());
		if (digit < 0 || text.length % 2 > 0) return undefined;
		bytes[i >> 1] = (bytes[i >> 1]! << 4) | digit;
	}
	return bytes;
}
