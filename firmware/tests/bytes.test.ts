import { assert, suite } from "#suite";
import { decodeText, encodeText, Reader, textLength, Writer } from "../bytes.js";

const test = suite("bytes");

const POISON = 0xa5;

/** Runs a writer on a poisoned buffer with a margin, and gives what it wrote; nothing else may have changed. */
function written(length: number, write: (writer: Writer) => void): number[] {
	const buffer = new Uint8Array(length + 4).fill(POISON);
	const writer = new Writer(buffer.subarray(2, 2 + length));
	write(writer);
	assert.is(writer.length, length);
	assert.not(writer.overflowed);
	for (const margin of [0, 1, length + 2, length + 3]) assert.is(buffer[margin], POISON);
	return [...buffer.subarray(2, 2 + length)];
}

/** `[value, length, bytes]`, big-endian. */
const UNSIGNED: readonly (readonly [number, number, number[]])[] = [
	[0, 0, []],
	[0, 1, [0]],
	[255, 1, [255]],
	[0x1234, 2, [0x12, 0x34]],
	[0xffffff, 3, [255, 255, 255]],
	[0xffffffff, 4, [255, 255, 255, 255]],
	[0x123456789a, 5, [0x12, 0x34, 0x56, 0x78, 0x9a]],
	[Number.MAX_SAFE_INTEGER, 8, [0, 0x1f, 255, 255, 255, 255, 255, 255]],
];

test("unsigned integers", () => {
	for (const [value, length, bytes] of UNSIGNED) {
		assert.equal(
			written(length, (writer) => writer.uint(value, length)),
			bytes,
		);
		const reader = new Reader(new Uint8Array(bytes));
		assert.is(reader.uint(length), value);
		assert.is(reader.remaining, 0);
		assert.not(reader.failed);
	}
});

/** `[value, length, bytes]`, two's complement. */
const SIGNED: readonly (readonly [number, number, number[]])[] = [
	[-1, 1, [255]],
	[127, 1, [127]],
	[-128, 1, [128]],
	[-2, 2, [255, 254]],
	[-32768, 2, [128, 0]],
	[0x7fffffff, 4, [127, 255, 255, 255]],
	[-0x80000000, 4, [128, 0, 0, 0]],
	[-1, 8, [255, 255, 255, 255, 255, 255, 255, 255]],
	[Number.MAX_SAFE_INTEGER, 8, [0, 0x1f, 255, 255, 255, 255, 255, 255]],
	[Number.MIN_SAFE_INTEGER, 8, [255, 0xe0, 0, 0, 0, 0, 0, 1]],
];

test("signed integers", () => {
	for (const [value, length, bytes] of SIGNED) {
		assert.equal(
			written(length, (writer) => writer.int(value, length)),
			bytes,
		);
		assert.is(new Reader(new Uint8Array(bytes)).int(length), value);
	}
});

test("floating point numbers", () => {
	assert.equal(
		written(4, (writer) => writer.f32(-2.5)),
		[0xc0, 0x20, 0, 0],
	);
	assert.equal(
		written(8, (writer) => writer.f64(0.1)),
		[0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a],
	);
	for (const value of [0, -0, 0.1, -1e300, Infinity, Number.NaN, Number.MIN_VALUE]) {
		const buffer = new Uint8Array(9);
		new Writer(buffer.subarray(1)).f64(value);
		assert.ok(Object.is(new Reader(buffer.subarray(1)).f64(), value));
		suite.record(`f64 ${value}`, buffer);
	}
});

test("a reader past its end gives zeros and stays failed", () => {
	const reader = new Reader(new Uint8Array([1, 2, 3]));
	assert.is(reader.u16(), 0x0102);
	assert.is(reader.u32(), 0);
	assert.ok(reader.failed);
	assert.is(reader.u8(), 0);
	assert.is(reader.take(1).length, 0);
	assert.is(reader.text(1), "");
	assert.is(reader.f64(), 0);
	reader.reset(new Uint8Array([7]), 0, 1);
	assert.is(reader.u8(), 7);
	assert.not(reader.failed);
});

