// OMA TLV (content format 11542, LwM2M Core, 7.4.5): binary, typed by the reader's table only.

import { Reader, textLength, Writer } from "../../bytes.js";
import { limits } from "../../limits.js";
import { Path } from "../path.js";
import { type Encoder, type Entry, isOfType, type TypeTable, type Value, type ValueType } from "./format.js";

/** The two high bits of a TLV's first byte. */
const Kind = Object.freeze({ instance: 0, resourceInstance: 1, multiple: 2, resource: 3 });

const WIDE_ID = 0x20;
const LONGEST = 0xffffff;

/** Writes the values of one read; a resource with several instances and an object's instances are nested. */
export class TlvEncoder implements Encoder {
	readonly #writer: Writer;
	/** Object instances get a TLV of their own only in the answer to the Read of an object. */
	readonly #nestsInstances: boolean;
	/** In the answer to the Read of a resource instance there is nothing around it. */
	readonly #nestsMultiple: boolean;
	/** Where the open TLV's value starts, and its id; -1: none is open. */
	#instanceStart = -1;
	#instanceId = -1;
	#multipleStart = -1;
	#multipleId = -1;
	spoiled = false;

	constructor(bytes: Uint8Array, base: Path) {
		this.#writer = new Writer(bytes);
		this.#nestsInstances = base.depth < 2;
		this.#nestsMultiple = base.depth < 4;
	}

