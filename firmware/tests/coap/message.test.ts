import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { DatagramMessage, type Decoded } from "../../coap/message.js";
import { Option } from "../../coap/options.js";
import { ascii, fromHex, toHex } from "./hex.js";

const test = suite("coap/message");

/** A message in one line: type, code, Message ID, token, options as number:hex, payload. */
function describe(bytes: Uint8Array): string {
	const message = new DatagramMessage();
	const decoded = message.decode(bytes);
	if (decoded !== "ok") return decoded;
	const parts = [message.type, message.code.toString(16), message.messageId.toString(16), message.token];
	message.rewind();
	while (message.next()) {
		const { optionNumber, valueOffset, valueLength } = message;
		parts.push(`${optionNumber}:${toHex(bytes.subarray(valueOffset, valueOffset + valueLength))}`);
	}
	if (message.payload !== undefined) parts.push(`payload:${toHex(message.payload)}`);
	return parts.join(" ");
}

const APPENDIX_A: readonly (readonly [figure: string, input: string, expected: string])[] = [
	["16, request", `40 01 7d34 bb ${ascii("temperature")}`, `CON 1 7d34  11:${ascii("temperature")}`],
	["16, response", `60 45 7d34 ff ${ascii("22.3 C")}`, `ACK 45 7d34  payload:${ascii("22.3 C")}`],
	["17, request", `41 01 7d35 20 bb ${ascii("temperature")}`, `CON 1 7d35 20 11:${ascii("temperature")}`],
	["17, response", `61 45 7d35 20 ff ${ascii("22.3 C")}`, `ACK 45 7d35 20 payload:${ascii("22.3 C")}`],
	["18, request", `40 01 7d36 bb ${ascii("temperature")}`, `CON 1 7d36  11:${ascii("temperature")}`],
	["20, response", `51 45 7d40 75 ff ${ascii("22.3 C")}`, `NON 45 7d40 75 payload:${ascii("22.3 C")}`],
	["21, Empty ACK", "60 00 7d38", "ACK 0 7d38 "],
	["24, separate response", `41 45 ad7b 53 ff ${ascii("22.3 C")}`, `CON 45 ad7b 53 payload:${ascii("22.3 C")}`],
];

for (const [figure, input, expected] of APPENDIX_A) {
	test(`RFC 7252, A, figure ${figure}`, () => assert.is(describe(fromHex(input)), expected));
}

const DECODED: readonly (readonly [title: string, input: string, expected: Decoded])[] = [
	["nothing at all", "", "not-coap"],
	["three bytes", "40 01 00", "not-coap"],
	["version 0", "00 01 0001", "not-coap"],
	["version 2", "80 01 0001", "not-coap"],
	["version 3 with a wrong token length", "cf 01 0001", "not-coap"],
	["Empty", "40 00 0001", "ok"],
	["Empty with a token", "41 00 0001 aa", "format-error"],
	["Empty with an announced token only", "41 00 0001", "format-error"],
	["Empty with an option", "40 00 0001 60", "format-error"],
	["Empty with a payload", "40 00 0001 ff 00", "format-error"],
	["token of eight bytes", "48 01 0001 0102030405060708", "ok"],
	["token of nine bytes", "49 01 0001 010203040506070809", "format-error"],
	["token length 15", "4f 01 0001 0102030405060708090a0b0c0d0e0f", "format-error"],
	["token past the end", "44 01 0001 010203", "format-error"],
	["marker without payload", "40 01 0001 ff", "format-error"],
	["option, then marker without payload", "40 01 0001 b0 ff", "format-error"],
	["payload of one byte", "40 01 0001 ff 00", "ok"],
	["payload that looks like a marker", "40 01 0001 ff ff", "ok"],
	["option value past the end", "40 01 0001 b2 61", "format-error"],
	["delta 13 without its byte", "40 01 0001 d0", "format-error"],
	["delta 14 with one byte", "40 01 0001 e0 00", "format-error"],
	["length 13 without its byte", "40 01 0001 bd", "format-error"],
	["length 14 with one byte", "40 01 0001 be 00", "format-error"],
	["delta 15 is reserved", "40 01 0001 f0", "format-error"],
	["length 15 is reserved", "40 01 0001 0f", "format-error"],
	["option number 65535", "40 01 0001 e0 fef2", "ok"],
	["option number 65536", "40 01 0001 e0 fef3", "format-error"],
];

for (const [title, input, expected] of DECODED) {
	test(`${title}: ${expected}`, () => assert.is(new DatagramMessage().decode(fromHex(input)), expected));
}

