// HKDF with SHA-256 (RFC 5869).

import type { Primitives } from "./primitives.js";

const HASH_LENGTH = 32;

/** Keying material of `length` bytes, 8,160 at most. An empty salt is 32 zeros, as an HMAC pads it. */
export function hkdfSha256(
	primitives: Primitives,
	secret: Uint8Array,
	salt: Uint8Array,
	info: Uint8Array,
	length: number,
): Uint8Array {
	if (length > 255 * HASH_LENGTH) throw new RangeError("HKDF gives at most 255 blocks");
	const key = new Uint8Array(HASH_LENGTH);
	primitives.hmacSha256(salt, secret, key);
	const output = new Uint8Array(length);
	const block = new Uint8Array(HASH_LENGTH);
	const data = new Uint8Array(HASH_LENGTH + info.length + 1);
	data.set(info, HASH_LENGTH);
	for (let count = 1, done = 0; done < length; count++, done += HASH_LENGTH) {
		data[data.length - 1] = count;
		// The first block has no block before it.
		primitives.hmacSha256(key, count === 1 ? data.subarray(HASH_LENGTH) : data, block);
		data.set(block);
		output.set(block.subarray(0, Math.min(HASH_LENGTH, length - done)), done);
	}
	return output;
}
