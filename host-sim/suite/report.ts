// What people read: a line for each file as it ends, and at the end failures, skips, flaky files and differences.

import { type FileOutcome, failed } from "./outcome.js";

/** What did not run, and why. */
export interface Skip {
	/** The file, or the engine, that did not run. */
	readonly name: string;
	readonly reason: string;
}

/** The counts of the last line. */
export interface Summary {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

/** One line of progress for a file that has ended. */
export function progress(result: FileOutcome): string {
	const count = result.tests.length;
	const skips = result.tests.filter((test) => test.outcome === "skipped").length;
	const mark = failed(result) ? "FAILED" : skips === count ? "skipped" : "ok";
	const tries = result.attempts > 1 ? `, ${result.attempts} attempts` : "";
	const tests = `${count} test${count === 1 ? "" : "s"}`;
	const time = `${(result.ms / 1000).toFixed(1)} s`;
	return `${mark.padEnd(8)}${result.engine.padEnd(6)}${result.file}  (${tests}, ${time}${tries})`;
}

/** Every skipped test of the results by its name. */
export function skipsOf(results: readonly FileOutcome[]): Skip[] {
	return results.flatMap(({ file, engine, tests }) =>
		tests
			.filter((test) => test.outcome === "skipped")
			.map((test) => ({
				name: `${file} [${engine}]${test.suite === "" ? "" : ` ${test.suite} > ${test.test}`}`,
				reason: test.detail,
			})),
	);
}

function indent(text: string): string {
	return text.trimEnd().replaceAll(/^/gm, "    ");
}

function failure(result: FileOutcome): string {
	const tests = result.tests.filter((test) => test.outcome === "failed");
	const details = tests.map(
		({ suite, test, detail }) => `  ${suite === "" ? "" : `${suite} > `}${test}\n${indent(detail)}`,
	);
	const output = result.output === "" ? "" : `\n  printed:\n${indent(result.output)}`;
	return `${result.file} [${result.engine}]\n${details.join("\n")}${output}`;
}

function section(title: string, items: readonly string[]): string {
	return items.length === 0 ? "" : `\n${title}\n${items.map((item) => `- ${item}`).join("\n")}\n`;
}

/** The closing report without its last line. */
export function report(
	results: readonly FileOutcome[],
	skips: readonly Skip[],
	forbidden: readonly Skip[],
	differences: readonly string[],
): string {
	const flaky = results.filter((result) => result.attempts > 1 && !failed(result));
	return [
		section("Failed:", results.filter(failed).map(failure)),
		section("Differences between engines:", differences),
		section(
			"Flaky (passed when tried again):",
			flaky.map(({ file, attempts }) => `${file}, attempt ${attempts}`),
		),
		section(
			"Skipped:",
			skips.map(({ name, reason }) => `${name}: ${reason}`),
		),
		section(
			"Skipped, which fails with CI=true unless .ci/allowed-skips lists it:",
			forbidden.map(({ name }) => name),
		),
	].join("");
}

/** The last line of every run. */
export function closing({ passed, failed, skipped }: Summary): string {
	return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
