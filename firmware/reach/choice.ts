// Whether the stream of an account is taken, as it is cheaper to keep open than datagrams, and when it is left again.

import { backOffMs } from "../back-off.js";
import type { Instant, Random } from "../contract.js";
import type { Bindings } from "./bindings.js";
import { learningNumbers, choiceNumbers as numbers } from "./constants.js";
import type { Ladder } from "./ladder.js";
import type { Loss } from "./loss.js";
import type { Moves } from "./moves.js";
import { planFor } from "./plan.js";
import { datagramPrice, streamPrice, type Traffic } from "./price.js";
import type { Advice } from "./reach.js";

const BY_DATAGRAMS = Object.freeze({ isStream: false, mustTell: false });

/** What the choice looks at. */
export interface Weighed {
	readonly bindings: Bindings;
	readonly ladder: Ladder;
	readonly loss: Loss;
	readonly moves: Moves;
	readonly random: Random;
	/** The server measures bindings, and speaks over a stream when it is asked to. */
	readonly isMeasured: boolean;
}

/** In the network of now, where the stream has this place among the transports; below 0: it may not be taken. */
export function recallChoice(place: number, { isChosen, transport }: Bindings, ladder: Ladder): Choice | undefined {
	const choice = place < 0 ? undefined : new Choice(place);
	ladder.home = 0;
	if (!isChosen) return choice;
	if (choice === undefined || transport !== place) ladder.transport = 0;
	else {
		choice.isMade = true;
		ladder.home = place;
	}
	return choice;
}

/** Of an account whose server prefers no transport. */
export class Choice {
	/** The stream's place among the transports. */
	readonly place: number;
	/** It was taken, and is to be stayed with. */
	isMade = false;
	/** The server was reached by it since. */
	private isProven = false;
	/** Since when datagrams are known to cost too much. */
	private dearSince: Instant = Number.POSITIVE_INFINITY;
	/** When the stream may be tried (again), or was taken; and how often it disappointed. */
	private tryAt: Instant = Number.NEGATIVE_INFINITY;
	private failureCount = 0;
	/** What the application says, since an instant, and how often that is on the average. */
	private wordCount = 0;
	private countedAt: Instant = 0;
	private wordsPerMs = 0;

	constructor(place: number) {
		this.place = place;
	}

	/** Something was sent; what was sent for reach itself is taken off again. */
	handleSent(): void {
		this.wordCount++;
	}

	handleAdvised(): void {
		this.wordCount--;
	}

	private count(now: Instant): void {
		const passedMs = now - this.countedAt;
		if (passedMs < numbers.countedMs) return;
		this.wordsPerMs = (this.wordsPerMs + Math.max(0, this.wordCount) / passedMs) / 2;
		this.wordCount = 0;
		this.countedAt = now;
	}

	/** The server was reached, or a promise of it was not kept: whether the other kind is to be taken from now on. */
	weigh(now: Instant, parts: Weighed): Advice | undefined {
		const { bindings, loss, moves } = parts;
		this.count(now);
		const traffic = { loss: loss.part, wordsPerMs: this.wordsPerMs };
		const price = datagramPrice(planFor(bindings.udp, loss, moves, BY_DATAGRAMS), traffic);
		if (bindings.isStream) {
			const isKept = parts.isMeasured && this.isWorth(price, bindings.stream!.hopeMs, traffic);
			return this.isMade && !isKept ? this.leave(now, parts, 1) : undefined;
		}
		if (this.isMade) return undefined;
		// A connection that died unnoticed is seen late: none where bindings are moved often.
		const isCalm = loss.part <= numbers.lossMost && moves.perMs * numbers.stillMs < 1;
		const isKnown = parts.isMeasured && bindings.udp.isKnown;
		if (!this.handleDatagrams(now, isKnown && isCalm ? price : 0, traffic)) return undefined;
		bindings.stream?.forgetUpper();
		return parts.ladder.prefer(this.place);
	}

	/** The server was reached: by datagrams, after the stream did not lead to it? */
	handleReached(now: Instant, { bindings, ladder, random }: Weighed): void {
		if (!this.isMade) return;
		const wasProven = this.isProven;
		this.isProven = bindings.isStream;
		if (bindings.isStream && now - this.tryAt > numbers.forgivenMs) this.failureCount = 0;
		// A server that was down for a while tells nothing of the stream: it is tried once more.
		if (bindings.isStream || wasProven || ladder.isRoundOver || ladder.timeoutAt !== Number.POSITIVE_INFINITY) return;
		ladder.home = 0;
		this.handleDisappointed(now, random, 1);
	}

	/** A connection is there; `isHeir`: the one before it died, and there was no reason to expect that. */
	handleStream(now: Instant, parts: Weighed, isHeir: boolean): Advice | undefined {
		const stream = parts.bindings.stream!;
		stream.isSpared = this.isMade;
		if (!this.isMade) return undefined;
		// It is found out from below how long it lives, so that nothing is risked.
		stream.assumedMs = Math.min(stream.assumedMs, parts.bindings.udp.trustedMs);
		return isHeir ? this.leave(now, parts, numbers.deathWeight) : undefined;
	}

	private leave(now: Instant, { ladder, random }: Weighed, weight: number): Advice {
		this.handleDisappointed(now, random, weight);
		return ladder.prefer(0);
	}

	/**
	 * The server was reached by datagrams, at this price; 0: what they cost is in doubt. True: it is time to see what the
	 * stream costs, which may live longer by now than it did when it was last looked at.
	 */
	handleDatagrams(now: Instant, price: number, traffic: Traffic): boolean {
		if (price < numbers.worthTrying * streamPrice(learningNumbers.longestStreamMs, traffic))
			this.dearSince = Number.POSITIVE_INFINITY;
		else if (this.dearSince === Number.POSITIVE_INFINITY) this.dearSince = now;
		if (now < this.dearSince + numbers.patienceMs || now < this.tryAt) return false;
		this.isMade = true;
		this.tryAt = now;
		return true;
	}

	/** Whether a stream is worth its price beside that of datagrams, if it lives as long as is to be hoped. */
	isWorth(price: number, hopeMs: number, traffic: Traffic): boolean {
		return price >= numbers.worthStaying * streamPrice(hopeMs, traffic);
	}

	/** The stream is not what was hoped for: it is left alone for a while, longer each time. */
	handleDisappointed(now: Instant, random: Random, weight: number): void {
		this.isMade = false;
		this.isProven = false;
		this.dearSince = Number.POSITIVE_INFINITY;
		this.failureCount += weight;
		this.tryAt = now + backOffMs(numbers, this.failureCount - 1, random);
	}
}
