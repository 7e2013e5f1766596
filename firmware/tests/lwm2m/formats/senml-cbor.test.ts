import { assert, suite } from "#suite";
import { decode } from "../../../lwm2m/formats/codec.js";
import type { Entry } from "../../../lwm2m/formats/format.js";
import { parsePath } from "../../../lwm2m/path.js";
import { ascii, fromHex } from "../../coap/hex.js";
import { decodeRows, encodeRows, pathOf, type Row, typesOf } from "./entries.js";

const test = suite("lwm2m/formats/senml-cbor");

const SENML_CBOR = 112;

/** A text string of at most 23 ASCII characters. */
function text(characters: string): string {
	return (0x60 + characters.length).toString(16) + ascii(characters);
}

const temperature: Row = ["/3303/0/5700", "float", 21.5];

const payloads: readonly (readonly [string, string, readonly Row[], string])[] = [
	["one resource", "/3303/0/5700", [temperature], "81a2216c2f333330332f302f3537303002fa41ac0000"],
	["one resource of an instance", "/3303/0", [temperature], `81a321${text("/3303/0/")}00${text("5700")}02fa41ac0000`],
	["one resource of an object", "/3303", [temperature], `81a321${text("/3303/")}00${text("0/5700")}02fa41ac0000`],
	["one resource of the root", "/", [temperature], `81a200${text("/3303/0/5700")}02fa41ac0000`],
	[
		"the base name stays for later records",
		"/3/0",
		[
			["/3/0/9", "integer", 100],
			["/3/0/14", "string", "+02:00"],
		],
		`82a321${text("/3/0/")}00${text("9")}021864` + `a200${text("14")}03${text("+02:00")}`,
	],
	[
		"a multiple resource",
		"/3/0/6",
		[
			["/3/0/6/0", "integer", 1],
			["/3/0/6/1", "integer", 5],
		],
		`82a321${text("/3/0/6/")}00${text("0")}0201` + `a200${text("1")}0205`,
	],
	["a resource instance", "/3/0/6/1", [["/3/0/6/1", "integer", 5]], `81a221${text("/3/0/6/1")}0205`],
	["a boolean", "/3306/0/5850", [["/3306/0/5850", "boolean", true]], `81a221${text("/3306/0/5850")}04f5`],
	["bytes", "/0/0/5", [["/0/0/5", "opaque", fromHex("00ff")]], `81a221${text("/0/0/5")}084200ff`],
	[
		"an object link",
		"/0/0/17",
		[["/0/0/17", "objectLink", "21:0"]],
		`81a221${text("/0/0/17")}${text("vlo")}${text("21:0")}`,
	],
	["a negative time", "/3/0/13", [["/3/0/13", "time", -1]], `81a221${text("/3/0/13")}0220`],
	["nothing", "/3/0", [], "80"],
];

for (const [name, base, rows, hex] of payloads)
	test(`${name} is written and read`, () => {
		assert.is(encodeRows(SENML_CBOR, base, rows), hex);
		assert.equal(decodeRows(SENML_CBOR, base, hex, rows), rows);
	});

test("more than 23 records have a longer outer head", () => {
	const rows: Row[] = [];
	for (let id = 0; id < 30; id++) rows.push([`/9/0/${id}`, "integer", id]);
	const hex = encodeRows(SENML_CBOR, "/9/0", rows);
	assert.is(hex.slice(0, 4), "981e");
	assert.equal(decodeRows(SENML_CBOR, "/9/0", hex, rows), rows);
});

test("more than 255 records have a still longer one", () => {
	const rows: Row[] = [];
	for (let id = 0; id < 300; id++) rows.push([`/9/0/${id}`, "boolean", true]);
	assert.is(encodeRows(SENML_CBOR, "/9/0", rows).slice(0, 8), "99012ca3");
});

test("a buffer too small says how long it should be", () => {
	assert.is(encodeRows(SENML_CBOR, "/3303/0/5700", [temperature], 23), "too long: 24");
	assert.is(encodeRows(SENML_CBOR, "/3303/0/5700", [temperature], 24).length, 44);
});

test("a value that is not of its type spoils the payload", () => {
	assert.is(encodeRows(SENML_CBOR, "/3303/0/5700", [["/3303/0/5700", "float", "21.5"]]), "spoiled");
});

