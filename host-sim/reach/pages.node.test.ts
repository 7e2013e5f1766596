// What the pages are made of: charts, tables, filled text, and the figures of a recovery.

import { assert, suite } from "#suite";
import { allCells, cellId } from "./cell.js";
import { type Chart, drawCharts } from "./chart.js";
import { cellMap } from "./map.js";
import { filled, markdownTable } from "./markdown.js";
import { percentile, recoveryOf } from "./result.js";

const test = suite("reach: pages");

const CHART: Chart = {
	title: "a < b & c",
	x: { title: "x", from: 0, to: 10, ticks: [[5, "five"]] },
	y: { title: "y", from: 1, to: 100, isLogarithmic: true, ticks: [[10, "ten"]] },
	series: [
		{
			name: "one",
			tone: 0,
			style: "line",
			points: [
				[0, 1],
				[5, 10],
				[10, 1_000],
			],
		},
	],
};

test("a chart puts values in their places, and what is beyond its range at its edge", () => {
	const svg = drawCharts("label", [CHART]);
	assert.match(svg, /d="M64 294L314 164L564 34"/);
});

test("a chart can be read in light and dark, and its words are escaped", () => {
	const svg = drawCharts("label", [CHART]);
	assert.match(svg, /prefers-color-scheme: dark/);
	assert.match(svg, />a &lt; b &amp; c</);
});

test("the map has a place of its own for each cell, coloured by how long it is out of reach", () => {
	const reachable = [1, 0.995, 0.97, 0.9, 0.5];
	const results = allCells().map((cell, i) => ({ cell: cellId(cell), silence: silence(reachable[i % 5]!) }));
	const paths = cellMap(results)
		.match(/<path class="b\d" d="[^"]*"/g)!
		.map((path) => path.match(/M\d+ \d+/g)!);
	assert.is(new Set(paths.flat()).size, results.length);
	assert.equal(
		paths.map((squares) => squares.length),
		[0, 1, 2, 3, 4].map((rest) => results.filter((_, i) => i % 5 === rest).length),
	);
});

function silence(reachable: number) {
	const none = { bytesPerDay: 0, upPerDay: 0, packetsPerDay: 0, wakeUpsPerDay: 0, perDay: {}, unreachableSeconds: 0 };
	return { ...none, reachable };
}

test("tables are aligned", () => {
	const table = markdownTable([
		["a", "b"],
		["long", "1"],
	]);
	assert.is(table, "| a    |   b |\n| ---- | --: |\n| long |   1 |");
});

test("text is filled by paragraph and item, tables and headings stay", () => {
	const long = "word ".repeat(30);
	assert.is(filled(`# ${long}\n\n| ${long} |\n\n- a\n  b\n- c`), `# ${long.trim()}\n\n| ${long} |\n\n- a b\n- c`);
	for (const line of filled(long).split("\n")) assert.ok(line.length <= 118);
});

test("the value that a share of a list does not exceed", () => {
	assert.is(percentile([], 0.5), 0);
	assert.is(percentile([3, 1, 2], 0.5), 2);
	assert.is(percentile([3, 1, 2], 1), 3);
	assert.is(percentile([3, 1, 2], 0.01), 1);
});

test("a recovery counts from the rebinding to the end of the outage that it begins", () => {
	const outages = [
		{ at: 1_000, ms: 4_000 },
		{ at: 60_000, ms: 2_000 },
		{ at: 100_000, ms: 9_000 },
	];
	// The third outage is no rebinding's, and the third rebinding does no harm.
	const rebindingsAt = [1_000, 61_000, 200_000];
	const recovery = recoveryOf({
		rebindingsAt,
		outages,
		downs: [],
		sentAt: [1_500, 4_000, 50_000, 60_500],
		registersAt: [],
	});
	const slow = { moves: 0, downs: 0, isFirstSinceDown: false, registers: 0 };
	assert.equal(recovery, { count: 3, first: 4, p50: 1, p99: 4, max: 4, messages: 1, slow });
});

const DOWN = { at: 20_000, until: 50_000 };

for (const [name, rebindingsAt, outage, seconds] of [
	["before", [10_000], { at: 10_000, ms: 25_000 }, 25],
	["during", [30_000], { at: 50_000, ms: 15_000 }, 15],
	["before and during", [10_000, 40_000], { at: 10_000, ms: 25_000 }, 25],
	["after", [60_000], { at: 60_000, ms: 7_000 }, 7],
] as const)
	test(`a rebinding ${name} the time in which the back end is down costs what lies outside of that time`, () => {
		const recovery = recoveryOf({ rebindingsAt, outages: [outage], downs: [DOWN], sentAt: [], registersAt: [] })!;
		assert.is(recovery.max, seconds);
		if (rebindingsAt.length === 2) assert.is(recovery.p50, 15);
	});

const NONE = { moves: 0, downs: 0, isFirstSinceDown: false, registers: 0 };

for (const [name, rebindingsAt, outage, slow] of [
	["a second rebinding", [6_000, 9_000], { at: 6_000, ms: 8_000 }, { ...NONE, moves: 1 }],
	["the back end's end", [10_000], { at: 10_000, ms: 25_000 }, { ...NONE, downs: 1, registers: 1 }],
	["a restart before it", [60_000, 90_000], { at: 60_000, ms: 9_000 }, { ...NONE, isFirstSinceDown: true }],
	["nothing else", [70_000, 85_000], { at: 85_000, ms: 1_000 }, NONE],
] as const)
	test(`of the slowest recovery it is known that it met ${name}`, () => {
		const seen = { rebindingsAt, outages: [outage], downs: [DOWN], sentAt: [], registersAt: [52_000] };
		assert.equal(recoveryOf(seen)!.slow, slow);
	});

test.run();
