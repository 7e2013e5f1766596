// The results as JUnit XML, one test suite a file and engine.

import { type FileOutcome, failed, type TestOutcome } from "./outcome.js";

/** What is reported of one file: `engine` is whatever it ran on. */
export type Reported = Pick<FileOutcome, "file" | "tests" | "ms" | "output"> & { readonly engine: string };

function xmlText(text: string): string {
	// XML 1.0, 2.2: most control characters may not even be written as references.
	const legal = [...text].filter((character) => character >= " " || "\t\n\r".includes(character)).join("");
	return legal.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function testCase(file: string, test: TestOutcome): string {
	const open = `<testcase classname="${xmlText(file)}" name="${xmlText(test.test)}" time="${test.ms / 1000}"`;
	if (test.outcome === "passed") return `${open}/>`;
	const [first = ""] = test.detail.split("\n");
	return test.outcome === "skipped"
		? `${open}><skipped message="${xmlText(first)}"/></testcase>`
		: `${open}><failure message="${xmlText(first)}">${xmlText(test.detail)}</failure></testcase>`;
}

function count(result: Reported, outcome: TestOutcome["outcome"]): number {
	return result.tests.filter((test) => test.outcome === outcome).length;
}

function testSuite(result: Reported): string {
	const [failures, skipped] = [count(result, "failed"), count(result, "skipped")];
	const counts = `tests="${result.tests.length}" failures="${failures}" skipped="${skipped}"`;
	const cases = result.tests.map((test) => `    ${testCase(result.file, test)}`);
	const output = failed(result) ? [`    <system-out>${xmlText(result.output)}</system-out>`] : [];
	const name = xmlText(`${result.file} [${result.engine}]`);
	return [
		`  <testsuite name="${name}" ${counts} time="${result.ms / 1000}">`,
		...cases,
		...output,
		"  </testsuite>",
	].join("\n");
}

/** The text of a JUnit file. */
export function junit(results: readonly Reported[]): string {
	return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${results.map(testSuite).join("\n")}\n</testsuites>\n`;
}
