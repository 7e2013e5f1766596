// suite: limit=180
// The same as monkey.test.ts for more seeds than the slower engines have time for; MONKEY_SEED: one, with its diary.

import { assert, suite } from "#suite";
import { again, live, misdeedsOf } from "./monkey.js";

const test = suite("world/monkeys");

const FIRST_SEED = 2_000;
const SEEDS = 40;

const wanted = process.env.MONKEY_SEED;
const seeds = wanted === undefined ? Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i) : [Number(wanted)];

test(`${seeds.length} lives: back in time, then reachable, and never a spendthrift`, () => {
	for (const seed of seeds) {
		const ending = live(seed);
		if (wanted !== undefined) console.log(ending.diary.join("\n"));
		assert.equal(misdeedsOf(ending), [], `seed ${seed}; again: ${again(seed)}`);
	}
});

test.run();
