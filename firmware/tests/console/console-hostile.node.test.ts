// suite: limit=120
// What console-hostile.test.ts does on every engine, ten times as long.

import { assert, suite } from "#suite";
import { Desk } from "./bench.js";
import { ALPHABETS, endure, works } from "./noise.js";

const test = suite("console/console-hostile-long");

const COUNT = 1_000_000;

for (const { what, alphabet, most } of ALPHABETS) {
	test(`${COUNT} random bytes: ${what}`, () => {
		const desk = new Desk();
		const length = endure(desk, COUNT, alphabet, 2);
		suite.record("bytes of output", length);
		assert.ok(length <= most * COUNT, `${length / COUNT} bytes of output for one of input`);
		works(desk);
	});
}

test.run();
