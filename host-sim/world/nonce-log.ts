// What every simulation of OSCORE has to hold: no nonce is used twice with one key (RFC 8613, 5.2 and 12.8).

import type { Primitives } from "../../firmware/security/primitives.js";
import { hex } from "../backend/hex.js";

/** Lends primitives, and remembers each pair of key and nonce that something was sealed with. */
export class NonceLog {
	readonly primitives: Primitives;
	/** What was sealed, by key and nonce. */
	readonly #sealed = new Map<string, string>();
	/** Pairs that something else had been sealed with already. */
	readonly reused: string[] = [];

	constructor(primitives: Primitives) {
		this.primitives = {
			...primitives,
			seal: (key, nonce, associated, plain, tagLength, into) => {
				this.#note(`${hex(key)} ${hex(nonce)}`, `${hex(associated)} ${hex(plain)}`);
				return primitives.seal(key, nonce, associated, plain, tagLength, into);
			},
		};
	}

	get count(): number {
		return this.#sealed.size;
	}

	/** The same text once more makes the same bytes once more, and so tells nobody anything: a repetition. */
	#note(pair: string, text: string): void {
		const before = this.#sealed.get(pair);
		if (before === undefined) this.#sealed.set(pair, text);
		else if (before !== text) this.reused.push(pair);
	}
}
