import { assert, suite } from "#suite";
import { encodeText } from "../../../bytes.js";
import { decode } from "../../../lwm2m/formats/codec.js";
import type { Entry } from "../../../lwm2m/formats/format.js";
import { parsePath } from "../../../lwm2m/path.js";
import { ascii, fromHex, toHex } from "../../coap/hex.js";
import { decodeRows, encodeRows, pathOf, type Row, typesOf } from "./entries.js";

const test = suite("lwm2m/formats/senml-json");

const SENML_JSON = 110;

function encoded(base: string, rows: readonly Row[]): string {
	return encodeRows(SENML_JSON, base, rows);
}

function decoded(base: string, text: string, types: readonly Row[] = []): Row[] | undefined {
	return decodeRows(SENML_JSON, base, toHex(encodeText(text)), types);
}

const temperature: Row = ["/3303/0/5700", "float", 21.5];

/** A text value under /3/0/0 as it stands in JSON. */
function manufacturer(json: string): string {
	return `[{"bn":"/3/0/0","vs":"${json}"}]`;
}

const payloads: readonly (readonly [string, string, readonly Row[], string])[] = [
	["one resource", "/3303/0/5700", [temperature], '[{"bn":"/3303/0/5700","v":21.5}]'],
	["one resource of an instance", "/3303/0", [temperature], '[{"bn":"/3303/0/","n":"5700","v":21.5}]'],
	["one resource of an object", "/3303", [temperature], '[{"bn":"/3303/","n":"0/5700","v":21.5}]'],
	["one resource of the root", "/", [temperature], '[{"n":"/3303/0/5700","v":21.5}]'],
	[
		"the base name stays for later records",
		"/3/0",
		[
			["/3/0/9", "integer", 100],
			["/3/0/14", "string", "+02:00"],
		],
		'[{"bn":"/3/0/","n":"9","v":100},{"n":"14","vs":"+02:00"}]',
	],
	[
		"a multiple resource",
		"/3/0/6",
		[
			["/3/0/6/0", "integer", 1],
			["/3/0/6/1", "integer", 5],
		],
		'[{"bn":"/3/0/6/","n":"0","v":1},{"n":"1","v":5}]',
	],
	["a resource instance", "/3/0/6/1", [["/3/0/6/1", "integer", 5]], '[{"bn":"/3/0/6/1","v":5}]'],
	["a boolean", "/3306/0/5850", [["/3306/0/5850", "boolean", true]], '[{"bn":"/3306/0/5850","vb":true}]'],
	["bytes", "/0/0/5", [["/0/0/5", "opaque", fromHex("fbff00fe")]], '[{"bn":"/0/0/5","vd":"-_8A_g"}]'],
	["an object link", "/0/0/17", [["/0/0/17", "objectLink", "21:0"]], '[{"bn":"/0/0/17","vlo":"21:0"}]'],
	["a time", "/3/0/13", [["/3/0/13", "time", 1700000000]], '[{"bn":"/3/0/13","v":1700000000}]'],
	[
		"an unsigned beyond 32 bits",
		"/7/0/2",
		[["/7/0/2", "unsigned", 2 ** 53 - 1]],
		'[{"bn":"/7/0/2","v":9007199254740991}]',
	],
	["a whole float in its fewest digits", "/3/0/7", [["/3/0/7", "float", 21]], '[{"bn":"/3/0/7","v":21}]'],
	["a float below any other", "/3/0/7", [["/3/0/7", "float", -1.5e-300]], '[{"bn":"/3/0/7","v":-1.5e-300}]'],
	[
		"one resource twice",
		"/3303/0/5700",
		[temperature, ["/3303/0/5700", "float", 22]],
		'[{"bn":"/3303/0/5700","v":21.5},{"v":22}]',
	],
	["nothing", "/3/0", [], "[]"],
	["what JSON escapes", "/3/0/0", [["/3/0/0", "string", '"\\\b\f\n\r\t']], manufacturer('\\"\\\\\\b\\f\\n\\r\\t')],
	["other control characters", "/3/0/0", [["/3/0/0", "string", "a\u0000b\u001f"]], manufacturer("a\\u0000b\\u001f")],
	[
		"what needs no escape",
		"/3/0/0",
		[["/3/0/0", "string", "/\u007fGröße 温度 🌡"]],
		manufacturer("/\u007fGröße 温度 🌡"),
	],
];

for (const [name, base, rows, text] of payloads)
	test(`${name} is written and read`, () => {
		assert.is(encoded(base, rows), toHex(encodeText(text)));
		assert.equal(decoded(base, text, rows), rows);
	});

