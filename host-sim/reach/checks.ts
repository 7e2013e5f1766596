// The yardsticks: what was promised of reach, looked up in the results, with every miss by name.

import { learningNumbers } from "../../firmware/reach/constants.js";
import { type Cell, cellNamed, isQuiet } from "./cell.js";
import { OURS, OURS_STOCK, oracleOf, policies } from "./policies.js";
import type { Result } from "./result.js";

export interface Miss {
	readonly result: Result;
	/** What was measured and what was allowed, in words. */
	readonly what: string;
	/** How far beyond what is allowed, as a factor: the worst come first. */
	readonly factor: number;
}

export interface Yardstick {
	readonly name: string;
	readonly promise: string;
	/** Of the results that it can judge; never 0. */
	readonly count: number;
	readonly misses: readonly Miss[];
}

/** A cell as reachable as another misses no more than this beyond it. */
const ALIKE = 0.0005;
/** From here on a quarter more than the oracle is allowed, below it half as much again. */
const LONG_SECONDS = 65;
/** An exchange with all its retransmissions (RFC 7252, 4.8.2: MAX_TRANSMIT_SPAN) at p99 of the losses of a cell. */
const EXCHANGE_SECONDS: Readonly<Record<Cell["lossPercent"], number>> = { 0: 1, 1: 4, 5: 10, 20: 46 };
const FIRST_SECONDS = 900;
/** Whoever was not heard for so long at the end of a run may never be heard again. */
const FOR_GOOD_SECONDS = 3_600;
const LEARNED_FROM = 20;
const LEARNED_TO = 900;
const SHORT_BY = 0.15;
/** firmware/reach: how much longer than what is proven an interval may be where no server measures. */
const GROWTH_STEP = learningNumbers.growth;
/** A bound is learned in whole seconds. */
const ROUNDING = 1;
/** An interval is told in whole seconds, too: the true one may be so much longer. */
const HALF_SECOND = 0.5;
/** Fewer rebindings have no p99 but their maximum. */
const REBINDINGS_LEAST = 3;
/** So many commands have come after three days of 72; a stock server promises nothing before. */
const COMMANDS_LEAST = 150;

type Test = (result: Result, cell: Cell) => { readonly what: string; readonly factor: number } | undefined;

/** The yardsticks over the results of a run, those that have something to judge. */
export function measure(results: readonly Result[]): Yardstick[] {
	const all = results.filter(({ policy }) => policy === OURS);
	const own = all.filter(({ cell }) => cellNamed(cell).tcpSeconds === undefined);
	const streams = all.filter(({ cell }) => cellNamed(cell).tcpSeconds !== undefined);
	const stock = results.filter(({ cell, policy }) => policy === OURS_STOCK && cellNamed(cell).tcpSeconds === undefined);
	const open = own.filter(({ cell }) => cellNamed(cell).udp === "open");
	const quiet = open.filter(({ cell }) => isQuiet(cellNamed(cell)));
	const moving = open.filter(({ cell }) => cellNamed(cell).rebinding !== "never");
	const bounded = quiet.filter(({ cell }) => within(cellNamed(cell).lifetimeSeconds, LEARNED_FROM, LEARNED_TO));
	return [
		apply("quiet", "Quiet: at most 1.25 times the oracle's bytes (1.5 below 65 s)", quiet, costs),
		apply("reachable", "Quiet: 99.9 % reachable", quiet, isReachable),
		apply(
			"moving",
			"Moving, back end stable: the same factors",
			moving.filter(({ cell }) => cellNamed(cell).backEnd === "stable"),
			costs,
		),
		apply(
			"rebinding",
			"After a rebinding unreachable for at most an interval and an exchange, p99",
			moving.filter(({ recovery }) => (recovery?.count ?? 0) >= REBINDINGS_LEAST),
			recovers,
		),
		apply("first", "The first rebinding after quiet: at most 900 s", moving.filter(isMoved), ({ recovery }) =>
			atMost(FIRST_SECONDS, recovery!.first),
		),
		apply("learned", "Lower bound within 15 % below the truth, never above it", bounded, learnsWell),
		apply(
			"stock",
			"Stock server, after days with commands: within one growth step (1.25) of the truth",
			stock.filter(
				({ cell, commands }) =>
					isQuiet(cellNamed(cell)) && cellNamed(cell).udp === "open" && commands.count >= COMMANDS_LEAST,
			),
			growsWell,
		),
		apply("for good", "No device unreachable for good", [...own, ...stock], ({ lastOutageSeconds, commands }) =>
			lastOutageSeconds <= FOR_GOOD_SECONDS && commands.count > 0
				? undefined
				: { what: `${lastOutageSeconds} s unreachable at the end`, factor: lastOutageSeconds / FOR_GOOD_SECONDS },
		),
		besidePeers("Fewer bytes than each peer that is as reachable", own, results),
		...measureStreams(streams, results),
	].filter(({ count }) => count > 0);
}

