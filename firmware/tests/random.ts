// Chance for tests: the same on every engine and in every run.

import type { Random } from "../contract.js";

/** Always the same number; with 0 jitter takes nothing away: the longest interval, the longest back-off. */
export class FixedRandom implements Random {
	readonly #value: number;

	constructor(value = 0) {
		this.#value = value;
	}

	fill(into: Uint8Array): void {
		into.fill(this.#value & 0xff);
	}

	uint32(): number {
		return this.#value;
	}
}

/** A repeatable sequence (Marsaglia's xorshift32) for a seed other than 0. */
export class SeededRandom implements Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0 || 1;
	}

	fill(into: Uint8Array): void {
		for (let i = 0; i < into.length; i++) into[i] = this.uint32() >>> 24;
	}

	uint32(): number {
		let state = this.#state;
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		this.#state = state >>> 0;
		return this.#state;
	}
}
