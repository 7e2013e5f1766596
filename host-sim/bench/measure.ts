// One run: all targets at the same time on the machine, asked in turns, so that what disturbs one disturbs all.

import { OPERATIONS, type Operation } from "./line.js";
import { type Figures, figures, type Ratios, type Rounds, ratios } from "./statistics.js";
import { type Running, start, TARGETS } from "./targets.js";

export interface Plan {
	readonly rounds: number;
	/** Operations of each target in one round, one after the other. */
	readonly size: number;
	/** Operations of each target and kind before anything counts: a just-in-time compiler needs them. */
	readonly warmUp: number;
}

/** The figures of one target in one operation. */
export interface Row extends Figures {
	readonly target: string;
	readonly toFloor: Ratios;
}

export interface Report {
	readonly plan: Plan;
	readonly rows: Readonly<Record<Operation, readonly Row[]>>;
	readonly skipped: readonly { readonly target: string; readonly why: string }[];
}

interface Measured extends Running {
	readonly target: string;
	readonly rounds: Record<Operation, number[][]>;
}

/** Starts what can be started here, measures, and ends it. */
export async function measure(plan: Plan): Promise<Report> {
	const skipped: { target: string; why: string }[] = [];
	const running: Measured[] = [];
	try {
		for (const target of TARGETS) {
			const why = target.missing();
			if (why !== undefined) skipped.push({ target: target.name, why });
			else running.push({ ...(await start(target)), target: target.name, rounds: { read: [], notify: [] } });
		}
		for (const operation of OPERATIONS) await interleave(running, operation, plan);
	} finally {
		for (const { stop } of running) stop();
	}
	return { plan, rows: { read: rows(running, "read"), notify: rows(running, "notify") }, skipped };
}

async function interleave(running: readonly Measured[], operation: Operation, plan: Plan): Promise<void> {
	for (const each of running) await take(each, operation, plan.warmUp);
	for (let round = 0; round < plan.rounds; round++)
		for (const each of running) each.rounds[operation].push(await take(each, operation, plan.size));
}

/** The latencies of so many operations, one after the other. */
async function take({ target, line }: Measured, operation: Operation, count: number): Promise<number[]> {
	const latencies: number[] = [];
	try {
		while (latencies.length < count) latencies.push(await line.time(operation));
	} catch (error) {
		throw new Error(`${target}: ${operation} ${latencies.length}: ${(error as Error).message}`, { cause: error });
	}
	return latencies;
}

function rows(running: readonly Measured[], operation: Operation): Row[] {
	const floor: Rounds = running[0]?.rounds[operation] ?? [];
	return running.map(({ target, rounds }) => ({
		target,
		...figures(rounds[operation]),
		toFloor: ratios(rounds[operation], floor),
	}));
}
