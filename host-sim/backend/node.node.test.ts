import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { parsePath } from "../../firmware/lwm2m/path.js";
import { decodeContent, encodeContent, formatNamed, writeFormat } from "./content.js";
import { describeNode } from "./describe.js";
import type { Node } from "./node.js";
import { fromNode, NodeError } from "./node-input.js";
import { objectName, resourceEntry } from "./registry.js";
import { OBJECT_ROWS } from "./registry-rows.js";
import { fromText } from "./text-input.js";

const test = suite("backend/node");

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

const DECODED: [
	title: string,
	path: string,
	format: number | undefined,
	payload: Uint8Array,
	node: Node | undefined,
][] = [
	[
		"text by the registry's type",
		"/3/0/9",
		ContentFormat.Text,
		encodeText("85"),
		{ kind: "singleResource", id: 9, type: "INTEGER", value: "85" },
	],
	[
		"text without a content format",
		"/3/0/0",
		undefined,
		encodeText("x"),
		{ kind: "singleResource", id: 0, type: "STRING", value: "x" },
	],
	[
		"text of an unknown resource as a string",
		"/40000/0/1",
		ContentFormat.Text,
		encodeText("5"),
		{ kind: "singleResource", id: 1, type: "STRING", value: "5" },
	],
	[
		"bytes of an unknown resource as opaque",
		"/40000/0/1",
		ContentFormat.Opaque,
		hex("00ff"),
		{ kind: "singleResource", id: 1, type: "OPAQUE", value: "00ff" },
	],
	[
		"a time in milliseconds",
		"/3/0/13",
		ContentFormat.Text,
		encodeText("1700000000"),
		{ kind: "singleResource", id: 13, type: "TIME", value: 1_700_000_000_000 },
	],
	[
		"a boolean",
		"/3306/0/5850",
		ContentFormat.Text,
		encodeText("1"),
		{ kind: "singleResource", id: 5850, type: "BOOLEAN", value: true },
	],
	[
		"an object link",
		"/0/0/17",
		ContentFormat.Text,
		encodeText("21:0"),
		{ kind: "singleResource", id: 17, type: "OBJLNK", value: { objectId: 21, objectInstanceId: 0 } },
	],
	// RFC 8428, 6 and LwM2M Core, 7.4.6: [{-2: "/3303/0/", 0: "5700", 2: 21.5}]
	[
		"SenML-CBOR of an instance",
		"/3303/0",
		ContentFormat.SenmlCbor,
		hex("81a321682f333330332f302f00643537303002fa41ac0000"),
		{ kind: "instance", id: 0, resources: [{ kind: "singleResource", id: 5700, type: "FLOAT", value: "21.5" }] },
	],
	// LwM2M Core, 7.4.5: resource 6 with the instances 0 and 1, the example of the Device object.
	[
		"TLV of a resource with instances",
		"/3/0/6",
		ContentFormat.Tlv,
		hex("8606410001410105"),
		{ kind: "multiResource", id: 6, type: "INTEGER", values: { 0: "1", 1: "5" } },
	],
	[
		"one resource instance",
		"/3/0/6/1",
		ContentFormat.Text,
		encodeText("5"),
		{ kind: "resourceInstance", id: 1, type: "INTEGER", value: "5" },
	],
	[
		"an object of two instances",
		"/3303",
		ContentFormat.Tlv,
		hex("080007e4164441ac0000080107e4164441b40000"),
		{
			kind: "obj",
			id: 3303,
			instances: [
				{ kind: "instance", id: 0, resources: [{ kind: "singleResource", id: 5700, type: "FLOAT", value: "21.5" }] },
				{ kind: "instance", id: 1, resources: [{ kind: "singleResource", id: 5700, type: "FLOAT", value: "22.5" }] },
			],
		},
	],
	["bytes that are no SenML", "/3/0", ContentFormat.SenmlCbor, hex("ff"), undefined],
	[
		"a value in SenML-JSON",
		"/3303/0/5700",
		ContentFormat.SenmlJson,
		new TextEncoder().encode('[{"bn":"/3303/0/5700","v":21.5}]'),
		{ kind: "singleResource", id: 5700, type: "FLOAT", value: "21.5" },
	],
	[
		"a value in LwM2M CBOR",
		"/3303/0/5700",
		ContentFormat.LwM2mCbor,
		hex("a183190ce700191644fa41ac0000"),
		{ kind: "singleResource", id: 5700, type: "FLOAT", value: "21.5" },
	],
	["a format that nobody reads", "/3/0", ContentFormat.LwM2mJson, hex("a0"), undefined],
];
for (const [title, path, format, payload, node] of DECODED) {
	test(`shows ${title}`, () => assert.equal(decodeContent(path, format, payload), node));
}

