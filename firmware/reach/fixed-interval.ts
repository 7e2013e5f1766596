// The keepalive of a device that was told how long its binding lives: honest, and not clever.

import { unit } from "../back-off.js";
import type { Instant, Random } from "../contract.js";
import { Ladder } from "./ladder.js";
import type { Advice, Reach, ReachStatus } from "./reach.js";

/** The part of the interval that chance takes away, so that fleets do not march in step. */
const JITTER = 0.1;

const NEVER: Instant = Number.POSITIVE_INFINITY;
const NOTHING: readonly number[] = Object.freeze([]);

/**
 * Checks the binding each `intervalMs` by an acknowledged exchange, unless traffic proved it meanwhile; after silence
 * it climbs the repair ladder. Notifications refresh the NAT but prove nothing, so they do not postpone a check.
 */
export class FixedInterval implements Reach {
	readonly #intervalMs: number;
	readonly #random: Random;
	/** Made when it is first climbed, or where there is a choice of transports. */
	#ladder: Ladder | undefined;
	#started = false;
	#queued = false;
	#advice: Advice | undefined;
	#checkAt: Instant = NEVER;

	/** `Infinity` as the interval checks nothing; repair after a lost exchange works all the same. */
	constructor(intervalMs: number, random: Random) {
		this.#intervalMs = intervalMs;
		this.#random = random;
	}

	get transport(): number {
		return this.#ladder?.transport ?? 0;
	}

	get isTrying(): boolean {
		return this.#ladder?.isTrying === true;
	}

	handleOpened(_now: Instant, transport: number, transportCount: number): void {
		if (transportCount > 1) this.#ladder ??= new Ladder();
		this.#ladder?.handleOpened(transport, transportCount);
	}

	/** In Queue Mode the binding need last no longer than the device listens, and nothing is to prolong that. */
	handleStarted(now: Instant, _word?: unknown, queued = false): void {
		this.#started = true;
		this.#queued = queued;
		this.#prove(now);
	}

	handleStopped(): void {
		this.#started = false;
		this.#advice = undefined;
		this.#checkAt = NEVER;
	}

	handleDownlink(now: Instant): void {
		this.#prove(now);
	}

	/** A registration that was given up may still stand where another way leads to it. */
	handleTold(now: Instant): void {
		this.#started = true;
		this.#prove(now);
	}

	#prove(now: Instant): void {
		if (!this.#started) return;
		this.#ladder?.handleProof();
		this.#advice = undefined;
		this.#schedule(now);
	}

	#schedule(now: Instant): void {
		this.#checkAt = now + this.#intervalMs * (1 - JITTER * unit(this.#random));
	}

	handleLost(_now: Instant): void {
		if (!this.#started) return;
		this.#ladder ??= new Ladder();
		this.#advice = this.#ladder.handleLost(false);
		this.#checkAt = NEVER;
		if (this.#advice === "register") this.#started = false;
	}

	handleAsleep(): void {
		this.#checkAt = NEVER;
	}

	handleAwake(now: Instant): void {
		if (this.#started) this.#schedule(now);
	}

	handleForgotten(): void {
		this.handleStopped();
	}

	handleUnanswered(): void {
		this.handleStopped();
		this.#ladder ??= new Ladder();
		this.#advice = this.#ladder.handleUnanswered();
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
		this.#checkAt = NEVER;
		this.#advice = this.#queued ? "refresh" : "check";
		if (this.#queued) this.#schedule(now);
	}

	takeProbes(): readonly number[] {
		return NOTHING;
	}

	/** What it was told is what there is to say. */
	status(): ReachStatus {
		return {
			network: "",
			lowerSeconds: this.#intervalMs / 1000,
			provenSeconds: 0,
			upperSeconds: NEVER,
			intervalSeconds: this.#intervalMs / 1000,
			kind: this.#started ? "check" : "none",
			rebindingCount: 0,
			loss: 0,
			unreachableSeconds: 0,
			bytesPerDay: -1,
			wakeupsPerDay: -1,
			countedSeconds: 0,
			transport: this.transport,
			failures: [],
			probe: "none",
		};
	}

	// It measures nothing, and learns nothing from what passes.
	handleNetwork(): void {}
	handleRoutes(): void {}
	handleSent(): void {}
	handleReceived(): void {}
	handleAcknowledged(): void {}
	handlePong(): void {}
	handlePromiseKept(): void {}
	handleUnknown(): void {}
	handleProbed(): void {}
	handleProbeRefused(): void {}
}
