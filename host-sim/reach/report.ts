// docs/reach.md with its plots and records: what a user asks first, then the proof.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Cell, cellId, cellNamed, dimensions } from "./cell.js";
import { allowedTimes, percent, timesOracle, type Yardstick } from "./checks.js";
import { movingCells, quietCells } from "./cover.js";
import { fullSection, writeFull } from "./full-section.js";
import { filled, markdownTable } from "./markdown.js";
import { plots } from "./plots.js";
import { OURS, OURS_STOCK, oracleOf, policies } from "./policies.js";
import { realSection } from "./real-section.js";
import { reasonOf } from "./reasons.js";
import type { Result } from "./result.js";
import type { StormResult } from "./storm.js";
import { streamSection } from "./stream-section.js";

export interface Run {
	readonly results: readonly Result[];
	readonly yardsticks: readonly Yardstick[];
	readonly commit: string;
	readonly seed: number;
	readonly size: string;
}

const PAGE = "docs/reach.md";
const FOLDER = "docs/reach";
const STORMS = `${FOLDER}/storm.ndjson`;

type Find = (cell: Cell, policy?: string) => Result | undefined;

/** Writes what a run of the default set or of all cells found. */
export function writeReport(run: Run): void {
	mkdirSync(FOLDER, { recursive: true });
	if (run.size === "full") return writeFull(run.results, run.yardsticks, brief, run);
	writeFileSync(`${FOLDER}/default.ndjson`, lines(run.results.map(brief)));
	for (const [name, svg] of plots(run.results, stormsOnRecord())) writeFileSync(`${FOLDER}/${name}`, svg);
	writeFileSync(PAGE, page(run));
}

/** The record of the storms, which take longer than all cells together. */
export function writeStorms(storms: readonly StormResult[]): void {
	mkdirSync(FOLDER, { recursive: true });
	writeFileSync(STORMS, lines([...storms].sort((left, right) => left.seed - right.seed)));
}

function stormsOnRecord(): StormResult[] {
	if (!existsSync(STORMS)) return [];
	const text = readFileSync(STORMS, "utf8").trim();
	return text.split("\n").map((line) => JSON.parse(line) as StormResult);
}

