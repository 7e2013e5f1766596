// When a network is measured, by the server that offers it: at first, until the bounds meet, and then now and again.

import { backOffMs, unit } from "../back-off.js";
import type { Instant, Random } from "../contract.js";
import type { Binding } from "./binding.js";
import { learningNumbers as numbers } from "./constants.js";
import { type Enough, ProbePlan } from "./probe-plan.js";
import type { ReachStatus } from "./reach.js";

const NEVER: Instant = Number.POSITIVE_INFINITY;

export class Measurement {
	private readonly random: Random;
	private nextAt: Instant = NEVER;
	private plan: ProbePlan | undefined = undefined;
	private verifyMs: number = numbers.verifyFirstMs;
	private verifyCount = 0;
	private failureCount = 0;
	/** The first attempt at the measurement that is under way. */
	private beganAt: Instant = NEVER;
	/** Something came of the round that is under way. */
	private hasResult = false;
	/** Silences up to this, shorter than what was proven, are asked for first; 0: the proof is not in doubt. */
	private doubtfulMs = 0;
	/** They are yet to be asked for. */
	private isDoubtNew = false;
	/** Silences up to this were doubted, and held: a next doubt goes further. */
	private heldMs = 0;

	constructor(random: Random) {
		this.random = random;
	}

	/** The server offers to measure. What is under way goes on; what is known need not be known better at once. */
	begin(now: Instant, binding: Binding): void {
		if (this.plan !== undefined) return;
		const { afterStartMs, afterStartMaxMs, firstProbeMs } = numbers;
		const laterAt = now + afterStartMs + (afterStartMaxMs - afterStartMs) * unit(this.random);
		if (this.nextAt === NEVER) this.nextAt = binding.isKnown ? laterAt : now + this.draw(firstProbeMs);
		else if (binding.isKnown) this.nextAt = Math.max(this.nextAt, laterAt);
	}

	/** Another network, or no offer: whatever is under way is worth nothing. */
	end(): void {
		this.nextAt = NEVER;
		this.plan = undefined;
		this.beganAt = NEVER;
		this.doubtfulMs = 0;
		this.heldMs = 0;
		this.verifyMs = numbers.verifyFirstMs;
		this.failureCount = 0;
	}

	/** What is known is in doubt. */
	hasten(now: Instant): void {
		if (this.nextAt === NEVER && this.plan === undefined) return;
		if (this.plan === undefined) this.nextAt = Math.min(this.nextAt, now + this.draw(numbers.nextProbeMs));
		this.verifyMs = numbers.verifyFirstMs;
	}

	/**
	 * What was proven may not hold any more, and silences longer than `mostMs` end for other reasons. A measurement that
	 * is under way takes it up: it may go on for hours with what is longer. False: nobody measures.
	 */
	verify(now: Instant, mostMs: number): boolean {
		if (this.nextAt === NEVER && this.plan === undefined) return false;
		this.nextAt = Math.min(this.nextAt, now + this.draw(numbers.nextProbeMs));
		this.doubtfulMs = Math.max(mostMs, numbers.doubtGrowth * this.heldMs);
		this.isDoubtNew = true;
		return true;
	}

	/** What was proven was missed: what is shorter says sooner, and with less doubt, whether it still holds. */
	private suspect(missedMs: number): void {
		this.doubtfulMs = missedMs;
		this.isDoubtNew = true;
	}

	/** What is doubted is asked for once more: nobody can say what became of it. */
	insist(): void {
		this.isDoubtNew = this.isUrgent;
	}

	/** It is measured whatever speaks against that. */
	get isUrgent(): boolean {
		return this.doubtfulMs > 0;
	}

	/**
	 * It took its time, the less the more often what is known was verified: where moves end what is measured, and are
	 * watched for meanwhile, it would go on for days.
	 */
	isLong(now: Instant): boolean {
		return now - this.beganAt > (numbers.watchedMs * numbers.verifyFirstMs) / this.verifyMs;
	}

	/** Nothing of what is known was verified yet. */
	get isFirst(): boolean {
		return this.verifyMs <= numbers.verifyFirstMs;
	}

	/** What was proven held for a day. */
	get isSettled(): boolean {
		return this.verifyMs >= numbers.verifyMs;
	}

