// Tokens inside the endpoint: numbers, because on XS each look into a string makes 32 bytes of garbage, and a
// Uint8Array would cost 130 to keep.

import type { Reader, Writer } from "../bytes.js";
import type { Token } from "../contract.js";

const WORD_LENGTH = 4;

/** Whatever has a token: a message, an exchange, an observation. */
export class TokenBearer {
	#length = 0;
	/** The last four bytes, and those before them. */
	#low = 0;
	#high = 0;

	/** The token as lower-case hex, made anew at each access. */
	get token(): Token {
		let token = "";
		for (let i = this.#length - 1; i >= 0; i--) {
			const word = i < WORD_LENGTH ? this.#low : this.#high;
			token += HEX[(word >>> (8 * (i % WORD_LENGTH))) & 0xff]!;
		}
		return token;
	}

	set token(token: Token) {
		const length = token.length;
		this.#length = length >> 1;
		this.#low = length === 0 ? 0 : Number.parseInt(token.slice(-2 * WORD_LENGTH), 16);
		this.#high = length <= 2 * WORD_LENGTH ? 0 : Number.parseInt(token.slice(0, -2 * WORD_LENGTH), 16);
	}

	/** Makes a counter the token. */
	numberToken(value: number, length: number): void {
		this.#length = length;
		this.#low = value;
		this.#high = 0;
	}

	takeToken(of: TokenBearer): void {
		this.#length = of.#length;
		this.#low = of.#low;
		this.#high = of.#high;
	}

	hasTokenOf(other: TokenBearer): boolean {
		return this.#low === other.#low && this.#length === other.#length && this.#high === other.#high;
	}

	/** Reads a token of 0 to 8 bytes. */
	readToken(from: Reader, length: number): void {
		this.#length = length;
		this.#high = length > WORD_LENGTH ? from.uint(length - WORD_LENGTH) : 0;
		this.#low = from.uint(Math.min(length, WORD_LENGTH));
	}

	get tokenLength(): number {
		return this.#length;
	}

	writeToken(to: Writer): void {
		const length = this.#length;
		if (length > WORD_LENGTH) to.uint(this.#high, length - WORD_LENGTH);
		to.uint(this.#low, Math.min(length, WORD_LENGTH));
	}
}

/** Each byte as lower-case hex. */
export const HEX: readonly string[] = Object.freeze(
	Array.from({ length: 256 }, (_, byte) => (byte + 256).toString(16).slice(1)),
);
