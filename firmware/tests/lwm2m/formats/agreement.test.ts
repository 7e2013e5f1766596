import { assert, suite } from "#suite";
import { fromHex } from "../../coap/hex.js";
import { decodeRows, encodeRows, type Row } from "./entries.js";
import { examples } from "./examples.js";

const test = suite("lwm2m/formats/agreement");

/** One of each type, with the ends of its range, in ascending order. */
const rows: readonly Row[] = [
	["/9/0/0", "string", ""],
	["/9/0/1", "string", 'Größe "1" \\ 温度 🌡\n'],
	["/9/0/2", "integer", 0],
	["/9/0/3", "integer", -1],
	["/9/0/4", "integer", Number.MIN_SAFE_INTEGER],
	["/9/0/5", "unsigned", Number.MAX_SAFE_INTEGER],
	["/9/0/6", "float", 21.5],
	["/9/0/7", "float", 0.1],
	["/9/0/8", "float", -Number.MIN_VALUE],
	["/9/0/9", "float", Number.MAX_VALUE],
	["/9/0/10", "boolean", true],
	["/9/0/11", "boolean", false],
	["/9/0/12", "opaque", new Uint8Array(0)],
	["/9/0/13", "opaque", fromHex("00fbff7f")],
	["/9/0/14", "time", 1700000000],
	["/9/0/15", "objectLink", "65535:65535"],
	["/9/0/16/0", "integer", 7],
	["/9/0/16/65534", "integer", 8],
	["/9/1/2", "integer", 9],
];

const formats: readonly (readonly [string, number, (row: Row) => boolean])[] = [
	["text", 0, () => true],
	["opaque", 42, ([, type]) => type === "opaque"],
	["CBOR", 60, () => true],
	["SenML-JSON", 110, () => true],
	["SenML-CBOR", 112, () => true],
	["TLV", 11542, () => true],
	["LwM2M CBOR", 11544, () => true],
];

for (const [name, contentFormat, expresses] of formats)
	for (const row of rows.filter(expresses))
		test(`${name} gives ${row[1]} ${row[0]} back`, () => {
			const hex = encodeRows(contentFormat, row[0], [row]);
			assert.equal(decodeRows(contentFormat, row[0], hex, [row]), [row]);
		});

for (const [name, contentFormat] of formats.slice(3))
	test(`${name} gives all of them back at once`, () => {
		const hex = encodeRows(contentFormat, "/9", rows);
		assert.equal(decodeRows(contentFormat, "/9", hex, rows), rows);
		suite.record(`payload of ${contentFormat}`, hex);
	});

for (const [name, contentFormat, base, list, text] of examples)
	test(`LwM2M Core, ${name}`, () => {
		const hex = text.replace(/\s/g, "");
		assert.is(encodeRows(contentFormat, base, list), hex);
		assert.equal(decodeRows(contentFormat, base, hex, list), list);
	});

test.run();
