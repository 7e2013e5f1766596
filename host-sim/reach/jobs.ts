// What a run of each size has to do, the longest first.

import { allCells, type Cell, cellId, cellNamed } from "./cell.js";
import { defaultCells, matrixCells, smokeCells } from "./cover.js";
import { policies, policyNamed } from "./policies.js";
import type { Result } from "./result.js";
import { carryOut, ONE_DAY, type Span, THREE_DAYS, WEEK } from "./trial.js";

export const sizes = ["smoke", "default", "full"] as const;
export type Size = (typeof sizes)[number];

export const spans: Readonly<Record<Size, Span>> = { smoke: ONE_DAY, default: WEEK, full: THREE_DAYS };

/** A trial in words that go from process to process. */
export interface Job {
	readonly cell: string;
	readonly policy: string;
	readonly seed: number;
	readonly span: Span;
	readonly commit: string;
	/** The real OSCORE in place of its stand-in. */
	readonly isReal: boolean;
}

/** The trials of a size: ours in all of its cells, the peers in those of the default set. */
export function jobsOf(size: Size, seed: number, commit: string): Job[] {
	const span = spans[size];
	const job = (cell: Cell, policy: string): Job => ({ cell: cellId(cell), policy, seed, span, commit, isReal: false });
	const own = policies.filter(({ isOurs }) => isOurs);
	const cells = { smoke: smokeCells, default: defaultCells, full: matrixCells }[size]();
	const jobs = cells.flatMap((cell) => (size === "smoke" ? own : policies).map(({ name }) => job(cell, name)));
	if (size === "full") {
		const known = new Set(cells.map(cellId));
		for (const cell of allCells()) if (!known.has(cellId(cell))) jobs.push(job(cell, own[0]!.name));
	}
	return jobs.sort((left, right) => cellNamed(left.cell).lifetimeSeconds - cellNamed(right.cell).lifetimeSeconds);
}

/** Carries a job out; what breaks in it is told in its result. */
export function work({ cell, policy, commit, ...rest }: Job): Result {
	return carryOut({ ...rest, cell: cellNamed(cell), policy: policyNamed(policy) }, commit);
}

/** The name under which a job's result is found again. */
export function jobKey({ cell, policy, seed }: Pick<Job, "cell" | "policy" | "seed">): string {
	return `${cell} ${policy} ${seed}`;
}
