import { assert, suite } from "#suite";
import { type Link, readLinks, writeLinks } from "../../../lwm2m/formats/link-format.js";

const test = suite("lwm2m/formats/link-format");

const payloads: readonly (readonly [string, readonly Link[]])[] = [
	["", []],
	["</3/0>", [{ target: "/3/0", attributes: {} }]],
	[
		'</>;rt="oma.lwm2m";ct="60 112",</1>;ver=1.2,</1/0>',
		[
			{ target: "/", attributes: { rt: "oma.lwm2m", ct: "60 112" } },
			{ target: "/1", attributes: { ver: "1.2" } },
			{ target: "/1/0", attributes: {} },
		],
	],
	["</3/0/6>;dim=2;pmin=10;pmax=60", [{ target: "/3/0/6", attributes: { dim: "2", pmin: "10", pmax: "60" } }]],
	["</s>;obs", [{ target: "/s", attributes: { obs: "" } }]],
	['</s>;title="a, \\"b\\"; \\\\c"', [{ target: "/s", attributes: { title: 'a, "b"; \\c' } }]],
];

for (const [text, links] of payloads)
	test(`${text || "nothing"} is read`, () => assert.equal(readLinks(text, 10), links));

test("what is written is read again", () => {
	for (const [, links] of payloads) assert.equal(readLinks(writeLinks(links), 10), links);
});

test("plain values go without quotes", () => {
	assert.is(
		writeLinks([{ target: "/1", attributes: { ver: "1.2", ct: "60 112", obs: "" } }]),
		'</1>;ver=1.2;ct="60 112";obs',
	);
});

for (const text of [
	"x",
	"</3",
	"</3>,",
	"</3> ",
	"</3>;",
	"</3>;=1",
	'</3>;a="b',
	'</3>;a="b\\',
	"</3></4>",
	"</3>;__proto__=1",
])
	test(`${text} is refused`, () => assert.is(readLinks(text, 10), undefined));

test("more links than wanted are refused", () => {
	assert.is(readLinks("</1>,</2>", 2)?.length, 2);
	assert.is(readLinks("</1>,</2>,</3>", 2), undefined);
});

test.run();
