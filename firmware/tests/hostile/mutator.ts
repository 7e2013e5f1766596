// Valid messages made hostile by chance: the same ones for the same seed, on every engine.

import { SeededRandom } from "../random.js";

/** What one datagram suffered; every one of them is counted, so that a test can see that each kind happened. */
export const mutations = Object.freeze([
	"flip",
	"overwrite",
	"truncate",
	"duplicate",
	"splice",
	"length",
	"repeat",
	"message-id",
	"token",
	"noise",
] as const);
export type Mutation = (typeof mutations)[number];

/** Above this a datagram is cut: it is more than any path carries, and more than the device ever takes. */
const LONGEST = 1500;
const HEADER_LENGTH = 4;
/** What a lie about a length or a delta says: nibbles 13 to 15, and the extended bytes that follow them. */
const LIES: readonly number[] = Object.freeze([0x0d, 0x0e, 0x0f, 0xd0, 0xe0, 0xf0, 0xdd, 0xee, 0xff]);

export class Mutator {
	/** How often each mutation was done. */
	readonly counts: Record<Mutation, number>;
	readonly #random: SeededRandom;
	readonly #corpus: readonly Uint8Array[];
	/** The Message ID and token of what the victim sent lately: what an enemy who listens would use. */
	#overheard: Uint8Array = new Uint8Array([0x40, 1, 0, 0]);
	#previous: Uint8Array = new Uint8Array(HEADER_LENGTH);
	#messageId = 0;

	constructor(seed: number, corpus: readonly Uint8Array[]) {
		this.#random = new SeededRandom(seed);
		this.#corpus = corpus;
		this.counts = Object.fromEntries(mutations.map((name) => [name, 0])) as Record<Mutation, number>;
	}

	/** A number from 0 to below `end`. */
	below(end: number): number {
		return this.#random.uint32() % end;
	}

	/** A datagram of the victim. */
	overhear(bytes: Uint8Array): void {
		this.#overheard = bytes.slice(0, HEADER_LENGTH + Math.min(8, bytes[0]! & 0x0f));
	}

	/** The next datagram: with one chance in eight it is valid and new, so that the victim's state goes on. */
	next(): Uint8Array {
		let bytes: Uint8Array = this.#corpus[this.below(this.#corpus.length)]!.slice();
		this.#messageId = (this.#messageId + 1) & 0xffff;
		bytes[2] = this.#messageId >> 8;
		bytes[3] = this.#messageId;
		// Another token is another observation: the victim's tables fill up.
		if ((bytes[0]! & 0x0f) > 0 && this.below(2) === 0) bytes[HEADER_LENGTH] = this.below(256);
		if (this.below(8) > 0)
			for (let left = 1 + this.below(3); left > 0; left--) {
				const mutation = mutations[this.below(mutations.length)]!;
				this.counts[mutation]++;
				bytes = this.#mutated(mutation, bytes);
			}
		if (bytes.length > LONGEST) bytes = bytes.slice(0, LONGEST);
		this.#previous = bytes;
		return bytes;
	}

	#mutated(mutation: Mutation, bytes: Uint8Array): Uint8Array {
		switch (mutation) {
			case "flip":
				return this.#overwritten(bytes, (old) => old ^ (1 << this.below(8)));
			case "overwrite":
				return this.#overwritten(bytes, () => this.below(256));
			case "length":
				return this.#overwritten(bytes, () => LIES[this.below(LIES.length)]!);
			case "truncate":
				return bytes.slice(0, this.below(bytes.length + 1));
			case "duplicate": {
				const from = this.below(bytes.length + 1);
				return joined(bytes, bytes.subarray(from, from + this.below(bytes.length - from + 1)), from);
			}
			case "splice": {
				const other = this.#corpus[this.below(this.#corpus.length)]!;
				return joined(
					bytes.subarray(0, this.below(bytes.length + 1)),
					other.subarray(this.below(other.length)),
					LONGEST,
				);
			}
			case "repeat":
				return this.#previous.slice();
			case "message-id":
				return this.#answering(bytes);
			case "token":
				return joined(this.#overheard, bytes.subarray(HEADER_LENGTH + ((bytes[0] ?? 0) & 0x0f)), LONGEST);
			case "noise": {
				const noise = new Uint8Array(this.below(64));
				this.#random.fill(noise);
				return noise;
			}
			default:
				return mutation satisfies never;
		}
	}

	#overwritten(bytes: Uint8Array, change: (old: number) => number): Uint8Array {
		if (bytes.length === 0) return bytes;
		const at = this.below(bytes.length);
		bytes[at] = change(bytes[at]!);
		return bytes;
	}

	/** The Message ID that the victim used, as an ACK or RST or another CON, with any code. */
	#answering(bytes: Uint8Array): Uint8Array {
		if (bytes.length < HEADER_LENGTH) return bytes;
		bytes[0] = (bytes[0]! & 0xcf) | (this.below(4) << 4);
		if (this.below(2) === 0) bytes[1] = CODES[this.below(CODES.length)]!;
		bytes[2] = this.#overheard[2]!;
		bytes[3] = this.#overheard[3]!;
		return bytes;
	}
}

/** Empty, a method, an answer of each class, and codes that mean nothing. */
const CODES: readonly number[] = Object.freeze([0, 1, 0x1f, 0x44, 0x45, 0x5f, 0x80, 0x84, 0x8d, 0xa0, 0xbf, 0xe0]);

/** One part put into another. */
function joined(bytes: Uint8Array, part: Uint8Array, at: number): Uint8Array {
	const split = Math.min(at, bytes.length);
	const all = new Uint8Array(bytes.length + part.length);
	all.set(bytes.subarray(0, split));
	all.set(part, split);
	all.set(bytes.subarray(split), split + part.length);
	return all;
}
