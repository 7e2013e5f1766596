// Why a target is missed where it is: said beside the number, from what the run itself recorded.

import { type Cell, cellNamed, rebindingSeconds } from "./cell.js";
import { percent } from "./checks.js";
import { weights } from "./oracle.js";
import { OURS, oracleOf } from "./policies.js";
import type { Learned, Result } from "./result.js";

const UNKNOWN = "not known yet";
const DAY_SECONDS = 86_400;
/** The weightiest come first; more of them nobody reads in a table. */
const PARTS_MOST = 3;
/** A share of the bytes that is worth a word. */
const MUCH = 0.05;
/** So much of the bytes for probes: it measured for hours. */
const VERY_MUCH = 0.15;
/** What is so much shorter than the oracle's is worth a word. */
const SHORTER = 0.9;
/** Less reachable by so much is more than chance. */
const LESS = 0.02;
const HOURS = 24;
/** Shorter intervals keep a binding from being a young one by themselves. */
const LONG_SECONDS = 180;
/** One acknowledged exchange comes at least so often, the oracle's as ours. */
const CHECK_SECONDS = 900;
/** An Update with its answer, and a refresh, as a trace of the firmware shows them. */
const UPDATE_BYTES: Readonly<Record<Cell["security"], number>> = { plain: 88, oscore: 115 };
const REFRESH_BYTES = 29;
const SAME_PORT =
	"behind Linux' NAT a binding that died gets its port again: nobody sees that, and it lives for 30 s until used twice";

/** The reason of a miss by yardstick, as far as it is known. */
export function reasonOf(yardstick: string, result: Result): string {
	const cell = cellNamed(result.cell);
	switch (yardstick) {
		case "quiet":
			return joined(dearer(result, cell));
		case "reachable":
			return unreachable(result, cell);
		case "moving":
			return joined([...besideOracle(result, cell), ...dearer(result, cell)]);
		case "rebinding":
			return slow(result, cell);
		case "learned":
			return cell.lossPercent === 0
				? UNKNOWN
				: "losses hide answers of probes: two misses are believed, where the loss makes them rare enough";
		case "stock":
			return (result.learnedAtEnd?.lower ?? 0) > cell.lifetimeSeconds
				? UNKNOWN
				: `too few of ${result.commands.count} commands came late in an interval, and only those prove a longer one`;
		case "peers":
			return cell.udp === "blocked"
				? "over TCP a pong proves nothing (Linux picks a forgotten connection up), and each repair costs a connection"
				: joined(dearer(result, cell));
		default:
			return UNKNOWN;
	}
}

function joined(parts: readonly string[]): string {
	return parts.length === 0 ? UNKNOWN : parts.slice(0, PARTS_MOST).join("; ");
}

/** Linux keeps a young binding for 30 s, others for longer. */
function hasYoung({ nat, udp, lifetimeSeconds }: Cell): boolean {
	return nat === "linux" && udp === "open" && lifetimeSeconds > 30;
}

/** What makes the silent days dearer than the oracle's, as far as the result shows it. */
function dearer({ silence, learned, policy }: Result, cell: Cell): string[] {
	const { bytesPerDay, perDay } = silence;
	const { probe = 0, registration = 0 } = perDay;
	const parts: string[] = [];
	if (cell.rebinding === "5min" && probe > VERY_MUCH * bytesPerDay)
		parts.push(
			`to measure the lifetime among moves takes ${kilobytes(probe)} a day of probes, and while it lasts a refresh ` +
				"each 25 s, which tells a move from an expiry",
		);
	else if (probe > MUCH * bytesPerDay)
		parts.push(`${kilobytes(probe)} a day for probes that measure and verify the lifetime`);
	if (registration > MUCH * bytesPerDay) parts.push(`${kilobytes(registration)} a day for Registers anew`);
	const update = UPDATE_BYTES[cell.security];
	if (cell.udp === "open" && HOURS * (update - weights.ping.up - weights.ping.down) > MUCH * bytesPerDay)
		parts.push(`each hour an Update of ${update} B proves the registration, where the oracle trusts a ping`);
	// One an hour, and where moves are seen one after each word that was answered.
	const seconds = cell.rebinding === "never" ? HOURS : DAY_SECONDS / Math.max(learned?.interval ?? 0, LONG_SECONDS);
	if (hasYoung(cell) && seconds * REFRESH_BYTES > MUCH * bytesPerDay)
		parts.push("second words keep Linux from taking the binding for a young one, of 30 s");
	return learned === undefined ? parts : [...parts, ...shorter(learned, cell, policy === OURS)];
}

