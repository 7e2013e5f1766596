import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/attributes");

const LINKS = 40;

const cases: readonly (readonly [string, readonly string[], string])[] = [
	["/3303/0/5700", ["pmin=10"], ";pmin=10"],
	["/3303/0/5700", ["pmax=60"], ";pmax=60"],
	["/3303/0/5700", ["pmin=10", "pmax=60"], ";pmin=10;pmax=60"],
	["/3303/0/5700", ["pmin=10", "pmax=10"], ";pmin=10;pmax=10"],
	["/3303/0/5700", ["pmin=10", "pmax=0"], ";pmin=10;pmax=0"],
	["/3303/0/5700", ["pmax=4294967295"], ";pmax=4294967295"],
	["/3303/0/5700", ["gt=30.5", "lt=-5", "st=0.5"], ";gt=30.5;lt=-5;st=0.5"],
	["/3303/0/5700", ["lt=10", "gt=20", "st=4.9"], ";gt=20;lt=10;st=4.9"],
	["/3303/0/5700", ["gt=1e3"], ";gt=1000"],
	["/3303/0/5700", ["epmin=1", "epmax=2", "con=1", "hqmax=10"], ";epmin=1;epmax=2;con=1;hqmax=10"],
	["/3306/0/5850", ["edge=0"], ";edge=0"],
];

for (const [path, query, shown] of cases)
	test(`LightweightM2M-1.1-int-261: ${query.join("&")}`, () => {
		const { bench } = machine();
		assert.is(bench.line(Code.Put, path, { query }), "2.04");
		assert.is(bench.get(path, { accept: LINKS }), `2.05 40 <${path}>${shown}`);
	});

const refused: readonly (readonly [string, readonly string[], string])[] = [
	["/3303/0/5700", ["gte=10"], "4.00"],
	["/3303/0/5700", ["gt=high"], "4.00"],
	["/3303/0/5700", ["gt=0x10"], "4.00"],
	["/3303/0/5700", ["gt=1e999"], "4.00"],
	["/3303/0/5700", ["st=-1"], "4.00"],
	["/3303/0/5700", ["con=2"], "4.00"],
	["/3303/0/5700", ["hqmax=1.5"], "4.00"],
	["/3303/0/5700", ["lt=10", "gt=10"], "4.00"],
	["/3303/0/5700", ["lt=10", "gt=20", "st=5"], "4.00"],
	["/3303/0/5700", ["epmin=10", "epmax=10"], "4.00"],
	["/3303/0", ["gt=10"], "4.00"],
	["/3303/0/5701", ["st=1"], "4.00"],
	["/3303/0/5700", ["edge=1"], "4.00"],
	["/42/0/3", ["gt=10"], "4.00"],
	["/3303/0/5700", ["pmin=x"], "4.00"],
	["/3303/0/5700", ["pmin=-1"], "4.00"],
	["/3303/0/5700", ["pmin=1.5"], "4.00"],
	["/3303/0/5700", ["pmax=4294967296"], "4.00"],
	["/3303/0/5700", ["pmax=99999999999999999999"], "4.00"],
	["/3303/0/5700", ["pmin=60", "pmax=10"], "4.00"],
	["/3303/0/5700", ["pmin=10", "edge=1"], "4.00"],
	["/3303/0/9", ["pmin=10"], "4.04"],
	["/5", ["pmin=10"], "4.04"],
	["/0", ["pmin=10"], "4.01"],
	["/", ["pmin=10"], "4.05"],
];

for (const [path, query, code] of refused)
	test(`${query.join("&")} on ${path} is ${code}, and nothing is changed`, () => {
		const { bench } = machine();
		assert.is(bench.line(Code.Put, path, { query }), code);
		assert.is(bench.get("/3303/0/5700", { accept: LINKS }), "2.05 40 </3303/0/5700>");
	});

test("a new value replaces the old one, what is not mentioned stays, and an empty value takes it away", () => {
	const { bench } = machine();
	const path = "/3303/0/5700";
	const steps: readonly (readonly [string[], string])[] = [
		[["pmin=10", "pmax=60"], ";pmin=10;pmax=60"],
		[["pmin=20"], ";pmin=20;pmax=60"],
		[["pmax="], ";pmin=20"],
		[["gt=3", "pmin="], ";gt=3"],
		[["lt=1", "con=0"], ";gt=3;lt=1;con=0"],
		[["gt", "lt", "con"], ""],
	];
	for (const [query, shown] of steps) {
		assert.is(bench.line(Code.Put, path, { query }), "2.04");
		assert.is(bench.get(path, { accept: LINKS }), `2.05 40 <${path}>${shown}`);
	}
});

test("a period that contradicts the one written before is refused", () => {
	const { bench } = machine();
	bench.line(Code.Put, "/3303/0/5700", { query: ["pmax=60"] });
	assert.is(bench.line(Code.Put, "/3303/0/5700", { query: ["pmin=61"] }), "4.00");
});

test("attributes of more paths than limits.attributesCount are refused, until one is taken away", () => {
	const { bench, cabinet } = machine();
	cabinet.set(
		"numbers",
		Array.from({ length: 16 }, (_, i) => i),
	);
	for (let i = 0; i < 16; i++) bench.line(Code.Put, `/42/0/3/${i}`, { query: ["pmin=1"] });
	assert.is(bench.line(Code.Put, "/3303", { query: ["pmin=1"] }), "5.03");
	assert.is(bench.line(Code.Put, "/42/0/3/0", { query: ["pmin"] }), "2.04");
	assert.is(bench.line(Code.Put, "/3303", { query: ["pmin=1"] }), "2.04");
});

test.run();
