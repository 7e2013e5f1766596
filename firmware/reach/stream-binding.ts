// The binding of a connection: a NAT that forgot it leaves pings unanswered, but so does a server that went down.

import type { Instant } from "../contract.js";
import { Binding } from "./binding.js";
import { learningNumbers as numbers } from "./constants.js";

const NEVER: Instant = Number.NEGATIVE_INFINITY;

/** What pings over connections tell of its lifetime, beside what downlinks do. */
export class StreamBinding extends Binding {
	/** When something stayed unanswered, after how much silence, and how often in a row while the server was there. */
	private lostAt: Instant = NEVER;
	private silenceMs = 0;
	private deadCount = 0;
	/** The part of silences that end with a dead connection, as moves of the address make them, too. */
	private endingPart: number = numbers.endingPart;

	/** After so much silence the server has promised to speak; 0: it has not. And how often it was not heard then. */
	private promisedMs = 0;
	private askedMs = 0;
	private brokenCount = 0;
	/** There is another way: a connection is not risked again and again to know its last seconds. */
	isSpared = false;

	/** The bound that is asked for again, as it may not hold; from when on, and how long after the time before. */
	private verified: "upper" | "lower" | undefined = undefined;
	private verifyAt: Instant = Number.POSITIVE_INFINITY;
	private verifyMs: number = numbers.verifyFirstMs;
	private verifyCount = 0;

	constructor() {
		super(numbers.assumedStreamMs);
	}

	/** Nothing longer is of use, or nothing longer lives. */
	private get isFound(): boolean {
		if (this.isSpared && this.lowerMs > 0 && this.upperMs !== Number.POSITIVE_INFINITY) return true;
		return this.isKnown || this.lowerMs >= numbers.longestStreamMs / numbers.precision || this.soughtMs === 0;
	}

	/**
	 * Nothing but a promise shows that what was proven holds no more, as a NAT that takes up what it forgot hides it, or
	 * that what was taken for dead was an accident.
	 */
	look(now: Instant): void {
		if (!this.isFound || this.verified !== undefined) return;
		// Connections that end again and again do not put it off.
		this.verifyAt = Math.min(this.verifyAt, now + this.verifyMs);
		if (now < this.verifyAt) return;
		// To ask for the upper one ends the connection wherever it holds.
		const isUpper = this.verifyCount === 0 && !this.isSpared && this.upperMs <= numbers.longestStreamMs;
		this.verifyCount = (this.verifyCount + 1) % numbers.verifyUpper;
		this.verified = isUpper ? "upper" : this.lowerMs > 0 ? "lower" : undefined;
		this.verifyAt = Number.POSITIVE_INFINITY;
		this.verifyMs = Math.min(2 * this.verifyMs, numbers.verifyMs);
	}

	/** After how much silence it is to speak next, in whole seconds; 0: there is nothing to learn. */
	get wantedMs(): number {
		return this.isFound ? this.boundMs : this.soughtMs;
	}

	/** Between the bounds; 0: there is no whole second. */
	private get soughtMs(): number {
		const { lowerMs, trustedMs, upperMs } = this;
		const isOpen = upperMs === Number.POSITIVE_INFINITY;
		const wantedMs = isOpen ? numbers.growth * trustedMs : Math.sqrt(Math.max(lowerMs, numbers.shortestMs) * upperMs);
		const wholeMs = Math.floor(Math.min(wantedMs, numbers.longestStreamMs) / 1000) * 1000;
		return wholeMs > lowerMs && wholeMs < upperMs ? wholeMs : 0;
	}

	private get boundMs(): number {
		if (this.verified === undefined) return 0;
		if (this.verified === "upper") return Math.ceil(this.upperMs / 1000) * 1000;
		return Math.floor(Math.min(this.lowerMs, numbers.longestStreamMs) / 1000) * 1000;
	}

	/** How long it lives, as far as nothing speaks against it. */
	get hopeMs(): number {
		return this.upperMs === Number.POSITIVE_INFINITY ? numbers.longestStreamMs : this.trustedMs;
	}

	/** After how much silence the server is asked to speak now; 0: it is not. */
	ask(now: Instant): number {
		this.look(now);
		const { wantedMs } = this;
		if (wantedMs > 0) this.handleAsked(wantedMs);
		return wantedMs;
	}

	/** It was asked to; its answer makes a promise of it. */
	handleAsked(silenceMs: number): void {
		this.askedMs = silenceMs;
	}

	/** Another connection: what was promised over the one before is not to be expected. */
	handleOpened(): void {
		this.askedMs = 0;
		this.promisedMs = 0;
		this.verifyMs = numbers.verifyFirstMs;
		// It may have ended the one before.
		if (this.verified === "upper") this.verified = this.lowerMs > 0 ? "lower" : undefined;
	}

	/** We speak ourselves in the silence that was promised for: neither is it kept then, nor broken. */
	handleSent(): void {
		this.promisedMs = 0;
	}

	/** The server spoke as it had promised: after so much silence the connection lives. True: that is news. */
	handleKept(silenceMs: number): boolean {
		const promisedMs = this.promisedMs;
		if (promisedMs === 0 || silenceMs < promisedMs - numbers.promiseMs) return false;
		this.promisedMs = 0;
		this.brokenCount = 0;
		this.verified = undefined;
		return this.handleAlive(promisedMs);
	}

	/** Something is said after so much silence: where a promise was not kept in it, the connection may have died. */
	handleBroken(silenceMs: number): boolean {
		const promisedMs = this.promisedMs;
		this.promisedMs = 0;
		if (promisedMs === 0 || silenceMs < promisedMs + numbers.promiseMs / 2) return false;
		if (promisedMs >= this.upperMs) {
			if (this.verified === "upper") this.verified = this.lowerMs > 0 ? "lower" : undefined;
			return false;
		}
		const enough = this.isSpared && promisedMs > this.lowerMs ? 1 : this.enough;
		if (++this.brokenCount < enough) return false;
		this.brokenCount = 0;
		this.verified = undefined;
		return this.handleDead(promisedMs);
	}

	/** What was said at this instant stayed unanswered; nothing had been said before for so long. */
	handleLost(at: Instant, silenceMs: number): void {
		this.lostAt = at;
		this.silenceMs = silenceMs;
	}

	/**
	 * The server answered after so much silence. It proves no lifetime, as some NATs take up a binding that they forgot
	 * when they see it used; but what was lost after no more silence than this was not lost for its length.
	 */
	handleAnswered(silenceMs: number): void {
		if (this.askedMs > 0) this.promisedMs = this.askedMs;
		this.askedMs = 0;
		if (silenceMs < numbers.longPart * this.silenceMs) return;
		// What ended before was an accident, then.
		for (; this.deadCount > 0; this.deadCount--) this.endingPart += (1 - this.endingPart) / numbers.endingsSmoothed;
		this.endingPart += (numbers.endingPart - this.endingPart) / numbers.endingsSmoothed;
	}

	/** So many ends in a row are believed to be that of the binding: accidents make so many but rarely. */
	private get enough(): number {
		return Math.ceil(Math.log(numbers.doubt) / Math.log(this.endingPart));
	}

	/** The server is told where we are. True: by another connection, as the one before was dead, and that is news. */
	handleTold(now: Instant, silenceMs: number): boolean {
		const sinceMs = now - this.lostAt;
		this.lostAt = NEVER;
		if (sinceMs === Number.POSITIVE_INFINITY) this.handleAnswered(silenceMs);
		if (sinceMs >= numbers.reconnectedMs || ++this.deadCount < this.enough) return false;
		this.deadCount = 0;
		return this.handleDead(this.silenceMs);
	}
}
