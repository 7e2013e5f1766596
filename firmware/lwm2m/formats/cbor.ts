// CBOR (content format 60, LwM2M Core, 7.4.3; RFC 8949): one value, and the items that SenML-CBOR is made of.

import { Reader, textLength, type Writer } from "../../bytes.js";
import { isOfType, type Value, type ValueType } from "./format.js";

/** RFC 8949, 3.1: the major types. */
export const Major = Object.freeze({
	unsigned: 0,
	negative: 1,
	bytes: 2,
	text: 3,
	array: 4,
	map: 5,
	tag: 6,
	simple: 7,
});

const FALSE = 20;
const TRUE = 21;
const NULL = 22;
const HALF = 25;
const SINGLE = 26;
const DOUBLE = 27;
const INDEFINITE = 31;
/** RFC 8949, 3.4: tags whose content is a number of its own meaning. */
const TAG_EPOCH_TIME = 1;
const TAG_DECIMAL_FRACTION = 4;

/** Writes a head in its shortest form: the argument stands in the first byte, or in the 1, 2, 4 or 8 that follow. */
export function writeHead(writer: Writer, major: number, argument: number): void {
	const size = argument < 24 ? -1 : argument < 0x100 ? 0 : argument < 0x10000 ? 1 : argument < 0x1_0000_0000 ? 2 : 3;
	writer.u8((major << 5) | (size < 0 ? argument : 24 + size));
	if (size >= 0) writer.uint(argument, 1 << size);
}

/** Writes an integer in its shortest form. */
export function writeInteger(writer: Writer, value: number): void {
	if (value < 0) writeHead(writer, Major.negative, -1 - value);
	else writeHead(writer, Major.unsigned, value);
}

/** Writes a float in 4 bytes where nothing is lost, else in 8. */
export function writeFloat(writer: Writer, value: number): void {
	const single = Math.fround(value) === value;
	writer.u8((Major.simple << 5) | (single ? SINGLE : DOUBLE));
	if (single) writer.f32(value);
	else writer.f64(value);
}

/** Writes a text string. */
export function writeString(writer: Writer, text: string): void {
	writeHead(writer, Major.text, textLength(text));
	writer.text(text);
}

/** Writes the value that says "none". */
export function writeNull(writer: Writer): void {
	writer.u8((Major.simple << 5) | NULL);
}

/** Writes one value; false when it does not fit its type. */
export function writeCbor(writer: Writer, type: ValueType, value: Value): boolean {
	if (!isOfType(type, value)) return false;
	if (typeof value === "string") writeString(writer, value);
	else if (typeof value === "boolean") writer.u8((Major.simple << 5) | (value ? TRUE : FALSE));
	else if (value instanceof Uint8Array) {
		writeHead(writer, Major.bytes, value.length);
		writer.copy(value);
	} else if (type === "float") writeFloat(writer, value);
	else writeInteger(writer, value);
	return true;
}

/** The head of one item; a scratch object of the decoder. */
export class Head {
	major = 0;
	/** The five low bits of the first byte: for major type 7 they tell what follows. */
	minor = 0;
	/** Value, length, count or tag; 0 where the length is indefinite. Above 2^53 it is rounded. */
	argument = 0;

	get indefinite(): boolean {
		return this.minor === INDEFINITE;
	}

	get isBreak(): boolean {
		return this.major === Major.simple && this.minor === INDEFINITE;
	}

	/** Reads the next head; what RFC 8949 reserves sets `failed`. */
	read(reader: Reader): void {
		const first = reader.u8();
		this.major = first >> 5;
		this.minor = first & 31;
		this.argument = this.minor;
		if (this.minor < 24) return;
		if (this.minor <= 27) {
			if (this.major !== Major.simple) this.argument = reader.uint(1 << (this.minor - 24));
			return;
		}
		this.argument = 0;
		if (this.minor !== INDEFINITE || this.major < Major.bytes || this.major === Major.tag) reader.failed = true;
	}
}

/** Steps over a null and says so, if it is what comes next. */
export function takesNull(reader: Reader): boolean {
	if (reader.remaining === 0 || reader.bytes[reader.offset] !== ((Major.simple << 5) | NULL)) return false;
	reader.skip(1);
	return true;
}

