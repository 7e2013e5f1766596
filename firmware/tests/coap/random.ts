// Randomness that repeats itself.

import type { Random } from "../../contract.js";

/** Always the same number. The initial timeout is then ACK_TIMEOUT * (1 + value / 2^33). */
export function fixedRandom(value = 0): Random {
	return {
		fill: (into) => void into.fill(value & 0xff),
		uint32: () => value >>> 0,
	};
}

/** Numbers that follow from a seed (xorshift32; the seed may not be 0). */
export function seededRandom(seed: number): Random {
	let state = seed | 0;
	const uint32 = () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return state >>> 0;
	};
	return {
		fill: (into) => {
			for (let i = 0; i < into.length; i++) into[i] = uint32() & 0xff;
		},
		uint32,
	};
}
