// What is known of the lifetime of the bindings of one network, for one kind of transport: two bounds that never cross.

import { learningNumbers as numbers } from "./constants.js";

/** Bounds in milliseconds. A proof beats all doubt; what was proven once may be untrue of today's network. */
export class Binding {
	/** What is counted on before anything was seen. */
	assumedMs: number;
	/** A binding was alive after so much silence; 0: nothing was seen yet. */
	lowerMs = 0;
	/** A binding was dead after so much silence. */
	upperMs: number = Number.POSITIVE_INFINITY;
	/** How often the server saw another address of ours. */
	moveCount = 0;
	/** A silence after which downlinks stayed unanswered, and the chance that this was but loss; 1: none did. */
	private doubtMs = Number.POSITIVE_INFINITY;
	private accident = 1;

	constructor(assumedMs: number = numbers.assumedMs) {
		this.assumedMs = assumedMs;
	}

	/** What to count on: the proof; the assumption until something contradicts it, and half of what did. */
	get trustedMs(): number {
		return Math.max(this.lowerMs, Math.min(this.assumedMs, this.upperMs / 2));
	}

	/** Nothing more can be learned: the bounds are close, or the lower one is long enough. */
	get isKnown(): boolean {
		if (this.lowerMs >= numbers.longestMs) return true;
		if (this.upperMs <= numbers.shortestMs) return true;
		return this.lowerMs > 0 && this.upperMs <= this.lowerMs * numbers.precision;
	}

	/** A binding lived for so long in silence. True: that is news. */
	handleAlive(ageMs: number): boolean {
		if (ageMs >= this.doubtMs) this.forgetDoubt();
		if (ageMs <= this.lowerMs || ageMs < numbers.shortestMs) return false;
		this.lowerMs = ageMs;
		if (this.upperMs <= ageMs) this.upperMs = Number.POSITIVE_INFINITY;
		return true;
	}

	/** It did not live for so long, beyond doubt. True: that is news. */
	handleDead(ageMs: number): boolean {
		this.forgetDoubt();
		if (ageMs >= this.upperMs || ageMs < numbers.deadMs) return false;
		this.upperMs = ageMs;
		// Not the network that it was: what was proven of that one is worth nothing here.
		if (this.lowerMs >= ageMs) this.lowerMs = 0;
		return true;
	}

	/**
	 * A downlink after so much silence stayed unanswered, which losses or a move explain with the chance `accident`.
	 * Several such words are believed when together they are hardly an accident, without a proof between; never one.
	 */
	handleDoubt(ageMs: number, accident: number): boolean {
		if (ageMs >= this.upperMs || ageMs < numbers.deadMs || accident > numbers.mostAccident) return false;
		// Only the longest of the silences is known to have been dead each time.
		this.doubtMs = this.accident === 1 ? ageMs : Math.max(this.doubtMs, ageMs);
		this.accident *= Math.max(accident, numbers.leastAccident);
		return this.accident <= numbers.doubt && this.handleDead(this.doubtMs);
	}

	/** What was seen dead may have been an accident, or may live longer today. */
	forgetUpper(): void {
		this.upperMs = Number.POSITIVE_INFINITY;
	}

	/** It may live longer today, but is not counted on to, where a proof says for how long it does. */
	raiseUpper(): void {
		this.upperMs = this.lowerMs === 0 ? Number.POSITIVE_INFINITY : Math.max(this.upperMs, 2 * this.lowerMs);
	}

	/** What was remembered, in seconds; 0 stands for unknown. Bytes from flash prove nothing but that they were read. */
	restore(lowerSeconds: number, upperSeconds: number): void {
		this.forgetDoubt();
		this.lowerMs = Math.min(1000 * lowerSeconds, numbers.longestMs);
		this.upperMs = upperSeconds === 0 ? Number.POSITIVE_INFINITY : Math.max(1000 * upperSeconds, numbers.deadMs);
		if (this.lowerMs >= this.upperMs) this.lowerMs = 0;
	}

	private forgetDoubt(): void {
		this.doubtMs = Number.POSITIVE_INFINITY;
		this.accident = 1;
	}
}
