// SenML-CBOR (content formats 112 and 322; RFC 8428, 6; RFC 8790; LwM2M Core, 7.4.7): values with their names.

import { Reader, Writer } from "../../bytes.js";
import type { Path } from "../path.js";
import {
	Head,
	Major,
	readScalar,
	skipItem,
	takesNull,
	writeCbor,
	writeHead,
	writeInteger,
	writeNull,
	writeString,
} from "./cbor.js";
import type { Value, ValueType } from "./format.js";
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

/** Room for the longest head of the outer array: 65,535 records are more than any response holds. */
const HEAD_ROOM = 3;

/** Writes the values of one read: the base name goes with the first record and stays. */
export class SenmlCborEncoder implements SenmlEncoder {
	readonly #writer: Writer;
	readonly #baseDepth: number;
	#count = 0;
	spoiled = false;

	constructor(bytes: Uint8Array, base: Path) {
		this.#writer = new Writer(bytes);
		this.#writer.length = HEAD_ROOM;
		this.#baseDepth = base.depth;
	}

	add(path: Path, type: ValueType, value: Value): void {
		this.begin(path, 1);
		this.addValue(type, value);
	}

	private addValue(type: ValueType, value: Value): void {
		const label = labelOf(type);
		if (label === LINK_LABEL) writeString(this.#writer, label);
		else writeInteger(this.#writer, label);
		if (!writeCbor(this.#writer, type, value)) this.spoiled = true;
	}

	addRecord({ baseName, baseTime, name, time }: RecordHead, type: ValueType, value: Value): void {
		const writer = this.#writer;
		this.#count++;
		const bases = (baseName === undefined ? 0 : 1) + (baseTime === undefined ? 0 : 1);
		writeHead(writer, Major.map, bases + (name === "" ? 0 : 1) + (time === 0 ? 0 : 1) + 1);
		if (baseName !== undefined) this.addText(Label.baseName, baseName);
		if (baseTime !== undefined) this.addTime(Label.baseTime, baseTime);
		if (name !== "") this.addText(Label.name, name);
		if (time !== 0) this.addTime(Label.time, time);
		this.addValue(type, value);
	}

	private addText(label: number, text: string): void {
		writeInteger(this.#writer, label);
		writeString(this.#writer, text);
	}

	private addTime(label: number, seconds: number): void {
		writeInteger(this.#writer, label);
		writeCbor(this.#writer, Number.isInteger(seconds) ? "integer" : "float", seconds);
	}

	/** SenML has no way to say "no instances". */
	addMultiple(): void {}

	addPath(path: Path): void {
		this.begin(path, 0);
	}

	remove(path: Path): void {
		this.begin(path, 1);
		writeInteger(this.#writer, Label.value);
		writeNull(this.#writer);
	}

	/** Writes the map's head and the names; so many fields follow. */
	private begin(path: Path, fieldCount: number): void {
		const writer = this.#writer;
		const name = relativeName(path, this.#baseDepth);
		const hasBase = this.#count++ === 0 && this.#baseDepth > 0;
		writeHead(writer, Major.map, (hasBase ? 1 : 0) + (name === "" ? 0 : 1) + fieldCount);
		if (hasBase) this.addText(Label.baseName, baseName(path, this.#baseDepth, name));
		if (name !== "") this.addText(Label.name, name);
	}

	/** RFC 8428, 6: the outer array has a definite length; its head goes where room was left for it. */
	finish(): Uint8Array | undefined {
		const { bytes, length } = this.#writer;
		if (this.spoiled || this.#writer.overflowed) return undefined;
		const start = HEAD_ROOM - (this.#count < 24 ? 1 : this.#count < 0x100 ? 2 : 3);
		this.#writer.length = start;
		writeHead(this.#writer, Major.array, this.#count);
		this.#writer.length = length;
		return bytes!.subarray(start, length);
	}

	get length(): number {
		return this.#writer.length;
	}
}

/** The records of a SenML-CBOR pack. */
export class SenmlCborPack extends SenmlPack {
	readonly #reader: Reader;
	readonly #head = new Head();
	/** Records to come. */
	#left: number;

	constructor(bytes: Uint8Array, namesOnly: boolean) {
		super(namesOnly);
		const reader = new Reader(bytes);
		this.#reader = reader;
		this.#head.read(reader);
		this.#left = this.#head.argument;
		if (this.#head.major !== Major.array || this.#head.indefinite) reader.failed = true;
	}

	get complete(): boolean {
		return !this.#reader.failed && this.#reader.remaining === 0;
	}

	next(): boolean {
		const reader = this.#reader;
		const head = this.#head;
		if (reader.failed || this.#left === 0) return false;
		this.begin();
		head.read(reader);
		if (head.major !== Major.map) reader.failed = true;
		const indefinite = head.indefinite;
		for (let left = head.argument; (indefinite || left > 0) && !reader.failed; left--) {
			head.read(reader);
			if (indefinite && head.isBreak) break;
			if (!this.readField()) reader.failed = true;
		}
		this.#left--;
		return !reader.failed;
	}

	private readField(): boolean {
		const reader = this.#reader;
		const head = this.#head;
		if (reader.failed || head.indefinite) return false;
		let label: FieldLabel | undefined;
		if (head.major === Major.unsigned) label = head.argument;
		else if (head.major === Major.negative) label = -1 - head.argument;
		else if (head.major === Major.text) {
			const name = reader.text(head.argument);
			// RFC 8428, 4.4: a label that ends in "_" must be understood; any other may be ignored.
			if (name.endsWith("_")) return false;
			if (name === LINK_LABEL) label = LINK_LABEL;
		} else return false;
		if (label !== undefined && this.takes(label))
			return this.take(label, takesNull(reader) ? null : readScalar(reader, head));
		// RFC 8428, 6: an unknown negative label must be understood, as it changes what the others mean.
		if (typeof label === "number" && label < Label.baseSum) return false;
		skipItem(reader, head);
		return !reader.failed;
	}
}
