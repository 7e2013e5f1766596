import { assert, suite } from "#suite";
import { encodeText } from "../../../bytes.js";
import { fromBase64, toBase64 } from "../../../lwm2m/formats/base64.js";
import type { Value, ValueType } from "../../../lwm2m/formats/format.js";
import { fromHex, toHex } from "../../coap/hex.js";
import { decodeRows, encodeRows } from "./entries.js";

const test = suite("lwm2m/formats/text");

const TEXT = 0;
const OPAQUE = 42;

const values: readonly (readonly [ValueType, Value, string])[] = [
	["string", "", ""],
	["string", "20 °C", "20 °C"],
	["integer", -128, "-128"],
	["integer", 9007199254740991, "9007199254740991"],
	["unsigned", 0, "0"],
	["time", 1367491215, "1367491215"],
	["float", 21.5, "21.5"],
	["float", -0.001, "-0.001"],
	["float", 1e21, "1e+21"],
	["boolean", true, "1"],
	["boolean", false, "0"],
	["objectLink", "3303:0", "3303:0"],
	["objectLink", "65535:65535", "65535:65535"],
	["opaque", fromHex("0001ff"), "AAH/"],
];

for (const [type, value, text] of values)
	test(`${type} ${JSON.stringify(text)} is written and read`, () => {
		const hex = toHex(encodeText(text));
		assert.is(encodeRows(TEXT, "/1/2/3", [["/1/2/3", type, value]]), hex);
		assert.equal(decodeRows(TEXT, "/1/2/3", hex, [["/1/2/3", type, value]]), [["/1/2/3", type, value]]);
	});

const refused: readonly (readonly [ValueType, string])[] = [
	["integer", ""],
	["integer", " 1"],
	["integer", "1 "],
	["integer", "0x10"],
	["integer", "1.5"],
	["integer", "9007199254740993"],
	["unsigned", "-1"],
	["time", "today"],
	["float", "Infinity"],
	["float", "NaN"],
	["float", "1,5"],
	["float", "--1"],
	["boolean", "true"],
	["boolean", "2"],
	["boolean", ""],
	["objectLink", "3303"],
	["objectLink", "3303:"],
	["objectLink", "65536:0"],
	["objectLink", "1:2:3"],
	["opaque", "A==="],
	["opaque", "AAA=="],
	["opaque", "A*=="],
];

for (const [type, text] of refused)
	test(`${type} ${JSON.stringify(text)} is refused`, () => {
		assert.is(decodeRows(TEXT, "/1/2/3", toHex(encodeText(text)), [["/1/2/3", type, 0]]), undefined);
	});

test("ill-formed UTF-8 is no text", () => {
	assert.is(decodeRows(TEXT, "/1/2/3", "c0af", [["/1/2/3", "string", ""]]), undefined);
});

test("what has no decimal form is not written", () => {
	assert.is(encodeRows(TEXT, "/1/2/3", [["/1/2/3", "float", Infinity]]), "spoiled");
	assert.is(encodeRows(TEXT, "/1/2/3", [["/1/2/3", "integer", 1.5]]), "spoiled");
});

test("a second value spoils a format of one", () => {
	const rows = [
		["/1/2/3", "integer", 1],
		["/1/2/4", "integer", 2],
	] as const;
	assert.is(encodeRows(TEXT, "/1/2", rows), "spoiled");
	assert.is(encodeRows(TEXT, "/1/2", []), "spoiled");
});

test("an object instance has no text", () => {
	assert.is(decodeRows(TEXT, "/1/2", "31", [["/1/2/3", "integer", 1]]), undefined);
});

test("opaque is the bytes themselves, and nothing else", () => {
	const bytes = fromHex("00ff10");
	assert.is(encodeRows(OPAQUE, "/1/2/3", [["/1/2/3", "opaque", bytes]]), "00ff10");
	assert.equal(decodeRows(OPAQUE, "/1/2/3", "00ff10"), [["/1/2/3", "opaque", bytes]]);
	assert.is(encodeRows(OPAQUE, "/1/2/3", [["/1/2/3", "string", "no"]]), "spoiled");
	assert.is(decodeRows(OPAQUE, "/1/2/3", "31", [["/1/2/3", "integer", 1]]), undefined);
});

// RFC 4648, 10: the test vectors.
const base64: readonly (readonly [string, string])[] = [
	["", ""],
	["f", "Zg=="],
	["fo", "Zm8="],
	["foo", "Zm9v"],
	["foob", "Zm9vYg=="],
	["fooba", "Zm9vYmE="],
	["foobar", "Zm9vYmFy"],
];

for (const [plain, coded] of base64)
	test(`base64 of "${plain}" is "${coded}", with or without padding`, () => {
		assert.is(toBase64(encodeText(plain)), coded);
		assert.equal(fromBase64(coded), encodeText(plain));
		assert.equal(fromBase64(coded.replaceAll("=", "")), encodeText(plain));
	});

test.run();
