// The suite and its runner, on small test files made for it: what goes wrong must be seen, and named.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { assert, suite } from "#suite";
import { allowedSkips, forbiddenSkips } from "./allowed-skips.js";
import { canonical } from "./canonical.js";
import { engineDifferences } from "./compare.js";
import { execute } from "./execute.js";
import { readMarker, type TestFile } from "./files.js";
import { junit } from "./junit.js";
import { digest, type FileOutcome, readOutcome } from "./outcome.js";
import { closing, skipsOf } from "./report.js";

const HEADER = `import { assert, suite } from ${JSON.stringify(fileURLToPath(new URL("./suite.ts", import.meta.url)))};
const test = suite("sample");
`;

const folder = mkdtempSync(`${tmpdir()}/pinhole-suite-`);

async function run(body: string, options: Partial<TestFile> = {}): Promise<FileOutcome> {
	const path = `${folder}/sample.test.ts`;
	writeFileSync(path, `${HEADER}${body}\n`);
	return execute({ path, engines: ["node"], realNetwork: false, serial: false, limitMs: 30_000, ...options }, "node");
}

function outcomes(result: FileOutcome): string[] {
	return result.tests.map(
		(test) => `${test.test}: ${test.outcome}${test.outcome === "passed" ? "" : `: ${test.detail}`}`,
	);
}

const test = suite("suite/runner");

test.after(() => rmSync(folder, { recursive: true }));

test("outcomes and recorded values of a file", async () => {
	const result = await run(`
		test("passes", () => { suite.record("bytes", new Uint8Array([1, 255])); });
		test("passes later", async () => { await null; });
		test.run();`);
	assert.equal(outcomes(result), ["passes: passed", "passes later: passed"]);
	assert.equal(result.records, [{ name: "bytes", value: "Uint8Array(01ff)" }]);
});

test("a failed assertion keeps its message and the difference", async () => {
	const result = await run(`test("fails", () => assert.is(1, 2)); test("passes", () => {}); test.run();`);
	assert.match(outcomes(result)[0] ?? "", /^fails: failed: Assertion: Expected values to be strictly equal:/);
	assert.match(result.tests[0]?.detail ?? "", "(Expected)");
	assert.is(outcomes(result)[1], "passes: passed");
});

/** `[what goes wrong, body of the test file, what the report says]` */
const FAULTS: readonly (readonly [title: string, body: string, report: RegExp])[] = [
	["no test", "test.run();", /exit code 1/],
	["no run()", 'test("a", () => {});', /"sample" did not run to its end: is test\.run\(\) missing\?/],
	[
		"no run() of a second suite",
		'test("a", () => {}); test.run(); suite("other")("b", () => {});',
		/"other" did not run to its end/,
	],
	["a test that never ends", 'test("a", () => { for (;;); }); test.run();', /stopped at its time limit in "a"/],
	[
		"a timer that keeps running",
		'test("a", () => { setInterval(() => {}, 1000); }); test.run();',
		/something keeps the process alive/,
	],
	[
		"an exit in the middle",
		'test("a", () => process.exit(0)); test("b", () => {}); test.run();',
		/in the middle of "a"/,
	],
	[
		"an exit code of its own",
		'test("a", () => {}); test.run(); process.on("exit", () => process.exit(7));',
		/exit code 7/,
	],
	["a throw of the file itself", 'test("a", () => {}); throw new Error("x");', /exit code 1/],
	[
		"a before hook that throws",
		'test.before(() => { throw new Error("x"); }); test("a", () => {}); test.run();',
		/Error: x/,
	],
	[
		"an after hook that throws",
		'test.after(() => { throw new Error("x"); }); test("a", () => {}); test.run();',
		/Error: x/,
	],
	["two tests of one name", 'test("a", () => {}); test("a", () => {}); test.run();', /exit code 1/],
];

