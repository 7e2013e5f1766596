// suite: limit=120
import { assert, suite } from "#suite";
import { ProberTarget } from "./prober-target.js";

const test = suite("hostile/prober: many datagrams");

for (const seed of [3, 4]) {
	test(`measurements outlive 100,000 hostile datagrams of seed ${seed}`, () => {
		const blind = new ProberTarget(seed, false);
		blind.attack(100_000);
		assert.is(blind.outcome.alive, 0);
		assert.ok(blind.measures());
		const listening = new ProberTarget(seed, true);
		listening.attack(100_000);
		assert.ok(listening.measures());
	});
}

test.run();
