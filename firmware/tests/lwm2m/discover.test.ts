import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/discover");

const LINKS = 40;

const cases: readonly (readonly [string, string, string])[] = [
	["int-260: an object", "/3303", "</3303>;ver=1.1,</3303/0>,</3303/0/5700>,</3303/0/5701>,</3303/1>,</3303/1/5700>"],
	["int-260: an instance", "/3303/0", "</3303/0>,</3303/0/5700>,</3303/0/5701>"],
	["int-260: a resource", "/3303/0/5700", "</3303/0/5700>"],
	[
		"an object of the default version, with executable and multiple resources",
		"/3",
		"</3>,</3/0>,</3/0/0>,</3/0/2>,</3/0/4>,</3/0/5>,</3/0/6>;dim=2,</3/0/11>;dim=1,</3/0/12>,</3/0/13>,</3/0/16>",
	],
];

for (const [name, path, links] of cases) {
	const title = name.startsWith("int-") ? `LightweightM2M-1.1-${name}` : name;
	test(`${title}: ${path}`, () => assert.is(machine().bench.get(path, { accept: LINKS }), `2.05 40 ${links}`));
}

const deep: readonly (readonly [string, string, string])[] = [
	["/3303", "depth=0", "2.05 40 </3303>;ver=1.1"],
	["/3303", "depth=1", "2.05 40 </3303>;ver=1.1,</3303/0>,</3303/1>"],
	["/3303/1", "depth=0", "2.05 40 </3303/1>"],
	["/3303/1", "depth=1", "2.05 40 </3303/1>,</3303/1/5700>"],
	["/1/0", "depth=0", "2.05 40 </1/0>"],
	["/3306/0", "depth=2", "2.05 40 </3306/0>,</3306/0/5850>,</3306/0/5851>"],
	["/3/0/6", "depth=1", "2.05 40 </3/0/6>;dim=2,</3/0/6/0>,</3/0/6/1>"],
	["/3/0/11", "depth=3", "2.05 40 </3/0/11>;dim=1,</3/0/11/0>"],
	["/3303", "depth=4", "4.00"],
	["/3303", "depth=", "4.00"],
	["/3303", "depth=-1", "4.00"],
	["/3303", "depth=10", "4.00"],
];

for (const [path, query, expected] of deep)
	test(`LightweightM2M-1.2-int-264: ${path} with ${query}`, () =>
		assert.is(machine().bench.get(path, { accept: LINKS, query: [query] }), expected));

const refused: readonly (readonly [string, string])[] = [
	["/", "4.05"],
	["/0", "4.01"],
	["/5", "4.04"],
	["/3/1", "4.04"],
	["/3/0/1", "4.04"],
	["/3/0/6/0", "4.05"],
];

for (const [path, code] of refused)
	test(`${path} gives ${code}`, () => assert.is(machine().bench.get(path, { accept: LINKS }), code));

test("each level shows its own attributes, and a resource alone what it inherits", () => {
	const { bench } = machine();
	const write = (path: string, ...query: string[]) => assert.is(bench.line(Code.Put, path, { query }), "2.04");
	write("/3303", "pmin=10");
	write("/3303/0", "pmax=60");
	write("/3303/0/5700", "pmin=5");
	assert.is(
		bench.get("/3303", { accept: LINKS }),
		"2.05 40 </3303>;ver=1.1;pmin=10,</3303/0>;pmax=60,</3303/0/5700>;pmin=5,</3303/0/5701>,</3303/1>,</3303/1/5700>",
	);
	assert.is(bench.get("/3303/0/5700", { accept: LINKS }), "2.05 40 </3303/0/5700>;pmin=5;pmax=60");
	assert.is(bench.get("/3303/0/5701", { accept: LINKS }), "2.05 40 </3303/0/5701>;pmin=10;pmax=60");
});

test.run();
