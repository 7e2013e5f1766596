// Block2 (RFC 7959): a large response served block by block, and one joined from its blocks.

import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import { isSuccess } from "./codes.js";
import { EXCHANGE_LIFETIME } from "./constants.js";
import { hashBytes } from "./hash.js";
import type { DatagramMessage } from "./message.js";
import { Option } from "./options.js";

/** SZX of the largest block, 2 ** (6 + 4) = 1024 bytes. */
export const SIZE_EXPONENT_MAX = 6;
/** RFC 7959, 2.2: the value 7 is reserved and an error. */
export const SIZE_EXPONENT_RESERVED = 7;

/** The value of a Block option (RFC 7959, 2.2). */
export function blockValue(number: number, more: boolean, sizeExponent: number): number {
	return number * 16 + (more ? 8 : 0) + sizeExponent;
}

export function blockNumber(value: number): number {
	return value >>> 4;
}

export function blockMore(value: number): boolean {
	return (value & 8) !== 0;
}

export function blockSizeExponent(value: number): number {
	return value & 7;
}

export function blockLength(sizeExponent: number): number {
	return 2 ** (sizeExponent + 4);
}

/** A large response whose blocks the peer fetches. It holds the payload that the application gave, not a copy. */
export class Representation {
	readonly key: number;
	readonly code: number;
	readonly contentFormat: number | undefined;
	readonly payload: Uint8Array;
	/** Tells the peer when blocks are of different representations. */
	readonly entityTag: number;
	expiresAt: Instant;

	constructor(key: number, code: number, contentFormat: number | undefined, payload: Uint8Array, now: Instant) {
		this.key = key;
		this.code = code;
		this.contentFormat = contentFormat;
		this.payload = payload;
		this.entityTag = hashBytes(0, payload, 0, payload.length);
		this.expiresAt = now + EXCHANGE_LIFETIME;
	}
}

/** done: the payload is whole. changed: blocks of different representations. rejected: nonsense, or too long. */
export type TransferStep = "more" | "done" | "changed" | "rejected";

/** A response being joined from its blocks, which come one after the other. */
export class Transfer {
	/** The first block without its payload: the response presents itself by it. */
	readonly #head: Uint8Array;
	readonly #entityTag: string | undefined;
	readonly #lengthMax: number;
	#joined: Uint8Array;
	#length = 0;
	#sizeExponent = SIZE_EXPONENT_MAX;

	constructor(first: DatagramMessage, lengthMax: number) {
		this.#head = first.copyHead();
		this.#entityTag = first.hex(Option.ETag);
		this.#lengthMax = lengthMax;
		this.#joined = new Uint8Array(Math.min(first.uint(Option.Size2) ?? 2 * limits.blockLength, lengthMax));
	}

	/** Takes the next block. */
	add(message: DatagramMessage): TransferStep {
		const block = message.uint(Option.Block2);
		if (block === undefined || !isSuccess(message.code)) return "rejected";
		if (message.hex(Option.ETag) !== this.#entityTag) return "changed";
		const sizeExponent = blockSizeExponent(block);
		const length = blockLength(sizeExponent);
		if (sizeExponent === SIZE_EXPONENT_RESERVED || blockNumber(block) * length !== this.#length) return "rejected";
		// RFC 7959, 2.2: only the last block may be shorter than its size.
		const more = blockMore(block);
		if (more ? message.payloadLength !== length : message.payloadLength > length) return "rejected";
		if (!this.append(message.payload)) return "rejected";
		this.#sizeExponent = sizeExponent;
		return more ? "more" : "done";
	}

	/** The Block2 option that asks for the next block, in the size that the peer chose. */
	get next(): number {
		return blockValue(this.#length / blockLength(this.#sizeExponent), false, this.#sizeExponent);
	}

	/** Makes the message the whole response. */
	finish(message: DatagramMessage): void {
		message.decode(this.#head);
		message.joinPayload(this.#joined.subarray(0, this.#length));
	}

	private append(payload: Uint8Array | undefined): boolean {
		if (payload === undefined) return true;
		const length = this.#length + payload.length;
		if (length > this.#lengthMax) return false;
		if (length > this.#joined.length) {
			const larger = new Uint8Array(Math.min(2 * length, this.#lengthMax));
			larger.set(this.#joined.subarray(0, this.#length));
			this.#joined = larger;
		}
		this.#joined.set(payload, this.#length);
		this.#length = length;
		return true;
	}
}
