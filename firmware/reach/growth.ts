// Careful growth on the live flow, where no server measures: an interval goes no further beyond what a downlink proved
// than one step, and back again when the downlinks that come say that its end is dead.

import type { Instant } from "../contract.js";
import type { Binding } from "./binding.js";
import { learningNumbers as numbers } from "./constants.js";

export class Growth {
	/** Downlinks in a row that came in long intervals, but none of them in the last part. */
	private youngCount = 0;
	private intervalCount = 0;
	/** When a growth that was undone is tried again, and how long after the next one. */
	private retryAt: Instant = Number.POSITIVE_INFINITY;
	private retryMs: number = numbers.regrowthMs;

	/** The lifetime to count on: one step beyond the proof, where it is not known to be dead. */
	lifetimeMs(binding: Binding): number {
		const { lowerMs, upperMs, trustedMs } = binding;
		const grownMs = Math.min(lowerMs * numbers.growth, numbers.longestMs);
		return Math.max(trustedMs, grownMs < upperMs ? grownMs : 0);
	}

	/** Whether the next interval is to be as long as the lifetime, so that a downlink in it can prove something. */
	isLong(now: Instant, binding: Binding): boolean {
		if (now >= this.retryAt) {
			this.retryAt = Number.POSITIVE_INFINITY;
			binding.forgetUpper();
		}
		this.intervalCount = (this.intervalCount + 1) % numbers.longInterval;
		return this.intervalCount === 0;
	}

	/**
	 * A downlink came after `ageMs` of silence, in an interval of this length. In a living binding each has the chance of
	 * one fifth to fall into the last fifth; 31 in a row that do not are an accident in one case of a thousand. True:
	 * the end of the interval is believed dead.
	 */
	handleDownlink(now: Instant, binding: Binding, ageMs: number, intervalMs: number): boolean {
		const lifetimeMs = this.lifetimeMs(binding);
		if (lifetimeMs <= binding.lowerMs || intervalMs < numbers.longPart * lifetimeMs) return false;
		this.youngCount = ageMs * numbers.growth > intervalMs ? 0 : this.youngCount + 1;
		if (this.youngCount < numbers.youngDownlinks) return false;
		this.youngCount = 0;
		this.retryAt = now + this.retryMs;
		this.retryMs = Math.min(2 * this.retryMs, numbers.regrowthMaxMs);
		return binding.handleDead(lifetimeMs);
	}
}
