// Block2 at its receiver (RFC 7959, 2.4): a large response on its way to us.

import { blockLength, blockSizeExponent, blockValue, SIZE_EXPONENT_MAX } from "./blockwise.js";
import { isSuccess } from "./codes.js";
import { Joining } from "./joining.js";
import type { DatagramMessage } from "./message.js";
import { Option } from "./options.js";

/** done: the payload is whole. changed: blocks of different representations. rejected: nonsense, or too long. */
export type TransferStep = "more" | "done" | "changed" | "rejected";

/** A response being joined from its blocks, which come one after the other. */
export class Transfer extends Joining {
	/** The first block without its payload: the response presents itself by it. */
	readonly #head: Uint8Array;
	readonly #entityTag: string | undefined;
	#sizeExponent = SIZE_EXPONENT_MAX;

	/** `isReliable`: blocks may be those of BERT. */
	constructor(first: DatagramMessage, lengthMax: number, isReliable: boolean) {
		super(first.uint(Option.Size2), lengthMax, isReliable);
		this.#head = first.copyHead();
		this.#entityTag = first.hex(Option.ETag);
	}

	/** Takes the next block. */
	add(message: DatagramMessage): TransferStep {
		const block = message.uint(Option.Block2);
		if (block === undefined || !isSuccess(message.code)) return "rejected";
		if (message.hex(Option.ETag) !== this.#entityTag) return "changed";
		const step = this.join(block, message.payload);
		this.#sizeExponent = blockSizeExponent(block);
		return step === "more" || step === "done" ? step : "rejected";
	}

	/** The Block2 option that asks for the next block, in the size that the peer chose. */
	get next(): number {
		return blockValue(this.length / blockLength(this.#sizeExponent), false, this.#sizeExponent);
	}

	/** Makes the message the whole response. */
	finish(message: DatagramMessage): void {
		message.decode(this.#head);
		message.joinPayload(this.joined);
	}
}
