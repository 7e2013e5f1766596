// What both directions of RFC 7959 share: a payload joined from blocks that come one after the other.

import { limits } from "../limits.js";
import { blockLength, blockMore, blockNumber, blockSizeExponent, SIZE_EXPONENT_BERT } from "./blockwise.js";

/** done: the payload is whole. disordered: not the next block. malformed: nonsense. long: above the bound. */
export type JoiningStep = "more" | "done" | "disordered" | "malformed" | "long";

export class Joining {
	readonly #lengthMax: number;
	/** BERT is understood. */
	readonly #isReliable: boolean;
	#joined: Uint8Array;
	#length = 0;

	/** The size that the sender announced spares a larger copy later; nothing relies on it. */
	constructor(announced: number | undefined, lengthMax: number, isReliable: boolean) {
		this.#lengthMax = lengthMax;
		this.#isReliable = isReliable;
		this.#joined = new Uint8Array(Math.min(announced ?? 2 * limits.blockLength, lengthMax));
	}

	/** How much has come: the next block begins there. */
	get length(): number {
		return this.#length;
	}

	/** What has come. */
	get joined(): Uint8Array {
		return this.#joined.subarray(0, this.#length);
	}

	/** Takes the payload that came with this value of a Block option. */
	join(block: number, payload: Uint8Array | undefined): JoiningStep {
		const sizeExponent = blockSizeExponent(block);
		const size = blockLength(sizeExponent);
		const length = payload === undefined ? 0 : payload.length;
		const more = blockMore(block);
		if (sizeExponent !== SIZE_EXPONENT_BERT) {
			// RFC 7959, 2.2: only the last block may be shorter than its size.
			if (more ? length !== size : length > size) return "malformed";
		} else if (!this.#isReliable || (more && (length === 0 || length % size !== 0))) return "malformed";
		if (blockNumber(block) * size !== this.#length) return "disordered";
		if (!this.append(payload)) return "long";
		return more ? "more" : "done";
	}

	private append(payload: Uint8Array | undefined): boolean {
		if (payload === undefined) return true;
		const length = this.#length + payload.length;
		if (length > this.#lengthMax) return false;
		if (length > this.#joined.length) {
			const larger = new Uint8Array(Math.min(2 * length, this.#lengthMax));
			larger.set(this.joined);
			this.#joined = larger;
		}
		this.#joined.set(payload, this.#length);
		this.#length = length;
		return true;
	}
}