test("a format error keeps what a Reset needs", () => {
	const message = new DatagramMessage();
	message.decode(fromHex("4f 01 beef"));
	assert.equal([message.type, message.messageId], ["CON", 0xbeef]);
});

test("a message borrows its bytes: the next decode leaves nothing behind", () => {
	const message = new DatagramMessage();
	message.decode(fromHex("42 01 0001 abcd b1 61 ff 00"));
	message.joinPayload(fromHex("0102"));
	message.decode(fromHex("40 02 0002"));
	assert.equal(
		[message.token, message.count(Option.UriPath), message.payload, message.payloadLength],
		["", 0, undefined, 0],
	);
});

/** GET /3303/0/5700 with Accept 112 and an unknown elective option before and after. */
const READ = fromHex(`40 01 0001 20 94 ${ascii("3303")} 01 ${ascii("0")} 04 ${ascii("5700")} 61 70 d0 80`);

test("options are read by number and occurrence", () => {
	const message = new DatagramMessage();
	assert.is(message.decode(READ), "ok");
	assert.is(message.count(Option.UriPath), 3);
	assert.equal(
		[0, 1, 2, 3].map((i) => message.text(Option.UriPath, i)),
		["3303", "0", "5700", undefined],
	);
	assert.is(message.uint(Option.Accept), 0x70);
	assert.is(message.uint(Option.ContentFormat), undefined);
	assert.equal([...message.option(Option.UriPath, 1)!], [0x30]);
});

const DECIMALS: readonly (readonly [segment: string, value: number])[] = [
	["0", 0],
	["7", 7],
	["9", 9],
	["3990", 3990],
	["65535", 65535],
	["65536", -1],
	["99999", -1],
	["123456", -1],
	["00", -1],
	["01", -1],
	["", -1],
	["-1", -1],
	["1a", -1],
	["/", -1],
	[":", -1],
];

for (const [segment, value] of DECIMALS) {
	test(`the segment "${segment}" is the decimal ${value}`, () => {
		const message = new DatagramMessage();
		message.decode(fromHex(`40 01 0001 b${segment.length} ${ascii(segment)}`));
		assert.is(message.decimal(Option.UriPath, 0), value);
	});
}

const UINTS: readonly (readonly [hex: string, value: number | undefined])[] = [
	["60", 0],
	["61 ff", 255],
	["62 00ff", 255],
	["63 ffffff", 0xffffff],
	["64 00000001", undefined],
];

for (const [hex, value] of UINTS) {
	test(`Observe ${hex} reads as ${value}`, () => {
		const message = new DatagramMessage();
		message.decode(fromHex(`40 01 0001 ${hex}`));
		assert.is(message.uint(Option.Observe), value);
	});
}

test("ill-formed UTF-8 has no text", () => {
	const message = new DatagramMessage();
	message.decode(fromHex("40 01 0001 b1 ff"));
	assert.is(message.text(Option.UriPath), undefined);
});

const BAD_OPTIONS: readonly (readonly [title: string, input: string, expected: number])[] = [
	["Uri-Path twice", "40 01 0001 b1 61 01 62", 0],
	["unknown elective 2", "40 01 0001 21 00", 0],
	["unknown critical 21", "40 01 0001 d1 08 00", 21],
	["unknown critical 65535", "40 01 0001 e0 fef2", 65535],
	["OSCORE, which we do not honour", "40 01 0001 90", Option.Oscore],
	["If-Match, twice", "40 01 0001 10 01 aa", 0],
	["If-Match of nine bytes", "40 01 0001 19 000000000000000000", Option.IfMatch],
	["If-Match in a response", "60 45 0001 10", Option.IfMatch],
	["If-None-Match with a value", "40 01 0001 51 00", Option.IfNoneMatch],
	["Block1 in a response", "60 45 0001 d1 0e 08", 0],
	["Proxy-Scheme", "40 01 0001 d1 1a 61", Option.ProxyScheme],
	["Hop-Limit without a value is elective", "40 01 0001 d0 03", 0],
	["No-Response of two bytes is elective", "40 01 0001 d2 f5 0000", 0],
	["Echo of no bytes is elective", "60 45 0001 d0 ef", 0],
	["Request-Tag of nine bytes is elective", "40 01 0001 e9 0017 000000000000000000", 0],
	["Block1 of four bytes", "40 03 0001 d4 0e 00000008", Option.Block1],
	["Block2 in a request", "40 01 0001 d1 0a 06", 0],
	["Block2 in a response", "60 45 0001 d1 0a 0e", 0],
	["Block2 of four bytes", "40 01 0001 d4 0a 00000006", Option.Block2],
	["Accept twice", "40 01 0001 d0 04 00", Option.Accept],
	["Accept of three bytes", "40 01 0001 d3 04 000000", Option.Accept],
	["Uri-Host of no bytes", "40 01 0001 30", Option.UriHost],
	["Uri-Path in a response", "60 45 0001 b1 61", Option.UriPath],
	["Observe twice is elective", "40 01 0001 60 00", 0],
];

