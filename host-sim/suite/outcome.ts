// What one test file did on one engine: read from its machine-readable lines, judged against what it announced.

import { createHash } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import type { EngineName } from "./files.js";
import { type Line, MARK } from "./suite.js";

/** One test on one engine. */
export interface TestOutcome {
	readonly suite: string;
	readonly test: string;
	readonly outcome: "passed" | "failed" | "skipped";
	readonly ms: number;
	/** Why it failed or was skipped; "" when it passed. */
	readonly detail: string;
}

/** One test file on one engine. */
export interface FileOutcome {
	readonly file: string;
	/** Of the runner's, or the name of a board. */
	readonly engine: EngineName | "qemu-riscv32";
	readonly tests: readonly TestOutcome[];
	/** The values of suite.record, in order. */
	readonly records: readonly { readonly name: string; readonly value: string }[];
	readonly ms: number;
	/** 1, or more where a test of real sockets or processes was tried again. */
	readonly attempts: number;
	/** What the file printed beside the machine-readable lines; shown when it failed. */
	readonly output: string;
}

/** How the process of a test file ended. */
export interface Ending {
	readonly stdout: string;
	readonly stderr: string;
	/** Undefined when it was killed for its time limit. */
	readonly exitCode: number | undefined;
	readonly ms: number;
}

/** Whether any test of a file failed. */
export function failed(outcome: Pick<FileOutcome, "tests">): boolean {
	return outcome.tests.some((test) => test.outcome === "failed");
}

/** A digest of the recorded values: equal on all engines, or there is a bug. */
export function digest(outcome: FileOutcome): string {
	const hash = createHash("sha256");
	for (const { name, value } of outcome.records) hash.update(`${JSON.stringify(name)}=${value}\n`);
	return hash.digest("hex").slice(0, 16);
}

/** The name of an outcome that is not of a test but of its file. */
export const FILE_ITSELF = "(the file itself)";

/** A file that did not start, did not end, or did not do what it announced. */
function fileProblem(detail: string): TestOutcome {
	return { suite: "", test: FILE_ITSELF, outcome: "failed", ms: 0, detail };
}

/** The outcome of a file that could not even be started. */
export function withProblem(file: string, engine: EngineName, error: unknown): FileOutcome {
	const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return { file, engine, tests: [fileProblem(detail)], records: [], ms: 0, attempts: 1, output: "" };
}

function parse(stdout: string): { lines: Line[]; output: string } {
	const lines: Line[] = [];
	const output: string[] = [];
	for (const line of stripVTControlCharacters(stdout).split("\n")) {
		const last = lines.at(-1)?.kind;
		if (line.startsWith(MARK)) lines.push(JSON.parse(line.slice(MARK.length)) as Line);
		// What stands between tests is uvu's own row of dots and its report, which says what the lines say.
		else if (line.trim() !== "" && (last === undefined || last === "start" || last === "record")) output.push(line);
	}
	return { lines, output: output.join("\n") };
}

/** What is wrong with a file apart from its failed tests, in one sentence; undefined when nothing is. */
function judge(lines: readonly Line[], tests: readonly TestOutcome[], ending: Ending): string | undefined {
	const finished = new Set(tests.map((test) => `${test.suite}\n${test.test}`));
	const hanging = lines.find((line) => line.kind === "start" && !finished.has(`${line.suite}\n${line.test}`));
	const done = lines.filter((line) => line.kind === "done");
	const suites = lines.filter((line) => line.kind === "suite");
	const open = suites.length > 0 && done.length === suites.length ? undefined : suites[done.length];
	if (ending.exitCode === undefined) {
		if (hanging?.kind === "start") return `stopped at its time limit in "${hanging.test}"`;
		return open || suites.length === 0
			? "stopped at its time limit before its tests began or ended"
			: "stopped at its time limit after its last test: something keeps the process alive";
	}
	if (hanging?.kind === "start") return `ended with exit code ${ending.exitCode} in the middle of "${hanging.test}"`;
	const allPassed = tests.every((test) => test.outcome !== "failed");
	if (ending.exitCode !== 0 && allPassed) return `ended with exit code ${ending.exitCode} although no test failed`;
	if (suites.length === 0) return "registers no test";
	if (open?.kind === "suite" && allPassed)
		return `the suite "${open.suite}" did not run to its end: is test.run() missing?`;
	const declared = done.reduce((sum, line) => sum + line.declared, 0);
	const reported = tests.filter((test) => !test.test.endsWith(" hook)")).length;
	return declared === reported || !allPassed ? undefined : `announced ${declared} tests and reported ${reported}`;
}

/** Reads the lines of a finished file and judges it. */
export function readOutcome(
	file: string,
	engine: FileOutcome["engine"],
	ending: Ending,
	attempts: number,
): FileOutcome {
	const { lines, output } = parse(ending.stdout);
	const skipped = lines.find((line) => line.kind === "file-skipped");
	const tests: TestOutcome[] = [];
	for (const line of lines) {
		if (line.kind !== "test") continue;
		const detail = stripVTControlCharacters(line.detail ?? "");
		tests.push({ suite: line.suite, test: line.test, outcome: line.outcome, ms: line.ms, detail });
	}
	const records = lines.filter((line) => line.kind === "record").map(({ name, value }) => ({ name, value }));
	if (skipped !== undefined && tests.length === 0 && ending.exitCode === 0) {
		tests.push({ suite: "", test: FILE_ITSELF, outcome: "skipped", ms: 0, detail: skipped.reason });
	} else {
		const problem = judge(lines, tests, ending);
		if (problem !== undefined) tests.push(fileProblem(problem));
	}
	const printed = [output, stripVTControlCharacters(ending.stderr).trim()].filter((text) => text !== "").join("\n");
	return { file, engine, tests, records, ms: ending.ms, attempts, output: printed };
}