const path = `21${text("/3303/0/5700")}`;
const readOnly: readonly (readonly [string, string, readonly Row[]])[] = [
	["a base record without value", `82a121${text("/3303/0/")}a200${text("5700")}02fa41ac0000`, [temperature]],
	[
		"a base name that changes",
		`82a221${text("/3303/0/5700")}0215` + `a221${text("/3303/1/5700")}0216`,
		[
			["/3303/0/5700", "float", 21],
			["/3303/1/5700", "float", 22],
		],
	],
	["a map of indefinite length", `81bf${path}02fa41ac0000ff`, [temperature]],
	["labels in any order", `81a202fa41ac0000${path}`, [temperature]],
	[
		"unit, sum, update time and unknown fields",
		`81a7${path}02fa41ac0000${`01${text("Cel")}`}05000700185e00${text("x")}820102`,
		[temperature],
	],
	["a base value", `81a3${path}24140202`, [["/3303/0/5700", "float", 22]]],
	["version 10", `81a3${path}200a02fa41ac0000`, [temperature]],
	["a half float", `81a2${path}02f94d60`, [temperature]],
	["a decimal fraction", `81a2${path}02c482200d`, [["/3303/0/5700", "float", 1.3]]],
];

for (const [name, hex, rows] of readOnly)
	test(`${name} is read`, () => assert.equal(decodeRows(SENML_CBOR, "/3303", hex, [temperature]), rows));

const refused: readonly (readonly [string, string])[] = [
	["nothing", ""],
	["an outer array of indefinite length", `9fa2${path}0215ff`],
	["an outer array without end", "9f"],
	["an outer map", `a1${path}`],
	["a record that is no map", "8101"],
	["fewer records than announced", `82a2${path}0215`],
	["bytes left over", `81a2${path}021500`],
	["an array longer than any payload", "9bffffffffffffffff"],
	["a map longer than any payload", "81bbffffffffffffffff"],
	["an unknown negative label", `81a3${path}0215260a`],
	["an unknown label that ends in _", `81a3${path}0215${text("x_")}01`],
	["a version above 10", `81a3${path}200b0215`],
	["two values in one record", `81a3${path}02150316161`],
	["a name without value", `81a100${text("/3303/0/5700")}`],
	["a name that is no path", `81a200${text("voltage")}0215`],
	["a name without resource", `81a200${text("/3303/0")}0215`],
	["a name outside the path asked for", `81a200${text("/3304/0/5700")}0215`],
	["a name that is no text", "81a200010215"],
	["a text for a number", `81a2${path}036132`],
	["a text under the label of numbers", `81a2${path}026132`],
	["a time that is no number", `81a3${path}0215066131`],
	["an endless time", `81a3${path}021506f97c00`],
];

for (const [name, hex] of refused)
	test(`${name} is refused`, () => assert.is(decodeRows(SENML_CBOR, "/3303", hex, [temperature]), undefined));

test("types of unknown resources follow from the labels", () => {
	const labelled = ["0201", "02f93e00", "036161", "04f4", "084101", `${text("vlo")}${text("1:0")}`];
	const records = labelled.map((field, id) => `a200${text(`${id}`)}${field}`);
	const hex = `87a121${text("/9/0/")}${records.join("")}`;
	assert.equal(decodeRows(SENML_CBOR, "/9/0", hex), [
		["/9/0/0", "integer", 1],
		["/9/0/1", "float", 1.5],
		["/9/0/2", "string", "a"],
		["/9/0/3", "boolean", false],
		["/9/0/4", "opaque", fromHex("01")],
		["/9/0/5", "objectLink", "1:0"],
	]);
});

// The first records of RFC 8428, 5.1.2 with paths for names: base time, base unit, base version 5, relative times.
test("times are the sum of base time and time", () => {
	const base = `21${text("/3303/")}22fb41d303a15b00106223${text("A")}2005`;
	const first = `a7${base}00${text("0/5700")}01${text("V")}02fb405e066666666666`;
	const second = `a300${text("1/5700")}062402fb3ff3333333333333`;
	const entries: Entry[] = [];
	const payload = fromHex(`82${first}${second}`);
	assert.ok(decode(SENML_CBOR, payload, parsePath("/3303")!, typesOf([temperature]), entries));
	assert.equal(
		entries.map((entry) => [pathOf(entry), entry.value, entry.time]),
		[
			["/3303/0/5700", 120.1, 1276020076.001],
			["/3303/1/5700", 1.2, 1276020071.001],
		],
	);
});

test("no time is given where there is none", () => {
	const entries: Entry[] = [];
	decode(SENML_CBOR, fromHex(`81a2${path}0215`), parsePath("/3303")!, typesOf([temperature]), entries);
	assert.is(entries[0]?.time, undefined);
});

test("a payload of more values than limits.entryCount is refused", () => {
	const record = `a200${text("/9/0/0")}0201`;
	assert.is(decodeRows(SENML_CBOR, "/9", `9840${record.repeat(64)}`)?.length, 64);
	assert.is(decodeRows(SENML_CBOR, "/9", `9841${record.repeat(65)}`), undefined);
});

test.run();
