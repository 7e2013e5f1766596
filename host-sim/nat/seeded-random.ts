// A run is repeatable only when its chance comes from a printed seed. Not for keys: 32 bits of state are soon guessed.

import type { Random } from "../../firmware/contract.js";

/** The same numbers for the same seed, on every machine (splitmix32: a counter, mixed). */
export class SeededRandom implements Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	uint32(): number {
		this.#state = (this.#state + 0x9e3779b9) >>> 0;
		let mixed = this.#state;
		mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
		mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
		return (mixed ^ (mixed >>> 15)) >>> 0;
	}

	fill(into: Uint8Array): void {
		for (let at = 0; at < into.length; at++) into[at] = this.uint32() >>> 24;
	}

	/** A double from 0 up to, not including, 1. */
	fraction(): number {
		return this.uint32() / 0x1_0000_0000;
	}
}
