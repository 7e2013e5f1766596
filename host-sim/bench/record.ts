// How a run is shown: as text in the terminal, as docs/benchmark.md for the record.

import { table } from "../cli/table.js";
import { OPERATIONS, type Operation } from "./line.js";
import type { Report, Row } from "./measure.js";

/** Where and when a run took place; no names. */
export interface Circumstances {
	readonly date: string;
	readonly processors: number;
	readonly architecture: string;
	readonly node: string;
	/** Processes that wanted to run in the minute before. */
	readonly load: number;
	/** Sender and targets shared one processor. */
	readonly isPinned: boolean;
}

/** Above this, somebody else was at work. */
const QUIET_LOAD = 0.5;

const TITLES: Readonly<Record<Operation, string>> = {
	read: "Read: from the request to its response",
	notify: "Notify: from a Write to its response and the notification that it causes",
};

const HEAD = ["target", "median us", "p99 us", "per second", "median ratio", "p99 ratio", "median ratio by round"];

function cells({ target, medianMs, p99Ms, perSecond, toFloor }: Row): string[] {
	const spread = `${ratio(toFloor.lowest)} - ${ratio(toFloor.highest)}`;
	const microseconds = [1000 * medianMs, 1000 * p99Ms].map((value) => value.toFixed(0));
	return [target, ...microseconds, perSecond.toFixed(0), ratio(toFloor.median), ratio(toFloor.p99), spread];
}

/** Two digits that count. */
export function ratio(value: number): string {
	return value.toFixed(value < 9.95 ? 1 : 0);
}

/** The run for the terminal. */
export function show({ rows, skipped }: Report): string {
	const parts = OPERATIONS.map((operation) => `${TITLES[operation]}\n${table([HEAD, ...rows[operation].map(cells)])}`);
	for (const { target, why } of skipped) parts.push(`Skipped ${target}: ${why}`);
	return parts.join("\n\n");
}

function markdownTable(rows: readonly Row[]): string {
	const all = [HEAD, ...rows.map(cells)];
	const widths = HEAD.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
	const lines = all.map((row) =>
		row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | "),
	);
	const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ");
	return [lines[0]!, rule, ...lines.slice(1)].map((line) => `| ${line} |`).join("\n");
}

function disturbance({ load, processors }: Circumstances): string {
	const told = `The load of the minute before was ${load.toFixed(1)} on ${processors} processors`;
	if (load <= QUIET_LOAD) return `${told}: the machine was quiet.`;
	return `${told}: **other work disturbed this run**,
so read the ratios with their spread, nothing to a tenth, and the 99th percentiles hardly at all.`;
}

/** The run for docs/benchmark.md. */
export function markdown({ plan, rows, skipped }: Report, where: Circumstances): string {
	const place = where.isPinned ? "all on one processor" : "spread over the processors as the system likes";
	const parts = [
		`# Benchmark

Made by \`npm run bench -- --write\` on ${where.date}; not edited by hand, and nothing is asserted by it.
One sender asks each target over loopback, one datagram after the other, in turns: ${plan.rounds} rounds of ${plan.size}
operations of each target, after ${plan.warmUp} that do not count. A ratio is to the same figure of the floor in the
same run: a bare UDP echo on Node; 1 is as fast. The last column is the ratio of the medians in the luckiest and in the
unluckiest round.

Node ${where.node}, ${where.architecture}, ${where.processors} processors; sender and targets ${place}.
${disturbance(where)}

![Ratios to the floor](benchmark.svg)`,
		...OPERATIONS.map((operation) => `## ${TITLES[operation]}\n\n${markdownTable(rows[operation])}`),
		...skipped.map(({ target, why }) => `Skipped: ${target}, ${why}.`),
		`## How to read it

- Pinhole is the firmware of \`pinhole device\` with all its objects, without a log line for each operation. The peers
  serve two resources.
- XS interprets bytecode and has no just-in-time compiler; on a microcontroller the radio takes longer. There the
  figures of the [budget](budget.md) count: steps and garbage.
- The floor of a notification sends two datagrams, too. Which of the two comes first differs between targets: both are
  waited for.`,
	];
	return `${parts.join("\n\n")}\n`;
}