const WRITTEN: [title: string, path: string, node: unknown, text: string][] = [
	["an integer as a decimal string", "/3/0/9", { id: 9, type: "INTEGER", value: "-5" }, "-5"],
	["an integer as a number", "/3/0/9", { id: 9, type: "integer", value: 7 }, "7"],
	["a float", "/3303/0/5700", { id: 5700, type: "FLOAT", value: "21.5" }, "21.5"],
	["a value without its type, by the registry", "/3/0/14", { id: 14, value: "+02:00" }, "+02:00"],
	["a boolean", "/3306/0/5850", { id: 5850, type: "BOOLEAN", value: false }, "0"],
	["a time", "/3/0/13", { id: 13, type: "TIME", value: 1_700_000_000_999 }, "1700000000"],
	["an object link", "/0/0/17", { id: 17, type: "OBJLNK", value: { objectId: 21, objectInstanceId: 0 } }, "21:0"],
	["an opaque value", "/5/0/0", { id: 0, type: "OPAQUE", value: "00ff" }, "AP8="],
];
for (const [title, path, node, text] of WRITTEN) {
	test(`writes ${title}`, () => {
		const base = parsePath(path)!;
		const payload = encodeContent(base, fromNode(base, node), ContentFormat.Text);
		assert.is(Buffer.from(payload!).toString(), text);
	});
}

test("writes what it reads, through every format that holds an instance", () => {
	const base = parsePath("/3303/0")!;
	const node = {
		kind: "instance",
		id: 0,
		resources: [
			{ kind: "singleResource", id: 5601, type: "FLOAT", value: "-1.5" },
			{ kind: "singleResource", id: 5750, type: "STRING", value: "äö" },
		],
	} as const;
	for (const format of [ContentFormat.SenmlCbor, ContentFormat.Tlv]) {
		const payload = encodeContent(base, fromNode(base, node), format);
		assert.equal(decodeContent("/3303/0", format, payload!), node);
	}
});

const WRONG: [title: string, node: unknown][] = [
	["no object", 5],
	["no value", { id: 9, type: "INTEGER" }],
	["a fraction for an integer", { id: 9, type: "INTEGER", value: "1.5" }],
	["an integer that doubles do not hold", { id: 9, type: "INTEGER", value: "9007199254740993" }],
	["a negative unsigned integer", { id: 9, type: "UNSIGNED_INTEGER", value: "-1" }],
	["half a byte", { id: 9, type: "OPAQUE", value: "0" }],
	["a text for a time", { id: 9, type: "TIME", value: "now" }],
	["a half object link", { id: 9, type: "OBJLNK", value: { objectId: 3 } }],
	["a type from the prototype", { id: 9, type: "constructor", value: 1 }],
	["an empty number", { id: 9, type: "FLOAT", value: "" }],
];
for (const [title, node] of WRONG) {
	test(`refuses ${title}`, () => {
		assert.throws(
			() => fromNode(parsePath("/3/0/9")!, node),
			(error: unknown) => error instanceof NodeError,
		);
	});
}

const TYPED: [type: Parameters<typeof fromText>[0], text: string, value: unknown][] = [
	["BOOLEAN", "on", true],
	["BOOLEAN", "0", false],
	["TIME", "1700000000", 1_700_000_000_000],
	["TIME", "2026-01-31T12:00:00Z", 1_769_860_800_000],
	["OBJLNK", "3303:1", { objectId: 3303, objectInstanceId: 1 }],
	["OPAQUE", "0xAB", "AB"],
	["FLOAT", "21.5", "21.5"],
];
for (const [type, text, value] of TYPED) {
	test(`takes "${text}" for ${type}`, () => assert.equal(fromText(type, text), value));
}

test("knows formats by name and by number", () => {
	assert.equal(["tlv", "SENML_CBOR", "112", "toString"].map(formatNamed), [11542, 112, 112, undefined]);
});

test("writes in SenML-CBOR unless the device says or implies otherwise", () => {
	const registration = { version: "1.2", links: [] } as unknown as Parameters<typeof writeFormat>[0];
	const listed = [{ url: "/", attributes: { rt: '"oma.lwm2m"', ct: '"60 11542"' } }];
	assert.is(writeFormat(registration), ContentFormat.SenmlCbor);
	assert.is(writeFormat({ ...registration, version: "1.0" }), ContentFormat.Tlv);
	assert.is(writeFormat({ ...registration, links: listed }), ContentFormat.Tlv);
});

test("names what the registry knows, with units", () => {
	assert.is(objectName(3303), "Temperature");
	assert.equal(resourceEntry(3, 7), {
		name: "Power Source Voltage",
		type: "INTEGER",
		operations: "R",
		multiple: true,
		unit: "",
	});
	assert.is(resourceEntry(3323, 5700)?.name, "Sensor Value");
	assert.is(resourceEntry(3, 5700), undefined);
	const node: Node = { kind: "singleResource", id: 2, type: "INTEGER", value: "-70" };
	assert.equal(describeNode("/4/0/2", node), ["Radio Signal Strength -70 dBm"]);
});

test("lists each object once, in ascending order", () => {
	const ids = OBJECT_ROWS.map(([objectId]) => objectId);
	assert.equal(
		ids,
		[...new Set(ids)].sort((left, right) => left - right),
	);
});

test.run();
