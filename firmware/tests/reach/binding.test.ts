import { assert, suite } from "#suite";
import { Binding } from "../../reach/binding.js";

const test = suite("reach/binding");

type Step = readonly ["alive" | "dead" | "doubt", seconds: number];

/** What is known after the steps: lower and upper bound, and what is counted on, in seconds. */
const rows: readonly (readonly [
	name: string,
	steps: readonly Step[],
	lower: number,
	upper: number,
	trusted: number,
])[] = [
	["nothing is known: the assumption", [], 0, Infinity, 30],
	["a short proof does not shorten the assumption", [["alive", 8]], 8, Infinity, 30],
	["a proof beyond it counts", [["alive", 95]], 95, Infinity, 95],
	[
		"a shorter proof tells nothing new",
		[
			["alive", 95],
			["alive", 45],
		],
		95,
		Infinity,
		95,
	],
	[
		"dead above: the proof counts",
		[
			["alive", 95],
			["dead", 201],
		],
		95,
		201,
		95,
	],
	["dead below the assumption: half of it counts", [["dead", 21]], 0, 21, 10.5],
	[
		"the lower of two deaths counts",
		[
			["dead", 425],
			["dead", 201],
		],
		0,
		201,
		30,
	],
	[
		"a proof beats an older death",
		[
			["dead", 100],
			["alive", 120],
		],
		120,
		Infinity,
		120,
	],
	[
		"a death beats an older proof",
		[
			["alive", 300],
			["dead", 120],
		],
		0,
		120,
		30,
	],
	[
		"one doubt is loss",
		[
			["alive", 95],
			["doubt", 60],
		],
		95,
		Infinity,
		95,
	],
	[
		"two are believed, as far as both go",
		[
			["alive", 95],
			["doubt", 60],
			["doubt", 80],
		],
		0,
		80,
		30,
	],
	[
		"a proof between them ends the doubt",
		[
			["doubt", 60],
			["alive", 70],
			["doubt", 65],
		],
		70,
		Infinity,
		70,
	],
	[
		"a proof of less does not",
		[
			["doubt", 60],
			["alive", 40],
			["doubt", 65],
		],
		40,
		65,
		40,
	],
	[
		"doubt above the upper bound is none",
		[
			["dead", 60],
			["doubt", 90],
			["doubt", 90],
		],
		0,
		60,
		30,
	],
];

for (const [name, steps, lower, upper, trusted] of rows) {
	test(name, () => {
		const binding = new Binding();
		for (const [kind, seconds] of steps) {
			if (kind === "alive") binding.handleAlive(seconds * 1000);
			else if (kind === "dead") binding.handleDead(seconds * 1000);
			else binding.handleDoubt(seconds * 1000, 0);
		}
		assert.is(binding.lowerMs, lower * 1000);
		assert.is(binding.upperMs, upper * 1000);
		assert.is(binding.trustedMs, trusted * 1000);
	});
}

for (const [accident, count] of [
	[0, 2],
	[0.04, 2],
	[0.1, 3],
	[0.2, 0],
] as const)
	test(`words of lost downlinks, each an accident in ${accident} of the cases: ${count || "none"} are believed`, () => {
		const binding = new Binding();
		binding.handleAlive(100_000);
		let believed = 0;
		for (let i = 1; i <= 20 && believed === 0; i++) if (binding.handleDoubt(60_000, accident)) believed = i;
		assert.is(believed, count);
	});

test("is known when its bounds are close, or long enough, or too short to matter", () => {
	const known = (lower: number, upper: number) => {
		const binding = new Binding();
		binding.restore(lower, upper);
		return binding.isKnown;
	};
	assert.is(known(0, 0), false);
	assert.is(known(95, 201), false);
	assert.is(known(95, 100), true);
	assert.is(known(95, 101), false);
	assert.is(known(900, 0), true);
	assert.is(known(0, 4), true);
});

test("what flash says against itself is not believed", () => {
	const binding = new Binding();
	binding.restore(120, 60);
	assert.is(binding.lowerMs, 0);
	assert.is(binding.upperMs, 60_000);
	binding.restore(65_535, 0);
	assert.is(binding.lowerMs, 900_000);
});

/** What is told of each step: whether it is news. */
const NEWS: readonly (readonly [name: string, steps: readonly Step[], news: readonly boolean[]])[] = [
	[
		"a proof, once",
		[
			["alive", 95],
			["alive", 95],
			["alive", 96],
		],
		[true, false, true],
	],
	[
		"a death, once",
		[
			["dead", 95],
			["dead", 95],
			["dead", 94],
		],
		[true, false, true],
	],
	[
		"a proof from 4 s on",
		[
			["alive", 3.999],
			["alive", 4],
		],
		[false, true],
	],
	[
		"a death from 2 s on",
		[
			["dead", 1.999],
			["dead", 2],
		],
		[false, true],
	],
	[
		"a doubt from 2 s on",
		[
			["doubt", 1.999],
			["doubt", 1.999],
			["doubt", 2],
			["doubt", 2],
		],
		[false, false, false, true],
	],
	[
		"doubt of what is known to be dead",
		[
			["dead", 60],
			["doubt", 60],
			["doubt", 60],
		],
		[true, false, false],
	],
	[
		"a proof of as much ends the doubt",
		[
			["doubt", 60],
			["alive", 60],
			["doubt", 65],
		],
		[false, true, false],
	],
];
for (const [name, steps, news] of NEWS)
	test(`news: ${name}`, () => {
		const binding = new Binding();
		const told = steps.map(([kind, seconds]) => {
			if (kind === "alive") return binding.handleAlive(seconds * 1000);
			return kind === "dead" ? binding.handleDead(seconds * 1000) : binding.handleDoubt(seconds * 1000, 0);
		});
		assert.equal(told, news);
	});

test("bounds that meet are the newer one alone", () => {
	const binding = new Binding();
	binding.handleDead(60_000);
	binding.handleAlive(60_000);
	assert.equal([binding.lowerMs, binding.upperMs], [60_000, Number.POSITIVE_INFINITY]);
	binding.handleDead(60_000);
	assert.equal([binding.lowerMs, binding.upperMs], [0, 60_000]);
	binding.restore(60, 60);
	assert.equal([binding.lowerMs, binding.upperMs], [0, 60_000]);
});

test.run();
