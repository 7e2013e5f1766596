import { assert, suite } from "#suite";
import type { Value, ValueType } from "../../../lwm2m/formats/format.js";
import { fromHex } from "../../coap/hex.js";
import { decodeRows, encodeRows, type Row } from "./entries.js";
import { device } from "./examples.js";

const test = suite("lwm2m/formats/tlv");

const TLV = 11542;

/** The device of the Enabler's examples (LwM2M Core, 7.4.5). */
const deviceHex =
	"c800144f70656e204d6f62696c6520416c6c69616e6365c801164c69676874776569676874204d324d20436c69656e74" +
	"c80209333435303030313233c303312e30860641000141010588070842000ed842011388870841007d42010384" +
	"c10964c10a0f830b410000c40d5182428fc60e2b30323a3030c11055";

/** Access Control of the same examples: two instances, and a resource instance whose id takes two bytes. */
const accessControl: readonly Row[] = [
	["/2/0/0", "integer", 1],
	["/2/0/1", "integer", 0],
	["/2/0/2/127", "integer", 7],
	["/2/0/3", "integer", 127],
	["/2/1/0", "integer", 3],
	["/2/1/1", "integer", 0],
	["/2/1/2/127", "integer", 7],
	["/2/1/2/310", "integer", 1],
	["/2/1/3", "integer", 127],
];
const accessControlHex = "08000ec10001c101008302417f07c1037f080112c10003c101008702417f0761013601c1037f";

const links: readonly Row[] = [
	["/65/0/0/0", "objectLink", "66:0"],
	["/65/0/0/1", "objectLink", "66:1"],
	["/65/0/1", "string", "8613800755500"],
	["/65/0/2", "integer", 0x12345678],
];
const linksHex = "88000c44000042000044010042" + "0001c8010d38363133383030373535353030c40212345678";

const payloads: readonly (readonly [string, string, readonly Row[], string])[] = [
	["the Enabler's device, read as an instance", "/3/0", device, deviceHex],
	["the Enabler's device, read as an object", "/3", device, `080079${deviceHex}`],
	["the Enabler's access control object", "/2", accessControl, accessControlHex],
	["the Enabler's object links", "/65/0", links, linksHex],
	["one resource", "/3/0/9", [["/3/0/9", "integer", 100]], "c10964"],
	["a multiple resource", "/3/0/6", device.slice(4, 6), "8606410001410105"],
	["a resource instance", "/3/0/6/1", device.slice(5, 6), "410105"],
	["an id of two bytes", "/3303/0/5700", [["/3303/0/5700", "float", 21.5]], "e4164441ac0000"],
	["nothing", "/3/0", [], ""],
];

for (const [name, base, rows, hex] of payloads)
	test(`${name} is written and read`, () => {
		assert.is(encodeRows(TLV, base, rows), hex);
		assert.equal(decodeRows(TLV, base, hex, rows), rows);
	});

const values: readonly (readonly [ValueType, Value, string])[] = [
	["integer", 127, "c1017f"],
	["integer", -128, "c10180"],
	["integer", 128, "c2010080"],
	["integer", -32768, "c2018000"],
	["integer", 32768, "c40100008000"],
	["integer", -2147483648, "c40180000000"],
	["integer", 2147483648, "c801080000000080000000"],
	["integer", -9007199254740991, "c80108ffe0000000000001"],
	["unsigned", 255, "c101ff"],
	["unsigned", 65535, "c201ffff"],
	["unsigned", 4294967295, "c401ffffffff"],
	["unsigned", 4294967296, "c801080000000100000000"],
	["float", 0.1, "c801083fb999999999999a"],
	["boolean", true, "c10101"],
	["boolean", false, "c10100"],
	["string", "", "c001"],
	["string", "1234567", "c70131323334353637"],
	["string", "12345678", "c801083132333435363738"],
	["opaque", fromHex("00".repeat(256)), `d0010100${"00".repeat(256)}`],
	["opaque", new Uint8Array(65536), `d801010000${"00".repeat(65536)}`],
];

for (const [type, value, hex] of values)
	test(`${type} is ${hex.slice(0, 24)}`, () => {
		assert.is(encodeRows(TLV, "/1/0/1", [["/1/0/1", type, value]], 70_000), hex);
		assert.equal(decodeRows(TLV, "/1/0/1", hex, [["/1/0/1", type, value]]), [["/1/0/1", type, value]]);
	});

const types: readonly Row[] = [...device, ["/3/0/20", "boolean", true], ["/3/0/22", "objectLink", "1:1"]];
const refused: readonly (readonly [string, string, string])[] = [
	["a cut header", "/3/0", "c8"],
	["a value longer than the payload", "/3/0", "c20964"],
	["an integer of three bytes", "/3/0", "c309000064"],
	["an integer of none", "/3/0", "c009"],
	["an integer above 2^53", "/3/0", "c809087fffffffffffffff"],
	["a boolean of two", "/3/0", "c11402"],
	["a link of three bytes", "/3/0", "c316000001"],
	["ill-formed UTF-8", "/3/0", "c100ff"],
	["another resource than asked for", "/3/0/9", "c10a0f"],
	["another instance than asked for", "/3/0", "0301c10964"],
	["an instance in an instance", "/3", "0500" + "0300c10964"],
	["a resource in a multiple resource", "/3/0", "8306c10001"],
	["a multiple resource in its kind", "/3/0", "85068306410001"],
	["a resource instance without its resource", "/3/0", "410001"],
	["a resource without its instance", "/3", "c10964"],
	["a resource instance beyond its resource", "/3/0", "8206410001"],
	["the reserved id 65535", "/3/0", "e1ffff00"],
];

for (const [name, base, hex] of refused)
	test(`${name} is refused`, () => assert.is(decodeRows(TLV, base, hex, types), undefined));

test("an instance TLV around the instance that was asked for is taken", () => {
	assert.equal(decodeRows(TLV, "/3/0", "0300c10964", device), [["/3/0/9", "integer", 100]]);
});

test("a resource of unknown type is opaque", () => {
	assert.equal(decodeRows(TLV, "/9/0", "c10964"), [["/9/0/9", "opaque", fromHex("64")]]);
});

test("a payload of more values than limits.entryCount is refused", () => {
	assert.is(decodeRows(TLV, "/3/0", "c10964".repeat(64), device)?.length, 64);
	assert.is(decodeRows(TLV, "/3/0", "c10964".repeat(65), device), undefined);
});

test("a buffer too small says how long it should be", () => {
	assert.is(encodeRows(TLV, "/3", device, 100), "too long: 124");
});

test("a value that is not of its type spoils the payload", () => {
	assert.is(encodeRows(TLV, "/3/0", [["/3/0/9", "integer", "100"]]), "spoiled");
});

test.run();
