// The line between the NAT and the back end: it may lose, delay or stop datagrams, in both directions alike.

import type { SeededRandom } from "./seeded-random.js";

/** Datagrams under way on the line; beyond it the oldest have long been given up by both ends. */
const LINE_CAPACITY = 4096;

/** Carries datagrams across, or not. `close` drops what is under way. */
export class Line {
	/** Chance of a datagram to be lost, 0 to 1. */
	loss = 0;
	/** Time each datagram takes, each way. */
	delayMs = 0;
	blocked = false;
	readonly dropped = { lost: 0, blocked: 0, overflow: 0 };
	readonly #random: SeededRandom;
	readonly #underWay = new Set<NodeJS.Timeout>();

	constructor(random: SeededRandom) {
		this.#random = random;
	}

	/** Calls `arrive` after the delay, at once without one, or never. */
	carry(arrive: () => void): void {
		if (this.blocked) {
			this.dropped.blocked++;
		} else if (this.loss > 0 && this.#random.fraction() < this.loss) {
			this.dropped.lost++;
		} else if (this.delayMs === 0) {
			arrive();
		} else if (this.#underWay.size >= LINE_CAPACITY) {
			this.dropped.overflow++;
		} else {
			const timer = setTimeout(() => {
				this.#underWay.delete(timer);
				arrive();
			}, this.delayMs);
			this.#underWay.add(timer);
		}
	}

	close(): void {
		for (const timer of this.#underWay) clearTimeout(timer);
		this.#underWay.clear();
	}
}