for (const [title, body, report] of FAULTS) {
	test(`${title} is a failure`, async () => {
		const result = await run(body, /limit|alive/.test(report.source) ? { limitMs: 3000 } : {});
		const details = result.tests.filter(({ outcome }) => outcome === "failed").map(({ detail }) => detail);
		assert.match(details.join("\n"), report);
	});
}

test("a skipped file is one skip with its reason", async () => {
	const result = await run(`suite.skip("needs root"); test("a", () => assert.unreachable()); test.run();`);
	assert.equal(outcomes(result), ["(the file itself): skipped: needs root"]);
	assert.equal(
		skipsOf([result]).map(({ reason }) => reason),
		["needs root"],
	);
});

test("skip and only leave their mark on what did not run", async () => {
	const skipped = await run(`test.skip("a", "later"); test("b", () => {}); test.run();`);
	assert.equal(outcomes(skipped).sort(), ["a: skipped: later", "b: passed"]);
	const only = await run(`test.only("a", () => {}); test("b", () => {}); test.run();`);
	assert.equal(outcomes(only).sort(), ["a: passed", "b: skipped: another test is marked only"]);
	const both = await run(`test.only("a", () => {}); test.skip("b", "later"); test.run();`);
	assert.equal(outcomes(both).sort(), ["a: passed", "b: skipped: later"]);
});

test("only a file of real sockets or processes is tried again", async () => {
	const flaky = `
		import { existsSync, writeFileSync } from "node:fs";
		const seen = ${JSON.stringify(folder)} + "/seen";
		test("second time lucky", () => { const had = existsSync(seen); writeFileSync(seen, ""); assert.ok(had); });
		test.run();`;
	const again = await run(flaky, { realNetwork: true });
	assert.is(again.attempts, 2);
	assert.equal(outcomes(again), ["second time lucky: passed"]);
	const failing = `test("never", () => assert.ok(false)); test.run();`;
	assert.is((await run(failing, { realNetwork: true })).attempts, 3);
	assert.is((await run(failing)).attempts, 1);
});

test("what a test file starts ends with it", async () => {
	const result = await run(`
		import { spawn } from "node:child_process";
		test("leaves a child", () => { suite.record("pid", spawn("sleep", ["60"], { stdio: "inherit" }).pid); });
		test.run(); setTimeout(() => process.exit(), 100);`);
	assert.equal(outcomes(result), ["leaves a child: passed"]);
	const pid = Number(result.records[0]?.value);
	let alive = true;
	for (let i = 0; i < 100 && alive; i++) {
		await new Promise((done) => setTimeout(done, 20));
		try {
			process.kill(pid, 0);
		} catch {
			alive = false;
		}
	}
	assert.not(alive);
});

test("an engine needs nothing but ECMAScript, console.log, setTimeout and clearTimeout", async () => {
	const contents = `${HEADER}
		test("passes", () => { suite.record("value", [1]); });
		test("fails", () => assert.equal({ a: 1 }, { a: 2 }));
		test.run();`;
	const stdin = { contents, resolveDir: folder };
	const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "iife", target: "es2022" });
	let stdout = "";
	const log = (text: unknown) => {
		stdout += `${text}\n`;
	};
	const timers: (() => Promise<void>)[] = [];
	const setTimeout = (callback: () => Promise<void>) => timers.push(callback);
	runInNewContext(`delete Error.captureStackTrace;${outputFiles[0]?.text}`, {
		console: { log },
		setTimeout,
		clearTimeout: () => timers.pop(),
	});
	for (const callback of timers) await callback();
	const outcome = readOutcome("sample", "xs64", { stdout, stderr: "", exitCode: 0, ms: 1 }, 1);
	assert.equal(
		outcome.tests.map(({ test, outcome }) => `${test}: ${outcome}`),
		["passes: passed", "fails: failed"],
	);
	assert.match(outcome.tests[1]?.detail ?? "", '++··"a":·2');
	assert.equal(outcome.records, [{ name: "value", value: "[1]" }]);
});

function line(value: object): string {
	return `\n#pinhole ${JSON.stringify(value)}\n`;
}

