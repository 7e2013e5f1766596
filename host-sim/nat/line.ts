// A line: it may lose, delay, reorder, double or stop datagrams, in both directions alike.

import type { SeededRandom } from "./seeded-random.js";

/** Datagrams under way on the line; beyond it the oldest have long been given up by both ends. */
const LINE_CAPACITY = 4096;

/** What the line does, in the words of `control`. */
export interface LineStatus {
	readonly drop: number;
	readonly duplicate: number;
	readonly delayMs: number;
	readonly jitterMs: number;
	readonly blocked: boolean;
}

/** Carries datagrams across, or not. `close` drops what is under way. */
export class Line {
	/** Chance of a datagram to be lost, 0 to 1. */
	loss = 0;
	/** Chance of a datagram to arrive twice, 0 to 1. */
	duplication = 0;
	/** Time each datagram takes, each way. */
	delayMs = 0;
	/** Up to so much more time, another for each datagram: those that leave closer together may change places. */
	jitterMs = 0;
	blocked = false;
	readonly dropped = { lost: 0, blocked: 0, overflow: 0 };
	readonly #random: SeededRandom;
	readonly #underWay = new Set<NodeJS.Timeout>();

	constructor(random: SeededRandom) {
		this.#random = random;
	}

	/** Calls `arrive` after the delay, at once without one, twice, or never. */
	carry(arrive: () => void): void {
		if (this.blocked) {
			this.dropped.blocked++;
		} else if (this.loss > 0 && this.#random.fraction() < this.loss) {
			this.dropped.lost++;
		} else {
			this.#carryOne(arrive);
			if (this.duplication > 0 && this.#random.fraction() < this.duplication) this.#carryOne(arrive);
		}
	}

	#carryOne(arrive: () => void): void {
		const delayMs = this.delayMs + (this.jitterMs === 0 ? 0 : this.jitterMs * this.#random.fraction());
		if (delayMs === 0) {
			arrive();
		} else if (this.#underWay.size >= LINE_CAPACITY) {
			this.dropped.overflow++;
		} else {
			const timer = setTimeout(() => {
				this.#underWay.delete(timer);
				arrive();
			}, delayMs);
			this.#underWay.add(timer);
		}
	}

	status(): LineStatus {
		const { loss, duplication, delayMs, jitterMs, blocked } = this;
		return { drop: loss, duplicate: duplication, delayMs, jitterMs, blocked };
	}

	close(): void {
		for (const timer of this.#underWay) clearTimeout(timer);
		this.#underWay.clear();
	}
}
