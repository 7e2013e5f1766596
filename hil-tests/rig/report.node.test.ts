// TAP and JUnit of a run.

import { assert, suite } from "#suite";
import { junitOf, type Result, Tap } from "./report.js";

const PASSED: Result = {
	board: "xs",
	suite: "boot",
	test: "starts",
	outcome: "passed",
	ms: 1234,
	detail: "",
	attempts: 1,
	resent: 0,
	folder: "out/xs/boot/starts",
};

const LINES: readonly (readonly [what: string, result: Partial<Result>, line: string])[] = [
	["a pass", {}, "ok 1 - xs boot: starts # time=1.2s"],
	["a flaky pass", { attempts: 2 }, "ok 1 - xs boot: starts # time=1.2s, flaky: attempt 2"],
	["lines sent again", { resent: 3 }, "ok 1 - xs boot: starts # time=1.2s, 3 console lines sent again"],
	["a skip", { outcome: "skipped", detail: "xs lacks cable" }, "ok 1 - xs boot: starts # SKIP xs lacks cable"],
	["a # in a title", { test: "line #1" }, "ok 1 - xs boot: line \\#1 # time=1.2s"],
	[
		"a failure",
		{ outcome: "failed", detail: "Error: no\n   0.100 < abort", attempts: 2 },
		[
			"not ok 1 - xs boot: starts # time=1.2s, 2 attempts",
			"  ---",
			"  message: |",
			"    Error: no",
			"       0.100 < abort",
			"  records: out/xs/boot/starts",
			"  ...",
		].join("\n"),
	],
];

const test = suite("rig/report");

for (const [what, result, line] of LINES) {
	test(`tells ${what}`, () => assert.is(new Tap().line({ ...PASSED, ...result }), line));
}

test("ends with the plan, the flaky ones, and the line that CI reads", () => {
	const tap = new Tap();
	const results: Result[] = [PASSED, { ...PASSED, attempts: 2, test: "twice" }, { ...PASSED, outcome: "skipped" }];
	for (const result of results) tap.line(result);
	assert.is(tap.end(results), "1..3\n# flaky: xs boot: twice, passed at attempt 2\n2 passed, 0 failed, 1 skipped");
});

test("JUnit has a suite for each file and board", () => {
	const text = junitOf([PASSED, { ...PASSED, board: "c3", outcome: "failed", detail: "Error: <no>" }]);
	assert.match(text, /<testsuite name="hil-tests\/tests\/boot\.hil\.ts \[xs\]" tests="1" failures="0"/);
	assert.match(text, /<testsuite name="hil-tests\/tests\/boot\.hil\.ts \[c3\]" tests="1" failures="1"/);
	assert.match(text, /<failure message="Error: &lt;no&gt;">/);
});

test.run();
