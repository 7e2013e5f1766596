// FNV-1a over 32 bits: tells apart the requests and representations of one peer; no defence against an adversary.

export const HASH_START = 0x811c9dc5;

export function hashByte(hash: number, byte: number): number {
	return Math.imul(hash ^ byte, 0x01000193) >>> 0;
}

/** A hash continued over the bytes between two offsets. */
export function hashBytes(hash: number, bytes: Uint8Array, start: number, end: number): number {
	let value = hash;
	for (let i = start; i < end; i++) value = Math.imul(value ^ bytes[i]!, 0x01000193);
	return value >>> 0;
}
