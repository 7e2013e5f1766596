import { assert, suite } from "#suite";
import { encodeText } from "../../../bytes.js";
import type { Entry } from "../../../lwm2m/formats/format.js";
import {
	changesEncoderFor,
	decodeChanges,
	decodePaths,
	encodePaths,
	listsChanges,
	listsPaths,
} from "../../../lwm2m/formats/paths.js";
import { Path, parsePath } from "../../../lwm2m/path.js";
import { ascii, fromHex, toHex } from "../../coap/hex.js";
import { pathOf, type Row, typesOf } from "./entries.js";

const test = suite("lwm2m/formats/paths");

const SENML_JSON = 110;
const SENML_CBOR = 112;
const ETCH_JSON = 320;
const ETCH_CBOR = 322;
const LWM2M_CBOR = 11544;

/** The paths of a payload; undefined where it is refused. */
function pathsIn(contentFormat: number, payload: Uint8Array): string[] | undefined {
	const into: Path[] = [];
	return decodePaths(contentFormat, payload, into) ? into.map(String) : undefined;
}

/** The changes of a payload as "/3/0/9 integer 100" and "/3/0/9 removed"; undefined where it is refused. */
function changesIn(contentFormat: number, payload: Uint8Array, types: readonly Row[] = []): string[] | undefined {
	const into: Entry[] = [];
	const removed: Path[] = [];
	if (!decodeChanges(contentFormat, payload, typesOf(types), into, removed)) return undefined;
	return [
		...into.map((entry) => `${pathOf(entry)} ${entry.type} ${entry.value}`),
		...removed.map((path) => `${path} removed`),
	];
}

test("formats of names alone are SenML and SenML-ETCH", () => {
	assert.equal([110, 112, 320, 322, 11544, 11542, 60, 0].filter(listsPaths), [110, 112, 320, 322]);
	assert.equal([110, 112, 320, 322, 11544, 11542, 60, 0].filter(listsChanges), [110, 112, 320, 322, 11544]);
	assert.is(pathsIn(LWM2M_CBOR, fromHex("a0")), undefined);
	assert.is(changesIn(60, fromHex("00")), undefined);
});

// The examples of RFC 8790, 3, with the base name that LwM2M gives the same resources.
const light = '"bn":"/3311/0/"';
const lightTypes: readonly Row[] = [
	["/3311/0/5850", "boolean", false],
	["/3311/0/5851", "integer", 0],
];

test("RFC 8790, 3.1: a Fetch Pack", () => {
	const pack = encodeText(`[{${light},"n":"5850"},{"n":"5851"}]`);
	assert.equal(pathsIn(ETCH_JSON, pack), ["/3311/0/5850", "/3311/0/5851"]);
});

test("RFC 8790, 3.1: a Fetch Record with a time is refused", () => {
	const pack = encodeText(`[{${light},"n":"5850","t":1.276020091e+09}]`);
	assert.is(pathsIn(ETCH_JSON, pack), undefined);
});

test("RFC 8790, 3.2: a Patch Pack that sets values", () => {
	const pack = encodeText(`[{${light},"n":"5850","vb":false},{"n":"5851","v":10}]`);
	assert.equal(changesIn(ETCH_JSON, pack, lightTypes), ["/3311/0/5850 boolean false", "/3311/0/5851 integer 10"]);
});

test("RFC 8790, 3.2: a Patch Pack that removes records", () => {
	const pack = encodeText(`[{${light},"n":"5850","v":null},{"n":"5851","v":null}]`);
	assert.equal(changesIn(ETCH_JSON, pack, lightTypes), ["/3311/0/5850 removed", "/3311/0/5851 removed"]);
});

test("LwM2M Core, 7.4.6: lists of Read-Composite", () => {
	const pack = encodeText('[{"bn":"/4/0/", "n":"0"}, {"n":"1"}, {"n":"2"}, {"bn":"/6/", "n":"0"}]');
	assert.equal(pathsIn(SENML_JSON, pack), ["/4/0/0", "/4/0/1", "/4/0/2", "/6/0"]);
	assert.equal(pathsIn(SENML_JSON, encodeText('[{"n":"/"}]')), ["/"]);
});