function lines(values: readonly unknown[]): string {
	return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

/** What tables and checks need, so that the records stay small: times in seconds, latencies in milliseconds. */
function brief({
	cell,
	policy,
	seed,
	commit,
	silence,
	commands,
	recovery,
	learned,
	lastOutageSeconds,
}: Result): object {
	const { bytesPerDay, wakeUpsPerDay, reachable } = silence;
	const { p50Ms, p99Ms, maxMs } = commands;
	return {
		cell,
		policy,
		seed,
		commit,
		bytesPerDay,
		wakeUpsPerDay,
		reachable,
		latency: [p50Ms, p99Ms, maxMs],
		...(recovery === undefined ? {} : { rebinding: [recovery.count, recovery.p50, recovery.p99, recovery.max] }),
		...(learned === undefined ? {} : { learned: [learned.lower, learned.kind, learned.interval] }),
		...(lastOutageSeconds === 0 ? {} : { lastOutageSeconds }),
	};
}

function page(run: Run): string {
	const known = new Map(run.results.map((result) => [`${result.cell} ${result.policy}`, result]));
	const find: Find = (cell, policy = OURS) => known.get(`${cellId(cell)} ${policy}`);
	const parts = [
		head(run),
		costs(find),
		afterRebinding(find),
		promises(run.yardsticks),
		others(find),
		streamSection(find),
		realSection(),
		learned(find),
		storms(stormsOnRecord()),
		fullSection(),
		everyCell(run.results),
		method(run),
	];
	return `${filled(parts.join("\n\n"))}\n`;
}

function head({ commit, seed, results }: Run): string {
	const cellCount = new Set(results.map(({ cell }) => cell)).size;
	return `# Reach: what it costs to be reachable, and how well it works

Made by \`npm run reach\` at commit ${commit} with seed ${seed}: ${cellCount} cells, a week of virtual
time each, by
the firmware and the back end themselves in a simulated network, beside the policies of other clients;
not edited by hand.`;
}

function costs(find: Find): string {
	const head = ["a binding lives for", ...dimensions.lossPercent.map((p) => `loss ${p} %`), "wake-ups a day, loss 1 %"];
	const rows = dimensions.lifetimeSeconds.map((lifetimeSeconds) => {
		const cells = quietCells().filter((cell) => cell.lifetimeSeconds === lifetimeSeconds);
		const wakeUps = find(cells[1]!)?.silence.wakeUpsPerDay;
		return [
			`${lifetimeSeconds} s${NETWORKS[lifetimeSeconds] ?? ""}`,
			...cells.map((cell) => {
				const result = find(cell);
				return result === undefined
					? ""
					: `${kilobytes(result.silence.bytesPerDay)} (${timesOracle(result).toFixed(2)})`;
			}),
			wakeUps === undefined ? "" : wakeUps.toFixed(0),
		];
	});
	return `## What does it cost a day on my network?

Kilobytes a day in both directions with all headers, while nobody speaks to the device and nothing moves; in
brackets how many times what the cheapest schedule costs that is *told* lifetime and loss (the oracle).
A month is 30 times as much.
A radio that sleeps ten seconds after each packet is never asleep at the shortest lifetime: no wake-ups.
How long a binding lives on your network is what \`pinhole reach ENDPOINT\` shows after the first hours.

${markdownTable([head, ...rows])}

![Bytes a day over the lifetime of the binding](reach/bytes.svg)`;
}

const NETWORKS: Readonly<Record<number, string>> = {
	30: " (the floor of RFC 9000; Linux before a second exchange; Google Cloud)",
	65: " (carrier-grade NAT, median)",
	120: " (Linux, RFC 4787's minimum)",
	180: " (home gateways)",
	300: " (RFC 4787's advice)",
	350: " (AWS)",
};

function afterRebinding(find: Find): string {
	const head = [
		"lifetime, rebinding",
		"half within",
		"99 % within",
		"the first",
		"packets sent meanwhile",
		"kB a day (oracle)",
	];
	const rows = movingCells().map((cell) => {
		const result = find(cell);
		const { recovery } = result ?? {};
		return [
			`${cell.lifetimeSeconds} s, ${REBINDINGS[cell.rebinding]}`,
			...(recovery === undefined
				? ["", "", "", ""]
				: [`${recovery.p50} s`, `${recovery.p99} s`, `${recovery.first} s`, String(recovery.messages)]),
			result === undefined ? "" : `${kilobytes(result.silence.bytesPerDay)} (${timesOracle(result).toFixed(2)})`,
		];
	});
	return `## How fast does a command arrive after a rebinding?

A rebinding gives the device another address without telling it; until the back end hears of it, commands go
nowhere, and then the waiting one is sent at once. Loss 1 %. After a quiet day the first rebinding may
last longer than the next.

${markdownTable([head, ...rows])}

![Unreachable after a rebinding](reach/recovery.svg)

![How long a command takes](reach/latency.svg)`;
}

const REBINDINGS: Readonly<Record<Cell["rebinding"], string>> = {
	never: "never",
	daily: "daily",
	hourly: "hourly",
	"5min": "each 5 minutes",
};

const MOST_MISSES = 12;

function promises(yardsticks: readonly Yardstick[]): string {
	const head = ["promise", "kept in"];
	const rows = yardsticks.map(({ promise, count, misses }) => [promise, `${count - misses.length} of ${count} cells`]);
	const missed = yardsticks
		.filter(({ misses }) => misses.length > 0)
		.map(({ name, promise, misses }) => {
			const table = misses
				.slice(0, MOST_MISSES)
				.map(({ result, what }) => [`\`${result.cell}\``, what, reasonOf(name, result)]);
			const rest = misses.length > MOST_MISSES ? `\n\nAnd ${misses.length - MOST_MISSES} more, less far off.` : "";
			return `### Missed: ${promise}\n\n${markdownTable([["cell", "measured", "why"], ...table])}${rest}`;
		});
	return [`## What was promised\n\n${markdownTable([head, ...rows])}`, ...missed].join("\n\n");
}

const SHOWN_LIFETIMES = [30, 65, 120, 300] as const;

function others(find: Find): string {
	const head = ["policy", ...SHOWN_LIFETIMES.map((lifetime) => `${lifetime} s`)];
	const rows = policies.map(({ name, title }) => [
		title,
		...SHOWN_LIFETIMES.map((lifetimeSeconds) => {
			const result = find({ ...quietCells()[0]!, lifetimeSeconds, lossPercent: 1 }, name);
			if (result === undefined) return "";
			return `${kilobytes(result.silence.bytesPerDay)}, ${percent(result.silence.reachable)}`;
		}),
	]);
	const oracle = SHOWN_LIFETIMES.map((lifetimeSeconds) => {
		const { bytesPerDay, unreachable } = oracleOf({ ...quietCells()[0]!, lifetimeSeconds, lossPercent: 1 });
		return `${kilobytes(bytesPerDay)}, ${percent(1 - unreachable)}`;
	});
	const sources = new Map(policies.filter(({ isOurs }) => !isOurs).map(({ title, source }) => [source, title]));
	const listed = [...sources].map(([source, title]) => `- ${title.replace(/, keepalive .*/, "")}: ${source}.`);
	return `## Beside other policies

Kilobytes a day and share of the time in which a command would arrive; loss 1 %, nothing moves. A
policy that is cheaper
here is one that cannot be reached. The lifetime holds for TCP, too, as with the NAT gateways of AWS; the
next section is about where TCP lives longer.

${markdownTable([head, ...rows, ["Oracle", ...oracle]])}

Their servers are as good as servers can be here: they believe an Update at once and repeat what stayed
unanswered.

${listed.join("\n")}

![Unreachable seconds a day over bytes a day](reach/reachability.svg)`;
}

function learned(find: Find): string {
	const head = ["lifetime", ...dimensions.lossPercent.map((p) => `loss ${p} %`), "stock server, loss 1 %"];
	const words = (result: Result | undefined): string =>
		result?.learned === undefined
			? ""
			: `${result.learned.lower} s, ${result.learned.kind} each ${result.learned.interval} s`;
	const rows = dimensions.lifetimeSeconds.map((lifetimeSeconds) => {
		const cells = quietCells().filter((cell) => cell.lifetimeSeconds === lifetimeSeconds);
		return [`${lifetimeSeconds} s`, ...cells.map((cell) => words(find(cell))), words(find(cells[1]!, OURS_STOCK))];
	});
	return `## What the device learns

The lower bound of the lifetime after the silent days, and what keeps the binding open then. Above 900
s the answer is
"at least 900 s": nobody needs to know more, because a device is heard that often anyway.

${markdownTable([head, ...rows])}

![The learned lower bound over the first day](reach/learning.svg)`;
}

function storms(results: readonly StormResult[]): string {
	if (results.length === 0) return "## The storm\n\nNot run.";
	const { deviceCount, commit } = results[0]!;
	const peaks = results.map(({ peak }) => peak);
	const uniform = results.map((result) => result.uniform);
	const each = Math.max(...results.map(({ perDevice }) => perDevice));
	const kept = results.filter((result) => result.peak <= 2 * result.uniform).length;
	const back = Math.max(...results.map(({ allBackSeconds }) => allBackSeconds));
	return `## The storm

${deviceCount.toLocaleString("en")} devices, real firmware and real back end, which is down for an hour
and comes
back without its state (commit ${commit}). After that at most ${Math.max(...peaks)} requests arrive in any 10 s
(${results.length} seeds, the least
${Math.min(...peaks)}), up to ${each} of each device in all. As many, spread uniformly over the jitter
window of 480 s, would be
${Math.min(...uniform)} to ${Math.max(...uniform)} in 10 s, and twice that is allowed: kept for ${kept}
of ${results.length} seeds. All devices are back after ${back} s at the latest.

![What hits the back end after an hour](reach/storm.svg)`;
}

function everyCell(results: readonly Result[]): string {
	const head = ["cell", "kB a day", "oracle", "reachable", "p50", "p99", "max", "after a rebinding p99", "learned"];
	const own = results.filter(({ policy }) => policy === OURS);
	const order = new Map(own.map(({ cell }) => [cell, cellNamed(cell).lifetimeSeconds]));
	const rows = own
		.sort((left, right) => order.get(left.cell)! - order.get(right.cell)! || left.cell.localeCompare(right.cell))
		.map(({ cell, silence, commands, recovery, learned: what, ...rest }) => [
			`\`${cell}\``,
			kilobytes(silence.bytesPerDay),
			`${timesOracle({ cell, silence, commands, recovery, ...rest }).toFixed(2)}${mark(cell)}`,
			percent(silence.reachable),
			seconds(commands.p50Ms),
			seconds(commands.p99Ms),
			seconds(commands.maxMs),
			recovery === undefined ? "" : `${recovery.p99} s`,
			what === undefined ? "" : `${what.lower} s`,
		]);
	return `## Every cell of the set

Our policy with our server. Bytes and reachability are of the silent days, latencies of the days with
72 commands each.
A cell's name says: lifetime, loss, rebinding, UDP, back end, NAT, security; \`npm run reach -- --cell
NAME\` runs it again.

${markdownTable([head, ...rows])}`;
}

function mark(cell: string): string {
	return allowedTimes(cellNamed(cell)) === 1.5 ? " of 1.5" : " of 1.25";
}

function method({ results }: Run): string {
	return `## How it is measured

- Each run is a week: a day to learn in, three silent days that are measured, three days with 72 Reads
  each at random
  times. On the silent days nothing but reach itself speaks, so no command keeps a binding alive by chance.
- A name that ends in T7440 or T3600 says that TCP has this lifetime, and UDP the first one; these cells are beside
  the matrix, and their bytes are compared with UDP's oracle.
- Reachability is not sampled: at each instant the observer knows the NAT's table, the address that the
  back end believes
  in and the device's sockets, and so whether a datagram sent now would pass. Radio loss is not counted
  there, but in the
  latencies; the time in which the back end is down is not counted at all.
- Loss lies between device and NAT: what is lost on its way out refreshes nothing. Bytes are IPv4 with
  all headers, as
  sent by the device and as received by it. A wake-up is a packet after ten seconds without one.
- Rebindings come without memory, restarts of the back end four times a day for 5 to 60 s.
- OSCORE is a stand-in of the same lengths; a test compares it with the real one byte for byte.
- A device learns from probes on fresh sockets and from the silence that follows a lost command;
  commands themselves are
  uplinks, too, and postpone the next keepalive. The bytes that are compared are those of days without commands.
- The oracle sends datagrams of 28 B without payload, pings of 64 B there and back as CoAP has them,
  and tells its address
  when its server asks; it is [computed](../host-sim/reach/oracle.ts), and carried out in the same
  world by a test. Our
  own ping weighs 58 B: so a figure below 1 is possible.
- The records: [default.ndjson](reach/default.ndjson), a line for each cell and policy
  (${results.length} lines), and the storm's.`;
}

function kilobytes(bytes: number): string {
	const value = bytes / 1000;
	return `${value.toFixed(value < 100 ? 1 : 0)} kB`;
}

function seconds(ms: number): string {
	return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
