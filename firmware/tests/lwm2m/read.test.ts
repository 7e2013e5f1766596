import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { Actuation } from "../../lwm2m/objects/actuation.js";
import type { Version } from "../../lwm2m/registration.js";
import { ascii } from "../coap/hex.js";
import { Bench, line } from "./bench.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/read");

const TEXT = 0;
const OPAQUE = 42;
const CBOR = 60;
const JSON_FORMAT = 50;
const SENML_JSON = 110;
const SENML_CBOR = 112;
const TLV = 11542;
const LWM2M_CBOR = 11544;

const senmlTemperature = `81a221${"6c"}${ascii("/3303/0/5700")}02fa41ac0000`;

const cases: readonly (readonly [string, string, number | undefined, string])[] = [
	["int-201: plain text", "/3/0/0", TEXT, "2.05 0 Pinhole"],
	["int-203: TLV", "/3/0/16", TLV, `2.05 11542 c110${ascii("U")}`],
	["int-211: CBOR", "/3306/0/5851", CBOR, "2.05 60 181e"],
	["int-232: SenML-CBOR", "/3303/0/5700", SENML_CBOR, `2.05 112 ${senmlTemperature}`],
	["int-231: SenML-JSON", "/3303/0/5700", SENML_JSON, `2.05 110 ${ascii('[{"bn":"/3303/0/5700","v":21.5}]')}`],
	["LwM2M CBOR", "/3303/0/5700", LWM2M_CBOR, "2.05 11544 a183190ce700191644fa41ac0000"],
	["a multiple resource in LwM2M CBOR", "/3/0/6", LWM2M_CBOR, "2.05 11544 a183030006a200010105"],
	["int-224: a resource without Accept is text", "/3303/0/5700", undefined, "2.05 0 21.5"],
	["an opaque resource without Accept is opaque", "/42/0/2", undefined, "2.05 42 00ff"],
	["opaque as text is base64", "/42/0/2", TEXT, "2.05 0 AP8="],
	["int-225: a resource instance", "/3/0/6/1", undefined, "2.05 0 5"],
	["a resource instance in TLV", "/3/0/6/1", TLV, "2.05 11542 410105"],
	["a multiple resource in TLV", "/3/0/6", TLV, "2.05 11542 8606410001410105"],
	[
		"a multiple resource without Accept is SenML-CBOR",
		"/3/0/6",
		undefined,
		`2.05 112 82a32167${ascii("/3/0/6/")}00613002${"01"}a200613102${"05"}`,
	],
	[
		"int-223: an instance without Accept is SenML-CBOR",
		"/3303/0",
		undefined,
		`2.05 112 82a32168${ascii("/3303/0/")}0064${ascii("5700")}02fa41ac0000a20064${ascii("5701")}0363${ascii("Cel")}`,
	],
	["int-222: an object in TLV", "/3303", TLV, `2.05 11542 08000de4164441ac0000e31645${ascii("Cel")}0701e4164442200000`],
	[
		"what may only be written, and by nobody, is not in an instance",
		"/42/0",
		TLV,
		`2.05 11542 c20200ff8603410007410108c4040ce70000c705${ascii("cabinet")}c10700`,
	],
	["int-221: Security", "/0/0/0", undefined, "4.01"],
	["int-221: Security as an object", "/0", undefined, "4.01"],
	["OSCORE", "/21/0/1", undefined, "4.01"],
	["an object that is not there", "/5", undefined, "4.04"],
	["an instance that is not there", "/3303/2", undefined, "4.04"],
	["a resource that the object has not", "/3303/0/1", undefined, "4.04"],
	["a resource that the instance has not", "/3303/0/5601", undefined, "4.04"],
	["a resource without a value", "/3/0/2", undefined, "4.04"],
	["a resource instance that is not there", "/3/0/6/2", undefined, "4.04"],
	["a resource instance of a single resource", "/3/0/0/0", undefined, "4.04"],
	["an executable resource", "/3/0/4", undefined, "4.05"],
	["a resource that may only be written", "/42/0/0", undefined, "4.05"],
	["a resource that nobody may read", "/42/0/1", undefined, "4.05"],
	["the root", "/", undefined, "4.05"],
	["what is no LwM2M path", "/.well-known/core", undefined, "4.04"],
	["a format that we do not write", "/3/0/0", JSON_FORMAT, "4.06"],
	["an instance as text", "/3/0", TEXT, "4.06"],
	["a multiple resource as CBOR", "/3/0/6", CBOR, "4.06"],
	["a text as opaque", "/3/0/0", OPAQUE, "4.06"],
];

for (const [name, path, accept, expected] of cases) {
	const title = name.startsWith("int-") ? `LightweightM2M-1.1-${name}` : name;
	test(`${title}: ${path} gives ${expected.slice(0, 30)}`, () => {
		assert.is(machine().bench.get(path, accept === undefined ? {} : { accept }), expected);
	});
}

const defaults: readonly (readonly [Version, string])[] = [
	["1.0", "2.05 11542 08000de4164441ac0000e3164543656c0701e4164442200000"],
	["1.1", "2.05 112"],
	["1.2", "2.05 112"],
];

