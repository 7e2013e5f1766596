// Which delays to measure next: a ladder while nothing is known from above, then between the bounds until they meet.

import type { Binding } from "./binding.js";
import { learningNumbers as numbers } from "./constants.js";

/** One delay of a measurement. */
interface Probe {
	readonly delayMs: number;
	misses: number;
	/** Asked for, and not answered yet. */
	pending: boolean;
}

/** How many misses of a delay are believed. */
export type Enough = (delayMs: number) => number;

/** Points between two bounds that are measured at once. */
const POINTS = 3;

/** One measurement of a network, round by round; made when it begins, dropped when it ends. */
export class ProbePlan {
	private readonly probes: Probe[] = [];
	/** The longest delay that was answered. */
	private aliveMs = 0;
	/** Nothing was missed. */
	isClean = true;

	/** Results are to come that the next round depends on. */
	isWaiting(binding: Binding): boolean {
		const missedMs = this.shortestMissed(binding)?.delayMs ?? Number.POSITIVE_INFINITY;
		// What is longer than a delay that was missed is of no use before that one is sure.
		return this.probes.some((probe) => probe.pending && probe.delayMs <= missedMs);
	}

	/** The delays of the next round, whole seconds in milliseconds; none: all is known. `wanted` go along. */
	next(binding: Binding, wanted: readonly number[]): readonly number[] {
		const round: number[] = [];
		const missed = this.shortestMissed(binding);
		if (missed !== undefined && !missed.pending) round.push(missed.delayMs);
		// A proof in doubt: what is between is sure sooner.
		if (missed !== undefined && missed.delayMs <= binding.lowerMs && this.aliveMs > 0)
			add(round, Math.sqrt(this.aliveMs * missed.delayMs), numbers.precision * this.aliveMs, missed.delayMs);
		for (let i = 0; i < wanted.length; i++) add(round, wanted[i]!, 0, Number.POSITIVE_INFINITY);
		if (!binding.isKnown) fill(round, binding);
		const fresh = round.filter((delayMs) => this.find(delayMs)?.pending !== true);
		for (let i = 0; i < fresh.length; i++) {
			const probe = this.find(fresh[i]!);
			if (probe === undefined) this.probes.push({ delayMs: fresh[i]!, misses: 0, pending: true });
			else probe.pending = true;
		}
		return fresh;
	}

	/** True where the binding taught something new; `enough` misses, of this or shorter delays, are believed. */
	handleProbed(binding: Binding, delayMs: number, alive: boolean | undefined, enough: Enough): boolean {
		const probe = this.asked(delayMs);
		if (probe === undefined) return false;
		probe.pending = false;
		if (alive === undefined) return false;
		if (alive) {
			// A server that counts from a repetition proves a little less than was asked for.
			for (let i = 0; i < this.probes.length; i++)
				if (this.probes[i]!.delayMs <= probe.delayMs) this.probes[i]!.misses = 0;
			this.aliveMs = Math.max(this.aliveMs, delayMs);
			return binding.handleAlive(delayMs);
		}
		probe.misses++;
		this.isClean = false;
		return this.believe(binding, enough);
	}

	/** The shortest delay that was missed often enough, counting the misses of all that are shorter. */
	private believe(binding: Binding, enough: Enough): boolean {
		let news = false;
		for (let i = 0; i < this.probes.length; i++) {
			const { delayMs } = this.probes[i]!;
			let misses = 0;
			for (let j = 0; j < this.probes.length; j++)
				if (this.probes[j]!.delayMs <= delayMs) misses += this.probes[j]!.misses;
			// A proof speaks against them, and of all that is asked for to verify it some is lost by chance.
			const needed = enough(delayMs) + (delayMs <= binding.lowerMs ? 1 : 0);
			if (misses >= needed && binding.handleDead(delayMs)) news = true;
		}
		return news;
	}

	/** The one that a result answers: the shortest under way that is no shorter. */
	private asked(delayMs: number): Probe | undefined {
		let found: Probe | undefined;
		for (let i = 0; i < this.probes.length; i++) {
			const probe = this.probes[i]!;
			if (!probe.pending || probe.delayMs < delayMs) continue;
			if (found === undefined || probe.delayMs < found.delayMs) found = probe;
		}
		return found;
	}

	/** How often it was missed, since something as long was answered. */
	missesOf(delayMs: number): number {
		return this.find(delayMs)?.misses ?? 0;
	}

	private find(delayMs: number): Probe | undefined {
		return this.probes.find((probe) => probe.delayMs === delayMs);
	}

	/** Missed, and not yet believed dead. */
	private shortestMissed(binding: Binding): Probe | undefined {
		let shortest: Probe | undefined;
		for (let i = 0; i < this.probes.length; i++) {
			const probe = this.probes[i]!;
			const { delayMs, misses } = probe;
			// Below the lower bound, too: what was proven may not hold any more.
			if (misses === 0 || delayMs >= binding.upperMs || (binding.isKnown && delayMs > binding.lowerMs)) continue;
			if (shortest === undefined || delayMs < shortest.delayMs) shortest = probe;
		}
		return shortest;
	}
}

/** Points with equal ratios: up to the longest delay while nothing is known from above, else between the bounds. */
function fill(round: number[], binding: Binding): void {
	const open = binding.upperMs === Number.POSITIVE_INFINITY;
	const from = Math.max(binding.lowerMs, open ? numbers.firstMs : numbers.shortestMs);
	const to = open ? numbers.longestMs : binding.upperMs;
	const room = numbers.probesAtOnce - round.length;
	const steps = open ? room : Math.min(room, POINTS) + 1;
	for (let i = 1; i <= room && i <= steps; i++)
		add(round, from * (to / from) ** (i / steps), binding.lowerMs, binding.upperMs);
}

/** Servers count delays in whole seconds. */
function add(round: number[], delayMs: number, aboveMs: number, belowMs: number): void {
	const whole = Math.min(numbers.longestMs, Math.max(1, Math.round(delayMs / 1000)) * 1000);
	if (whole > aboveMs && whole < belowMs && round.indexOf(whole) < 0) round.push(whole);
}
