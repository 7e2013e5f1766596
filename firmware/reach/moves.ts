// How often the server sees another address of ours: by its own word, or by ours when we told it a new one.

import type { Instant } from "../contract.js";
import { learningNumbers as numbers, keepaliveTimes as times } from "./constants.js";

/** A quiet this much longer than the average between two moves is no chance. */
const RARE = 3;

export class Moves {
	/** There was one within a day. */
	isMoving = false;
	/** Successive intervals that each ended with one. */
	inRow = 0;
	/** So many in a row are doubtful. */
	private doubtfulCount: number = numbers.movesInRow;
	private movedAt: Instant = Number.NEGATIVE_INFINITY;
	/** Between two moves on the average, and how many of them it is an average of. */
	private betweenMs = 0;
	private count = 0;

	handleMoved(now: Instant, intervalMs: number): void {
		const sinceMs = now - this.movedAt;
		this.inRow = sinceMs < 1.5 * intervalMs + times.unknownMs ? this.inRow + 1 : 1;
		this.movedAt = now;
		this.count = this.isMoving ? Math.min(this.count + 1, numbers.movesSmoothed) : 0;
		this.isMoving = true;
		if (this.count === 0) return;
		// It happened some time in the interval: half of it is taken for the part before.
		const betweenMs = Math.max(times.floorMs, sinceMs - intervalMs / 2);
		this.betweenMs += (betweenMs - this.betweenMs) / this.count;
	}

	/** True where quiet tells something new: a day without a move has just ended, or fewer are to be expected. */
	rest(now: Instant): boolean {
		const sinceMs = now - this.movedAt;
		if (!this.isMoving) return false;
		if (sinceMs <= numbers.quietMs) return this.slow(sinceMs);
		this.isMoving = false;
		this.doubtfulCount = numbers.movesInRow;
		return true;
	}

	/** Where moves come by chance one waits three times as long as usual once in 20 times. */
	private slow(sinceMs: number): boolean {
		if (this.perMs === 0 || sinceMs < RARE * this.betweenMs) return false;
		this.betweenMs = sinceMs / 2;
		return true;
	}

	/**
	 * Whether what was proven of the binding is in doubt: each interval ended with a move, as it does where the network
	 * is another one than the label says.
	 */
	get isDoubtful(): boolean {
		return this.inRow >= this.doubtfulCount;
	}

	/** It is being found out: where it moves indeed, twice as many are asked for next time. */
	handleVerified(): void {
		this.inRow = 0;
		this.doubtfulCount = Math.min(2 * this.doubtfulCount, numbers.movesInRowMax);
	}

	/** The proof was wrong: the next doubt is as good as the first, and moves at another interval say nothing of this. */
	handleRefuted(): void {
		this.inRow = 0;
		this.doubtfulCount = numbers.movesInRow;
	}

	/** Another network. */
	forget(): void {
		this.isMoving = false;
		this.inRow = 0;
		this.doubtfulCount = numbers.movesInRow;
		this.movedAt = Number.NEGATIVE_INFINITY;
	}

	/** There was one within so many milliseconds. */
	isSince(now: Instant, milliseconds: number): boolean {
		return now - this.movedAt <= milliseconds;
	}

	/** The chance that there is one in so many milliseconds. */
	within(milliseconds: number): number {
		return 1 - Math.exp(-this.perMs * milliseconds);
	}

	/** How many are to be expected in a millisecond. */
	get perMs(): number {
		return this.isMoving && this.count >= numbers.movesInRow ? 1 / this.betweenMs : 0;
	}
}
