// Growth on the live flow, where no server measures: now and then an interval goes a step beyond what a downlink
// proved, and back again when the downlinks that come say that its end is dead.

import type { Instant } from "../contract.js";
import type { Binding } from "./binding.js";
import { learningNumbers as numbers, keepaliveTimes as times } from "./constants.js";

export class Growth {
	/** That downlinks came only as early as they did, since one came later than was proven: the chance of an accident. */
	private accident = 1;
	private intervalCount = 0;
	/** When a growth that was undone is tried again, and how long after the next one. */
	private retryAt: Instant = Number.POSITIVE_INFINITY;
	private retryMs: number = numbers.regrowthMs;
	/** Answers to Updates count from then on. */
	private answersFrom: Instant = 0;

	/**
	 * The lifetime to try: a step beyond the proof, or half-way to what was dead, until the two are close. Where no more
	 * is proven than less than what is counted on, that is risk enough.
	 */
	lifetimeMs({ lowerMs, trustedMs, upperMs }: Binding): number {
		if (trustedMs > lowerMs * numbers.growth) return trustedMs;
		const isOpen = upperMs === Number.POSITIVE_INFINITY;
		const grownMs = isOpen ? Math.min(lowerMs * numbers.boldness, numbers.longestMs) : Math.sqrt(lowerMs * upperMs);
		return Math.max(trustedMs, isOpen || upperMs > lowerMs * numbers.growth ? grownMs : 0);
	}

	/**
	 * How long the next interval is to be, so that a downlink in it can prove something; 0: no longer than usual. None is
	 * begun that would be cut short, after `mostMs`: no downlink ever comes in an end that is not there.
	 */
	longMs(now: Instant, binding: Binding, mostMs: number): number {
		if (now >= this.retryAt) {
			this.retryAt = Number.POSITIVE_INFINITY;
			this.retryMs = Math.min(2 * this.retryMs, numbers.regrowthMaxMs);
			binding.raiseUpper();
		}
		const longMs = Math.min(this.lifetimeMs(binding) - times.guardMs, times.acknowledgedMs);
		if (longMs > mostMs) return 0;
		this.intervalCount = (this.intervalCount + 1) % numbers.longInterval;
		return this.intervalCount === 0 ? longMs : 0;
	}

	/**
	 * A downlink came after `ageMs` of silence, in an interval of this length; `answers`: it may be that it answers an
	 * Update, as what is lost elsewhere does. In a binding that lives through the interval its end is hit by chance, now
	 * and again. True: the end is believed dead.
	 */
	handleDownlink(now: Instant, binding: Binding, ageMs: number, intervalMs: number, answers: boolean): boolean {
		const lifetimeMs = this.lifetimeMs(binding);
		const { lowerMs } = binding;
		if (lifetimeMs <= lowerMs || intervalMs < numbers.longPart * lifetimeMs) return false;
		// What answers something else of ours comes early by no chance.
		if (ageMs < numbers.reactionMs && (!answers || now < this.answersFrom)) return false;
		const isNew = ageMs > Math.max(lowerMs, numbers.shortestMs);
		this.accident = isNew ? 1 : this.accident * Math.max(numbers.leastYoung, lowerMs / intervalMs);
		if (this.accident > numbers.growthDoubt) return false;
		this.accident = 1;
		this.retryAt = now + this.retryMs;
		if (lifetimeMs > numbers.shortestMs) return binding.handleDead(lifetimeMs);
		// However short: then it is the server that speaks only after we did.
		this.answersFrom = this.retryAt;
		binding.forgetUpper();
		return true;
	}
}
