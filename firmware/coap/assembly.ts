// Block1 at its receiver (RFC 7959, 2.5): a large request on its way to us, given to the application as a whole.

import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import { blockNumber } from "./blockwise.js";
import { Code } from "./codes.js";
import { EXCHANGE_LIFETIME } from "./constants.js";
import { Joining, type JoiningStep } from "./joining.js";
import type { DatagramMessage } from "./message.js";
import { Option } from "./options.js";

/** A request being joined from its blocks. */
export class Assembly extends Joining {
	/** The cache key that all blocks share, and with it their Request-Tag (RFC 9175, 3.3). */
	readonly key: number;
	expiresAt: Instant = 0;

	constructor(first: DatagramMessage, key: number, isReliable: boolean) {
		super(first.uint(Option.Size1) ?? 2 * first.payloadLength, limits.requestLength, isReliable);
		this.key = key;
	}
}

/** The one large request of a peer that is on its way: a newer one takes its place, so that memory is bounded. */
export class Assemblies {
	#assembly: Assembly | undefined = undefined;

	/**
	 * Takes a block. The code is Empty once the request is whole, and the message then presents all of it; any other
	 * code answers the block.
	 */
	add(now: Instant, message: DatagramMessage, block: number, isReliable = false): number {
		const key = message.cacheKey();
		const size = message.uint(Option.Size1);
		if (blockNumber(block) === 0) {
			// RFC 7959, 2.5: the first block begins anew, whatever came before.
			this.#assembly = undefined;
			if (size !== undefined && size > limits.requestLength) return Code.RequestEntityTooLarge;
			this.#assembly = new Assembly(message, key, isReliable);
		}
		const assembly = this.#assembly;
		if (assembly?.key !== key) return Code.RequestEntityIncomplete;
		const step = assembly.join(block, message.payload);
		if (step === "more") {
			assembly.expiresAt = now + EXCHANGE_LIFETIME;
			return Code.Continue;
		}
		this.#assembly = undefined;
		if (step === "done") message.joinPayload(assembly.joined);
		return ANSWERS[step];
	}

	/** When the request is dropped whose blocks stopped coming. */
	nextAt(): Instant {
		return this.#assembly?.expiresAt ?? Number.POSITIVE_INFINITY;
	}

	handleTimeout(now: Instant): void {
		if (this.nextAt() <= now) this.forget();
	}

	/** The peer has to begin again. */
	forget(): void {
		this.#assembly = undefined;
	}
}

/** RFC 7959, 2.9: what answers the block that ends a transfer. */
const ANSWERS: Readonly<Record<Exclude<JoiningStep, "more">, number>> = Object.freeze({
	done: Code.Empty,
	disordered: Code.RequestEntityIncomplete,
	malformed: Code.BadRequest,
	long: Code.RequestEntityTooLarge,
});
