import { assert, suite } from "#suite";
import { Path, parsePath } from "../../lwm2m/path.js";
import { message } from "./bench.js";

const test = suite("lwm2m/path");

const paths: readonly (readonly [string, number, string])[] = [
	["/", 0, "/"],
	["", 0, "/"],
	["/3", 1, "/3"],
	["/3/0", 2, "/3/0"],
	["/3/0/9", 3, "/3/0/9"],
	["/3/0/6/1", 4, "/3/0/6/1"],
	["/65534/65534/65534/65534", 4, "/65534/65534/65534/65534"],
];

for (const [text, depth, canonical] of paths)
	test(`"${text}" has ${depth} levels`, () => {
		const path = parsePath(text)!;
		assert.is(path.depth, depth);
		assert.is(path.toString(), canonical);
	});

for (const text of ["3", "/3/", "//", "/x", "/-1", "/03", "/65535", "/100000", "/1/2/3/4/5", "/3/0 ", "/+1", "/3.0"])
	test(`"${text}" is no path`, () => assert.is(parsePath(text), undefined));

test("a path is taken from Uri-Path", () => {
	const path = new Path();
	assert.ok(path.fromMessage(message(1, "/3303/0/5700")));
	assert.is(path.toString(), "/3303/0/5700");
	assert.ok(path.fromMessage(message(1, "/")));
	assert.is(path.depth, 0);
});

for (const text of ["/rd", "/.well-known/core", "/3/x", "/1/2/3/4/5", "/65535"])
	test(`Uri-Path ${text} is refused`, () => assert.not(new Path().fromMessage(message(1, text))));

const containment: readonly (readonly [string, string, boolean])[] = [
	["/", "/3/0/9", true],
	["/3", "/3/0/9", true],
	["/3/0", "/3/0/9", true],
	["/3/0/9", "/3/0/9", true],
	["/3/0/9", "/3/0", false],
	["/3/1", "/3/0/9", false],
	["/3/0/6", "/3/0/6/1", true],
];

for (const [outer, inner, expected] of containment)
	test(`${outer} ${expected ? "contains" : "does not contain"} ${inner}`, () => {
		assert.is(parsePath(outer)!.contains(parsePath(inner)!), expected);
	});

test.run();
