// Block1 at its sender (RFC 7959, 2.5): a large request of ours on its way to the peer.

import { blockLength, blockMore, blockNumber, blockSizeExponent, blockValue, spanOf } from "./blockwise.js";
import { Code, isSuccess } from "./codes.js";
import type { DatagramMessage } from "./message.js";
import { Option } from "./options.js";

/** more: the next block is due. again: all of it, from its start. final: this is the response. rejected: nonsense. */
export type UploadStep = "more" | "again" | "final" | "rejected";

/** How far the payload of a request has come. */
export class Upload {
	/** Request-Tag (RFC 9175, 3.3), where another transfer could be mistaken for this one. */
	readonly tag: number | undefined;
	readonly #payload: Uint8Array;
	#offset = 0;
	#sizeExponent: number;
	/** Bytes of a block of BERT. */
	readonly #bertLength: number;

	constructor(payload: Uint8Array, sizeExponent: number, bertLength: number, tag: number | undefined) {
		this.#payload = payload;
		this.#sizeExponent = sizeExponent;
		this.#bertLength = bertLength;
		this.tag = tag;
	}

	/** The value of Block1 for the block that is sent now. */
	get block(): number {
		const number = this.#offset / blockLength(this.#sizeExponent);
		return blockValue(number, this.#offset + this.span < this.#payload.length, this.#sizeExponent);
	}

	get part(): Uint8Array {
		return this.#payload.subarray(this.#offset, this.#offset + this.span);
	}

	/** Bytes of the block that is sent now, if it is not the last one. */
	private get span(): number {
		return spanOf(this.#sizeExponent, this.#bertLength);
	}

	/** The size of it all, for the first block (RFC 7959, 4). */
	get announced(): number | undefined {
		return this.#offset === 0 ? this.#payload.length : undefined;
	}

	/** The first block is sent next. */
	restart(): void {
		this.#offset = 0;
	}

	/** What the answer to the block means. */
	take(message: DatagramMessage): UploadStep {
		const { block } = this;
		const answer = message.uint(Option.Block1);
		if (message.code === Code.RequestEntityIncomplete) {
			this.restart();
			return "again";
		}
		if (message.code === Code.RequestEntityTooLarge) return this.shrink(answer) ? "again" : "final";
		if (message.code !== Code.Continue && (!isSuccess(message.code) || !blockMore(block) || answer === undefined)) {
			return "final";
		}
		if (!blockMore(block) || answer === undefined || blockNumber(answer) !== blockNumber(block)) return "rejected";
		this.#offset += this.span;
		// RFC 7959, 2.3: from now on blocks are as small as the peer wants them, and never larger than before.
		this.#sizeExponent = Math.min(this.#sizeExponent, blockSizeExponent(answer));
		return "more";
	}

	/** RFC 7959, 2.9.3: too large may mean the block, if the answer names a smaller one. */
	private shrink(answer: number | undefined): boolean {
		if (answer === undefined || blockSizeExponent(answer) >= this.#sizeExponent) return false;
		this.#sizeExponent = blockSizeExponent(answer);
		this.restart();
		return true;
	}
}
