// What is known of one policy in one cell: a line of the NDJSON files, and how it comes out of the world's figures.

import type { Down, Figures, Outage } from "../world/reach-types.js";

/** Of the silent days: nobody speaks to the device, what passes is the price of being reachable. */
export interface Silence {
	readonly bytesPerDay: number;
	readonly upPerDay: number;
	readonly packetsPerDay: number;
	readonly wakeUpsPerDay: number;
	/** By what the bytes were for. */
	readonly perDay: Readonly<Record<string, number>>;
	readonly unreachableSeconds: number;
	/** Share of the time in which a downlink would have arrived. */
	readonly reachable: number;
}

/** Of the days with commands. */
export interface Commands {
	readonly count: number;
	readonly open: number;
	readonly p50Ms: number;
	readonly p90Ms: number;
	readonly p99Ms: number;
	readonly maxMs: number;
	readonly bytesPerDay: number;
	readonly reachable: number;
}

/** How long a downlink could not arrive after a rebinding, in seconds in which the service was up. */
export interface Recovery {
	readonly count: number;
	/** The first of all: after a quiet day a device may look around less often. */
	readonly first: number;
	readonly p50: number;
	readonly p99: number;
	readonly max: number;
	/** Packets that the device sent in such a time, on average. */
	readonly messages: number;
	/** Of the one that p99 is; results of before did not record it. */
	readonly slow?: Slow;
}

/** What happened in the time that one rebinding cost. */
export interface Slow {
	/** Further rebindings. */
	readonly moves: number;
	/** How often the service went down; the time in which it was is not counted. */
	readonly downs: number;
	/** It was down since the rebinding before this one. */
	readonly isFirstSinceDown: boolean;
	/** Registers that were sent under OSCORE. */
	readonly registers: number;
}

/** What the device says that it learned; seconds. */
export interface Learned {
	readonly lower: number;
	/** Null: nothing died yet. */
	readonly upper: number | null;
	readonly interval: number;
	/** The longest interval from the second day on. */
	readonly longest: number;
	readonly kind: string;
}

export interface Result {
	readonly cell: string;
	readonly policy: string;
	readonly seed: number;
	readonly days: number;
	readonly commit: string;
	readonly silence: Silence;
	readonly commands: Commands;
	readonly recovery: Recovery | undefined;
	readonly longestOutageSeconds: number;
	/** Of the outage under way at the end; 0: a downlink would arrive. */
	readonly lastOutageSeconds: number;
	readonly learned?: Learned;
	/** The same after the days with commands: evidence that a stock server gives, too. */
	readonly learnedAtEnd?: Learned;
	/** Hours and learned lower bound over the first day. */
	readonly curve?: readonly (readonly [hour: number, lower: number])[];
}

const DAY_MS = 86_400_000;

/** `wasKnown`: the server ever knew the device. */
export function silenceOf(figures: Figures, ms: number, wasKnown: boolean): Silence {
	const { meter, unreachableMs } = figures;
	const days = ms / DAY_MS;
	const perDay: Record<string, number> = {};
	for (const [purpose, { bytes }] of Object.entries(meter.byPurpose)) perDay[purpose] = Math.round(bytes / days);
	return {
		bytesPerDay: Math.round(meter.bytes / days),
		upPerDay: Math.round(meter.up.bytes / days),
		packetsPerDay: rounded(meter.packets / days),
		wakeUpsPerDay: rounded(meter.wakeUps / days),
		perDay,
		unreachableSeconds: rounded(unreachableMs / 1000),
		reachable: wasKnown ? share(unreachableMs, ms) : 0,
	};
}

export function commandsOf(figures: Figures, ms: number, wasKnown: boolean): Commands {
	const { latencies, openCommands, meter, unreachableMs } = figures;
	return {
		count: latencies.length,
		open: openCommands,
		p50Ms: percentile(latencies, 0.5),
		p90Ms: percentile(latencies, 0.9),
		p99Ms: percentile(latencies, 0.99),
		maxMs: percentile(latencies, 1),
		bytesPerDay: Math.round((meter.bytes * DAY_MS) / ms),
		reachable: wasKnown ? share(unreachableMs, ms) : 0,
	};
}

/** What was seen of rebindings; instants in milliseconds. */
export interface Seen {
	readonly rebindingsAt: readonly number[];
	readonly outages: readonly Outage[];
	readonly downs: readonly Down[];
	/** When the device sent its packets, and those among them that are a Register under OSCORE. */
	readonly sentAt: readonly number[];
	readonly registersAt: readonly number[];
}

/** Undefined where nothing was rebound. All of it is told by a clock that stands still while the service is down. */
export function recoveryOf({ rebindingsAt, outages, downs, sentAt, registersAt }: Seen): Recovery | undefined {
	if (rebindingsAt.length === 0) return undefined;
	const spans = outages.map(({ at, ms }) => ({ from: upTime(at, downs), until: upTime(at, downs) + ms }));
	const at = rebindingsAt.map((instant) => upTime(instant, downs));
	const lasted = at.map((one, i) => {
		const next = at[i + 1] ?? Number.POSITIVE_INFINITY;
		const span = spans.find(
			({ from, until }) => until > one && from < Math.max(one + 1, Math.min(next, one + AT_ONCE_MS)),
		);
		return span === undefined ? 0 : (span.until - one) / 1000;
	});
	let messages = 0;
	for (const instant of sentAt.map((one) => upTime(one, downs)))
		if (spans.some(({ from, until }) => instant >= from && instant <= until + AT_ONCE_MS)) messages++;
	const p99 = percentile(lasted, 0.99);
	return {
		count: lasted.length,
		first: rounded(lasted[0]!),
		p50: rounded(percentile(lasted, 0.5)),
		p99: rounded(p99),
		max: rounded(percentile(lasted, 1)),
		messages: rounded(messages / Math.max(1, outages.length)),
		slow: slowOf(
			lasted.indexOf(p99),
			at,
			lasted,
			downs.map((one) => upTime(one.at, downs)),
			registersAt.map((one) => upTime(one, downs)),
		),
	};
}

/** What happened while the device was out of reach after one of the rebindings; instants of the standing clock. */
function slowOf(
	index: number,
	movedAt: readonly number[],
	lasted: readonly number[],
	downAt: readonly number[],
	registersAt: readonly number[],
): Slow {
	const from = movedAt[index]!;
	const until = from + 1000 * lasted[index]!;
	const before = movedAt.filter((one) => one < from).at(-1) ?? Number.NEGATIVE_INFINITY;
	return {
		moves: movedAt.filter((one) => one > from && one < until).length,
		downs: downAt.filter((one) => one >= from && one < until).length,
		isFirstSinceDown: downAt.some((one) => one >= before && one < from),
		registers: registersAt.filter((one) => one >= from && one <= until).length,
	};
}

/** The instant by a clock that stands still while the service is down. */
function upTime(instant: number, downs: readonly Down[]): number {
	let up = instant;
	for (const { at, until } of downs) if (at < instant) up -= Math.min(until, instant) - at;
	return up;
}

/** An outage belongs to a rebinding that it begins with. */
const AT_ONCE_MS = 1_000;

/** The value that a share of a list does not exceed; 0 of an empty list. */
export function percentile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((left, right) => left - right);
	return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

function share(unreachableMs: number, ms: number): number {
	return Math.round(1e6 * (1 - unreachableMs / ms)) / 1e6;
}

function rounded(value: number): number {
	return Math.round(10 * value) / 10;
}
