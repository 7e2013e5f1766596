// What a run gave: as TAP 14 while it goes on, and as JUnit at its end.

import { relative } from "node:path";
import { junit } from "../../host-sim/suite/junit.js";
import type { TestOutcome } from "../../host-sim/suite/outcome.js";

/** One test on one board. */
export interface Result extends TestOutcome {
	readonly board: string;
	/** The file's name without ".hil.ts"; `suite` is the same. */
	readonly suite: string;
	/** 1, or more where it was tried again. */
	readonly attempts: number;
	/** Console lines or pieces that had to be sent again. */
	readonly resent: number;
	/** Where its records are. */
	readonly folder: string;
	/** It failed before it began: the board did not start. */
	readonly dead?: boolean;
}

/** A run's result lines, numbered. */
export class Tap {
	#count = 0;

	/** What stands first. */
	begin(): string {
		return "TAP version 14";
	}

	/** The lines of one result. */
	line(result: Result): string {
		const { board, suite, test, outcome, ms, attempts, resent, detail, folder } = result;
		const name = `${board} ${suite}: ${test}`.replaceAll("#", "\\#");
		const number = ++this.#count;
		if (outcome === "skipped") return `ok ${number} - ${name} # SKIP ${detail}`;
		const notes = [`time=${(ms / 1000).toFixed(1)}s`];
		if (attempts > 1) notes.push(outcome === "passed" ? `flaky: attempt ${attempts}` : `${attempts} attempts`);
		if (resent > 0) notes.push(`${resent} console lines sent again`);
		const head = `${outcome === "passed" ? "ok" : "not ok"} ${number} - ${name} # ${notes.join(", ")}`;
		if (outcome === "passed") return head;
		return [head, "  ---", ...block("message", detail), `  records: ${relative(process.cwd(), folder)}`, "  ..."].join(
			"\n",
		);
	}

	/** The plan, which may come last, and the sums with what kept tests from running: CI reads the very last line. */
	end(results: readonly Result[], faultCount = 0): string {
		const count = (outcome: Result["outcome"]) => results.filter((result) => result.outcome === outcome).length;
		const flaky = results.filter(({ attempts, outcome }) => attempts > 1 && outcome === "passed");
		const lines = [`1..${this.#count}`];
		for (const { board, suite, test, attempts } of flaky) {
			lines.push(`# flaky: ${board} ${suite}: ${test}, passed at attempt ${attempts}`);
		}
		lines.push(`${count("passed")} passed, ${count("failed") + faultCount} failed, ${count("skipped")} skipped`);
		return lines.join("\n");
	}
}

function block(name: string, text: string): string[] {
	return [`  ${name}: |`, ...text.split("\n").map((line) => `    ${line}`)];
}

/** The text of a JUnit file: one suite a file and board. */
export function junitOf(results: readonly Result[]): string {
	const groups = new Map<string, Result[]>();
	for (const result of results) {
		const key = `${result.suite} ${result.board}`;
		groups.set(key, [...(groups.get(key) ?? []), result]);
	}
	return junit(
		[...groups.values()].map((tests) => ({
			file: `hil-tests/tests/${tests[0]!.suite}.hil.ts`,
			engine: tests[0]!.board,
			tests,
			ms: tests.reduce((sum, { ms }) => sum + ms, 0),
			output: "",
		})),
	);
}
