import { assert, suite } from "#suite";
import { addLink } from "../../../lwm2m/formats/link-format.js";
import { parsePath } from "../../../lwm2m/path.js";

const test = suite("lwm2m/formats/link-format");

const rows: readonly (readonly [string, string, string, string])[] = [
	["", "/3/0", "", "</3/0>"],
	["", "/", ';rt="oma.lwm2m"', '</>;rt="oma.lwm2m"'],
	["</1/0>", "/3", ";ver=1.2", "</1/0>,</3>;ver=1.2"],
	["</3/0>", "/3/0/6", ";dim=2;pmin=10", "</3/0>,</3/0/6>;dim=2;pmin=10"],
];

for (const [links, target, attributes, expected] of rows)
	test(expected, () => assert.is(addLink(links, parsePath(target)!, attributes), expected));

test.run();
