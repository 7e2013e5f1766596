// Tokens inside the endpoint: numbers, because on XS each look into a string makes 32 bytes of garbage, and a
// Uint8Array would cost 130 to keep.

import type { Reader, Writer } from "../bytes.js";
import type { Token } from "../contract.js";

const WORD_LENGTH = 4;
/** Above the bits of tokens of two bytes, by which the length tells. */
const WORD_BITS = 28;
/** Bytes of token that tell enough. */
const IDENTITY_LENGTH = 2;

/** The request number where nothing is protected. */
export const UNPROTECTED = -1;
const WORD = 2 ** 32;

/** Whatever has a token: a message, an exchange, an observation. */
export class TokenBearer {
	/** What binds a protected response to its request (Protection); below 0 where nothing is protected. */
	requestNumber = UNPROTECTED;
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

	/**
	 * The token as a word that, with a Message ID, tells messages of one peer apart for good; 0 for tokens too short for
	 * that.
	 */
	get identity(): number {
		return this.#length < IDENTITY_LENGTH ? 0 : (this.#low ^ this.#high ^ (this.#length << WORD_BITS)) >>> 0 || 1;
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
		this.requestNumber = of.requestNumber;
	}

	hasTokenOf(other: TokenBearer): boolean {
		return this.#low === other.#low && this.#length === other.#length && this.#high === other.#high;
	}

	/** Puts the token and the request number into five words of a row. */
	saveToken(rows: Uint32Array, at: number): void {
		const upper = Math.floor(this.requestNumber / WORD);
		rows[at] = this.#length;
		rows[at + 1] = this.#low;
		rows[at + 2] = this.#high;
		rows[at + 3] = this.requestNumber - upper * WORD;
		rows[at + 4] = upper;
	}

	/** Takes what saveToken put there. */
	loadToken(rows: Uint32Array, at: number): void {
		const upper = rows[at + 4]! | 0;
		this.#length = rows[at]!;
		this.#low = rows[at + 1]!;
		this.#high = rows[at + 2]!;
		this.requestNumber = upper * WORD + rows[at + 3]!;
	}

	isTokenAt(rows: Uint32Array, at: number): boolean {
		return rows[at + 1] === this.#low && rows[at] === this.#length && rows[at + 2] === this.#high;
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