test("LwM2M Core, 7.4.6: a Write-Composite", () => {
	const pack = encodeText(
		'[{"n":"/3311/0/5850", "vb":false}, {"n":"/3311/1/5850", "vb":false}, {"n":"/3311/2/5851", "v":20}, ' +
			'{"n":"/3308/0/5900", "v":18}]',
	);
	assert.equal(changesIn(SENML_JSON, pack), [
		"/3311/0/5850 boolean false",
		"/3311/1/5850 boolean false",
		"/3311/2/5851 integer 20",
		"/3308/0/5900 integer 18",
	]);
});

test("LwM2M Core, 7.4.4: the values of a composite operation", () => {
	const hex = `a2820300a20074${ascii("Open Mobile Alliance")}091864830100011a00015180`;
	assert.equal(changesIn(LWM2M_CBOR, fromHex(hex)), [
		"/3/0/0 string Open Mobile Alliance",
		"/3/0/9 integer 100",
		"/1/0/1 integer 86400",
	]);
});

const lists: readonly (readonly [string, readonly string[], string, string])[] = [
	["no path", [], "[]", "80"],
	["a resource", ["/3/0/9"], '[{"n":"/3/0/9"}]', `81a10066${ascii("/3/0/9")}`],
	[
		"paths of all depths",
		["/", "/3", "/3303/0", "/3/0/6/1"],
		'[{"n":"/"},{"n":"/3"},{"n":"/3303/0"},{"n":"/3/0/6/1"}]',
		`84a10061${ascii("/")}a10062${ascii("/3")}a10067${ascii("/3303/0")}a10068${ascii("/3/0/6/1")}`,
	],
];

for (const [name, paths, json, cbor] of lists)
	for (const [contentFormat, hex] of [
		[SENML_JSON, toHex(encodeText(json))],
		[SENML_CBOR, cbor],
		[ETCH_JSON, toHex(encodeText(json))],
		[ETCH_CBOR, cbor],
	] as const)
		test(`a list of ${name} is written and read in ${contentFormat}`, () => {
			const parsed = paths.map((path) => parsePath(path)!);
			assert.is(toHex(encodePaths(contentFormat, parsed, new Uint8Array(100))!), hex);
			assert.equal(pathsIn(contentFormat, fromHex(hex)), paths);
		});

test("a list is not written into a buffer too small, nor in a format of values only", () => {
	const paths = [parsePath("/3/0/9")!];
	assert.is(encodePaths(ETCH_CBOR, paths, new Uint8Array(11)), undefined);
	assert.is(encodePaths(LWM2M_CBOR, paths, new Uint8Array(100)), undefined);
});

const fetches: readonly (readonly [string, string, readonly string[] | undefined])[] = [
	["a base name alone", '[{"bn":"/3/0/9"}]', ["/3/0/9"]],
	[
		"a base name that is a prefix",
		'[{"bn":"/3/0/","n":"9"},{"n":"14"},{"bn":"/4/0/","n":"2"}]',
		["/3/0/9", "/3/0/14", "/4/0/2"],
	],
	[
		"a value of any kind, which does not count",
		'[{"n":"/3/0/9","v":"x"},{"n":"/3/0/1","vd":[1],"bver":99}]',
		["/3/0/9", "/3/0/1"],
	],
	["a base time of zero", '[{"bt":0,"n":"/3/0/9"}]', ["/3/0/9"]],
	["a base time", '[{"bt":1,"n":"/3/0/9"}]', undefined],
	["no name", "[{}]", undefined],
	["a name that is no path", '[{"n":"voltage"}]', undefined],
	["a name that ends in a slash", '[{"n":"/3/0/"}]', undefined],
	["a label that must be understood", '[{"n":"/3/0/9","x_":1}]', undefined],
	["an object", '{"n":"/3/0/9"}', undefined],
];

for (const [name, text, paths] of fetches)
	test(`a list with ${name} is ${paths === undefined ? "refused" : "read"}`, () => {
		assert.equal(pathsIn(ETCH_JSON, encodeText(text)), paths);
	});

