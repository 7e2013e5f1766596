// Figures of latencies: all of a target's, and the same as ratios to the floor that ran in turn with it.

/** Latencies in milliseconds of one target, one list a round. */
export type Rounds = readonly (readonly number[])[];

/** What one target's latencies come to. */
export interface Figures {
	readonly medianMs: number;
	readonly p99Ms: number;
	/** One after the other, without a pause. */
	readonly perSecond: number;
}

/** How one target stands to the floor: 1 is as fast. */
export interface Ratios {
	readonly median: number;
	readonly p99: number;
	/** The median ratios of the luckiest and of the unluckiest round: how much the machine was disturbed. */
	readonly lowest: number;
	readonly highest: number;
}

/** The value that so much of all values, 0 to 1, does not exceed (nearest rank); NaN of none. */
export function quantile(values: readonly number[], share: number): number {
	const sorted = Float64Array.from(values).sort();
	return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** What the latencies of all rounds together come to. */
export function figures(rounds: Rounds): Figures {
	const all = rounds.flat();
	const totalMs = all.reduce((sum, value) => sum + value, 0);
	return { medianMs: quantile(all, 0.5), p99Ms: quantile(all, 0.99), perSecond: (1000 * all.length) / totalMs };
}

/** A target's latencies against those of the floor in the same rounds. */
export function ratios(rounds: Rounds, floor: Rounds): Ratios {
	const own = figures(rounds);
	const least = figures(floor);
	const byRound = rounds.map((round, i) => quantile(round, 0.5) / quantile(floor[i] ?? [], 0.5));
	return {
		median: own.medianMs / least.medianMs,
		p99: own.p99Ms / least.p99Ms,
		lowest: Math.min(...byRound),
		highest: Math.max(...byRound),
	};
}
