// Echo (RFC 9175, 2.3): a peer that gives back what it was just told is there now, and so is its request.

import type { Instant, Random } from "../../contract.js";
import type { Primitives } from "../primitives.js";

const ECHO_LENGTH = 8;
/** How long one value is given out, and for how long it proves something; in milliseconds. */
const ISSUED_MS = 10_000;
const FRESH_MS = 60_000;

/** One value at a time serves everybody who asks: it is given back under protection. */
export class Freshness {
	readonly #primitives: Primitives;
	readonly #random: Random;
	#value: Uint8Array | undefined = undefined;
	#former: Uint8Array | undefined = undefined;
	#issuedAt: Instant = 0;
	#formerAt: Instant = 0;

	constructor(primitives: Primitives, random: Random) {
		this.#primitives = primitives;
		this.#random = random;
	}

	/** The value that a request is to bring. */
	issue(now: Instant): Uint8Array {
		if (this.#value === undefined || now >= this.#issuedAt + ISSUED_MS) {
			this.#former = this.#value;
			this.#formerAt = this.#issuedAt;
			this.#value = new Uint8Array(ECHO_LENGTH);
			this.#random.fill(this.#value);
			this.#issuedAt = now;
		}
		return this.#value;
	}

	/** Whether a request brings a value that was given out not long ago. */
	isFresh(now: Instant, echo: Uint8Array | undefined): boolean {
		if (echo === undefined) return false;
		if (now <= this.#issuedAt + FRESH_MS && this.isSame(echo, this.#value)) return true;
		return now <= this.#formerAt + FRESH_MS && this.isSame(echo, this.#former);
	}

	private isSame(echo: Uint8Array, value: Uint8Array | undefined): boolean {
		return value !== undefined && this.#primitives.equal(echo, value);
	}
}
