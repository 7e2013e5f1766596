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

	/** After so much silence the server has promised to speak; 0: it has not. And how often it was not heard then. */
	private promisedMs = 0;
	private askedMs = 0;
	private brokenCount = 0;

	constructor() {
		super(numbers.assumedStreamMs);
	}

	/** After how much silence it is to speak next, in whole seconds; 0: there is nothing to learn. */
	get wantedMs(): number {
		if (this.isKnown || this.lowerMs >= numbers.longestStreamMs / numbers.precision) return 0;
		const { lowerMs, trustedMs, upperMs } = this;
		const isOpen = upperMs === Number.POSITIVE_INFINITY;
		const wantedMs = isOpen ? numbers.growth * trustedMs : Math.sqrt(Math.max(lowerMs, numbers.shortestMs) * upperMs);
		const wholeMs = Math.floor(Math.min(wantedMs, numbers.longestStreamMs) / 1000) * 1000;
		return wholeMs > lowerMs && wholeMs < upperMs ? wholeMs : 0;
	}

	/** It was asked to; its answer makes a promise of it. */
	handleAsked(silenceMs: number): void {
		this.askedMs = silenceMs;
	}

	/** Another connection: what was promised over the one before is not to be expected. */
	handleOpened(): void {
		this.askedMs = 0;
		this.promisedMs = 0;
	}

	/** The server spoke as it had promised: after so much silence the connection lives. True: that is news. */
	handleKept(silenceMs: number): boolean {
		const promisedMs = this.promisedMs;
		if (promisedMs === 0 || silenceMs < promisedMs - numbers.promiseMs) return false;
		this.promisedMs = 0;
		this.brokenCount = 0;
		return this.handleAlive(promisedMs);
	}

	/** Something is said after so much silence: where a promise was not kept in it, the connection may have died. */
	handleBroken(silenceMs: number): boolean {
		const promisedMs = this.promisedMs;
		this.promisedMs = 0;
		if (
			promisedMs === 0 ||
			silenceMs < promisedMs + numbers.promiseMs / 2 ||
			++this.brokenCount < numbers.brokenPromises
		)
			return false;
		this.brokenCount = 0;
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
		if (silenceMs >= numbers.longPart * this.silenceMs) this.deadCount = 0;
	}

	/** The server is told where we are. True: by another connection, as the one before was dead, and that is news. */
	handleTold(now: Instant, silenceMs: number): boolean {
		const sinceMs = now - this.lostAt;
		this.lostAt = NEVER;
		if (sinceMs === Number.POSITIVE_INFINITY) this.handleAnswered(silenceMs);
		if (sinceMs >= numbers.reconnectedMs || ++this.deadCount < numbers.deadStreams) return false;
		this.deadCount = 0;
		return this.handleDead(this.silenceMs);
	}
}