for (const [title, input, expected] of BAD_OPTIONS) {
	test(`bad option: ${title}`, () => {
		const message = new DatagramMessage();
		assert.is(message.decode(fromHex(input)), "ok");
		assert.is(message.badOption, expected);
	});
}

test("what was bad in one message is not held against the next", () => {
	const message = new DatagramMessage();
	message.decode(fromHex("40 01 0001 d1 08 00"));
	message.decode(fromHex("40 01 0002 b1 61"));
	assert.is(message.badOption, 0);
});

test("options around the 32nd are told apart", () => {
	const message = new DatagramMessage();
	for (const [number, header] of [
		[0, "01"],
		[31, "d1 12"],
		[32, "d1 13"],
		[33, "d1 14"],
	] as const) {
		assert.is(message.decode(fromHex(`40 01 0001 ${header} 07`)), "ok");
		assert.equal(
			[0, 31, 32, 33].filter((each) => message.uint(each) === 7),
			[number],
		);
	}
});

test("a repeated elective option that may not be repeated is read once", () => {
	const message = new DatagramMessage();
	message.decode(fromHex("40 01 0001 60 01 07"));
	assert.equal(
		[message.uint(Option.Observe), message.option(Option.Observe, 1), message.count(Option.Observe)],
		[0, undefined, 1],
	);
});

const SAME_KEY: readonly (readonly [title: string, left: string, right: string, same: boolean])[] = [
	["other token and Message ID", "41 01 0001 aa b1 61", "42 01 0002 bbbb b1 61", true],
	["another block", "40 01 0001 b1 61 c1 06", "40 01 0001 b1 61 c1 16", true],
	["with Observe", "40 01 0001 60 51 61", "40 01 0001 b1 61", true],
	["with Size2, no part of the cache key", "40 01 0001 b1 61 d0 04", "40 01 0001 b1 61", true],
	["another path", "40 01 0001 b1 61", "40 01 0001 b1 62", false],
	["another method", "40 01 0001 b1 61", "40 05 0001 b1 61", false],
	["another block of the request", "40 03 0001 b1 61 d1 03 08", "40 03 0001 b1 61 d1 03 10", true],
	["another Request-Tag", "40 03 0001 b1 61 e1 000c 00", "40 03 0001 b1 61 e1 000c 01", false],
	["another No-Response", "40 01 0001 b1 61 d1 ea 02", "40 01 0001 b1 61 d1 ea 08", false],
	["with Echo, no part of the cache key", "40 01 0001 b1 61 d1 e4 aa", "40 01 0001 b1 61", true],
	["another payload of a PUT", "40 03 0001 b1 61 ff 01", "40 03 0001 b1 61 ff 02", true],
	["another payload of a FETCH (RFC 8132, 2.1)", "40 05 0001 b1 61 ff 01", "40 05 0001 b1 61 ff 02", false],
	["the same payload of a FETCH, another block", "40 05 0001 b1 61 ff 01", "40 05 0001 b1 61 c1 16 ff 01", true],
	["another Content-Format of a FETCH", "40 05 0001 b1 61 11 3c", "40 05 0001 b1 61 11 70", false],
	["another payload of a FETCH by Block1", "40 05 0001 b1 61 d1 03 08 ff 01", "40 05 0001 b1 61 d1 03 18 ff 02", true],
	["another Accept", "40 01 0001 b1 61 60", "40 01 0001 b1 61 61 70", false],
];

for (const [title, left, right, same] of SAME_KEY) {
	test(`cache key: ${title} is ${same ? "the same" : "different"}`, () => {
		const message = new DatagramMessage();
		assert.is(message.decode(fromHex(left)), "ok");
		const key = message.cacheKey();
		assert.is(message.decode(fromHex(right)), "ok");
		assert.is(message.cacheKey() === key, same);
	});
}

test("the head of a message is everything before the payload", () => {
	const message = new DatagramMessage();
	message.decode(fromHex("41 45 0001 aa c0 ff 010203"));
	assert.is(toHex(message.copyHead()), "41450001aac0");
	assert.is(message.payloadLength, 3);
	assert.is(message.code, Code.Content);
});

test.run();
