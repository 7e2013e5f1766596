// The matrix runs with a stand-in for OSCORE's cryptography. In a cell of each mode the real one gives the same bytes.

import { assert, suite } from "#suite";
import { cellNamed } from "./cell.js";
import { OURS, policyNamed } from "./policies.js";
import { carryOut, ONE_DAY } from "./trial.js";

const test = suite("reach: the stand-in for OSCORE");

for (const id of [
	"L65-p1-hourly-open-stable-plain-oscore",
	"L300-p5-daily-open-forgets-linux-oscore",
	"L120-p0-never-blocked-stable-symmetric-oscore",
])
	test(`${id} gives the same figures with the real one`, () => {
		const trial = { cell: cellNamed(id), policy: policyNamed(OURS), seed: 1, span: ONE_DAY };
		assert.equal(carryOut({ ...trial, isReal: true }, ""), carryOut(trial, ""));
	});

test.run();
