// The yardsticks: each counts what it can judge, and finds the result that misses it.

import { assert, suite } from "#suite";
import { cellNamed } from "./cell.js";
import { measure, type Yardstick } from "./checks.js";
import { madeUp, type Wanted } from "./made-up.js";
import { OURS_STOCK, oracleOf } from "./policies.js";
import type { Result } from "./result.js";

const test = suite("reach: checks");

const QUIET = "L120-p1-never-open-stable-plain-plain";
const MOVING = "L120-p1-hourly-open-stable-plain-plain";
const STREAM = "L30-p1-daily-open-stable-plain-plain-T7440";

function yardstick(name: string, ...results: readonly Result[]): Yardstick | undefined {
	return measure(results).find((one) => one.name === name);
}

/** How many results a yardstick counted, and how many missed it; undefined: it had nothing to judge. */
function judged(name: string, ...results: readonly Result[]): readonly [count: number, missed: number] | undefined {
	const found = yardstick(name, ...results);
	return found === undefined ? undefined : [found.count, found.misses.length];
}

const ORACLE = oracleOf(cellNamed(QUIET)).bytesPerDay;
const MOVING_ORACLE = oracleOf(cellNamed(MOVING)).bytesPerDay;
const LEARNED = { lower: 118, longest: 118 };

for (const [name, cell, kept, missed] of [
	["quiet", QUIET, { bytesPerDay: 1.24 * ORACLE }, { bytesPerDay: 1.26 * ORACLE }],
	["reachable", QUIET, { reachable: 0.999 }, { reachable: 0.9989 }],
	["moving", MOVING, { bytesPerDay: 1.24 * MOVING_ORACLE }, { bytesPerDay: 1.26 * MOVING_ORACLE }],
	// An interval of 118 s that was rounded, and 4 s for an exchange at 1 % loss.
	["rebinding", MOVING, { recovery: { p99: 122.5 }, learned: LEARNED }, { recovery: { p99: 122.6 }, learned: LEARNED }],
	["first", MOVING, { recovery: { first: 900 } }, { recovery: { first: 901 } }],
	["first", STREAM, { recovery: { max: 900 } }, { recovery: { max: 901 } }],
	["learned", QUIET, { learned: { lower: 101 } }, { learned: { lower: 100 } }],
	["learned", QUIET, { learned: { lower: 121 } }, { learned: { lower: 122 } }],
	["stock", QUIET, { policy: OURS_STOCK, learned: { lower: 95 } }, { policy: OURS_STOCK, learned: { lower: 94 } }],
	["for good", QUIET, { lastOutageSeconds: 3_600 }, { lastOutageSeconds: 3_601 }],
	["for good", QUIET, { commandCount: 1 }, { commandCount: 0 }],
] as const satisfies readonly (readonly [string, string, Wanted, Wanted])[])
	test(`"${name}" is kept with ${JSON.stringify(kept)}, and missed with ${JSON.stringify(missed)}`, () => {
		assert.equal(judged(name, madeUp(cell, kept)), [1, 0]);
		assert.equal(judged(name, madeUp(cell, missed)), [1, 1]);
	});

for (const [name, why, result] of [
	["stock", "after the commands of one day", madeUp(QUIET, { policy: OURS_STOCK, commandCount: 90 })],
	["stock", "where none ran", madeUp(QUIET)],
	["peers", "where none ran", madeUp(QUIET)],
	["peers", "where none but a stock server of ours ran", madeUp(QUIET, { policy: OURS_STOCK })],
	["rebinding", "where nothing was rebound", madeUp(MOVING)],
	["rebinding", "where two rebindings have no p99", madeUp(MOVING, { recovery: { count: 2, p99: 600 } })],
	["first", "where nothing was rebound", madeUp(MOVING)],
	["moving", "where nothing moves", madeUp(QUIET)],
	["learned", "where no bound can be learned", madeUp("L3600-p1-never-open-stable-plain-plain")],
	["quiet", "where UDP is blocked", madeUp("L120-p1-never-blocked-stable-plain-plain")],
	["streams", "where TCP lives as long as UDP", madeUp(QUIET)],
] as const)
	test(`"${name}" is left out ${why}`, () => {
		assert.is(judged(name, result), undefined);
	});

test("only cells where a peer ran count beside peers", () => {
	const elsewhere = "L300-p1-never-open-stable-plain-plain";
	const results = [madeUp(QUIET), madeUp(elsewhere), madeUp(QUIET, { policy: "wakaama", bytesPerDay: 1_000 })];
	assert.equal(judged("peers", ...results), [1, 0]);
});

for (const [what, peer, missed] of [
	["cheaper and as reachable", { bytesPerDay: 1_000, reachable: 1 }, 1],
	["cheaper and a little less reachable", { bytesPerDay: 1_000, reachable: 0.9996 }, 1],
	["cheaper and less reachable", { bytesPerDay: 1_000, reachable: 0.99 }, 0],
	["dearer and as reachable", { bytesPerDay: 3_000, reachable: 1 }, 0],
] as const)
	test(`beside a peer that is ${what} ${missed === 1 ? "we have lost" : "we have not lost"}`, () => {
		const own = madeUp(QUIET, { bytesPerDay: 2_000 });
		assert.equal(judged("peers", own, madeUp(QUIET, { ...peer, policy: "zephyr" })), [1, missed]);
	});

test("of several peers the one that is furthest ahead is named", () => {
	const peers = [1_500, 1_000, 1_600].map((bytesPerDay, i) =>
		madeUp(QUIET, { bytesPerDay, policy: ["anjay", "zephyr", "golioth"][i]! }),
	);
	const found = yardstick("peers", madeUp(QUIET, { bytesPerDay: 2_000 }), ...peers);
	assert.is(found?.misses[0]?.what, "2.00 times zephyr, 100.0 % reachable");
});

test("the worst miss comes first", () => {
	const results = [0.998, 0.99, 0.997].map((reachable) => madeUp(QUIET, { reachable }));
	assert.equal(
		yardstick("reachable", ...results)?.misses.map(({ result }) => result.silence.reachable),
		[0.99, 0.997, 0.998],
	);
});

test("below 65 s half as much again as the oracle is allowed", () => {
	const cell = "L30-p1-never-open-stable-plain-plain";
	const oracle = oracleOf(cellNamed(cell)).bytesPerDay;
	assert.equal(judged("quiet", madeUp(cell, { bytesPerDay: 1.49 * oracle })), [1, 0]);
	assert.equal(judged("quiet", madeUp(cell, { bytesPerDay: 1.51 * oracle })), [1, 1]);
});

test("without results nothing is judged", () => {
	assert.equal(measure([]), []);
});

test.run();
