import { assert, suite } from "#suite";
import { decodeText, encodeText, Reader, textLength, Writer } from "../bytes.js";

const test = suite("bytes");

const TEXTS: readonly (readonly [string, readonly number[]])[] = [
	["", []],
	["a\u0000b", [0x61, 0, 0x62]],
	["ä", [0xc3, 0xa4]],
	["\u07ff\u0800", [0xdf, 0xbf, 0xe0, 0xa0, 0x80]],
	["€\uffff", [0xe2, 0x82, 0xac, 0xef, 0xbf, 0xbf]],
	["😀", [0xf0, 0x9f, 0x98, 0x80]],
];

test("texts become UTF-8 and come back (RFC 3629)", () => {
	for (const [text, bytes] of TEXTS) {
		assert.equal([...encodeText(text)], bytes);
		assert.is(textLength(text), bytes.length);
		assert.is(decodeText(Uint8Array.from(bytes), 0, bytes.length), text);
		suite.record(text, encodeText(text));
	}
});

test("an unpaired surrogate becomes U+FFFD", () => {
	assert.equal([...encodeText("x\ud800y")], [0x78, 0xef, 0xbf, 0xbd, 0x79]);
	assert.equal([...encodeText("\udc00")], [0xef, 0xbf, 0xbd]);
});

for (const [what, bytes] of [
	["an overlong form of two bytes", [0xc0, 0x80]],
	["an overlong form of three bytes", [0xe0, 0x9f, 0xbf]],
	["an overlong form of four bytes", [0xf0, 0x8f, 0xbf, 0xbf]],
	["a surrogate", [0xed, 0xa0, 0x80]],
	["a code point above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
	["a lone continuation byte", [0x80]],
	["a sequence cut short", [0xe2, 0x82]],
	["a sequence broken by a letter", [0xe2, 0x41, 0x42]],
] as const) {
	test(`refuses ${what}`, () => {
		assert.is(decodeText(Uint8Array.from(bytes), 0, bytes.length), undefined);
	});
}

test("integers of all lengths come back", () => {
	const writer = new Writer(new Uint8Array(64));
	writer.u8(0xfe);
	writer.u16(0xfedc);
	writer.u32(0xfedcba98);
	writer.uint(0x12_3456_789a, 5);
	writer.int(-2, 1);
	writer.int(-300, 2);
	writer.int(-70_000, 4);
	writer.int(-5_000_000_000, 8);
	writer.int(Number.MAX_SAFE_INTEGER, 8);
	writer.int(Number.MIN_SAFE_INTEGER, 8);
	const reader = new Reader(writer.bytes!.subarray(0, writer.length));
	assert.is(reader.u8(), 0xfe);
	assert.is(reader.u16(), 0xfedc);
	assert.is(reader.u32(), 0xfedcba98);
	assert.is(reader.uint(5), 0x12_3456_789a);
	assert.is(reader.int(1), -2);
	assert.is(reader.int(2), -300);
	assert.is(reader.int(4), -70_000);
	assert.is(reader.int(8), -5_000_000_000);
	assert.is(reader.int(8), Number.MAX_SAFE_INTEGER);
	assert.is(reader.int(8), Number.MIN_SAFE_INTEGER);
	assert.is(reader.remaining, 0);
	assert.is(reader.failed, false);
	suite.record("integers", writer.bytes!.subarray(0, writer.length));
});

test("floats come back, big-endian (IEEE 754)", () => {
	const writer = new Writer(new Uint8Array(12));
	writer.f32(21.5);
	writer.f64(Math.PI);
	assert.equal([...writer.bytes!.subarray(0, 4)], [0x41, 0xac, 0, 0]);
	const reader = new Reader(writer.bytes!);
	assert.is(reader.f32(), 21.5);
	assert.is(reader.f64(), Math.PI);
});

test("reading past the end gives zeros and a flag that stays", () => {
	const reader = new Reader(Uint8Array.of(1, 2, 3));
	assert.is(reader.u8(), 1);
	assert.is(reader.u32(), 0);
	assert.ok(reader.failed);
	assert.is(reader.u8(), 0);
	assert.is(reader.take(1).length, 0);
	reader.reset(Uint8Array.of(7), 0, 1);
	assert.is(reader.failed, false);
	assert.is(reader.u8(), 7);
	reader.reset(Uint8Array.of(7), 0, 2);
	assert.ok(reader.failed);
});

test("writing without room counts, and touches nothing beyond the buffer", () => {
	const whole = new Uint8Array(8).fill(0xee);
	const writer = new Writer(whole.subarray(0, 4));
	writer.u32(0x01020304);
	writer.text("€");
	writer.f64(1);
	writer.copy(Uint8Array.of(9, 9));
	assert.is(writer.length, 4 + 3 + 8 + 2);
	assert.ok(writer.overflowed);
	assert.equal([...whole.subarray(4)], [0xee, 0xee, 0xee, 0xee]);
	writer.reset(undefined);
	writer.text("abc");
	assert.is(writer.length, 3);
	assert.ok(writer.overflowed);
});

test.run();
