// Primitives that cost nothing: what they seal has the right length and opens with the right key only, but anybody can
// read and forge it. For simulations that count bytes.

import type { Primitives } from "../../firmware/security/primitives.js";

/** `real` for what is rarely done: the derivation of keys. */
export function standIn(real: Primitives): Primitives {
	return {
		seal(key, nonce, associated, plain, tagLength, into) {
			const tag = tagOf(key, nonce, associated, plain, plain.length);
			into.set(plain);
			for (let i = 0; i < tagLength; i++) into[plain.length + i] = tag >>> (8 * (i & 3));
			return plain.length + tagLength;
		},
		open(key, nonce, associated, sealed, tagLength, into) {
			const length = sealed.length - tagLength;
			if (length < 0) return -1;
			const tag = tagOf(key, nonce, associated, sealed, length);
			for (let i = 0; i < tagLength; i++) if (sealed[length + i] !== ((tag >>> (8 * (i & 3))) & 0xff)) return -1;
			for (let i = 0; i < length; i++) into[i] = sealed[i]!;
			return length;
		},
		sha256: real.sha256,
		hmacSha256: real.hmacSha256,
		equal: real.equal,
	};
}

/** FNV-1a over all that CCM would authenticate. */
function tagOf(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, text: Uint8Array, length: number): number {
	return mix(
		mix(mix(mix(0x811c9dc5, key, key.length), nonce, nonce.length), associated, associated.length),
		text,
		length,
	);
}

function mix(start: number, bytes: Uint8Array, length: number): number {
	let value = start;
	for (let i = 0; i < length; i++) value = Math.imul(value ^ bytes[i]!, 0x01000193);
	return value;
}
