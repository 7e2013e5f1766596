import { assert, suite } from "#suite";
import { Code, codeText } from "../../coap/codes.js";
import { ascii, fromHex } from "../coap/hex.js";
import { Cabinet, machine } from "./machine.js";

const test = suite("lwm2m/create");

const SENML_CBOR = 112;
const TLV = 11542;
const LINKS = 40;

/** A machine where servers may create cabinets, three in all. */
function workshop(values = {}, handler = {}) {
	const parts = machine();
	parts.bench.model.allowCreate(Cabinet, 3, values, handler);
	parts.bench.drain();
	return parts;
}

/** A name "n" as TLV, alone and within an instance 7; and a count 5 besides. */
const NAME = "c1056e";
const NAME_IN_7 = `0307${NAME}`;
const COUNT = "c10705";

interface Case {
	readonly name: string;
	readonly path: string;
	readonly contentFormat?: number;
	readonly hex?: string;
	readonly expected: string;
	readonly location?: string;
}

/** SenML-CBOR of the name "x" below a base name. */
function senml(base: string): string {
	return `81a321${(0x60 + base.length).toString(16)}${ascii(base)}006135036178`;
}

const cases: readonly Case[] = [
	{ name: "the device chooses the id", path: "/42", hex: NAME, expected: "2.01", location: "/42/1" },
	{ name: "the id stands in TLV", path: "/42", hex: NAME_IN_7, expected: "2.01", location: "/42/7" },
	{
		name: "the id stands in SenML-CBOR",
		path: "/42",
		contentFormat: SENML_CBOR,
		hex: senml("/42/9/"),
		expected: "2.01",
		location: "/42/9",
	},
	{ name: "the id stands in the path", path: "/42/2", hex: NAME, expected: "2.01", location: "/42/2" },
	{ name: "the id stands in both", path: "/42/7", hex: NAME_IN_7, expected: "2.01", location: "/42/7" },
	{ name: "the ids contradict each other", path: "/42/6", hex: NAME_IN_7, expected: "4.00" },
	{ name: "two instances at once", path: "/42", hex: `${NAME_IN_7}0308${NAME}`, expected: "4.00" },
	{ name: "the instance is there", path: "/42", hex: `0300${NAME}`, expected: "4.00" },
	{ name: "without what is mandatory", path: "/42", hex: COUNT, expected: "4.00" },
	{ name: "without any payload", path: "/42", expected: "4.00" },
	{ name: "an unknown resource", path: "/42", hex: `${NAME}c16301`, expected: "4.00" },
	{ name: "a resource twice", path: "/42", hex: `${NAME}${NAME}`, expected: "4.00" },
	{ name: "a value out of range", path: "/42", hex: `${NAME}83034100ff`, expected: "4.00" },
	{ name: "a resource instance beyond the limit", path: "/42", hex: `${NAME}8303411001`, expected: "4.00" },
	{ name: "a resource that servers may not write", path: "/42", hex: `${NAME}c10178`, expected: "4.05" },
	{ name: "a format of one value", path: "/42", contentFormat: 0, hex: "31", expected: "4.15" },
	{ name: "a payload without a format", path: "/42", contentFormat: -1, hex: NAME, expected: "4.15" },
	{ name: "an object that is not creatable", path: "/3306", hex: "e116da01", expected: "4.05" },
	{ name: "LightweightM2M-1.1-int-680: Device", path: "/3", hex: "", expected: "4.05" },
	{ name: "Security", path: "/0", hex: "", expected: "4.01" },
	{ name: "an object that we do not have", path: "/99", hex: NAME, expected: "4.04" },
	{ name: "the root", path: "/", hex: NAME, expected: "4.05" },
];

for (const { name, path, contentFormat = TLV, hex, expected, location } of cases) {
	const title = name.startsWith("Light") ? name : `LightweightM2M-1.1-int-270: ${name}`;
	test(`${title}: POST ${path} gives ${expected}`, () => {
		const { bench } = workshop();
		const revision = bench.model.revision;
		const format = hex === undefined || contentFormat < 0 ? {} : { contentFormat };
		const payload = hex === undefined ? {} : { payload: fromHex(hex) };
		const response = bench.ask(Code.Post, path, { ...format, ...payload });
		assert.is(codeText(response.code).slice(0, 4), expected);
		assert.is(response.locationPath, location);
		assert.is(bench.model.revision - revision, expected === "2.01" ? 1 : 0);
	});
}

test("LightweightM2M-1.1-int-271: what is created can be read, multiple resources too, and is discovered", () => {
	const { bench } = workshop();
	bench.line(Code.Post, "/42/1", { contentFormat: TLV, payload: fromHex(`${NAME}8603410205410509`) });
	assert.is(bench.get("/42/1/5"), "2.05 0 n");
	assert.is(bench.get("/42/1/3/5"), "2.05 0 9");
	assert.is(bench.get("/42/1", { accept: LINKS }), "2.05 40 </42/1>,</42/1/3>;dim=2,</42/1/5>");
});