test("a reader of a range sees no byte outside it", () => {
	const reader = new Reader(new Uint8Array(0));
	reader.reset(new Uint8Array([1, 2, 3, 4]), 1, 3);
	assert.equal([...reader.take(2)], [2, 3]);
	reader.skip(1);
	assert.ok(reader.failed);
	for (const [offset, end] of [
		[3, 2],
		[0, 5],
	] as const) {
		reader.reset(new Uint8Array(4), offset, end);
		assert.ok(reader.failed);
	}
});

test("a writer without room counts what it would need and writes nothing beyond", () => {
	const everything = (writer: Writer) => {
		writer.u8(1);
		writer.u16(2);
		writer.u32(3);
		writer.int(-4, 8);
		writer.f32(5);
		writer.f64(6);
		writer.copy(new Uint8Array(7));
		writer.text("ä€😀");
	};
	const counter = new Writer();
	everything(counter);
	assert.is(counter.length, 43);
	assert.ok(counter.overflowed);
	const buffer = new Uint8Array(24).fill(POISON);
	const short = new Writer(buffer.subarray(0, 20));
	everything(short);
	assert.is(short.length, 43);
	assert.ok(short.overflowed);
	assert.equal([...buffer.subarray(20)], [POISON, POISON, POISON, POISON]);
});

/** `[text, UTF-8]` */
const TEXTS: readonly (readonly [string, number[]])[] = [
	["", []],
	["a\u0000b", [0x61, 0, 0x62]],
	["\u007f\u0080", [0x7f, 0xc2, 0x80]],
	["\u07ff\u0800", [0xdf, 0xbf, 0xe0, 0xa0, 0x80]],
	["\ud7ff\ue000\uffff", [0xed, 0x9f, 0xbf, 0xee, 0x80, 0x80, 0xef, 0xbf, 0xbf]],
	["\u{10000}\u{10ffff}", [0xf0, 0x90, 0x80, 0x80, 0xf4, 0x8f, 0xbf, 0xbf]],
];

test("text is UTF-8", () => {
	for (const [text, bytes] of TEXTS) {
		assert.equal([...encodeText(text)], bytes);
		assert.is(textLength(text), bytes.length);
		assert.is(decodeText(new Uint8Array(bytes), 0, bytes.length), text);
		suite.record(JSON.stringify(text), encodeText(text));
	}
});

test("an unpaired surrogate becomes U+FFFD", () => {
	for (const text of ["\ud800", "\udfff", "\udc00\ud800"]) {
		const bytes = encodeText(text);
		assert.is(bytes.length, textLength(text));
		assert.is(decodeText(bytes, 0, bytes.length), "\ufffd".repeat(text.length));
	}
});

/** RFC 3629, 3 and 10. */
const ILL_FORMED: readonly (readonly [title: string, bytes: number[]])[] = [
	["a lone continuation byte", [0x80]],
	["overlong, two bytes", [0xc0, 0x80]],
	["overlong, two bytes, the last", [0xc1, 0xbf]],
	["overlong, three bytes", [0xe0, 0x9f, 0xbf]],
	["overlong, four bytes", [0xf0, 0x8f, 0xbf, 0xbf]],
	["a surrogate", [0xed, 0xa0, 0x80]],
	["above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
	["a byte that never occurs", [0xf5, 0x80, 0x80, 0x80]],
	["cut after the first byte", [0xc3]],
	["cut in the middle", [0xe2, 0x82]],
	["no continuation", [0xe2, 0x28, 0xa1]],
];

test("ill-formed text is refused", () => {
	for (const [title, bytes] of ILL_FORMED) {
		assert.is(decodeText(new Uint8Array(bytes), 0, bytes.length), undefined, title);
		const reader = new Reader(new Uint8Array(bytes));
		assert.is(reader.text(bytes.length), "", title);
		assert.ok(reader.failed, title);
	}
});

test("text does not end beyond its range", () => {
	const bytes = new Uint8Array([0x61, 0xc3, 0xa4]);
	assert.is(decodeText(bytes, 0, 2), undefined);
	assert.is(decodeText(bytes, 1, 3), "ä");
});

test.run();
