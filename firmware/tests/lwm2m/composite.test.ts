import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import type { Entry } from "../../lwm2m/formats/format.js";
import { changesEncoderFor, decodeChanges, encodePaths } from "../../lwm2m/formats/paths.js";
import { defineObject } from "../../lwm2m/object.js";
import { parsePath } from "../../lwm2m/path.js";
import type { Ask, Bench } from "./bench.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/composite");

const TLV = 11542;
const SENML_JSON = 110;
const SENML_CBOR = 112;
const ETCH_CBOR = 322;
const LWM2M_CBOR = 11544;

const Slow = defineObject(43, "1.0", {
	first: { id: 1, operations: "R", type: "integer" },
	second: { id: 2, operations: "RW", type: "integer" },
});

function naming(paths: readonly string[], contentFormat = SENML_CBOR): Ask {
	const parsed = paths.map((path) => parsePath(path)!);
	return { contentFormat, payload: encodePaths(contentFormat, parsed, new Uint8Array(1024))! };
}

/** The values of a payload in SenML-CBOR or LwM2M-CBOR as "/3/0/0=Pinhole". */
function values(bench: Bench, contentFormat: number, payload: Uint8Array | undefined): string[] {
	const entries: Entry[] = [];
	assert.ok(decodeChanges(contentFormat, payload!, bench.model, entries, []));
	return entries.map(({ objectId, instanceId, resourceId, resourceInstanceId, value }) => {
		const path = `/${objectId}/${instanceId}/${resourceId}`;
		return `${path}${resourceInstanceId < 0 ? "" : `/${resourceInstanceId}`}=${value}`;
	});
}

function fetched(paths: readonly string[], ask: Ask = {}): string[] | string {
	const { bench } = machine();
	const response = bench.ask(Code.Fetch, "/", { ...naming(paths), ...ask });
	if (response.code !== Code.Content) return bench.line(Code.Fetch, "/", { ...naming(paths), ...ask });
	return values(bench, response.contentFormat!, response.payload);
}

const reads: readonly (readonly [string, readonly string[], readonly string[] | string])[] = [
	["1.1-int-229: resources of two objects", ["/3303/0/5700", "/3/0/0"], ["/3/0/0=Pinhole", "/3303/0/5700=21.5"]],
	[
		"1.1-int-280: an instance and a resource",
		["/3306/0", "/3/0/0"],
		["/3/0/0=Pinhole", "/3306/0/5850=false", "/3306/0/5851=30"],
	],
	["1.1-int-236: what is not there is left out", ["/3303/0/5700", "/3303/7", "/99/0/1"], ["/3303/0/5700=21.5"]],
	["1.1-int-281: what may not be read is left out", ["/3/0/4", "/0/0/0", "/3/0/0"], ["/3/0/0=Pinhole"]],
	["1.2: one path within another is told once", ["/3303/0/5700", "/3303/0"], ["/3303/0/5700=21.5", "/3303/0/5701=Cel"]],
	["1.2: one path twice is told once", ["/3303/0/5700", "/3303/0/5700"], ["/3303/0/5700=21.5"]],
	["1.2: an instance of a multiple resource", ["/3/0/6/1"], ["/3/0/6/1=5"]],
	["1.2: a multiple resource", ["/3/0/6"], ["/3/0/6/0=1", "/3/0/6/1=5"]],
	["1.2: nothing of it is there", ["/99", "/3303/7"], "4.04"],
	["1.2: only what is secret", ["/0/0/0"], "4.04"],
];

for (const [name, paths, expected] of reads)
	test(`LightweightM2M-${name}: FETCH ${paths.join(" ")}`, () => {
		assert.equal(fetched(paths), expected);
		if (Array.isArray(expected)) assert.equal(fetched(paths, { accept: LWM2M_CBOR }), expected);
	});

test("LightweightM2M-1.1-int-235: the root is all that may be read, and never Security", () => {
	const all = fetched(["/"]) as string[];
	assert.ok(all.includes("/3/0/0=Pinhole") && all.includes("/3306/0/5851=30") && all.includes("/1/0/1=300"));
	assert.not(all.some((value) => value.startsWith("/0/") || value.includes("hidden")));
});

