// suite: limit=600
// The attack of firmware/tests/hostile/protected.ts at length, and what it leaves in memory.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert, suite } from "#suite";
import { ProtectedTarget } from "../../firmware/tests/hostile/protected.js";
import { nodePrimitives } from "../crypto/node-primitives.js";

const test = suite("backend/protected");

/** The long run, once: PINHOLE_DATAGRAMS=1000000. */
const DATAGRAMS = Number(process.env.PINHOLE_DATAGRAMS ?? 100_000);
const WARM_UP = 100_000;
/** What V8 itself may keep, for its feedback and its code: ten bytes a datagram would be more. */
const GROWTH_BYTES = 800_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function liveBytes(): number {
	for (let i = 0; i < 4; i++) collect();
	return process.memoryUsage().heapUsed;
}

test(`both sides outlive ${DATAGRAMS} changed messages, and keep nothing of them`, () => {
	const target = new ProtectedTarget(nodePrimitives, 7);
	target.attack(WARM_UP);
	const before = liveBytes();
	target.attack(DATAGRAMS);
	const after = liveBytes();
	if (process.env.PINHOLE_DATAGRAMS !== undefined)
		process.stderr.write(`${JSON.stringify({ ...target.outcome, before, after })}\n`);
	assert.ok(after - before < GROWTH_BYTES, `${before} bytes before, ${after} after`);
	assert.ok(target.talksAfterwards());
});

test.run();