function outcomeOf(engine: "node" | "xs64", outcome: string, value: string): FileOutcome {
	const lines = [
		{ kind: "suite", suite: "s" },
		{ kind: "test", suite: "s", test: "t", outcome, ms: 1, detail: "why <&> \u0007" },
		{ kind: "record", name: "v", value },
		{ kind: "done", suite: "s", declared: 1 },
	];
	const stdout = lines.map(line).join("");
	return readOutcome("a.test.ts", engine, { stdout, stderr: "", exitCode: 0, ms: 1 }, 1);
}

test("engines that differ in an outcome or a recorded value are told", () => {
	const node = outcomeOf("node", "passed", "1");
	assert.equal(engineDifferences([node, outcomeOf("xs64", "passed", "1")]), []);
	assert.equal(engineDifferences([node, outcomeOf("xs64", "failed", "1")]), [
		"a.test.ts: s > t: passed on node, failed on xs64",
	]);
	assert.equal(engineDifferences([node, outcomeOf("xs64", "passed", "2")]), [
		"a.test.ts: recorded value 1 differs\n    node: v = 1\n    xs64: v = 2",
	]);
	assert.is.not(digest(node), digest(outcomeOf("xs64", "passed", "2")));
});

test("values that JSON would confuse stay apart", () => {
	const values = [0, -0, Number.NaN, null, undefined, "0", 0n, [], {}, new Map(), new Set(), new Uint8Array(1)];
	assert.is(new Set(values.map(canonical)).size, values.length);
	assert.is(canonical({ b: 1, a: [true] }), '{"a":[true],"b":1}');
	assert.is(canonical(new Uint8Array([1, 2, 3]).subarray(1)), "Uint8Array(0203)");
});

test("the marker of a test file", () => {
	assert.equal(readMarker("// A test.\n// suite: real-network serial limit=90\n"), {
		realNetwork: true,
		serial: true,
		limitMs: 90_000,
	});
	assert.equal(readMarker("// A test.\n"), { realNetwork: false, serial: false, limitMs: 60_000 });
	assert.throws(() => readMarker("// suite: real-netwrok\n"), /real-netwrok/);
});

test("skips are allowed by name and with a reason", () => {
	const listed = allowedSkips("# comment\n\nengine xs32: no gcc -m32: at all\n");
	assert.equal(listed, [{ name: "engine xs32", reason: "no gcc -m32: at all" }]);
	const skips = [
		{ name: "engine xs32", reason: "r" },
		{ name: "engine xs64", reason: "r" },
	];
	assert.equal(forbiddenSkips(skips, listed), [{ name: "engine xs64", reason: "r" }]);
	assert.throws(() => allowedSkips("engine xs32\n"), /no reason/);
});

test("JUnit escapes what XML cannot hold", () => {
	const text = junit([outcomeOf("node", "failed", "1")]);
	assert.match(text, '<testsuite name="a.test.ts [node]" tests="1" failures="1" skipped="0"');
	assert.match(text, "why &lt;&amp;&gt; <");
});

function runner(...args: string[]): { readonly code: number | null; readonly last: string; readonly errors: string } {
	const script = fileURLToPath(new URL("./run.ts", import.meta.url));
	const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script, ...args], {
		encoding: "utf8",
	});
	return { code: status, last: stdout.trimEnd().split("\n").at(-1) ?? "", errors: stderr };
}

test("a run that finds no test is no success", () => {
	const { code, last } = runner("--filter", "no such file");
	assert.is(code, 1);
	assert.is(last, "0 passed, 0 failed, 0 skipped");
});

test("a wrong option is answered by the usage", () => {
	for (const args of [["--engine", "xs16"], ["--fliter", "x"], ["x"]]) {
		const { code, errors } = runner(...args);
		assert.is(code, 2);
		assert.match(errors, "npm test -- [--engine");
	}
});

test("the last line", () => assert.is(closing({ passed: 1, failed: 2, skipped: 3 }), "1 passed, 2 failed, 3 skipped"));

test.run();
