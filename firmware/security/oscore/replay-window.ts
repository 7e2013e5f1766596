// Which sequence numbers of the peer have been seen (RFC 8613, 7.4): a window that slides with the highest one.

import { REPLAY_WINDOW } from "./constants.js";

/** Ask first, decrypt then, and only what was authentic is taken. */
export class ReplayWindow {
	/** The highest number seen; -1 for none. */
	#highest: number;
	/** Bit i: the number `i` below the highest was seen. */
	#seen: number;

	/** With `highest` all numbers up to it count as seen: the state after a restart with a stored bound. */
	constructor(highest = -1) {
		this.#highest = highest;
		this.#seen = highest < 0 ? 0 : 0xffff_ffff;
	}

	get highest(): number {
		return this.#highest;
	}

	/** False: seen before, or too old to tell. */
	isNew(number: number): boolean {
		const age = this.#highest - number;
		if (age < 0) return true;
		return age < REPLAY_WINDOW && (this.#seen & (1 << age)) === 0;
	}

	/** An authentic message had this number. */
	take(number: number): void {
		const step = number - this.#highest;
		if (step > 0) {
			this.#seen = step < REPLAY_WINDOW ? (this.#seen << step) | 1 : 1;
			this.#highest = number;
		} else if (-step < REPLAY_WINDOW) this.#seen |= 1 << -step;
	}
}
