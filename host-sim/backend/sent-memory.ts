// The newest Sends of one device: one that went unanswered comes again, maybe from elsewhere, and is to count once.

import type { Token } from "../../firmware/contract.js";

/** More than a device has under way at once. */
const COUNT = 4;

export class SentMemory {
	/** Token and values, oldest first. */
	readonly #known: string[] = [];

	/** False: it came before. A repetition has the token of the first try, and tells the same values. */
	takes(token: Token, values: number): boolean {
		const identity = `${token} ${values}`;
		if (this.#known.includes(identity)) return false;
		this.#known.push(identity);
		if (this.#known.length > COUNT) this.#known.shift();
		return true;
	}
}
