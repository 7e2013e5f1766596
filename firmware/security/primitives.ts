// The cryptography that a board lends: native where it has it. Key lengths and buffers are the caller's care.

/** All synchronous; nothing given is kept. `into` may not overlap what is read. */
export interface Primitives {
	/** AES-CCM (RFC 3610), 128-bit key, nonce of 7 to 13 bytes, some text: writes it sealed, gives the length. */
	seal(
		key: Uint8Array,
		nonce: Uint8Array,
		associated: Uint8Array,
		plain: Uint8Array,
		tagLength: 8 | 16,
		into: Uint8Array,
	): number;
	/** The length of the plaintext in `into`; -1, and nothing that may be used, where the tag does not fit. */
	open(
		key: Uint8Array,
		nonce: Uint8Array,
		associated: Uint8Array,
		sealed: Uint8Array,
		tagLength: 8 | 16,
		into: Uint8Array,
	): number;
	/** Writes 32 bytes. */
	sha256(data: Uint8Array, into: Uint8Array): void;
	/** Writes 32 bytes (RFC 2104); the key has any length. */
	hmacSha256(key: Uint8Array, data: Uint8Array, into: Uint8Array): void;
	/** In a time that depends on the lengths alone. */
	equal(left: Uint8Array, right: Uint8Array): boolean;
}
