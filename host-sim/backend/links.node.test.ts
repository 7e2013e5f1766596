import { assert, suite } from "#suite";
import { instancesOf, type Link, parseLinks, rootPath } from "./links.js";

const test = suite("backend/links");

const ROWS: [title: string, text: string, links: Link[] | undefined][] = [
	["nothing", "", []],
	["one link", "</3/0>", [{ url: "/3/0", attributes: {} }]],
	[
		"two links",
		"</1/0>,</3/0>",
		[
			{ url: "/1/0", attributes: {} },
			{ url: "/3/0", attributes: {} },
		],
	],
	["a token value", "</5>;ver=1.2", [{ url: "/5", attributes: { ver: "1.2" } }]],
	[
		"a quoted value, quotes kept",
		'</>;rt="oma.lwm2m";ct="60 110"',
		[{ url: "/", attributes: { rt: '"oma.lwm2m"', ct: '"60 110"' } }],
	],
	["a comma and an escaped quote in quotes", '</a>;t="x,\\"y"', [{ url: "/a", attributes: { t: '"x,\\"y"' } }]],
	[
		"an attribute without a value",
		"</a>;obs,</b>",
		[
			{ url: "/a", attributes: { obs: null } },
			{ url: "/b", attributes: {} },
		],
	],
	["no brackets", "/3/0", undefined],
	["an open bracket", "</3/0", undefined],
	["an open quote", '</a>;t="x', undefined],
	["a name that is empty", "</a>;=1", undefined],
	["two links without a comma", "</a></b>", undefined],
	["a name that would reach the prototype", "</a>;__proto__=1", undefined],
];
for (const [title, text, links] of ROWS) {
	test(`reads ${title}`, () => assert.equal(parseLinks(text), links));
}

test("takes / for the root unless the list names another", () => {
	assert.is(rootPath(parseLinks("</3/0>")!), "/");
	assert.is(rootPath(parseLinks('</lwm2m>;rt="oma.lwm2m",</lwm2m/3/0>')!), "/lwm2m");
});

test("groups instances by object, below the root", () => {
	assert.equal(instancesOf(parseLinks("</1>,</3303/2>,</3303/0>,</3/0>,</x/0>")!, "/"), { 3: [0], 3303: [0, 2] });
	assert.equal(instancesOf(parseLinks("</lwm2m/3/0>,</4/0>")!, "/lwm2m"), { 3: [0] });
});

test.run();
