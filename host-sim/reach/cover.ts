// Which cells a run of each size takes: few that still show each pair of circumstances together, or all.

import { allCells, type Cell, cellId, type DimensionName, dimensionNames, dimensions, tcpLifetimes } from "./cell.js";

/** Every pair of values of two dimensions is in at least one cell; greedy, and the same each time. */
export function coverPairs(begin: readonly Cell[]): Cell[] {
	const chosen = [...begin];
	const wanted = new Set(pairsOfAll());
	for (const cell of chosen) for (const pair of pairsOf(cell)) wanted.delete(pair);
	const candidates = allCells().map((cell) => ({ cell, pairs: pairsOf(cell) }));
	while (wanted.size > 0) {
		let best = candidates[0]!;
		let bestCount = 0;
		for (const candidate of candidates) {
			let count = 0;
			for (const pair of candidate.pairs) if (wanted.has(pair)) count++;
			if (count > bestCount) [best, bestCount] = [candidate, count];
		}
		chosen.push(best.cell);
		for (const pair of best.pairs) wanted.delete(pair);
	}
	return chosen;
}

function pairsOf(cell: Cell): string[] {
	return dimensionNames.flatMap((left, i) =>
		dimensionNames.slice(i + 1).map((right) => `${left}=${cell[left]},${right}=${cell[right]}`),
	);
}

function pairsOfAll(): string[] {
	const values = (name: DimensionName): readonly (string | number)[] => dimensions[name];
	return dimensionNames.flatMap((left, i) =>
		dimensionNames
			.slice(i + 1)
			.flatMap((right) =>
				values(left).flatMap((one) => values(right).map((other) => `${left}=${one},${right}=${other}`)),
			),
	);
}

const QUIET: Cell = {
	lifetimeSeconds: 65,
	lossPercent: 0,
	rebinding: "never",
	udp: "open",
	backEnd: "stable",
	nat: "plain",
	security: "plain",
};

/** Lifetime against loss where nothing else happens: the cells of the plots and of the first yardstick. */
export function quietCells(): Cell[] {
	return dimensions.lifetimeSeconds.flatMap((lifetimeSeconds) =>
		dimensions.lossPercent.map((lossPercent) => ({ ...QUIET, lifetimeSeconds, lossPercent })),
	);
}

/** Lifetime against rebinding at one loss: the cells of the second yardstick. */
export function movingCells(): Cell[] {
	return [30, 120, 300].flatMap((lifetimeSeconds) =>
		(["daily", "hourly", "5min"] as const).map(
			(rebinding) => ({ ...QUIET, lifetimeSeconds, lossPercent: 1, rebinding }) as Cell,
		),
	);
}

/** UDP's lifetime against losses where TCP lives longer, as behind most home routers: which of them is cheaper? */
export function streamCells(): Cell[] {
	return ([30, 65, 120] as const).flatMap((lifetimeSeconds) =>
		([0, 1, 5] as const).flatMap((lossPercent) =>
			tcpLifetimes.map((tcpSeconds) => ({ ...QUIET, lifetimeSeconds, lossPercent, tcpSeconds })),
		),
	);
}

/** The same where addresses move, of which a connection hears late. */
export function movingStreamCells(): Cell[] {
	return (["daily", "hourly"] as const).map((rebinding) => ({
		...QUIET,
		lifetimeSeconds: 30,
		lossPercent: 1,
		rebinding,
		tcpSeconds: 7_440,
	}));
}

/** The default set of the matrix: quiet and moving cells for the plots, and each pair of circumstances. */
export function matrixCells(): Cell[] {
	return unique(coverPairs([...quietCells(), ...movingCells()]));
}

/** All that a run of default size takes. */
export function defaultCells(): Cell[] {
	return [...matrixCells(), ...streamCells(), ...movingStreamCells()];
}

/** So many cells make the smoke test. */
const SMOKE_COUNT = 24;

/** A day each: all kinds of circumstances, not all pairs; the shortest lifetimes cost the most time. */
export function smokeCells(): Cell[] {
	const cells = coverPairs([]);
	const step = cells.length / SMOKE_COUNT;
	return Array.from({ length: SMOKE_COUNT }, (_, i) => cells[Math.floor(i * step)]!);
}

function unique(cells: readonly Cell[]): Cell[] {
	return [...new Map(cells.map((cell) => [cellId(cell), cell])).values()];
}
