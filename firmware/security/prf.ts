// The pseudo-random function of TLS 1.2 with SHA-256 (RFC 5246, 5), for DTLS.

import { encodeText } from "../bytes.js";
import type { Primitives } from "./primitives.js";

const HASH_LENGTH = 32;

/** So many bytes made of a secret, an ASCII label and a seed. */
export function prfSha256(
	primitives: Primitives,
	secret: Uint8Array,
	label: string,
	seed: Uint8Array,
	length: number,
): Uint8Array {
	const name = encodeText(label);
	// A(i), then label and seed, which are A(0).
	const data = new Uint8Array(HASH_LENGTH + name.length + seed.length);
	data.set(name, HASH_LENGTH);
	data.set(seed, HASH_LENGTH + name.length);
	const chain = new Uint8Array(HASH_LENGTH);
	const block = new Uint8Array(HASH_LENGTH);
	const output = new Uint8Array(length);
	for (let done = 0; done < length; done += HASH_LENGTH) {
		primitives.hmacSha256(secret, done === 0 ? data.subarray(HASH_LENGTH) : chain, block);
		chain.set(block);
		data.set(chain);
		primitives.hmacSha256(secret, data, block);
		output.set(block.subarray(0, Math.min(HASH_LENGTH, length - done)), done);
	}
	return output;
}
