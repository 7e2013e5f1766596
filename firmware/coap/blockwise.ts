// Block-wise transfer (RFC 7959): the value of a Block option, and Block2 at its sender.

import type { Instant } from "../contract.js";
import { EXCHANGE_LIFETIME } from "./constants.js";
import type { Response } from "./endpoint.js";
import { hashBytes } from "./hash.js";

/** SZX of the largest block, 2 ** (6 + 4) = 1024 bytes. */
export const SIZE_EXPONENT_MAX = 6;
/**
 * RFC 7959, 2.2: the value 7 is reserved and an error in datagrams. RFC 8323, 6: over a connection it is BERT, several
 * blocks of 1024 bytes in one message, which are numbered as such.
 */
export const SIZE_EXPONENT_BERT = 7;

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

/** Of BERT, the length that its numbers count in. */
export function blockLength(sizeExponent: number): number {
	return 2 ** (Math.min(sizeExponent, SIZE_EXPONENT_MAX) + 4);
}

/** Bytes that one message holds of a payload in blocks of this size, where BERT allows so many. */
export function spanOf(sizeExponent: number, bertLength: number): number {
	return sizeExponent === SIZE_EXPONENT_BERT ? bertLength : blockLength(sizeExponent);
}

/** SZX of the largest block that is no longer than so many bytes. */
export function sizeExponentOf(length: number): number {
	let sizeExponent = 0;
	while (sizeExponent < SIZE_EXPONENT_MAX && blockLength(sizeExponent + 1) <= length) sizeExponent++;
	return sizeExponent;
}

/** The same block in a size of at most so much: how a receiver asks for smaller ones (RFC 7959, 2.3). */
export function limitSize(value: number, sizeExponentMax: number): number {
	const sizeExponent = blockSizeExponent(value);
	return sizeExponent > sizeExponentMax ? value - sizeExponent + sizeExponentMax : value;
}

/** A large response whose blocks the peer fetches. It holds the payload that the application gave, not a copy. */
export class Representation {
	readonly key: number;
	readonly code: number;
	readonly contentFormat: number | undefined;
	readonly payload: Uint8Array;
	/** Tells the peer when blocks are of different representations: the application's own, or a hash. */
	readonly entityTag: Uint8Array | number;
	expiresAt: Instant;

	constructor(key: number, response: Response, payload: Uint8Array, now: Instant) {
		this.key = key;
		this.code = response.code;
		this.contentFormat = response.contentFormat;
		this.payload = payload;
		this.entityTag = response.entityTag ?? hashBytes(0, payload, 0, payload.length);
		this.expiresAt = now + EXCHANGE_LIFETIME;
	}
}
