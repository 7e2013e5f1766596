// SenML-CBOR (content format 112; RFC 8428, 6; LwM2M Core, 7.4.7): values with their names.

import { Reader, Writer } from "../../bytes.js";
import { limits } from "../../limits.js";
import { Path } from "../path.js";
import { Head, Major, readScalar, skipItem, writeCbor, writeHead, writeInteger, writeString } from "./cbor.js";
import { type Encoder, type Entry, isOfType, type TypeTable, type Value, type ValueType } from "./format.js";

/** RFC 8428, 6: labels as integers. */
const Label = Object.freeze({
	baseSum: -6,
	baseValue: -5,
	baseUnit: -4,
	baseTime: -3,
	baseName: -2,
	baseVersion: -1,
	name: 0,
	value: 2,
	textValue: 3,
	booleanValue: 4,
	time: 6,
	dataValue: 8,
});

/** LwM2M Core, 7.4.6: the label of an object link has no number. */
const LINK_LABEL = "vlo";
/** RFC 8428, 4.4: the version of SenML itself. */
const VERSION = 10;

/** Room for the longest head of the outer array: 65,535 records are more than any response holds. */
const HEAD_ROOM = 3;

/** Writes the values of one read: the base name goes with the first record and stays. */
export class SenmlCborEncoder implements Encoder {
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
		const writer = this.#writer;
		const name = relativeName(path, this.#baseDepth);
		const hasBase = this.#count++ === 0 && this.#baseDepth > 0;
		writeHead(writer, Major.map, (hasBase ? 1 : 0) + (name === "" ? 0 : 1) + 1);
		if (hasBase) {
			writeInteger(writer, Label.baseName);
			writeString(writer, baseName(path, this.#baseDepth, name));
		}
		if (name !== "") {
			writeInteger(writer, Label.name);
			writeString(writer, name);
		}
		if (type === "objectLink") writeString(writer, LINK_LABEL);
		else writeInteger(writer, labelOf(type));
		if (!writeCbor(writer, type, value)) this.spoiled = true;
	}

	/** SenML has no way to say "no instances". */
	addMultiple(): void {}

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

/** The levels below the base: "0/5700"; "" when the path is the base. From the root it is the whole path. */
function relativeName(path: Path, baseDepth: number): string {
	if (baseDepth === 0) return path.toString();
	let name = "";
	for (let level = baseDepth; level < path.depth; level++) name += `${name === "" ? "" : "/"}${path.at(level)}`;
	return name;
}

function baseName(path: Path, baseDepth: number, name: string): string {
	let base = "";
	for (let level = 0; level < baseDepth; level++) base += `/${path.at(level)}`;
	return name === "" ? base : `${base}/`;
}

function labelOf(type: ValueType): number {
	if (type === "string") return Label.textValue;
	if (type === "boolean") return Label.booleanValue;
	return type === "opaque" ? Label.dataValue : Label.value;
}

/** The fields of the record under the reader, and the base fields, which stay from record to record. */
class Pack {
	readonly reader: Reader;
	readonly head = new Head();
	baseName = "";
	baseTime = 0;
	baseValue = 0;
	name = "";
	/** The label that carried the value; undefined: the record has none. */
	label: number | typeof LINK_LABEL | undefined = undefined;
	value: Value | undefined = undefined;
	time: number | undefined = undefined;

	constructor(bytes: Uint8Array) {
		this.reader = new Reader(bytes);
	}

	/** Reads one record; false when it is malformed or means what we do not understand. */
	readRecord(): boolean {
		this.name = "";
		this.label = undefined;
		this.value = undefined;
		this.time = undefined;
		const { reader, head } = this;
		head.read(reader);
		if (head.major !== Major.map) return false;
		const indefinite = head.indefinite;
		for (let left = head.argument; indefinite || left > 0; left--) {
			head.read(reader);
			if (indefinite && head.isBreak) break;
			if (!this.readField()) return false;
		}
		return !reader.failed;
	}

	private readField(): boolean {
		const { reader, head } = this;
		if (reader.failed || head.indefinite) return false;
		if (head.major === Major.unsigned) return this.readLabelled(head.argument);
		if (head.major === Major.negative) return this.readLabelled(-1 - head.argument);
		if (head.major !== Major.text) return false;
		const label = reader.text(head.argument);
		if (label === LINK_LABEL) return this.setValue(LINK_LABEL, "string");
		// RFC 8428, 4.4: a label that ends in "_" must be understood; any other may be ignored.
		if (label.endsWith("_")) return false;
		skipItem(reader, head);
		return !reader.failed;
	}

	private readLabelled(label: number): boolean {
		switch (label) {
			case Label.baseName:
			case Label.name:
				return this.setName(label);
			case Label.baseTime:
			case Label.time:
			case Label.baseValue:
			case Label.baseVersion:
				return this.setNumber(label);
			case Label.value:
				return this.setValue(label, "number");
			case Label.textValue:
				return this.setValue(label, "string");
			case Label.booleanValue:
				return this.setValue(label, "boolean");
			case Label.dataValue:
				return this.setValue(label, "object");
			default:
				// RFC 8428, 6: an unknown negative label must be understood, as it changes what the others mean.
				if (label < 0 && label !== Label.baseUnit && label !== Label.baseSum) return false;
				skipItem(this.reader, this.head);
				return !this.reader.failed;
		}
	}

	private setName(label: number): boolean {
		const text = readScalar(this.reader, this.head);
		if (typeof text !== "string") return false;
		if (label === Label.name) this.name = text;
		else this.baseName = text;
		return true;
	}

	private setNumber(label: number): boolean {
		const number = readScalar(this.reader, this.head);
		if (typeof number !== "number" || !Number.isFinite(number)) return false;
		if (label === Label.baseTime) this.baseTime = number;
		else if (label === Label.time) this.time = number;
		else if (label === Label.baseValue) this.baseValue = number;
		else return number <= VERSION;
		return true;
	}

	/** RFC 8428, 4.2: one value a record. */
	private setValue(label: number | typeof LINK_LABEL, kind: "number" | "string" | "boolean" | "object"): boolean {
		const value = readScalar(this.reader, this.head);
		if (value === undefined || typeof value !== kind || this.label !== undefined) return false;
		this.label = label;
		this.value = value;
		return true;
	}

	/** The value with its base, and the type that its label allows; undefined when it is not of the type in the table. */
	settle(path: Path, types: TypeTable): Entry | undefined {
		const value = typeof this.value === "number" ? this.value + this.baseValue : this.value;
		const type = types.typeOf(path.objectId, path.resourceId) ?? guessType(this.label, value);
		const label = type === "objectLink" ? LINK_LABEL : labelOf(type);
		if (value === undefined || label !== this.label || !isOfType(type, value)) return undefined;
		const { objectId, instanceId, resourceId, resourceInstanceId } = path;
		const time = this.time === undefined && this.baseTime === 0 ? undefined : this.baseTime + (this.time ?? 0);
		return { objectId, instanceId, resourceId, resourceInstanceId, type, value, time };
	}
}

function guessType(label: number | typeof LINK_LABEL | undefined, value: Value | undefined): ValueType {
	if (label === LINK_LABEL) return "objectLink";
	if (label === Label.textValue) return "string";
	if (label === Label.booleanValue) return "boolean";
	if (label === Label.dataValue) return "opaque";
	return Number.isSafeInteger(value) ? "integer" : "float";
}

/** Reads a payload that answers a Read of `base`, or is written to it, into entries; false when it is malformed. */
export function readSenmlCbor(bytes: Uint8Array, base: Path, types: TypeTable, into: Entry[]): boolean {
	const pack = new Pack(bytes);
	const { reader, head } = pack;
	const path = new Path();
	head.read(reader);
	if (head.major !== Major.array || head.indefinite) return false;
	for (let left = head.argument; left > 0; left--) {
		if (!pack.readRecord()) return false;
		// A record without a value only sets base fields.
		if (pack.label === undefined && pack.name === "") continue;
		if (!path.fromText(pack.baseName + pack.name) || path.depth < 3 || !base.contains(path)) return false;
		const entry = pack.settle(path, types);
		if (entry === undefined || into.length >= limits.entryCount) return false;
		into.push(entry);
	}
	return !reader.failed && reader.remaining === 0;
}