/** Why what is sent comes more often than the oracle's. */
function shorter({ lower, upper, interval, kind }: Learned, cell: Cell, serverAsks: boolean): string[] {
	if (upper !== null && upper < cell.lifetimeSeconds - 1)
		return [`moves or losses were taken for an expiry: it believes in ${lower} to ${upper} s`];
	const oracle = oracleOf(cell, serverAsks).intervalSeconds;
	if (interval < SHORTER * oracle)
		return [`a keepalive each ${interval} s, where the oracle, told lifetime and loss, takes ${oracle.toFixed(0)} s`];
	const words = Math.floor(CHECK_SECONDS / interval) * interval;
	const comesEarly = kind === "refresh" && words < SHORTER * CHECK_SECONDS;
	return comesEarly ? [`each ${words} s a refresh is one that is answered, the oracle's each ${CHECK_SECONDS} s`] : [];
}

/** The moving oracle is as silent as the binding allows, and as little reached. */
function besideOracle({ silence, policy }: Result, cell: Cell): string[] {
	const { intervalSeconds, bytesPerDay } = oracleOf(cell, policy === OURS);
	const moves = intervalSeconds / rebindingSeconds[cell.rebinding];
	const reachable = (1 - Math.exp(-moves)) / moves;
	const shares =
		`${percent(silence.reachable)} reachable, the oracle ${percent(reachable)}: for each day of being reachable ` +
		`${kilobytes(silence.bytesPerDay / silence.reachable)}, the oracle ${kilobytes(bytesPerDay / reachable)}`;
	return hasYoung(cell) && silence.reachable < reachable - LESS ? [shares, SAME_PORT] : [shares];
}

function unreachable({ silence }: Result, cell: Cell): string {
	const seconds = ((1 - silence.reachable) * DAY_SECONDS).toFixed(0);
	if (hasYoung(cell)) return `${seconds} s a day: ${SAME_PORT}`;
	return cell.lossPercent === 0
		? UNKNOWN
		: `${seconds} s a day: keepalives that were lost in a row let the binding die`;
}

/** Of the rebinding that took as long as 99 % do not. */
function slow({ recovery }: Result, { lossPercent, security }: Cell): string {
	if (recovery?.slow === undefined) return UNKNOWN;
	const { moves, downs, isFirstSinceDown, registers } = recovery.slow;
	const isRefused = security === "oscore" && registers > 0;
	const parts: string[] = [];
	if (downs > 0) parts.push("the back end was down when the word came that would have told it, and heard the next one");
	if (moves > 0) parts.push(`${counted(moves, "further move")} before the first one was told`);
	if (isRefused)
		parts.push(
			downs > 0 || isFirstSinceDown
				? "restarted, the back end has no OSCORE context, and its 4.01, which nothing protects, has to come three times"
				: "the copy of an Update that had arrived before the move is a replay, and its 4.01 has to come three times",
		);
	else if (downs === 0 && moves === 0 && lossPercent > 0)
		parts.push(
			`at ${lossPercent} % loss the word that would have told it was lost, or its answer, and the next one told it`,
		);
	return joined(parts);
}

function counted(count: number, what: string): string {
	return count === 1 ? `one ${what}` : `${count} ${what}s`;
}

function kilobytes(bytes: number): string {
	return `${(bytes / 1000).toFixed(1)} kB`;
}