	add(path: Path, type: ValueType, value: Value): void {
		if (path.resourceInstanceId >= 0) this.addMultiple(path);
		else this.enter(path);
		const kind = path.resourceInstanceId >= 0 ? Kind.resourceInstance : Kind.resource;
		const length = valueLength(type, value);
		if (length < 0) {
			this.spoiled = true;
			return;
		}
		writeHeader(this.#writer, kind, kind === Kind.resource ? path.resourceId : path.resourceInstanceId, length);
		writeValue(this.#writer, type, value, length);
	}

	addMultiple(path: Path): void {
		if (this.#multipleStart >= 0 && this.#multipleId === path.resourceId && this.#instanceId === path.instanceId)
			return;
		this.enter(path);
		if (!this.#nestsMultiple) return;
		this.#multipleStart = this.#writer.length;
		this.#multipleId = path.resourceId;
	}

	/** Closes what is open and not around this path, and opens the instance that is. */
	private enter(path: Path): void {
		this.closeMultiple();
		if (this.#instanceId === path.instanceId) return;
		this.closeInstance();
		this.#instanceId = path.instanceId;
		if (this.#nestsInstances) this.#instanceStart = this.#writer.length;
	}

	private closeMultiple(): void {
		if (this.#multipleStart >= 0) insertHeader(this.#writer, this.#multipleStart, Kind.multiple, this.#multipleId);
		this.#multipleStart = -1;
	}

	private closeInstance(): void {
		if (this.#instanceStart >= 0) insertHeader(this.#writer, this.#instanceStart, Kind.instance, this.#instanceId);
		this.#instanceStart = -1;
	}

	finish(): Uint8Array | undefined {
		this.closeMultiple();
		this.closeInstance();
		if (this.spoiled || this.#writer.overflowed) return undefined;
		return this.#writer.bytes!.subarray(0, this.#writer.length);
	}

	get length(): number {
		return this.#writer.length;
	}
}

/** Bytes that the length field takes; lengths below 8 stand in the first byte. */
function lengthOfLength(length: number): number {
	return length < 8 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
}

function writeHeader(writer: Writer, kind: number, id: number, length: number): void {
	const extra = lengthOfLength(length);
	writer.u8((kind << 6) | (id > 0xff ? WIDE_ID : 0) | (extra << 3) | (extra === 0 ? length : 0));
	writer.uint(id, id > 0xff ? 2 : 1);
	writer.uint(length, extra);
}

/** Puts a header before what was written since `start`. */
function insertHeader(writer: Writer, start: number, kind: number, id: number): void {
	const end = writer.length;
	const moved = 1 + (id > 0xff ? 2 : 1) + lengthOfLength(end - start);
	writer.length = end + moved;
	if (writer.overflowed) return;
	writer.bytes!.copyWithin(start + moved, start, end);
	writer.length = start;
	writeHeader(writer, kind, id, end - start);
	writer.length = end + moved;
}

/** The bytes of a value (appendix C); -1 when it does not fit its type. */
function valueLength(type: ValueType, value: Value): number {
	if (!isOfType(type, value)) return -1;
	if (value instanceof Uint8Array) return value.length <= LONGEST ? value.length : -1;
	if (typeof value === "boolean") return 1;
	if (typeof value === "string") return type === "objectLink" ? 4 : textLength(value);
	if (type === "float") return Math.fround(value) === value ? 4 : 8;
	const half = type === "unsigned" ? 2 : 1;
	if (value < 0x80 * half && value >= -0x80) return 1;
	if (value < 0x8000 * half && value >= -0x8000) return 2;
	return value < 0x8000_0000 * half && value >= -0x8000_0000 ? 4 : 8;
}

function writeValue(writer: Writer, type: ValueType, value: Value, length: number): void {
	if (value instanceof Uint8Array) writer.copy(value);
	else if (typeof value === "boolean") writer.u8(value ? 1 : 0);
	else if (typeof value === "string") {
		if (type === "objectLink") writeObjectLink(writer, value);
		else writer.text(value);
	} else if (type !== "float") {
		if (type === "unsigned") writer.uint(value, length);
		else writer.int(value, length);
	} else if (length === 4) writer.f32(value);
	else writer.f64(value);
}

function writeObjectLink(writer: Writer, link: string): void {
	const colon = link.indexOf(":");
	writer.u16(Number(link.slice(0, colon)));
	writer.u16(Number(link.slice(colon + 1)));
}

/** Reads one value; undefined when the bytes are none of this type. */
function readValue(bytes: Uint8Array, type: ValueType): Value | undefined {
	const length = bytes.length;
	const reader = new Reader(bytes);
	switch (type) {
		case "string": {
			const text = reader.text(length);
			return reader.failed ? undefined : text;
		}
		case "opaque":
			return bytes;
		case "boolean":
			return length === 1 && bytes[0]! < 2 ? bytes[0] === 1 : undefined;
		case "objectLink":
			return length === 4 ? `${reader.u16()}:${reader.u16()}` : undefined;
		case "float":
			return length === 4 ? reader.f32() : length === 8 ? reader.f64() : undefined;
		case "unsigned":
			return isIntegerLength(length) ? reader.uint(length) : undefined;
		case "integer":
		case "time":
			return isIntegerLength(length) ? reader.int(length) : undefined;
		default:
			return type satisfies never;
	}
}

function isIntegerLength(length: number): boolean {
	return length === 1 || length === 2 || length === 4 || length === 8;
}

/** Reads a payload that answers a Read of `base`, or is written to it, into entries; false when it is malformed. */
export function readTlv(bytes: Uint8Array, base: Path, types: TypeTable, into: Entry[]): boolean {
	const reader = new Reader(bytes);
	const path = new Path().copy(base);
	// Where the open object instance and the open multiple resource end; -1: none is open.
	let instanceEnd = -1;
	let multipleEnd = -1;
	while (reader.remaining > 0) {
		if (reader.offset === multipleEnd) multipleEnd = -1;
		if (reader.offset === instanceEnd) instanceEnd = -1;
		const first = reader.u8();
		const kind = first >> 6;
		const id = reader.uint(first & WIDE_ID ? 2 : 1);
		const extra = (first >> 3) & 3;
		const end = (extra === 0 ? first & 7 : reader.uint(extra)) + reader.offset;
		const outerEnd = multipleEnd >= 0 ? multipleEnd : instanceEnd >= 0 ? instanceEnd : bytes.length;
		if (reader.failed || end > outerEnd || !place(path, kind, id, base.depth)) return false;
		if (multipleEnd >= 0 ? kind !== Kind.resourceInstance : kind === Kind.resourceInstance && base.depth < 3)
			return false;
		if (kind === Kind.instance) {
			if (instanceEnd >= 0) return false;
			instanceEnd = end;
		} else if (kind === Kind.multiple) multipleEnd = end;
		else if (!addEntry(path, reader.take(end - reader.offset), types, into)) return false;
	}
	return !reader.failed;
}

/** Sets the level that a TLV stands for and clears those below; false where it cannot stand or contradicts the base. */
function place(path: Path, kind: number, id: number, baseDepth: number): boolean {
	const level = kind === Kind.instance ? 1 : kind === Kind.resourceInstance ? 3 : 2;
	if (level < baseDepth) return path.at(level) === id;
	if (level <= 1) path.instanceId = -1;
	if (level <= 2) path.resourceId = -1;
	path.resourceInstanceId = -1;
	return path.depth === level && path.push(id);
}

function addEntry(path: Path, bytes: Uint8Array, types: TypeTable, into: Entry[]): boolean {
	const type = types.typeOf(path.objectId, path.resourceId) ?? "opaque";
	const value = readValue(bytes, type);
	if (path.depth < 3 || value === undefined || !isOfType(type, value) || into.length >= limits.entryCount) return false;
	const { objectId, instanceId, resourceId, resourceInstanceId } = path;
	into.push({ objectId, instanceId, resourceId, resourceInstanceId, type, value, time: undefined });
	return true;
}
