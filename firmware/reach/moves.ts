// How often the server sees another address of ours: by its own word, or by ours when we told it a new one.

import type { Instant } from "../contract.js";
import { learningNumbers as numbers, keepaliveTimes as times } from "./constants.js";

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

	/** True where a day without a move has just ended. */
	rest(now: Instant): boolean {
		if (!this.isMoving || now - this.movedAt <= numbers.quietMs) return false;
		this.isMoving = false;
		this.doubtfulCount = numbers.movesInRow;
		return true;
	}

	/**
	 * Whether what was proven of the binding is in doubt: each interval ended with a move, as it does where the network
	 * is another one than the label says. Where it moves indeed that is found out, and next time twice as many are asked
	 * for.
	 */
	takeDoubt(): boolean {
		if (this.inRow < this.doubtfulCount) return false;
		this.inRow = 0;
		this.doubtfulCount = Math.min(2 * this.doubtfulCount, numbers.movesInRowMax);
		return true;
	}

	/** Another network. */
	forget(): void {
		this.isMoving = false;
		this.inRow = 0;
		this.doubtfulCount = numbers.movesInRow;
		this.movedAt = Number.NEGATIVE_INFINITY;
	}

	/** How many are to be expected in a millisecond. */
	get perMs(): number {
		return this.isMoving && this.count >= numbers.movesInRow ? 1 / this.betweenMs : 0;
	}
}