	get state(): ReachStatus["probe"] {
		if (this.plan !== undefined) return "measuring";
		return this.nextAt === NEVER ? "none" : "waiting";
	}

	get timeoutAt(): Instant {
		return this.nextAt;
	}

	/** The delays to measure now, if it is time. */
	handleTimeout(now: Instant, binding: Binding): readonly number[] {
		if (now < this.nextAt) return NOTHING;
		this.nextAt = NEVER;
		this.hasResult = false;
		// A silence so short that it cannot be measured was ended by something else, or else is to be seen again.
		if (this.plan === undefined && binding.upperMs <= numbers.shortestMs) binding.forgetUpper();
		// What is known from before comes first: does it still hold?
		const isAsked = this.plan !== undefined && !this.isDoubtNew;
		const wanted = isAsked || binding.lowerMs === 0 ? NOTHING : this.wanted(binding);
		this.isDoubtNew = false;
		this.beganAt = Math.min(this.beganAt, now);
		this.plan ??= new ProbePlan();
		const round = this.plan.next(binding, wanted);
		if (round.length === 0 && !this.plan.isWaiting(binding)) this.finish(now);
		return round;
	}

	/** True where the binding taught something new. */
	handleProbed(now: Instant, binding: Binding, delayMs: number, alive: boolean | undefined, enough: Enough): boolean {
		const plan = this.plan;
		if (plan === undefined) return false;
		if (alive !== undefined) this.hasResult = true;
		const isProof = alive === false && delayMs <= binding.lowerMs;
		const news = plan.handleProbed(binding, delayMs, alive, enough);
		// Where much is lost one miss is an everyday thing.
		const isDoubtful = plan.missesOf(delayMs) >= (enough(delayMs) > OFTEN ? 2 : 1);
		if (isProof && isDoubtful && !this.isUrgent) this.suspect(delayMs);
		if (plan.isWaiting(binding) || this.nextAt !== NEVER) return news;
		if (!this.hasResult) this.fail(now);
		else {
			this.failureCount = 0;
			this.nextAt = now + numbers.nextProbeMs;
		}
		return news;
	}

	private wanted(binding: Binding): readonly number[] {
		if (this.isUrgent) return pointsTo(Math.min(this.doubtfulMs, binding.lowerMs));
		this.verifyCount = (this.verifyCount + 1) % numbers.verifyUpper;
		return !this.isSettled || this.verifyCount === 0 ? boundsOf(binding) : [binding.lowerMs];
	}

	/** The server would not, or nobody could. */
	handleRefused(now: Instant): void {
		if (this.plan !== undefined) this.fail(now);
	}

	private fail(now: Instant): void {
		this.plan = undefined;
		this.nextAt = now + backOffMs(numbers, this.failureCount++, this.random);
	}

	/** All is known that is of use. */
	finish(now: Instant): void {
		if (this.isUrgent) this.heldMs = this.plan?.isClean === true ? this.doubtfulMs : 0;
		this.plan = undefined;
		this.beganAt = NEVER;
		this.doubtfulMs = 0;
		this.nextAt = now + this.verifyMs * (1 - numbers.verifyJitter * unit(this.random));
		this.verifyMs = Math.min(2 * this.verifyMs, numbers.verifyMs);
	}

	/** From once to twice as long. */
	private draw(leastMs: number): number {
		return leastMs * (1 + unit(this.random));
	}
}

/** So many misses are no proof where more than a tenth of all datagrams is lost. */
const OFTEN = 3;

/** Both bounds, to see whether they still hold. */
function boundsOf({ lowerMs, upperMs }: Binding): readonly number[] {
	// Delays are whole seconds, and what is between two of them would be the lower bound again.
	const wholeMs = 1000 * Math.ceil(upperMs / 1000);
	return wholeMs <= numbers.longestMs ? [lowerMs, wholeMs] : [lowerMs];
}

/** With equal ratios, so that whatever it is today is not far from one of them. */
function pointsTo(mostMs: number): readonly number[] {
	const leastMs = Math.min(mostMs, numbers.firstMs);
	return [0, 1, 2, 3].map((i) => leastMs * (mostMs / leastMs) ** (i / 3));
}

const NOTHING: readonly number[] = Object.freeze([]);
