import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { Encoder, uintLength } from "../../coap/encoder.js";
import { DatagramMessage, type MessageType } from "../../coap/message.js";
import { ContentFormat, Option } from "../../coap/options.js";
import { TokenBearer } from "../../coap/token.js";
import type { Token } from "../../contract.js";
import { ascii, fromHex, toHex } from "./hex.js";

const test = suite("coap/encoder");

/** Counts, then writes into a buffer of exactly that size. */
function encodeBytes(
	type: MessageType,
	code: number,
	messageId: number,
	token: Token,
	body: (to: Encoder) => void,
): Uint8Array {
	const encoder = new Encoder();
	const bearer = new TokenBearer();
	bearer.token = token;
	encoder.target(undefined);
	encoder.begin(type, code, messageId, bearer);
	body(encoder);
	const bytes = new Uint8Array(encoder.end).fill(0xee);
	encoder.target(bytes);
	encoder.begin(type, code, messageId, bearer);
	body(encoder);
	assert.is(encoder.end, bytes.length);
	return bytes;
}

function encode(type: MessageType, code: number, messageId: number, token: Token, body: (to: Encoder) => void): string {
	return toHex(encodeBytes(type, code, messageId, token, body));
}

test("an Empty message is four bytes", () => {
	assert.is(
		encode("ACK", Code.Empty, 0x7d38, "", () => {}),
		"60007d38",
	);
});

test("a Register as an LwM2M device sends it", () => {
	const hex = encode("CON", Code.Post, 1, "00ff", (to) => {
		to.segments(Option.UriPath, "/rd");
		to.uint(Option.ContentFormat, ContentFormat.LinkFormat);
		to.text(Option.UriQuery, "ep=é");
		to.text(Option.UriQuery, "lt=300");
		to.payload(fromHex(ascii("</1/0>")));
	});
	assert.is(hex, `4202000100ffb2${ascii("rd")}112835${ascii("ep=")}c3a906${ascii("lt=300")}ff${ascii("</1/0>")}`);
});

const TOKENS: readonly Token[] = [
	"",
	"07",
	"0001",
	"010203",
	"deadbeef",
	"00deadbeef",
	"ffffffffffffffff",
	"0000000000000001",
];

for (const token of TOKENS) {
	test(`the token "${token}" is written as it is, and read back`, () => {
		const hex = encode("NON", Code.Get, 1, token, () => {});
		assert.is(hex, `5${token.length / 2}010001${token}`);
		const message = new DatagramMessage();
		assert.is(message.decode(fromHex(hex)), "ok");
		assert.is(message.token, token);
	});
}

const PATHS: readonly (readonly [path: string, hex: string])[] = [
	["", ""],
	["/", ""],
	["/rd", "b27264"],
	["rd", "b27264"],
	["/rd/5a", "b272640235 61"],
	["/a/", "b161"],
	["/a//b", "b16100 0162"],
];

for (const [path, hex] of PATHS) {
	test(`segments of "${path}"`, () => {
		const expected = `40010001${hex.replaceAll(" ", "")}`;
		assert.is(
			encode("CON", Code.Get, 1, "", (to) => to.segments(Option.UriPath, path)),
			expected,
		);
	});
}

const NUMBERS: readonly (readonly [number: number, header: string])[] = [
	[0, "00"],
	[12, "c0"],
	[13, "d000"],
	[268, "d0ff"],
	[269, "e00000"],
	[65535, "e0fef2"],
];

for (const [number, header] of NUMBERS) {
	test(`option number ${number} has the header ${header}`, () => {
		assert.is(
			encode("CON", 1, 1, "", (to) => to.uint(number, 0)),
			`40010001${header}`,
		);
	});
}

const LENGTHS: readonly (readonly [length: number, header: string])[] = [
	[0, "10"],
	[12, "1c"],
	[13, "1d00"],
	[268, "1dff"],
	[269, "1e0000"],
	[65804, "1effff"],
];

for (const [length, header] of LENGTHS) {
	test(`an option of ${length} bytes has the header ${header} and reads back`, () => {
		const bytes = encodeBytes("CON", 1, 1, "", (to) => to.option(1, new Uint8Array(length)));
		assert.is(toHex(bytes.subarray(4, 4 + header.length / 2)), header);
		const message = new DatagramMessage();
		assert.is(message.decode(bytes), "ok");
		assert.ok(message.next() === false, "the cursor is at the end after decoding");
		message.rewind();
		assert.ok(message.next());
		assert.is(message.valueLength, length);
	});
}

test("an empty payload has no marker", () => {
	assert.is(
		encode("CON", 1, 1, "", (to) => to.payload(new Uint8Array(0))),
		"40010001",
	);
});

test("a message may be written behind others", () => {
	const encoder = new Encoder();
	const bytes = new Uint8Array(8).fill(0xee);
	encoder.target(bytes, 2);
	encoder.begin("ACK", Code.Empty, 0x1234);
	assert.is(encoder.end, 6);
	assert.is(toHex(bytes), "eeee60001234eeee");
});

test("options out of order are our own fault", () => {
	const encoder = new Encoder();
	encoder.begin("CON", Code.Get, 1);
	encoder.uint(Option.Accept, 0);
	assert.throws(() => encoder.uint(Option.UriPath, 0), /option 11 after 17/);
});

test("an ETag keeps its leading zeros", () => {
	assert.is(
		encode("ACK", Code.Content, 1, "", (to) => to.fixed(Option.ETag, 0x1234, 4)),
		"604500014400001234",
	);
});

const UINT_LENGTHS: readonly (readonly [value: number, length: number])[] = [
	[0, 0],
	[1, 1],
	[255, 1],
	[256, 2],
	[65535, 2],
	[65536, 3],
	[0xffffffff, 4],
	[2 ** 32, 5],
];

for (const [value, length] of UINT_LENGTHS) {
	test(`${value} needs ${length} bytes`, () => assert.is(uintLength(value), length));
}

test.run();
