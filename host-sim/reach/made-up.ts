// Results that no run made: for the tests of what is said about results.

import { OURS } from "./policies.js";
import type { Learned, Recovery, Result, Slow } from "./result.js";

const COMMANDS = { count: 216, open: 0, p50Ms: 80, p90Ms: 90, p99Ms: 100, maxMs: 110, bytesPerDay: 0, reachable: 1 };
const SLOW: Slow = { moves: 0, downs: 0, isFirstSinceDown: false, registers: 0 };
const LEARNED: Learned = { lower: 118, upper: 122, interval: 118, longest: 118, kind: "ping" };

/** What a test wants to be different from a device that is always reached and spends nothing. */
export interface Wanted {
	readonly policy?: string;
	readonly bytesPerDay?: number;
	readonly perDay?: Readonly<Record<string, number>>;
	readonly reachable?: number;
	readonly commandCount?: number;
	readonly recovery?: Partial<Omit<Recovery, "slow">> & { readonly slow?: Partial<Slow> };
	readonly learned?: Partial<Learned>;
	readonly lastOutageSeconds?: number;
}

/** The result of a cell. */
export function madeUp(cell: string, wanted: Wanted = {}): Result {
	const { policy = OURS, bytesPerDay = 0, perDay = {}, reachable = 1, commandCount = 216, recovery } = wanted;
	const learned = { ...LEARNED, ...wanted.learned };
	return {
		cell,
		policy,
		seed: 1,
		days: 7,
		commit: "",
		silence: {
			bytesPerDay,
			upPerDay: bytesPerDay,
			packetsPerDay: 0,
			wakeUpsPerDay: 0,
			perDay,
			unreachableSeconds: 86_400 * (1 - reachable),
			reachable,
		},
		commands: { ...COMMANDS, count: commandCount },
		recovery: recovery === undefined ? undefined : recoveryOf(recovery),
		longestOutageSeconds: 0,
		lastOutageSeconds: wanted.lastOutageSeconds ?? 0,
		learned,
		learnedAtEnd: learned,
	};
}

function recoveryOf(wanted: NonNullable<Wanted["recovery"]>): Recovery {
	const slow = { ...SLOW, ...wanted.slow };
	return { count: 48, first: 1, p50: 1, p99: 1, max: 1, messages: 1, ...wanted, slow };
}
