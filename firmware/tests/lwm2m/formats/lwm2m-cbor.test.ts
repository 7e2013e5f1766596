import { assert, suite } from "#suite";
import { ascii, fromHex } from "../../coap/hex.js";
import { decodeRows, encodeRows, type Row } from "./entries.js";

const test = suite("lwm2m/formats/lwm2m-cbor");

const LWM2M_CBOR = 11544;

const temperature: Row = ["/3303/0/5700", "float", 21.5];
const battery: Row = ["/3/0/9", "integer", 100];

const payloads: readonly (readonly [string, string, readonly Row[], string])[] = [
	["one resource", "/3303/0/5700", [temperature], "a1 83190ce700191644 fa41ac0000"],
	["one resource of an instance", "/3303/0", [temperature], "a1 82190ce700 a1 191644fa41ac0000"],
	["one resource of an object", "/3303", [temperature], "a1 190ce7 a1 00 a1 191644fa41ac0000"],
	["one resource of the root", "/", [temperature], "a1 190ce7 a1 00 a1 191644fa41ac0000"],
	[
		"the resources of an instance",
		"/3/0",
		[battery, ["/3/0/14", "string", "+02:00"]],
		`a1 820300 a2 091864 0e66${ascii("+02:00")}`,
	],
	[
		"the instances of an object",
		"/3303",
		[temperature, ["/3303/1/5700", "float", 22.5]],
		"a1 190ce7 a2 00a1191644fa41ac0000 01a1191644fa41b40000",
	],
	["several objects", "/", [battery, temperature], "a2 03a100a1091864 190ce7a100a1191644fa41ac0000"],
	[
		"a multiple resource among others",
		"/3/0",
		[["/3/0/6/0", "integer", 1], ["/3/0/6/1", "integer", 5], battery],
		"a1 820300 a2 06a200010105 091864",
	],
	[
		"a multiple resource",
		"/3/0/6",
		[
			["/3/0/6/0", "integer", 1],
			["/3/0/6/7", "integer", 5],
		],
		"a1 83030006 a200010705",
	],
	["a resource instance", "/3/0/6/1", [["/3/0/6/1", "integer", 5]], "a1 8403000601 05"],
	["a boolean", "/3306/0/5850", [["/3306/0/5850", "boolean", true]], "a1 83190cea001916da f5"],
	["bytes", "/0/0/5", [["/0/0/5", "opaque", fromHex("00ff")]], "a1 83000005 4200ff"],
	["an object link", "/0/0/17", [["/0/0/17", "objectLink", "21:0"]], `a1 83000011 64${ascii("21:0")}`],
	["a time", "/3/0/13", [["/3/0/13", "time", 1700000000]], "a1 8303000d 1a6553f100"],
	["a float in eight bytes", "/3/0/7", [["/3/0/7", "float", 0.1]], "a1 83030007 fb3fb999999999999a"],
	["nothing", "/3/0", [], "a0"],
];

for (const [name, base, rows, hex] of payloads)
	test(`${name} is written and read`, () => {
		assert.is(encodeRows(LWM2M_CBOR, base, rows), hex.replaceAll(" ", ""));
		assert.equal(decodeRows(LWM2M_CBOR, base, hex, rows), rows);
	});

const wide: readonly (readonly [number, string])[] = [
	[23, "b70019"],
	[24, "b8180019"],
	[255, "b8ff0019"],
	[256, "b901000019"],
];

for (const [count, head] of wide)
	test(`a map of ${count} entries has a head of its own length`, () => {
		const rows: Row[] = [];
		for (let id = 0; id < count; id++) rows.push([`/9/0/1/${id}`, "integer", id === 0 ? 0x1234 : 0]);
		rows.push(["/9/0/2", "integer", 7]);
		const hex = encodeRows(LWM2M_CBOR, "/9/0", rows);
		assert.is(hex.slice(0, 10 + head.length), `a1820900a201${head}`.slice(0, 10 + head.length));
		assert.is(hex.slice(-4), "0207");
		if (count < 63) assert.equal(decodeRows(LWM2M_CBOR, "/9/0", hex, rows), rows);
	});

test("a buffer too small says how long it should be", () => {
	assert.is(encodeRows(LWM2M_CBOR, "/3303/0/5700", [temperature], 13), "too long: 14");
	assert.is(encodeRows(LWM2M_CBOR, "/3303/0/5700", [temperature], 14).length, 28);
});

test("a value that is not of its type spoils the payload", () => {
	assert.is(encodeRows(LWM2M_CBOR, "/3303/0/5700", [["/3303/0/5700", "float", "21.5"]]), "spoiled");
});

const disordered: readonly (readonly [string, readonly string[]])[] = [
	["the same path twice", ["/3/0/9", "/3/0/9"]],
	["resources in descending order", ["/3/0/9", "/3/0/1"]],
	["an object that comes again", ["/3/0/9", "/4/0/1", "/3/0/10"]],
	["a resource instance behind its resource", ["/3/0/6", "/3/0/6/1"]],
	["a resource behind its instance", ["/3/0/6/1", "/3/0/6"]],
];

for (const [name, paths] of disordered)
	test(`${name} spoils the payload`, () => {
		const rows = paths.map((path): Row => [path, "integer", 0]);
		assert.is(encodeRows(LWM2M_CBOR, "/", rows), "spoiled");
	});

