// A 32-bit hash that tells apart the requests and representations of one peer; no defence against an adversary.

/** A hash continued over the bytes between two offsets, each time also over their number. */
export function hashBytes(hash: number, bytes: Uint8Array, start: number, end: number): number {
	let value = (hash * MULTIPLIER + end - start) >>> 0;
	for (let i = start; i < end; i++) value = (value * MULTIPLIER + bytes[i]!) >>> 0;
	return value;
}

/** A prime of 21 bits: the products of 32-bit values with it are exact in a double (Math.imul costs XS a call). */
const MULTIPLIER = 1_664_501;