/** Of cells in which TCP has a lifetime of its own. */
function measureStreams(own: readonly Result[], results: readonly Result[]): Yardstick[] {
	const where = "Where TCP lives longer";
	const quiet = own.filter(({ cell }) => isQuiet(cellNamed(cell)));
	return [
		apply("reachable", `${where}: 99.9 % reachable`, quiet, isReachable),
		apply("streams", `${where}: at most 1.25 times the bytes of the cheapest schedule over UDP`, own, costs),
		apply(
			"first",
			`${where}: after any rebinding unreachable for at most 900 s`,
			own.filter((result) => cellNamed(result.cell).rebinding !== "never" && isMoved(result)),
			({ recovery }) => atMost(FIRST_SECONDS, recovery!.max),
		),
		besidePeers(`${where}: fewer bytes than each peer that is as reachable`, own, results),
	];
}

/** Only where a peer ran, too. */
function besidePeers(promise: string, own: readonly Result[], results: readonly Result[]): Yardstick {
	const peers = new Map<string, Result[]>();
	for (const result of results.filter(isOfPeer)) {
		const known = peers.get(result.cell);
		if (known === undefined) peers.set(result.cell, [result]);
		else known.push(result);
	}
	const judged = own.filter(({ cell }) => peers.has(cell));
	return apply("peers", promise, judged, (result) => beatsPeers(result, peers.get(result.cell)!));
}

function isOfPeer({ policy }: Result): boolean {
	return !policies.some(({ isOurs, name }) => isOurs && name === policy);
}

function isMoved({ recovery }: Result): boolean {
	return recovery !== undefined;
}

function atMost(allowed: number, seconds: number): ReturnType<Test> {
	return seconds <= allowed ? undefined : { what: `${seconds} s`, factor: seconds / allowed };
}

/** A yardstick over some results; a result that broke has missed it. */
function apply(name: string, promise: string, results: readonly Result[], test: Test): Yardstick {
	const misses: Miss[] = [];
	for (const result of results) {
		const miss = test(result, cellNamed(result.cell));
		if (miss !== undefined) misses.push({ result, ...miss });
	}
	misses.sort((left, right) => right.factor - left.factor);
	return { name, promise, count: results.length, misses };
}

/** How many times the oracle's bytes a device spends on the silent days. */
export function timesOracle(result: Result): number {
	return result.silence.bytesPerDay / oracleOf(cellNamed(result.cell), result.policy === OURS).bytesPerDay;
}

const isReachable: Test = ({ silence }) =>
	silence.reachable >= 0.999
		? undefined
		: { what: `${percent(silence.reachable)} reachable`, factor: (1 - silence.reachable) / 0.001 };

const costs: Test = (result, cell) => {
	const allowed = allowedTimes(cell);
	const times = timesOracle(result);
	return times <= allowed
		? undefined
		: { what: `${times.toFixed(2)} times the oracle, ${allowed} allowed`, factor: times / allowed };
};

export function allowedTimes({ lifetimeSeconds }: Cell): number {
	return lifetimeSeconds >= LONG_SECONDS ? 1.25 : 1.5;
}

const recovers: Test = ({ recovery, learned, learnedAtEnd }, cell) => {
	const { p99 } = recovery!;
	// Rebindings are those of all days, and so is the longest interval.
	const longest = learnedAtEnd?.longest ?? learned?.longest ?? cell.lifetimeSeconds;
	const allowed = longest + HALF_SECOND + EXCHANGE_SECONDS[cell.lossPercent];
	return p99 <= allowed ? undefined : { what: `${p99} s, ${allowed} s allowed`, factor: p99 / allowed };
};

const learnsWell: Test = ({ learned }, { lifetimeSeconds }) => {
	const lower = learned?.lower ?? 0;
	if (lower > lifetimeSeconds + ROUNDING)
		return { what: `learned ${lower} s, above the truth`, factor: lower / lifetimeSeconds };
	const least = (1 - SHORT_BY) * lifetimeSeconds - ROUNDING;
	return lower >= least ? undefined : { what: `learned ${lower} s`, factor: least / Math.max(1, lower) };
};

const growsWell: Test = ({ learnedAtEnd }, { lifetimeSeconds }) => {
	const lower = learnedAtEnd?.lower ?? 0;
	const truth = Math.min(lifetimeSeconds, LEARNED_TO);
	const factor = Math.max(truth / Math.max(1, lower + ROUNDING), (lower - ROUNDING) / truth);
	return factor <= GROWTH_STEP ? undefined : { what: `learned ${lower} s`, factor };
};

function beatsPeers(result: Result, peers: readonly Result[]): ReturnType<Test> {
	let worst: ReturnType<Test>;
	for (const { policy, silence } of peers) {
		if (silence.reachable < result.silence.reachable - ALIKE) continue;
		const factor = result.silence.bytesPerDay / silence.bytesPerDay;
		if (factor <= 1 || factor <= (worst?.factor ?? 0)) continue;
		worst = { what: `${factor.toFixed(2)} times ${policy}, ${percent(silence.reachable)} reachable`, factor };
	}
	return worst;
}

function within(value: number, from: number, to: number): boolean {
	return value >= from && value <= to;
}

/** A share as a percentage that keeps the nines apart. */
export function percent(share: number): string {
	return `${(100 * share).toFixed(share > 0.99 && share < 1 ? 3 : 1)} %`;
}