const refused: readonly (readonly [string, Ask, string])[] = [
	["a format that names no paths", { contentFormat: TLV }, "4.15"],
	["no payload", { contentFormat: SENML_CBOR, payload: new Uint8Array(0) }, "4.00"],
	["no paths", { contentFormat: SENML_CBOR, payload: new Uint8Array([0x80]) }, "4.00"],
	["malformed", { contentFormat: SENML_CBOR, payload: new Uint8Array([0x81]) }, "4.00"],
	["an answer without whole paths", { ...naming(["/3"]), accept: TLV }, "4.06"],
	["an answer as text", { ...naming(["/3/0/0"]), accept: 0 }, "4.06"],
];

for (const [name, ask, code] of refused)
	test(`${name} is ${code}`, () => assert.is(machine().bench.line(Code.Fetch, "/", ask), code));

test("composite operations have no path of their own", () => {
	const { bench } = machine();
	assert.is(bench.line(Code.Fetch, "/3", naming(["/3/0/0"])), "4.05");
	assert.is(bench.line(Code.IPatch, "/3", naming(["/3/0/0"])), "4.05");
});

type Change = readonly [path: string, type: Entry["type"], value: Entry["value"] | null];

/** The payload of an iPATCH; null removes. */
function changing(changes: readonly Change[], contentFormat: number): Ask {
	const encoder = changesEncoderFor(contentFormat, new Uint8Array(1024))!;
	for (const [path, type, value] of changes)
		if (value === null) encoder.remove(parsePath(path)!);
		else encoder.add(parsePath(path)!, type, value);
	return { contentFormat, payload: encoder.finish()! };
}

const writes: readonly (readonly [string, readonly Change[], string])[] = [
	[
		"1.1-int-230: resources of two objects",
		[
			["/42/0/7", "unsigned", 4],
			["/3306/0/5851", "integer", 50],
		],
		"2.04",
	],
	[
		"1.1-int-257: the same resource of two instances",
		[
			["/42/0/3/0", "integer", 1],
			["/42/0/3/5", "integer", 2],
			["/42/0/5", "string", "n"],
		],
		"2.04",
	],
	[
		"1.2: a resource that is read-only",
		[
			["/3303/0/5700", "float", 1],
			["/3306/0/5851", "integer", 50],
		],
		"4.05",
	],
	[
		"1.2: a resource that is not there",
		[
			["/3306/0/5851", "integer", 50],
			["/3306/0/5853", "string", "a"],
		],
		"4.04",
	],
	[
		"1.2: an instance that is not there",
		[
			["/3306/0/5851", "integer", 50],
			["/3306/3/5851", "integer", 1],
		],
		"4.04",
	],
	[
		"1.2: a value out of range",
		[
			["/42/0/7", "unsigned", 4],
			["/3306/0/5851", "integer", 101],
		],
		"4.00",
	],
	[
		"1.2: Security",
		[
			["/0/0/0", "string", "coap://x"],
			["/3306/0/5851", "integer", 50],
		],
		"4.01",
	],
];

for (const [name, changes, expected] of writes)
	for (const contentFormat of [SENML_CBOR, SENML_JSON, LWM2M_CBOR])
		test(`LightweightM2M-${name}: iPATCH in ${contentFormat} gives ${expected}, all or nothing`, () => {
			const { bench } = machine();
			const before = fetched(["/"]) as string[];
			assert.is(bench.line(Code.IPatch, "/", changing(changes, contentFormat)), expected);
			const response = bench.ask(Code.Fetch, "/", naming(["/"]));
			const after = values(bench, SENML_CBOR, response.payload);
			if (expected !== "2.04") assert.equal(after, before);
			else for (const [path, , value] of changes) assert.ok(after.includes(`${path}=${value}`), after.join());
		});

test("null takes a resource instance away, and nothing else", () => {
	const { bench } = machine();
	const remove = (path: string) => bench.line(Code.IPatch, "/", changing([[path, "integer", null]], ETCH_CBOR));
	assert.is(remove("/42/0/3/0"), "2.04");
	assert.is(bench.get("/42/0/3/0"), "4.04");
	assert.is(bench.get("/42/0/3/1"), "2.05 0 8");
	assert.is(remove("/42/0/3/0"), "4.04");
	assert.is(remove("/42/0/5"), "4.05");
	assert.is(remove("/3/0/6/0"), "4.05");
	assert.is(remove("/0/0/0"), "4.01");
});

test("an iPATCH in a format of no changes, or malformed, is refused", () => {
	const { bench } = machine();
	assert.is(bench.line(Code.IPatch, "/", { contentFormat: TLV, payload: "a" }), "4.15");
	assert.is(bench.line(Code.IPatch, "/", { contentFormat: SENML_CBOR }), "4.00");
	assert.is(bench.line(Code.IPatch, "/", { contentFormat: SENML_CBOR, payload: "a" }), "4.00");
});

