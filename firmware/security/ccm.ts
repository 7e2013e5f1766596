// AES-CCM (RFC 3610) over a block cipher, for boards that have AES but no mode of it that authenticates.

/** One AES-128 key: encrypts a block of 16 bytes in place. */
export interface BlockCipher {
	encrypt(block: Uint8Array): void;
}

const BLOCK_LENGTH = 16;

/** Writes ciphertext and tag, gives their length. `plain` and `into` may be the same bytes. */
export function sealCcm(
	cipher: BlockCipher,
	nonce: Uint8Array,
	associated: Uint8Array,
	plain: Uint8Array,
	tagLength: 8 | 16,
	into: Uint8Array,
): number {
	const { length } = plain;
	const tag = authenticate(cipher, nonce, associated, plain, tagLength);
	count(cipher, nonce, plain, into);
	mask(cipher, nonce, tag);
	into.set(tag.subarray(0, tagLength), length);
	return length + tagLength;
}

/** The length of the plaintext in `into`; -1 where the tag does not fit, and `into` is then wiped. */
export function openCcm(
	cipher: BlockCipher,
	nonce: Uint8Array,
	associated: Uint8Array,
	sealed: Uint8Array,
	tagLength: 8 | 16,
	into: Uint8Array,
): number {
	const length = sealed.length - tagLength;
	if (length < 0) return -1;
	count(cipher, nonce, sealed.subarray(0, length), into);
	const tag = authenticate(cipher, nonce, associated, into.subarray(0, length), tagLength);
	mask(cipher, nonce, tag);
	if (equalBytes(tag.subarray(0, tagLength), sealed.subarray(length))) return length;
	into.fill(0, 0, length);
	return -1;
}

/** Compares in a time that depends on the lengths alone. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
	if (left.length !== right.length) return false;
	let difference = 0;
	for (let i = 0; i < left.length; i++) difference |= left[i]! ^ right[i]!;
	return difference === 0;
}

/** The CBC-MAC over everything (RFC 3610, 2.2). */
function authenticate(
	cipher: BlockCipher,
	nonce: Uint8Array,
	associated: Uint8Array,
	plain: Uint8Array,
	tagLength: number,
): Uint8Array {
	const lengthSize = BLOCK_LENGTH - 1 - nonce.length;
	const block = new Uint8Array(BLOCK_LENGTH);
	block[0] = (associated.length > 0 ? 0x40 : 0) | ((tagLength - 2) << 2) | (lengthSize - 1);
	block.set(nonce, 1);
	for (let i = 0, rest = plain.length; i < lengthSize; i++, rest = Math.floor(rest / 256))
		block[BLOCK_LENGTH - 1 - i] = rest % 256;
	cipher.encrypt(block);
	if (associated.length > 0) {
		block[0]! ^= associated.length >> 8;
		block[1]! ^= associated.length & 0xff;
		chain(cipher, block, associated, 2);
	}
	chain(cipher, block, plain, 0);
	return block;
}

/** Takes bytes into the MAC, padded to whole blocks; the first block has `filled` bytes already. */
function chain(cipher: BlockCipher, block: Uint8Array, bytes: Uint8Array, filled: number): void {
	let at = filled;
	for (let i = 0; i < bytes.length; i++) {
		block[at++]! ^= bytes[i]!;
		if (at < BLOCK_LENGTH) continue;
		cipher.encrypt(block);
		at = 0;
	}
	if (at > 0) cipher.encrypt(block);
}

/** Counter mode (RFC 3610, 2.3), from block 1 on. */
function count(cipher: BlockCipher, nonce: Uint8Array, bytes: Uint8Array, into: Uint8Array): void {
	const block = new Uint8Array(BLOCK_LENGTH);
	for (let done = 0, number = 1; done < bytes.length; done += BLOCK_LENGTH, number++) {
		writeCounter(block, nonce, number);
		cipher.encrypt(block);
		const end = Math.min(BLOCK_LENGTH, bytes.length - done);
		for (let i = 0; i < end; i++) into[done + i] = bytes[done + i]! ^ block[i]!;
	}
}

/** Encrypts the tag with block 0 of the counter. */
function mask(cipher: BlockCipher, nonce: Uint8Array, tag: Uint8Array): void {
	const block = new Uint8Array(BLOCK_LENGTH);
	writeCounter(block, nonce, 0);
	cipher.encrypt(block);
	for (let i = 0; i < BLOCK_LENGTH; i++) tag[i]! ^= block[i]!;
}

function writeCounter(block: Uint8Array, nonce: Uint8Array, number: number): void {
	block.fill(0);
	block[0] = BLOCK_LENGTH - 2 - nonce.length;
	block.set(nonce, 1);
	block[BLOCK_LENGTH - 1] = number & 0xff;
	block[BLOCK_LENGTH - 2] = number >> 8;
}
