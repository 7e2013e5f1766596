// All cells of our policy, as a part of the page: `npm run reach -- --full` makes the record, here it is told.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dimensions } from "./cell.js";
import type { Yardstick } from "./checks.js";
import { cellMap } from "./map.js";
import { markdownTable } from "./markdown.js";
import { OURS } from "./policies.js";
import { reasonOf } from "./reasons.js";
import type { Result } from "./result.js";

const FOLDER = "docs/reach";
const RECORD = `${FOLDER}/full.json`;
const MAP = "full.svg";
/** So many of the misses of a promise are shown, the worst first; the records have all. */
const WORST_COUNT = 5;

/** What the page says of a run of all cells. */
interface FullRecord {
	readonly commit: string;
	readonly seed: number;
	readonly cellCount: number;
	readonly promises: readonly {
		readonly promise: string;
		readonly count: number;
		readonly missed: number;
		readonly worst: readonly (readonly [cell: string, what: string, why: string])[];
	}[];
}

/** Writes the record of a run of all cells: a file of lines for each lifetime, the map, and what the page says. */
export function writeFull(
	results: readonly Result[],
	yardsticks: readonly Yardstick[],
	line: (result: Result) => object,
	{ commit, seed }: { readonly commit: string; readonly seed: number },
): void {
	const own = results.filter(({ policy }) => policy === OURS);
	for (const lifetime of dimensions.lifetimeSeconds) {
		const lines = own
			.filter(({ cell }) => cell.startsWith(`L${lifetime}-`))
			.sort((left, right) => left.cell.localeCompare(right.cell))
			.map((result) => `${JSON.stringify(line(result))}\n`);
		writeFileSync(`${FOLDER}/full-${lifetime}s.ndjson`, lines.join(""));
	}
	writeFileSync(`${FOLDER}/${MAP}`, cellMap(own));
	const promises = yardsticks.map(({ name, promise, count, misses }) => ({
		promise,
		count,
		missed: misses.length,
		worst: misses.slice(0, WORST_COUNT).map(({ result, what }) => [result.cell, what, reasonOf(name, result)] as const),
	}));
	const record: FullRecord = { commit, seed, cellCount: own.length, promises };
	writeFileSync(RECORD, `${JSON.stringify(record, undefined, "\t")}\n`);
}

/** What the record says, or how to get one. */
export function fullSection(): string {
	if (!existsSync(RECORD)) return "## All cells\n\nNot run yet: `npm run reach -- --full`.";
	const { commit, seed, cellCount, promises } = JSON.parse(readFileSync(RECORD, "utf8")) as FullRecord;
	const kept = promises.map(({ promise, count, missed }) => [promise, `${count - missed} of ${count}`]);
	const worst: string[][] = promises.flatMap(({ promise, worst: rows }) =>
		rows.map(([cell, what, why], i) => [i === 0 ? promise : "", `\`${cell}\``, what, why]),
	);
	return `## All cells

The same promises in each of the ${cellCount.toLocaleString("en")} combinations, three days each (commit ${commit}, seed
${seed}): a day to learn in, a silent one, one with commands. A promise is counted where there is something to judge:
peers ran in the cells of the default set, the p99 of rebindings takes three of them, and what a device learns of a
stock server takes three days with commands, which are above.

${markdownTable([["promise", "kept in"], ...kept])}

![How long a device is out of reach, in every cell](reach/${MAP})

${worst.length === 0 ? "" : worstOfEach(worst)}`;
}

function worstOfEach(rows: readonly (readonly string[])[]): string {
	return `The worst of each:\n\n${markdownTable([["promise", "cell", "measured", "why"], ...rows])}`;
}
