// The cryptography of ESP-IDF boards: AES and SHA-256 of the SDK, which are native, and CCM and HMAC over them.

import { BlockCipher, Digest } from "crypt";
import { equalBytes, openCcm, sealCcm } from "firmware/security/ccm";
import type { Primitives } from "../../firmware/security/primitives.js";

/** RFC 2104: what SHA-256 takes at a time, and what fills the key to it. */
const BLOCK_LENGTH = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** One key; CCM gives it blocks that have a buffer of their own. */
class Aes {
	readonly #cipher: BlockCipher;

	constructor(key: Uint8Array) {
		this.#cipher = new BlockCipher("AES", key.slice().buffer);
	}

	encrypt(block: Uint8Array): void {
		const { buffer } = block;
		this.#cipher.encrypt(buffer as ArrayBuffer, buffer as ArrayBuffer);
	}
}

export const cryptPrimitives: Primitives = Object.freeze({
	seal(key, nonce, associated, plain, tagLength, into) {
		return sealCcm(new Aes(key), nonce, associated, plain, tagLength, into);
	},
	open(key, nonce, associated, sealed, tagLength, into) {
		return openCcm(new Aes(key), nonce, associated, sealed, tagLength, into);
	},
	sha256(data, into) {
		into.set(hash(data, undefined));
	},
	hmacSha256(key, data, into) {
		const pad = new Uint8Array(BLOCK_LENGTH);
		pad.set(key.length > BLOCK_LENGTH ? hash(key, undefined) : key);
		for (let i = 0; i < BLOCK_LENGTH; i++) pad[i]! ^= INNER_PAD;
		const inner = hash(pad, data);
		for (let i = 0; i < BLOCK_LENGTH; i++) pad[i]! ^= INNER_PAD ^ OUTER_PAD;
		into.set(hash(pad, inner));
	},
	equal: equalBytes,
} satisfies Primitives);

function hash(first: Uint8Array, second: Uint8Array | undefined): Uint8Array {
	const digest = new Digest("SHA256");
	digest.write(first);
	if (second !== undefined) digest.write(second);
	return new Uint8Array(digest.close());
}
