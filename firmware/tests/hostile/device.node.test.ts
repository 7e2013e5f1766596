// suite: limit=120
import { assert, suite } from "#suite";
import { attack, readAfterwards } from "./attack.js";
import { Target } from "./target.js";

const test = suite("hostile/device: many datagrams");

for (const seed of [2, 3, 4])
	test(`a device outlives 100,000 hostile datagrams of seed ${seed}`, () => {
		const target = new Target();
		const { answered, successes } = attack(target, seed, 100_000);
		assert.ok(successes > 10_000 && answered > successes);
		assert.is(readAfterwards(target), "21.5");
	});

test.run();