test("a buffer too small says how long it should be", () => {
	assert.is(encodeRows(SENML_JSON, "/3303/0/5700", [temperature], 31), "too long: 32");
	assert.is(encodeRows(SENML_JSON, "/3303/0/5700", [temperature], 32).length, 64);
});

const unfit: readonly (readonly [string, Row])[] = [
	["that is not of its type", ["/3303/0/5700", "float", "21.5"]],
	["without end", ["/3303/0/5700", "float", Infinity]],
];

for (const [name, row] of unfit)
	test(`a value ${name} spoils the payload`, () => assert.is(encoded("/3303/0/5700", [row]), "spoiled"));

const path = '"bn":"/3303/0/5700"';
const readOnly: readonly (readonly [string, string, readonly Row[]])[] = [
	["white space", ' [\n\t{ "bn" : "/3303/0/5700" ,\r "v" : 21.5 } ] ', [temperature]],
	["labels in any order", `[{"v":21.5,${path}}]`, [temperature]],
	["an exponent", `[{${path},"v":2150E-2}]`, [temperature]],
	["a base record without value", '[{"bn":"/3303/0/"},{"n":"5700","v":21.5}]', [temperature]],
	["an empty record", `[{},{${path},"v":21.5}]`, [temperature]],
	["unit, sum and update time", `[{${path},"bu":"K","bs":1,"u":"Cel","s":5,"ut":0,"v":21.5}]`, [temperature]],
	["unknown fields of any kind", `[{${path},"x":{"v":[1,"]}",{"y":null}],"z":true},"_a":[],"v":21.5}]`, [temperature]],
	["labels of other objects' making", `[{${path},"constructor":1,"toString":2,"v":21.5}]`, [temperature]],
	["a base value", `[{${path},"bv":20,"v":1.5}]`, [temperature]],
	["version 10", `[{${path},"bver":10,"v":21.5}]`, [temperature]],
];

for (const [name, text, rows] of readOnly)
	test(`${name} is read`, () => assert.equal(decoded("/3303", text, [temperature]), rows));

for (const base64 of ["-_8", "-_8=", "+/8", "+/8="])
	test(`${base64} is read as bytes`, () => {
		assert.equal(decoded("/0", `[{"bn":"/0/0/5","vd":"${base64}"}]`), [["/0/0/5", "opaque", fromHex("fbff")]]);
	});

const texts: readonly (readonly [string, string, string])[] = [
	["escapes in the middle", "a\\/b\\n\\u0041\\u00f6c", "a/b\nAöc"],
	["digits of both cases", "\\u00AB\\u00ab", "««"],
	["a pair of surrogates", "\\ud83c\\udf21", "🌡"],
];

for (const [name, json, text] of texts)
	test(`${name} in a string`, () =>
		assert.equal(decoded("/3/0", manufacturer(json)), [["/3/0/0", "string", text]] satisfies Row[]));

