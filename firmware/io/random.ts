// The board's true randomness in the shape that the core wants.

import type { Random } from "../contract.js";
import type { BoardDevice } from "./board.js";

export class BoardRandom implements Random {
	readonly #source: BoardDevice["random"];
	readonly #word = new Uint8Array(4);

	constructor(source: BoardDevice["random"]) {
		this.#source = source;
	}

	fill(into: Uint8Array): void {
		this.#source.fill(into);
	}

	uint32(): number {
		const word = this.#word;
		this.#source.fill(word);
		return ((word[0]! << 24) | (word[1]! << 16) | (word[2]! << 8) | word[3]!) >>> 0;
	}
}
