// suite: limit=180
// A device keeps nothing of what an enemy sends: the same bytes live before and after, on the 32-bit engine.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { missingFor } from "./build.js";
import { firmwareModules } from "./bytecode.js";
import { ROOT } from "./objects.js";
import { runOnXs } from "./run.js";

const test = suite("engine/hostile");
const problem = missingFor("xs32");
if (problem !== undefined) suite.skip(problem);

/** Until the bounded buffers have grown to what such datagrams make of them; then what is measured. */
const WARM_UPS = 6000;
const DATAGRAMS = 10_000;
const GROWTH = 0.01;

/** What the attack is made of is preloaded like the firmware, so that only the device counts in the heap. */
const helpers = [
	"firmware/tests/random.ts",
	"firmware/tests/lwm2m/bench.ts",
	"firmware/tests/lwm2m/machine.ts",
	"firmware/tests/coap/bench.ts",
	"firmware/tests/coap/hex.ts",
	"firmware/tests/coap/stream-bench.ts",
	"firmware/tests/security/aes.ts",
	"firmware/tests/security/sha256.ts",
	"firmware/tests/security/plain-primitives.ts",
	"firmware/tests/security/oscore/bench.ts",
	...readdirSync(join(ROOT, "firmware/tests/hostile"))
		.filter((name) => !name.endsWith(".test.ts"))
		.map((name) => `firmware/tests/hostile/${name}`),
];

const ATTACKS: readonly (readonly [title: string, fixture: string])[] = [
	["hostile datagrams", "host-sim/engine/fixtures/hostile.ts"],
	["changed protected messages", "host-sim/engine/fixtures/protected.ts"],
];
for (const [title, fixture] of ATTACKS) {
	test(`live memory after ${DATAGRAMS} ${title} is what it was within one per cent`, async () => {
		const { stdout, stderr } = await runOnXs("xs32", fixture, {
			args: [String(WARM_UPS), String(DATAGRAMS)],
			preload: [...firmwareModules(), ...helpers],
			timeLimitMs: 120_000,
		});
		assert.match(stdout, /^\{"before":\d+,"after":\d+\}\n$/, stderr);
		const { before, after } = JSON.parse(stdout) as { before: number; after: number };
		suite.record(`live bytes before and after ${title}`, `${before} and ${after}`);
		assert.ok(Math.abs(after - before) <= GROWTH * before, `${before} bytes before, ${after} after`);
	});
}

test.run();
