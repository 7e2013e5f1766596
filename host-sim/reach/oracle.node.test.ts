// The yardstick itself: by hand where that is easy, and carried out in the world that it is to measure.

import { assert, suite } from "#suite";
import { type Cell, cellNamed } from "./cell.js";
import { cheapest, type Line } from "./oracle.js";
import { oracleOf, oraclePolicy } from "./policies.js";
import { carryOut, WEEK } from "./trial.js";

const test = suite("reach: the oracle");

const LINE: Line = {
	lifetimeSeconds: 120,
	loss: 0,
	rebindingSeconds: Number.POSITIVE_INFINITY,
	isStream: false,
	isProtected: false,
	serverAsks: true,
};

test("without loss: one datagram each lifetime, and a ping in place of one each 900 s", () => {
	const { kind, intervalSeconds, bytesPerDay } = cheapest(LINE);
	assert.is(kind, "one-way");
	assert.ok(Math.abs(intervalSeconds - 119.88) < 0.01, String(intervalSeconds));
	const expected = (86_400 / 119.88 - 96) * 28 + 96 * 64;
	assert.ok(Math.abs(bytesPerDay - expected) < 1, `${bytesPerDay} and not ${expected}`);
});

test("a binding that outlives 900 s costs the pings alone", () => {
	assert.is(cheapest({ ...LINE, lifetimeSeconds: 3_600 }).bytesPerDay, 96 * 64);
});

test("a server that asks nothing has to be told by Updates where things move", () => {
	const { kind, intervalSeconds, bytesPerDay } = cheapest({ ...LINE, rebindingSeconds: 3_600, serverAsks: false });
	assert.is(kind, "acknowledged");
	assert.ok(Math.abs(bytesPerDay - (86_400 / intervalSeconds) * 82) < 1, String(bytesPerDay));
});

test("more loss never costs less, and each schedule keeps its promise", () => {
	for (const lifetimeSeconds of [30, 65, 120, 300, 3_600])
		for (const isStream of [false, true]) {
			let before = 0;
			for (const loss of [0, 0.01, 0.05, 0.2]) {
				const { bytesPerDay, unreachable } = cheapest({ ...LINE, lifetimeSeconds, loss, isStream });
				assert.ok(bytesPerDay >= before && unreachable <= 0.001, `${lifetimeSeconds} s at ${loss}`);
				before = bytesPerDay;
			}
		}
});

/** Computed and carried out differ by chance, and by what the small Markov chain leaves out. */
const BYTES_ALIKE = 0.04;
const UNREACHABLE = 0.002;

for (const id of ["L30-p0", "L30-p1", "L30-p5", "L65-p20", "L120-p1", "L120-p5", "L300-p20", "L3600-p1"])
	test(`what is computed for ${id} comes out in the world`, () => {
		const cell: Cell = cellNamed(`${id}-never-open-stable-plain-plain`);
		const { silence } = carryOut({ cell, policy: oraclePolicy(), seed: 1, span: WEEK }, "");
		const ratio = silence.bytesPerDay / oracleOf(cell).bytesPerDay;
		assert.ok(Math.abs(ratio - 1) < BYTES_ALIKE, `${ratio.toFixed(3)} times the computed bytes`);
		assert.ok(silence.reachable > 1 - UNREACHABLE, `${silence.reachable} reachable`);
	});

test("what is computed for a line that moves comes out in the world", () => {
	const cell = cellNamed("L120-p1-hourly-open-stable-plain-oscore");
	const { silence, recovery } = carryOut({ cell, policy: oraclePolicy(), seed: 1, span: WEEK }, "");
	const ratio = silence.bytesPerDay / oracleOf(cell).bytesPerDay;
	assert.ok(Math.abs(ratio - 1) < BYTES_ALIKE, `${ratio.toFixed(3)} times the computed bytes`);
	assert.ok(recovery!.p50 < oracleOf(cell).intervalSeconds, `${recovery!.p50} s`);
});

test.run();