const one: readonly Row[] = [["/13/26/1", "integer", 42]];
const two: readonly Row[] = [...one, ["/13/26/2", "integer", 21]];
const half: readonly Row[] = [["/13/26/1/2", "float", 4.5]];
const readOnly: readonly (readonly [string, string, readonly Row[]])[] = [
	["an array of one level for each key", "a1810da181181aa18101182a", one],
	["single keys", "a10da1181aa101182a", one],
	["indefinite lengths of maps", "bf0dbf181abf01182affffff", one],
	["indefinite lengths of maps and keys", "bf9f0d181a01ff182aff", one],
	["an indefinite length within a definite one", "a10dbf181aa101182aff", one],
	["a prefix for several resources", "a1820d181aa201182a0215", two],
	["a path for each resource", "a2830d181a01182a830d181a0215", two],
	["a prefix and a path", "a2820d181aa101182a830d181a0215", two],
	["the prefix twice", "a2820d181aa101182a820d181aa10215", two],
	["the deepest nesting, with a decimal fraction", "a1810da181181aa18101a18102c48220182d", half],
	["a whole float as an integer", "a1840d181a010205", [["/13/26/1/2", "float", 5]]],
	["a half float", "a1840d181a0102f94480", half],
	["a time with its tag", "a18303000dc11a6553f100", [["/3/0/13", "time", 1700000000]]],
	["a time with its tag as a float", "a18303000dc1fb41d954fc40000000", [["/3/0/13", "time", 1700000000]]],
	[
		"texts and bytes in chunks",
		"a2830900017f61616162ff830900025f41014102ff",
		[
			["/9/0/1", "string", "ab"],
			["/9/0/2", "opaque", fromHex("0102")],
		],
	],
	["maps without entries", "a20da00ea103a0", []],
];

for (const [name, hex, rows] of readOnly)
	test(`${name} is read`, () => assert.equal(decodeRows(LWM2M_CBOR, "/", hex, rows), rows));

const refused: readonly (readonly [string, string])[] = [
	["nothing", ""],
	["a value alone", "182a"],
	["an outer array", "81a10da1181aa101182a"],
	["bytes left over", "a1830d181a01182a00"],
	["fewer entries than announced", "a2830d181a01182a"],
	["a key without a value", "a1830d181a01"],
	["a break where none may be", "a1830d181a01ff"],
	["a break for a value", "bf830d181a01ffff"],
	["a map without break", "bf830d181a01182a"],
	["a key without break", "a19f0d181a01182a"],
	["a map longer than any payload", "bbffffffffffffffff"],
	["a key longer than any payload", "a19bffffffffffffffff"],
	["an empty key", "a180182a"],
	["an empty key below a resource", "a1830d181a01a18005"],
	["a break in a key of definite length", "a1840d181a01ff182a"],
	["a break in a map of definite length", "a2830d181a01182aff"],
	["nothing but empty keys", "a180a180a180a180a180a180"],
	["a key that is negative", "a120182a"],
	["a key that is a text", "a16131182a"],
	["a key that is an array of texts", "a1816131182a"],
	["a key above 65534", "a119ffff182a"],
	["a fifth level", "a1850d181a010203182a"],
	["a fifth level by nesting", "a1840d181a0102a103182a"],
	["a map within a resource instance", "a1840d181a0102a0"],
	["a value that is no resource", "a1820d181a182a"],
	["an array for a value", "a1830d181a018101"],
	["null for a value", "a1830d181a01f6"],
	["undefined for a value", "a1830d181a01f7"],
	["an unknown tag", "a1830d181a01d820182a"],
	["a text in chunks without end", "a1830d181a017f6161"],
	["ill-formed text", "a1830d181a0161ff"],
];

for (const [name, hex] of refused)
	test(`${name} is refused`, () => assert.is(decodeRows(LWM2M_CBOR, "/", hex), undefined));

const below: readonly (readonly [string, string, string, readonly Row[]])[] = [
	["an instance", "/13/26", "a201182a0215", two],
	["an object", "/13", "a1181aa101182a", one],
	["an object, by arrays", "/13", "a282181a01182a82181a0215", two],
	["a multiple resource", "/13/26/1", "a102f94480", half],
	["a resource instance of an instance", "/13/26", "a101a102f94480", half],
];

for (const [name, base, hex, rows] of below)
	test(`keys that begin below ${name} are read`, () => assert.equal(decodeRows(LWM2M_CBOR, base, hex, rows), rows));

const outside: readonly (readonly [string, string])[] = [
	["another object", "a1830e181a01182a"],
	["another instance", "a1830d181b01182a"],
	["another resource", "a1830d181a02182a"],
	["a value of its instance", "a1820d181a182a"],
	["another object's map", "a10ea0"],
	["another object's map with a value", "a10ea10201"],
	["another resource's map", "a1830d181a02a0"],
];

for (const [name, hex] of outside)
	test(`${name} is refused where one resource was asked for`, () => {
		assert.is(decodeRows(LWM2M_CBOR, "/13/26/1", hex), undefined);
	});

test("a value that is not of the type in the table is refused", () => {
	assert.is(decodeRows(LWM2M_CBOR, "/", "a1830d181a016161", one), undefined);
});

test("types of unknown resources follow from the values", () => {
	assert.equal(decodeRows(LWM2M_CBOR, "/9/0", "a1820900a5000101f93e0002616103f4044101"), [
		["/9/0/0", "integer", 1],
		["/9/0/1", "float", 1.5],
		["/9/0/2", "string", "a"],
		["/9/0/3", "boolean", false],
		["/9/0/4", "opaque", fromHex("01")],
	] satisfies Row[]);
});

test("a payload of more values than limits.entryCount is refused", () => {
	const entry = "8309000001";
	assert.is(decodeRows(LWM2M_CBOR, "/9", `b840${entry.repeat(64)}`)?.length, 64);
	assert.is(decodeRows(LWM2M_CBOR, "/9", `b841${entry.repeat(65)}`), undefined);
});

test.run();
