// The part of the page on TCP that lives longer than UDP: which of them the device takes, and what its peers spend.

import { type Cell, tcpLifetimes } from "./cell.js";
import { percent } from "./checks.js";
import { movingStreamCells, streamCells } from "./cover.js";
import { markdownTable } from "./markdown.js";
import { OURS, oracleOf, policies } from "./policies.js";
import type { Result } from "./result.js";

type Find = (cell: Cell, policy?: string) => Result | undefined;

const MOVED_HEAD = ["rebinding", "kB a day", "half within", "the longest"];
/** The peers that hold a connection open. */
const PEERS = policies.filter(({ isLinux }) => isLinux === true);

export function streamSection(find: Find): string {
	const head = [
		"UDP lives for, loss",
		...tcpLifetimes.map((seconds) => `Pinhole, TCP ${seconds} s`),
		"it learned",
		"oracle over UDP",
		...PEERS.map(({ title }) => title.replace(" over TLS, keepalive", "")),
	];
	const [, longest] = tcpLifetimes;
	const rows = streamCells()
		.filter(({ tcpSeconds }) => tcpSeconds === longest)
		.map((cell) => [
			`${cell.lifetimeSeconds} s, ${cell.lossPercent} %`,
			...tcpLifetimes.map((tcpSeconds) => figures(find({ ...cell, tcpSeconds }))),
			learnedOf(find(cell, OURS)),
			kilobytes(oracleOf(cell).bytesPerDay),
			...PEERS.map(({ name }) => figures(find(cell, name))),
		]);
	return `## Where TCP lives longer than UDP

Behind most home routers, and many carriers' NATs, the binding of a connection lives for an hour, or for the 2 h 4 min
of RFC 5382, while one of datagrams lives for 30 s to 3 min. Then a connection that says a word each quarter of an hour
is cheaper than datagrams each half a minute, although each word costs three segments of 40 B. So a device that may
take both (/1/x/7 with U and T), and whose server prefers none (/1/x/22) and offers to measure, compares their prices:
where UDP costs twice what the best TCP would, for an hour in which its bounds are known, it goes to TCP, finds out from
below how long that lives, and goes back if it is no good. Kilobytes a day and share of the time in which a command
would arrive; the peers' connections at ${longest} s.

${markdownTable([head, ...rows])}

A connection that died is noticed when it should speak, at most 900 s later; then UDP is taken again, for four days at
least. Where UDP lives for 30 s, with a loss of 1 %:

${markdownTable([MOVED_HEAD, ...movingStreamCells().map((cell) => moved(find(cell), cell))])}

What a wrong guess costs shows in all other cells, where TCP lives no longer than UDP: a few kilobytes and some seconds
for each try, which comes again after two days, then after four and eight; none where more than 10 % is lost, or the
address moves more often than every two hours. A server that was down costs an hour on UDP. With a stock server, which
promises nothing, TCP is never taken for its price.`;
}

function figures(result: Result | undefined): string {
	if (result === undefined) return "";
	return `${kilobytes(result.silence.bytesPerDay)}, ${percent(result.silence.reachable)}`;
}

function moved(result: Result | undefined, { rebinding }: Cell): string[] {
	if (result?.recovery === undefined) return [rebinding, "", "", ""];
	const { recovery, silence } = result;
	return [rebinding, kilobytes(silence.bytesPerDay), `${recovery.p50} s`, `${recovery.max} s`];
}

function learnedOf(result: Result | undefined): string {
	return result?.learned === undefined ? "" : `${result.learned.kind} each ${result.learned.interval} s`;
}

function kilobytes(bytes: number): string {
	return `${(bytes / 1000).toFixed(bytes < 100_000 ? 1 : 0)} kB`;
}