const refused: readonly (readonly [string, string])[] = [
	["nothing", ""],
	["an outer object", `{${path},"v":1}`],
	["a pack without end", `[{${path},"v":1}`],
	["a record without end", `[{${path},"v":1`],
	["a string without end", '[{"bn":"/3303/0/5700'],
	["text behind the pack", `[{${path},"v":1}]x`],
	["a comma at the end of a pack", `[{${path},"v":1},]`],
	["a comma at the end of a record", `[{${path},"v":1,}]`],
	["no comma between records", `[{${path},"v":1}{"v":2}]`],
	["no colon", `[{${path},"v" 1}]`],
	["a label without quotes", `[{${path},v:1}]`],
	["a record that is no object", "[1]"],
	["a leading zero", `[{${path},"v":01}]`],
	["a leading plus", `[{${path},"v":+1}]`],
	["a leading point", `[{${path},"v":.5}]`],
	["a point without digits", `[{${path},"v":1.}]`],
	["an exponent without digits", `[{${path},"v":1e}]`],
	["a minus alone", `[{${path},"v":-}]`],
	["a number beyond doubles", `[{${path},"v":1e999}]`],
	["a word that JSON does not know", `[{${path},"v":NaN}]`],
	["half a word", `[{${path},"vb":tru}]`],
	["an array for a value", `[{${path},"v":[1]}]`],
	["null for a value", `[{${path},"v":null}]`],
	["a text for a number", `[{${path},"vs":"2"}]`],
	["a text under the label of numbers", `[{${path},"v":"2"}]`],
	["two values in one record", `[{${path},"vs":"a","v":1}]`],
	["a link for a text", '[{"bn":"/3/0/0","vlo":"1:0"}]'],
	["a name that is no text", `[{"bn":1,"v":1}]`],
	["a name that is no path", `[{"bn":"voltage","v":1}]`],
	["a name without resource", `[{"bn":"/3303/0","v":1}]`],
	["a name outside the path asked for", `[{"bn":"/3304/0/5700","v":1}]`],
	["a name without value", '[{"n":"/3303/0/5700"}]'],
	["a version above 10", `[{${path},"bver":11,"v":1}]`],
	["an unknown label that ends in _", `[{${path},"x_":1,"v":1}]`],
	["a time that is no number", `[{${path},"t":"1","v":1}]`],
	["brackets that do not match", `[{${path},"x":[},"v":1}]`],
	["a comma for a value", `[{${path},"x":,,"v":1}]`],
	["a closing bracket for a value", `[{${path},"x":},"v":1}]`],
	["brackets deeper than anybody needs", `[{${path},"x":${"[".repeat(16)}${"]".repeat(16)},"v":1}]`],
	["base64 of both alphabets at once", '[{"bn":"/3/0/1","vd":"+_8="}]'],
	["base64 of an impossible length", '[{"bn":"/3/0/1","vd":"AAAAA"}]'],
	["bytes that are no text", '[{"bn":"/3/0/1","vd":1}]'],
	["a control character in a string", manufacturer("\n")],
	["an unknown escape", manufacturer("\\x")],
	["an escape of three digits", manufacturer("\\u004")],
	["an escape of other letters", manufacturer("\\u00g0")],
	["an escape of what lies between digits and letters", manufacturer("\\u00:0")],
	["an escape of what lies below letters", manufacturer("\\u00@0")],
	["half a pair of surrogates", manufacturer("\\ud83c")],
	["half a pair of surrogates before text", manufacturer("\\ud83cab")],
	["half a pair of surrogates before another character", manufacturer("\\ud83c\\u0041")],
	["half a pair of surrogates before a character beyond them", manufacturer("\\ud83c\\ue000")],
	["two second halves of surrogates", manufacturer("\\udf21\\udf21")],
	["a pair of surrogates the wrong way", manufacturer("\\udf21\\ud83c")],
];

for (const [name, text] of refused)
	test(`${name} is refused`, () => {
		assert.is(decoded("/3303", text, [temperature]), undefined);
		assert.is(decoded("/3", text, [["/3/0/0", "string", ""]]), undefined);
	});

test("ill-formed UTF-8 is refused", () => {
	const quoted = `${ascii('[{"bn":"/3/0/0","vs":"')}c0af${ascii('"}]')}`;
	assert.is(decodeRows(SENML_JSON, "/3", quoted), undefined);
});

test("types of unknown resources follow from the labels", () => {
	const fields = ['"v":1', '"v":1.5', '"vs":"a"', '"vb":false', '"vd":"AQ"', '"vlo":"1:0"'];
	const rows = decoded("/9/0", `[{"bn":"/9/0/"},${fields.map((field, id) => `{"n":"${id}",${field}}`).join(",")}]`);
	assert.equal(rows, [
		["/9/0/0", "integer", 1],
		["/9/0/1", "float", 1.5],
		["/9/0/2", "string", "a"],
		["/9/0/3", "boolean", false],
		["/9/0/4", "opaque", fromHex("01")],
		["/9/0/5", "objectLink", "1:0"],
	] satisfies Row[]);
});

test("times are the sum of base time and time", () => {
	const entries: Entry[] = [];
	const text = '[{"bn":"/3303/0/5700","bt":1276020076.001,"v":120.1},{"t":-5,"v":1.2}]';
	assert.ok(decode(SENML_JSON, encodeText(text), parsePath("/3303")!, typesOf([temperature]), entries));
	assert.equal(
		entries.map((entry) => [pathOf(entry), entry.value, entry.time]),
		[
			["/3303/0/5700", 120.1, 1276020076.001],
			["/3303/0/5700", 1.2, 1276020071.001],
		],
	);
});

test("a payload of more values than limits.entryCount is refused", () => {
	const records = (count: number) => `[${Array(count).fill('{"n":"/9/0/0","v":1}').join(",")}]`;
	assert.is(decoded("/9", records(64))?.length, 64);
	assert.is(decoded("/9", records(65)), undefined);
});

test.run();
