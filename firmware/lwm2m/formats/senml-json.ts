// SenML-JSON (content formats 110 and 320; RFC 8428, 5; RFC 8790; LwM2M Core, 7.4.6): values with their names.

import { Writer } from "../../bytes.js";
import type { Path } from "../path.js";
import { fromBase64, fromBase64Url, toBase64Url } from "./base64.js";
import { isOfType, type Value, type ValueType } from "./format.js";
import {
	CLOSE_ARRAY,
	CLOSE_OBJECT,
	COLON,
	COMMA,
	JsonReader,
	OPEN_ARRAY,
	OPEN_OBJECT,
	writeJsonString,
} from "./json.js";
import {
	baseName,
	type FieldLabel,
	Label,
	LINK_LABEL,
	labelOf,
	type RecordHead,
	relativeName,
	type SenmlEncoder,
	SenmlPack,
} from "./senml.js";

/** Writes the values of one read: the base name goes with the first record and stays. */
export class SenmlJsonEncoder implements SenmlEncoder {
	readonly #writer: Writer;
	readonly #baseDepth: number;
	#count = 0;
	spoiled = false;

	constructor(bytes: Uint8Array, base: Path) {
		this.#writer = new Writer(bytes);
		this.#baseDepth = base.depth;
	}

	add(path: Path, type: ValueType, value: Value): void {
		if (this.begin(path)) this.#writer.u8(COMMA);
		this.addValue(type, value);
	}

	private addValue(type: ValueType, value: Value): void {
		this.#writer.text(`"${nameOf(labelOf(type))}":`);
		if (!writeJson(this.#writer, type, value)) this.spoiled = true;
		this.#writer.u8(CLOSE_OBJECT);
	}

	addRecord({ baseName, baseTime, name, time }: RecordHead, type: ValueType, value: Value): void {
		const writer = this.#writer;
		writer.u8(this.#count++ === 0 ? OPEN_ARRAY : COMMA);
		writer.u8(OPEN_OBJECT);
		if (baseName !== undefined) writer.text(`"bn":"${baseName}",`);
		if (baseTime !== undefined) writer.text(`"bt":${baseTime},`);
		if (name !== "") writer.text(`"n":"${name}",`);
		if (time !== 0) writer.text(`"t":${time},`);
		this.addValue(type, value);
	}

	/** SenML has no way to say "no instances". */
	addMultiple(): void {}

	addPath(path: Path): void {
		this.begin(path);
		this.#writer.u8(CLOSE_OBJECT);
	}

	remove(path: Path): void {
		this.begin(path);
		this.#writer.text(',"v":null}');
	}

	/** Opens a record with its names; false when there are none. */
	private begin(path: Path): boolean {
		const writer = this.#writer;
		const name = relativeName(path, this.#baseDepth);
		const hasBase = this.#count === 0 && this.#baseDepth > 0;
		writer.u8(this.#count++ === 0 ? OPEN_ARRAY : COMMA);
		writer.u8(OPEN_OBJECT);
		if (hasBase) writer.text(`"bn":"${baseName(path, this.#baseDepth, name)}"`);
		if (name !== "") writer.text(`${hasBase ? "," : ""}"n":"${name}"`);
		return hasBase || name !== "";
	}

	finish(): Uint8Array | undefined {
		const writer = this.#writer;
		if (this.#count === 0) writer.u8(OPEN_ARRAY);
		writer.u8(CLOSE_ARRAY);
		return this.spoiled || writer.overflowed ? undefined : writer.bytes!.subarray(0, writer.length);
	}

	get length(): number {
		return this.#writer.length;
	}
}

/** Writes one value, a number in its fewest digits; false when JSON cannot express it or it does not fit its type. */
function writeJson(writer: Writer, type: ValueType, value: Value): boolean {
	if (!isOfType(type, value)) return false;
	if (typeof value === "number" && !Number.isFinite(value)) return false;
	if (typeof value === "string") writeJsonString(writer, value);
	else if (value instanceof Uint8Array) writer.text(`"${toBase64Url(value)}"`);
	else writer.text(String(value));
	return true;
}

/** The name of a label that carries values. */
function nameOf(label: FieldLabel): string {
	if (label === Label.textValue) return "vs";
	if (label === Label.booleanValue) return "vb";
	if (label === Label.dataValue) return "vd";
	return label === LINK_LABEL ? LINK_LABEL : "v";
}

/** The label of a name; undefined for what neither SenML nor LwM2M define, or what only describes the value. */
function labelNamed(name: string): FieldLabel | undefined {
	switch (name) {
		case "bn":
			return Label.baseName;
		case "bt":
			return Label.baseTime;
		case "bv":
			return Label.baseValue;
		case "bver":
			return Label.baseVersion;
		case "n":
			return Label.name;
		case "v":
			return Label.value;
		case "vs":
			return Label.textValue;
		case "vb":
			return Label.booleanValue;
		case "vd":
			return Label.dataValue;
		case "t":
			return Label.time;
		case LINK_LABEL:
			return LINK_LABEL;
		default:
			return undefined;
	}
}

/** The records of a SenML-JSON pack. */
export class SenmlJsonPack extends SenmlPack {
	readonly #json: JsonReader;
	#ended = false;

	constructor(bytes: Uint8Array, namesOnly: boolean) {
		super(namesOnly);
		this.#json = new JsonReader(bytes);
	}

	get complete(): boolean {
		return !this.#json.failed && this.#json.peek() < 0;
	}

	next(): boolean {
		const json = this.#json;
		if (json.failed || this.#ended) return false;
		const isFirst = json.offset === 0;
		if (isFirst) json.expect(OPEN_ARRAY);
		this.#ended = json.takes(CLOSE_ARRAY);
		if (this.#ended) return false;
		if (!isFirst) json.expect(COMMA);
		this.begin();
		json.expect(OPEN_OBJECT);
		if (json.takes(CLOSE_OBJECT)) return true;
		do {
			if (!this.readField()) json.failed = true;
		} while (json.takes(COMMA));
		json.expect(CLOSE_OBJECT);
		return !json.failed;
	}

	private readField(): boolean {
		const json = this.#json;
		const name = json.string();
		json.expect(COLON);
		// RFC 8428, 4.4: a label that ends in "_" must be understood; any other may be ignored.
		if (json.failed || name.endsWith("_")) return false;
		const label = labelNamed(name);
		if (label === undefined || !this.takes(label)) {
			json.skip();
			return !json.failed;
		}
		const value = json.scalar();
		// RFC 8428, 5 has base64url; LwM2M Core, 7.4.6 just says base64.
		if (label === Label.dataValue && typeof value === "string")
			return this.take(label, fromBase64Url(value) ?? fromBase64(value));
		return this.take(label, value);
	}
}
