// Equal results on every engine: the same list of (file, test, outcome) and the same digest of the recorded values.

import { digest, FILE_ITSELF, type FileOutcome } from "./outcome.js";

function outcomes(outcome: FileOutcome): Map<string, string> {
	return new Map(outcome.tests.map((test) => [`${test.suite} > ${test.test}`, test.outcome]));
}

function complete(outcome: FileOutcome): boolean {
	return !outcome.tests.some((test) => test.test === FILE_ITSELF && test.outcome === "failed");
}

function comparePair(left: FileOutcome, right: FileOutcome): string[] {
	if (!complete(left) || !complete(right)) return []; // that failure is reported, and hides what follows from it
	const differences: string[] = [];
	const [leftTests, rightTests] = [outcomes(left), outcomes(right)];
	for (const title of new Set([...leftTests.keys(), ...rightTests.keys()])) {
		const [one, other] = [leftTests.get(title) ?? "absent", rightTests.get(title) ?? "absent"];
		if (one !== other)
			differences.push(`${left.file}: ${title}: ${one} on ${left.engine}, ${other} on ${right.engine}`);
	}
	if (digest(left) === digest(right)) return differences;
	const index = left.records.findIndex(
		({ name, value }, i) => right.records[i]?.name !== name || right.records[i]?.value !== value,
	);
	const at = index < 0 ? left.records.length : index;
	const show = (outcome: FileOutcome) => {
		const record = outcome.records[at];
		return `${outcome.engine}: ${record ? `${record.name} = ${record.value}` : "nothing recorded"}`;
	};
	differences.push(`${left.file}: recorded value ${at + 1} differs\n    ${show(left)}\n    ${show(right)}`);
	return differences;
}

/** All differences between engines, each as one readable line; every engine is compared with the first of its file. */
export function engineDifferences(results: readonly FileOutcome[]): string[] {
	const byFile = new Map<string, FileOutcome[]>();
	for (const result of results) byFile.set(result.file, [...(byFile.get(result.file) ?? []), result]);
	return [...byFile.values()].flatMap(([first, ...others]) =>
		first === undefined ? [] : others.flatMap((other) => comparePair(first, other)),
	);
}