const fetchesOfCbor: readonly (readonly [string, string, readonly string[] | undefined])[] = [
	["a prefix", `82a22165${ascii("/3/0/")}006139a10062${ascii("14")}`, ["/3/0/9", "/3/0/14"]],
	["a value that does not count", `81a20066${ascii("/3/0/9")}02820102`, ["/3/0/9"]],
	["a time", `81a20066${ascii("/3/0/9")}0601`, undefined],
	["an indefinite length", `9fa10066${ascii("/3/0/9")}ff`, undefined],
];

for (const [name, hex, paths] of fetchesOfCbor)
	test(`a list of CBOR with ${name} is ${paths === undefined ? "refused" : "read"}`, () => {
		assert.equal(pathsIn(ETCH_CBOR, fromHex(hex)), paths);
	});

test("a list of more paths than limits.entryCount is refused", () => {
	const list = (count: number) => fromHex(`98${count.toString(16)}${`a10066${ascii("/3/0/9")}`.repeat(count)}`);
	assert.is(pathsIn(SENML_CBOR, list(64))?.length, 64);
	assert.is(pathsIn(SENML_CBOR, list(65)), undefined);
});

const changes: readonly (readonly [number, string])[] = [
	[
		ETCH_JSON,
		toHex(encodeText('[{"n":"/3/0/6/1","v":null},{"n":"/3/0/14","vs":"+02:00"},{"n":"/3303/0/5601","v":null}]')),
	],
	[
		ETCH_CBOR,
		`83a20068${ascii("/3/0/6/1")}02f6` +
			`a20067${ascii("/3/0/14")}0366${ascii("+02:00")}` +
			`a2006c${ascii("/3303/0/5601")}02f6`,
	],
	[LWM2M_CBOR, `a203a100a206a101f60e66${ascii("+02:00")}190ce7a100a11915e1f6`],
];

for (const [contentFormat, hex] of changes)
	test(`changes are written and read in ${contentFormat}`, () => {
		const encoder = changesEncoderFor(contentFormat, new Uint8Array(200))!;
		const path = new Path();
		path.fromText("/3/0/6/1");
		encoder.remove(path);
		path.fromText("/3/0/14");
		encoder.add(path, "string", "+02:00");
		path.fromText("/3303/0/5601");
		encoder.remove(path);
		assert.is(toHex(encoder.finish()!), hex);
		const expected = ["/3/0/14 string +02:00", "/3/0/6/1 removed", "/3303/0/5601 removed"];
		assert.equal(changesIn(contentFormat, fromHex(hex)), expected);
	});

test("there is no encoder of changes for formats of one path", () => {
	assert.is(changesEncoderFor(11542, new Uint8Array(10)), undefined);
});

const patches: readonly (readonly [string, number, string, readonly string[] | undefined])[] = [
	["a value in SenML", SENML_JSON, '[{"n":"/3/0/9","v":1}]', ["/3/0/9 integer 1"]],
	["a base record in SenML", SENML_JSON, '[{"bn":"/3/0/"},{"n":"9","v":1}]', ["/3/0/9 integer 1"]],
	["a base record in a Patch Pack", ETCH_JSON, '[{"bn":"/3/0/"},{"n":"9","v":1}]', undefined],
	["a null in SenML", SENML_JSON, '[{"n":"/3/0/9","v":null}]', undefined],
	["a null under another label", ETCH_JSON, '[{"n":"/3/0/9","vs":null}]', undefined],
	["a name without value", ETCH_JSON, '[{"n":"/3/0/9"}]', undefined],
	["a name without resource", ETCH_JSON, '[{"n":"/3/0","v":null}]', undefined],
	["a value that is not of its type", ETCH_JSON, '[{"n":"/3311/0/5851","vb":true}]', undefined],
];

for (const [name, contentFormat, text, expected] of patches)
	test(`a change with ${name} is ${expected === undefined ? "refused" : "read"}`, () => {
		assert.equal(changesIn(contentFormat, encodeText(text), lightTypes), expected);
	});

test("more changes than limits.entryCount, of both kinds together, are refused", () => {
	const pack = (count: number) =>
		encodeText(`[${Array(count).fill('{"n":"/9/0/0","v":1},{"n":"/9/0/1","v":null}').join(",")}]`);
	assert.is(changesIn(ETCH_JSON, pack(32))?.length, 64);
	assert.is(changesIn(ETCH_JSON, pack(33)), undefined);
});

test.run();
