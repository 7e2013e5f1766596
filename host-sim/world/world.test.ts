// suite: limit=180
import { assert, suite } from "#suite";
import { scenarios } from "./scenarios.js";
import { World } from "./world.js";

const test = suite("world/world");

for (const scenario of scenarios) {
	test(`${scenario.name}: a seed makes the same world on each engine`, () => {
		const world = new World({ seed: 1, scenario, deviceCount: 2, hours: 1, capture: undefined });
		world.run();
		assert.ok(world.counters.of("promises kept") >= 2);
		suite.record(`digest of ${scenario.name}`, world.digest);
		suite.record(`longest of ${scenario.name}`, world.longestMs);
	});
}

test("a world of the same seed is the same, of another seed another one", () => {
	const digests = [7, 7, 8].map((seed) => {
		const world = new World({ seed, scenario: scenarios[0]!, deviceCount: 1, hours: 1, capture: undefined });
		world.run();
		return world.digest;
	});
	assert.is(digests[0], digests[1]);
	assert.is.not(digests[0], digests[2]);
});

test.run();