/** Reads one number, boolean, text or byte string (as a view, if it is in one piece); undefined for anything else. */
export function readScalar(reader: Reader, head: Head): Value | undefined {
	head.read(reader);
	if (head.major === Major.tag) {
		const tag = head.argument;
		if (tag === TAG_DECIMAL_FRACTION) return readDecimalFraction(reader, head);
		if (tag !== TAG_EPOCH_TIME) return undefined;
		head.read(reader);
		return readNumber(reader, head);
	}
	if (reader.failed) return undefined;
	if (head.major === Major.text)
		return settled(reader, head.indefinite ? joinText(reader, head) : reader.text(head.argument));
	if (head.major === Major.bytes)
		return settled(reader, head.indefinite ? joinBytes(reader, head) : reader.take(head.argument));
	if (head.major === Major.simple && (head.minor === FALSE || head.minor === TRUE)) return head.minor === TRUE;
	return readNumber(reader, head);
}

/** RFC 8949, 3.2.3: a string in chunks, each of definite length and, if it is text, well-formed by itself. */
function joinText(reader: Reader, head: Head): string {
	let text = "";
	while (nextChunk(reader, head, Major.text)) text += reader.text(head.argument);
	return text;
}

/** The first pass through the chunks tells how much room they need. */
function joinBytes(reader: Reader, head: Head): Uint8Array {
	const start = reader.offset;
	let length = 0;
	for (; nextChunk(reader, head, Major.bytes); length += head.argument) reader.skip(head.argument);
	if (reader.failed) return reader.take(0);
	reader.offset = start;
	const bytes = new Uint8Array(length);
	for (let at = 0; nextChunk(reader, head, Major.bytes); at += head.argument) bytes.set(reader.take(head.argument), at);
	return bytes;
}

/** Reads the head of the next chunk; false at the end, and where it is none. */
function nextChunk(reader: Reader, head: Head, major: number): boolean {
	head.read(reader);
	if (head.isBreak) return false;
	if (head.major !== major || head.indefinite) reader.failed = true;
	return !reader.failed;
}

/** Reads what follows the head of a number. */
function readNumber(reader: Reader, head: Head): number | undefined {
	if (reader.failed) return undefined;
	if (head.major === Major.unsigned) return head.argument;
	if (head.major === Major.negative) return -1 - head.argument;
	if (head.major !== Major.simple) return undefined;
	if (head.minor === HALF) return settled(reader, halfFloat(reader.u16()));
	if (head.minor === SINGLE) return settled(reader, reader.f32());
	return head.minor === DOUBLE ? settled(reader, reader.f64()) : undefined;
}

/** RFC 8949, 3.4.4, which RFC 8428, 6 allows for numbers: [exponent, mantissa] to the base of ten. */
function readDecimalFraction(reader: Reader, head: Head): number | undefined {
	head.read(reader);
	if (head.major !== Major.array || head.minor !== 2) return undefined;
	head.read(reader);
	const exponent = head.major <= Major.negative ? readNumber(reader, head) : undefined;
	head.read(reader);
	const mantissa = head.major <= Major.negative ? readNumber(reader, head) : undefined;
	return exponent === undefined || mantissa === undefined ? undefined : Number(`${mantissa}e${exponent}`);
}

/** IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction bits (RFC 8949, appendix D). */
function halfFloat(bits: number): number {
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 0x3ff;
	const sign = bits & 0x8000 ? -1 : 1;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
	return sign * (fraction + 1024) * 2 ** (exponent - 25);
}

function settled<T>(reader: Reader, value: T): T | undefined {
	return reader.failed ? undefined : value;
}

/** Steps over one item of any definite kind without recursion; its bytes bound the loop. */
export function skipItem(reader: Reader, head: Head): void {
	for (let left = 1; left > 0 && !reader.failed; left--) {
		head.read(reader);
		if (head.indefinite) reader.failed = true;
		else if (head.major === Major.bytes || head.major === Major.text) reader.skip(head.argument);
		else if (head.major === Major.array) left += head.argument;
		else if (head.major === Major.map) left += 2 * head.argument;
		else if (head.major === Major.tag) left++;
		else if (head.major === Major.simple && head.minor >= 24) reader.skip(1 << (head.minor - 24));
	}
}

/** Reads a payload that is one value of a known type; undefined when it is none. */
export function readCbor(bytes: Uint8Array, type: ValueType): Value | undefined {
	const reader = new Reader(bytes);
	const value = readScalar(reader, new Head());
	return reader.remaining === 0 && isOfType(type, value) ? value : undefined;
}
