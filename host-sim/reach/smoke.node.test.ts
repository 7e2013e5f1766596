// The fault matrix in small: a day of our firmware in 24 cells. What must hold in every cell is asserted here; the
// finer yardsticks need a week (npm run reach).

import { assert, suite } from "#suite";
import { cellId, isQuiet } from "./cell.js";
import { percent, timesOracle } from "./checks.js";
import { smokeCells } from "./cover.js";
import { OURS, policyNamed } from "./policies.js";
import { carryOut, ONE_DAY } from "./trial.js";

const test = suite("reach: smoke");

const SEED = 1;
/** On its first day a device measures, and may be careful; over TCP nobody measures. */
const TIMES_ORACLE = 2.5;
/** Of a time in which nothing happens but losses. */
const QUIET = 0.99;
/** Nobody stays away longer, whatever happens. */
const LONGEST_REPAIR_SECONDS = 2_000;

for (const cell of smokeCells()) {
	const id = cellId(cell);
	test(`${id}: a day`, () => {
		const result = carryOut({ cell, policy: policyNamed(OURS), seed: SEED, span: ONE_DAY }, "");
		const { silence, commands, longestOutageSeconds, lastOutageSeconds } = result;
		const words = `${JSON.stringify(result)}; once more: npm run reach -- --cell ${id} --days 1`;
		assert.ok(commands.count > 0 && lastOutageSeconds < LONGEST_REPAIR_SECONDS, `it is lost: ${words}`);
		assert.ok(longestOutageSeconds < LONGEST_REPAIR_SECONDS, `${longestOutageSeconds} s unreachable: ${words}`);
		if (!isQuiet(cell)) return;
		assert.ok(silence.reachable >= QUIET, `${percent(silence.reachable)} reachable: ${words}`);
		assert.ok(
			cell.udp === "blocked" || timesOracle(result) <= TIMES_ORACLE,
			`${timesOracle(result).toFixed(2)} times the oracle: ${words}`,
		);
	});
}

test.run();