for (const [version, expected] of defaults)
	test(`LightweightM2M-1.1-int-237: an object without Accept, LwM2M ${version} registered`, () => {
		const { bench } = machine();
		bench.service.version = version;
		assert.is(bench.get("/3303").slice(0, expected.length), expected);
	});

test("the current time is unknown until somebody tells it, and runs then", () => {
	const { bench } = machine();
	assert.is(bench.get("/3/0/13"), "4.04");
	bench.model.handleTime(0, 1_700_000_000);
	bench.run(10_000);
	assert.is(bench.get("/3/0/13"), "2.05 0 1700000010");
});

test("an answer beyond the common buffer gets its own", () => {
	const { bench, cabinet } = machine();
	cabinet.set("name", "x".repeat(2000));
	assert.is(bench.get("/42/0/5").length, "2.05 0 ".length + 2000);
	assert.is(bench.ask(Code.Get, "/42/0", { accept: SENML_CBOR }).code, Code.Content);
});

test("an answer beyond limits.responseLength is our fault", () => {
	const { bench, cabinet } = machine();
	cabinet.set("name", "x".repeat(5000));
	assert.is(bench.get("/42/0/5"), "5.00");
});

test("an answer is not overwritten by the next one", () => {
	const { bench } = machine();
	const first = bench.ask(Code.Get, "/3/0/0");
	bench.get("/3303/0/5700");
	assert.is(line(first), "2.05 0 Pinhole");
});

test("an empty text has no payload", () => {
	const { bench, cabinet } = machine();
	cabinet.set("name", "");
	const answer = bench.ask(Code.Get, "/42/0/5");
	assert.is(answer.code, Code.Content);
	assert.is(answer.payload, undefined);
	assert.is(answer.contentFormat, TEXT);
});

test("a handler's value comes before the stored one, and undefined leaves that", () => {
	const { bench } = machine();
	bench.model.add(
		Actuation,
		1,
		{ onOff: false, dimmer: 1 },
		{ read: (instanceId, name) => (name === "dimmer" ? instanceId + 10 : undefined) },
	);
	assert.is(bench.get("/3306/1/5851"), "2.05 0 11");
	assert.is(bench.get("/3306/1/5850"), "2.05 0 0");
});

test("a handler that throws is 5.00, counted and reported with its path", () => {
	const { bench } = machine();
	const fail = () => {
		throw new Error("bus error");
	};
	bench.model.add(Actuation, 1, { onOff: false }, { read: fail });
	assert.is(bench.get("/3306/1/5850"), "5.00");
	assert.is(bench.get("/3306"), "5.00");
	assert.is(bench.service.failureCount, 2);
	assert.equal(bench.events()[0], { kind: "handler-failed", path: "/3306/1/5850", error: "Error: bus error" });
});

test("what refuses to be a text when thrown is 5.00, too", () => {
	const bench = new Bench();
	const nameless = {
		toString(): string {
			throw new Error("nameless");
		},
	};
	const fail = () => {
		throw nameless;
	};
	bench.model.add(Actuation, 0, { onOff: false }, { read: fail });
	assert.is(bench.get("/3306/0/5850"), "5.00");
	assert.equal(bench.events()[0], { kind: "handler-failed", path: "/3306/0/5850", error: "object" });
});

test("a handler whose answer does not fit is 5.00", () => {
	const { bench } = machine();
	bench.model.add(Actuation, 1, { onOff: false, dimmer: 1 }, { read: () => 101 });
	assert.is(bench.get("/3306/1/5850"), "5.00");
	assert.is(bench.get("/3306/1/5851"), "5.00");
});

for (const [method, name] of [
	[Code.Fetch, "Read-Composite"],
	[Code.IPatch, "Write-Composite"],
	[Code.Delete, "Delete"],
	[Code.Patch, "PATCH"],
] as const)
	test(`${name} is not there yet: 4.05`, () => assert.is(machine().bench.line(method, "/3303/0"), "4.05"));

test("Create is not there yet: 4.05", () => {
	assert.is(machine().bench.line(Code.Post, "/3303", { contentFormat: TLV, payload: new Uint8Array() }), "4.05");
});

test("each operation is told as an event", () => {
	const { bench } = machine();
	bench.get("/3303/0/5700");
	bench.get("/9/9");
	assert.equal(bench.events(), [
		{ kind: "operation", operation: "read", path: "/3303/0/5700", code: 0x45 },
		{ kind: "operation", operation: "read", path: "/9/9", code: 0x84 },
	]);
});

test("events that nobody polls are bounded, the oldest goes", () => {
	const { bench } = machine();
	for (let i = 0; i < 20; i++) bench.get(`/3303/0/${i}`);
	const events = bench.events();
	assert.is(events.length, 8);
	assert.match(JSON.stringify(events.at(-1)), "/3303/0/19");
});

test("a fresh model has nothing to read", () => assert.is(new Bench().get("/3"), "4.04"));

test.run();
