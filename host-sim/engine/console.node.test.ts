// suite: limit=120
// What the console costs of heap and stack on the 32-bit engine, and that noise leaves nothing behind.

import { assert, suite } from "#suite";
import { missingFor } from "./build.js";
import { firmwareModules } from "./bytecode.js";
import { runOnXs } from "./run.js";

const test = suite("engine/console");
const problem = missingFor("xs32");
if (problem !== undefined) suite.skip(problem);

const NOISE = 100_000;
const STACK_SLOTS = 384;

/**
 * Bytes of the heap at each stage, buffers included; a ceiling may only fall. The growth is of the measurement itself:
 * it is the same after a thousand bytes and after four hundred thousand.
 */
const CEILINGS: Readonly<Record<string, number>> = { idle: 1_450, collecting: 3_200, answering: 2_600, growth: 64 };

test(`the console's heap, and after ${NOISE} random bytes`, async () => {
	const helpers = ["firmware/tests/random.ts", "firmware/tests/console/bench.ts", "firmware/tests/console/noise.ts"];
	const { stdout, stderr } = await runOnXs("xs32", "host-sim/engine/fixtures/console.ts", {
		args: [String(NOISE)],
		preload: [...firmwareModules(), ...helpers],
		timeLimitMs: 100_000,
	});
	assert.match(stdout, /^\{"idle":.*\}\n$/, stderr);
	const measured = JSON.parse(stdout) as Record<string, number>;
	suite.record("bytes of the console", stdout.trim());
	for (const [stage, most] of Object.entries(CEILINGS))
		assert.ok(measured[stage]! <= most, `${stage}: ${measured[stage]} bytes, the ceiling is ${most}`);
	assert.is(measured.afterwards, measured.idle, "a request leaves nothing behind");
});

test(`provisioning does with the ${STACK_SLOTS} slots of stack that the SDK gives an ESP32-C3`, async () => {
	const options = { stackSlots: STACK_SLOTS, timeLimitMs: 60_000 };
	const { exitCode, stdout, stderr } = await runOnXs("xs32", "host-sim/engine/fixtures/console-stack.ts", options);
	assert.is(exitCode, 0, stderr);
	assert.match(stdout, /^#1 \{"ok":true\} [0-9a-f]{4}\n$/);
});

test.run();
