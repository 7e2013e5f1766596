// The keepalive of a device that was told how long its binding lives: honest, and not yet clever.

import { unit } from "../back-off.js";
import type { Instant, Random } from "../contract.js";
import type { Advice, Reach } from "./reach.js";

/** The part of the interval that chance takes away, so that fleets do not march in step. */
const JITTER = 0.1;

/** The repair ladder: what follows when the step before it stayed unanswered. */
const LADDER: readonly Advice[] = Object.freeze(["check", "new-socket", "register"]);

/**
 * Checks the binding each `intervalMs` by an acknowledged exchange, unless traffic proved it meanwhile; after silence
 * it climbs the repair ladder. Notifications refresh the NAT but prove nothing, so they do not postpone a check.
 */
export class FixedInterval implements Reach {
	readonly #intervalMs: number;
	readonly #random: Random;
	#started = false;
	/** The step of the ladder that waits for its outcome, -1 while all is well. */
	#step = -1;
	#advice: Advice | undefined;
	#checkAt: Instant = Number.POSITIVE_INFINITY;

	/** `Infinity` as the interval checks nothing; repair after a lost exchange works all the same. */
	constructor(intervalMs: number, random: Random) {
		this.#intervalMs = intervalMs;
		this.#random = random;
	}

	/** True from the first unanswered exchange until the next proof. */
	get suspect(): boolean {
		return this.#step > 0;
	}

	handleStarted(now: Instant): void {
		this.#started = true;
		this.handleProof(now);
	}

	handleStopped(): void {
		this.#started = false;
		this.#step = -1;
		this.#advice = undefined;
		this.#checkAt = Number.POSITIVE_INFINITY;
	}

	handleSent(_now: Instant): void {}

	handleProof(now: Instant): void {
		if (!this.#started) return;
		this.#step = -1;
		this.#advice = undefined;
		this.#checkAt = now + this.#intervalMs * (1 - JITTER * unit(this.#random));
	}

	handleLost(_now: Instant): void {
		if (!this.#started) return;
		this.#step = Math.min(Math.max(this.#step, 0) + 1, LADDER.length - 1);
		this.#advice = LADDER[this.#step];
		this.#checkAt = Number.POSITIVE_INFINITY;
	}

	pollAdvice(): Advice | undefined {
		const advice = this.#advice;
		this.#advice = undefined;
		return advice;
	}

	pollTimeout(): Instant {
		return this.#checkAt;
	}

	handleTimeout(now: Instant): void {
		if (now < this.#checkAt) return;
		this.#checkAt = Number.POSITIVE_INFINITY;
		this.#step = 0;
		this.#advice = LADDER[0];
	}
}