/** A machine whose thermometer and motor are observed together. */
function watched(paths: readonly string[] = ["/3303/0/5700", "/3306/0"], query: readonly string[] = []) {
	const parts = machine();
	const exchange = parts.bench.send(Code.Fetch, "/", { ...naming(paths), observe: 0, query });
	const told = () =>
		parts.bench.answers
			.filter((answer) => answer.exchange === exchange)
			.map(({ at, response }) => [at, ...values(parts.bench, SENML_CBOR, response.payload)]);
	return { ...parts, exchange, told };
}

test("LightweightM2M-1.1-int-304 and 310: a change of any of the paths tells all of them", () => {
	const { bench, temperature, motor, device, told } = watched();
	assert.is(bench.answers.at(-1)?.response.observe, true);
	bench.run(1000);
	temperature.set("sensorValue", 22);
	bench.run(2000);
	device.set("manufacturer", "other");
	bench.run(3000);
	motor.set("onOff", true);
	bench.run(4000);
	assert.equal(told(), [
		[0, "/3303/0/5700=21.5", "/3306/0/5850=false", "/3306/0/5851=30"],
		[1000, "/3303/0/5700=22", "/3306/0/5850=false", "/3306/0/5851=30"],
		[3000, "/3303/0/5700=22", "/3306/0/5850=true", "/3306/0/5851=30"],
	]);
});

test("LightweightM2M-1.1-int-305: after a cancellation nothing more is told", () => {
	const { bench, temperature, exchange, told } = watched();
	bench.service.handleCancelled(0, exchange);
	assert.is(bench.ask(Code.Fetch, "/", { ...naming(["/3303/0/5700"]), observe: 1 }).code, Code.Content);
	temperature.set("sensorValue", 22);
	bench.run(1000);
	assert.is(told().length, 1);
});

test("LightweightM2M-1.1-int-308 and 309: instances that come and go are told", () => {
	const { bench, told } = watched(["/3303"]);
	bench.model.remove(3303, 1);
	bench.run(1000);
	assert.equal(told()[1], [0, "/3303/0/5700=21.5", "/3303/0/5701=Cel"]);
});

test("pmin and pmax come with the Observe-Composite, attributes of single resources do not", () => {
	const { bench, temperature, told } = watched(["/3303/0/5700"], ["pmin=10", "pmax=60"]);
	bench.line(Code.Put, "/3303/0/5700", { query: ["gt=99"] });
	temperature.set("sensorValue", 22);
	bench.run(90_000);
	assert.equal(
		told().map(([at]) => at),
		[0, 10_000, 70_000],
	);
	assert.is(bench.line(Code.Fetch, "/", { ...naming(["/3303/0/5700"]), observe: 0, query: ["gt=3"] }), "4.00");
});

test("above limits.observedPathCount an Observe-Composite is answered as a Read-Composite", () => {
	const { bench } = machine();
	const paths = Array.from({ length: 16 }, (_, i) => `/3/0/${i}`);
	const observe = (names: readonly string[]) => bench.ask(Code.Fetch, "/", { ...naming(names), observe: 0 }).observe;
	assert.equal([observe(paths), observe(paths), observe(["/3/0/0"])], [true, true, false]);
});

test("handlers that say Later are waited for, in Read- and in Write-Composite", () => {
	const { bench } = machine();
	bench.model.remove(42, 0);
	bench.model.add(
		Slow,
		0,
		{ first: 0, second: 0 },
		{ read: (_id, name) => (name === "first" ? { later: 1 } : undefined), write: () => ({ later: 2 }) },
	);
	const reading = bench.send(Code.Fetch, "/", naming(["/43/0", "/3/0/0"]));
	assert.ok(bench.service.complete(0, { later: 1 }, { value: 7 }));
	const response = bench.answers.find((answer) => answer.exchange === reading)?.response;
	assert.equal(values(bench, SENML_CBOR, response?.payload), ["/3/0/0=Pinhole", "/43/0/1=7", "/43/0/2=0"]);
	const writing = bench.send(Code.IPatch, "/", changing([["/43/0/2", "integer", 5]], SENML_CBOR));
	assert.equal(bench.answersTo(writing), []);
	bench.service.complete(0, { later: 2 }, "changed");
	assert.equal(bench.answersTo(writing), ["0 2.04"]);
	assert.is(bench.get("/43/0/2"), "2.05 0 5");
});

test.run();