test("what the application prepared fills what the server leaves out", () => {
	const { bench } = workshop({ name: "unnamed", count: 3, link: null });
	assert.is(bench.line(Code.Post, "/42"), "2.01");
	assert.is(bench.get("/42/1/5"), "2.05 0 unnamed");
	bench.put("/42/1/4", "3303:1");
	assert.is(bench.get("/42/1/4"), "2.05 0 3303:1");
	assert.is(bench.line(Code.Post, "/42/2", { contentFormat: TLV, payload: fromHex(COUNT) }), "2.01");
	assert.is(bench.get("/42/2/7"), "2.05 0 5");
});

test("what the application prepares must fit, and says so at once", () => {
	const { bench } = machine();
	assert.throws(() => bench.model.allowCreate(Cabinet, 3, { numbers: [100] }), /numbers/);
	assert.is(bench.line(Code.Post, "/42"), "4.05");
});

test("above the limit it is 5.03, until one is deleted", () => {
	const { bench } = workshop({ name: "a" });
	for (const expected of ["2.01", "2.01", "5.03"]) assert.is(bench.line(Code.Post, "/42"), expected);
	assert.is(bench.line(Code.Delete, "/42/1"), "2.02");
	assert.is(bench.ask(Code.Post, "/42").locationPath, "/42/1");
});

test("the application is asked, and may refuse both", () => {
	const seen: unknown[] = [];
	const handler = {
		create: (instanceId: number, values: object) => {
			seen.push(["create", instanceId, values]);
			return instanceId === 2 ? "unauthorized" : undefined;
		},
		delete: (instanceId: number) => {
			seen.push(["delete", instanceId]);
			return "method-not-allowed";
		},
	};
	const { bench } = workshop({ name: "a" }, handler);
	assert.is(bench.line(Code.Post, "/42/1"), "2.01");
	assert.is(bench.line(Code.Post, "/42/2"), "4.01");
	assert.is(bench.line(Code.Delete, "/42/1"), "4.05");
	assert.equal(seen, [
		["create", 1, { name: "a" }],
		["create", 2, { name: "a" }],
		["delete", 1],
	]);
	assert.is(bench.get("/42/1/5"), "2.05 0 a");
	assert.is(bench.get("/42/2/5"), "4.04");
});

test("a handler that throws is 5.00, and nothing comes or goes", () => {
	const fail = () => {
		throw new Error("stuck");
	};
	const { bench } = workshop({ name: "a" }, { create: fail });
	assert.is(bench.line(Code.Post, "/42"), "5.00");
	assert.equal(bench.events()[0], { kind: "handler-failed", path: "/42/1", error: "Error: stuck" });
	assert.is(bench.get("/42/1"), "4.04");
});

const deletions: readonly (readonly [string, string])[] = [
	["/42/0", "2.02"],
	["/42/5", "4.04"],
	["/42", "4.05"],
	["/42/0/5", "4.05"],
	["/42/0/3/1", "2.02"],
	["/42/0/3/9", "4.04"],
	["/42/0/5/0", "4.05"],
	["/3306/0", "4.05"],
	["/0/0", "4.01"],
	["/1/0", "4.05"],
	["/3/0", "4.05"],
	["/99/0", "4.04"],
	["/", "4.05"],
];

for (const [path, expected] of deletions) {
	const title = path === "/3/0" ? "LightweightM2M-1.1-int-685: Device" : "LightweightM2M-1.1-int-290";
	test(`${title}: DELETE ${path} gives ${expected}`, () =>
		assert.is(workshop().bench.line(Code.Delete, path), expected));
}

test("a deleted instance is gone, is no longer observed, and takes its attributes along", () => {
	const { bench } = workshop({ name: "a" });
	const exchange = bench.send(Code.Get, "/42/0/5", { observe: 0 });
	bench.line(Code.Put, "/42/0/5", { query: ["pmin=10"] });
	bench.line(Code.Delete, "/42/0");
	bench.run(20_000);
	assert.equal(bench.answersTo(exchange).slice(1), ["0 4.04"]);
	bench.line(Code.Post, "/42/0");
	assert.is(bench.get("/42/0/5", { accept: LINKS }), "2.05 40 </42/0/5>");
});

test("LightweightM2M-1.1-int-309: a deleted instance is told to who observes its object", () => {
	const { bench } = workshop();
	const exchange = bench.send(Code.Get, "/42", { observe: 0, accept: SENML_CBOR });
	bench.line(Code.Delete, "/42/0");
	assert.equal(bench.answersTo(exchange).slice(1), ["0 2.05 112 80"]);
});

test("a deleted resource instance is gone, and the others stay", () => {
	const { bench, cabinet } = workshop();
	bench.line(Code.Delete, "/42/0/3/0");
	assert.is(bench.get("/42/0/3/0"), "4.04");
	assert.is(bench.get("/42/0/3/1"), "2.05 0 8");
	assert.equal(cabinet.get("numbers")?.[0], undefined);
});

test("an object without instances is registered, discovered and read as empty", () => {
	const { bench } = workshop();
	bench.line(Code.Delete, "/42/0");
	assert.match(bench.model.links("1.2"), /,<\/42>$/);
	assert.is(bench.get("/42", { accept: LINKS }), "2.05 40 </42>");
	assert.is(bench.get("/42", { accept: SENML_CBOR }), "2.05 112 80");
});

test.run();
