// What a board's cryptography and random source must give before any key, token or identifier is made with them.

import type { Random } from "../contract.js";
import type { Primitives } from "./primitives.js";

function fromHex(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}

/** AES-CCM: with the tag of OSCORE (RFC 3610, packet vector 1), and with the long one (OpenSSL's answer). */
const SEALS = Object.freeze([
	Object.freeze({
		key: fromHex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"),
		nonce: fromHex("00000003020100a0a1a2a3a4a5"),
		associated: fromHex("0001020304050607"),
		plain: fromHex("08090a0b0c0d0e0f101112131415161718191a1b1c1d1e"),
		tagLength: 8,
		sealed: fromHex("588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0"),
	} as const),
	Object.freeze({
		key: fromHex("000102030405060708090a0b0c0d0e0f"),
		nonce: fromHex("101112131415161718191a1b1c"),
		associated: fromHex("202122"),
		plain: fromHex("30313233343536373839"),
		tagLength: 16,
		sealed: fromHex("4cd042728c69d8e3836073bc5e07fb336e69ced4dc2bf78e1b8c"),
	} as const),
]);

/** "abc", of FIPS 180-4, B.1. */
const ABC = fromHex("616263");
const ABC_HASH = fromHex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/** RFC 4231, test case 2: the key "Jefe", and "what do ya want for nothing?". */
const HMAC_KEY = fromHex("4a656665");
const HMAC_DATA = fromHex("7768617420646f2079612077616e7420666f72206e6f7468696e673f");
const HMAC = fromHex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

const HASH_LENGTH = 32;
const SEALED_LENGTH_MAX = 64;
/** Two alike by chance: once in 2^128. */
const RANDOM_LENGTH = 16;

/**
 * What is unfit, in words for the log; undefined: nothing. To be asked once a start; never throws. A board without
 * cryptography is asked for its randomness alone.
 */
export function faultOf(primitives: Primitives | undefined, random: Random): string | undefined {
	try {
		const fault = primitives && (faultOfCiphers(primitives) ?? faultOfHashes(primitives));
		return fault ?? faultOfRandom(random);
	} catch (error) {
		return String(error);
	}
}

/** By our own hands: `primitives.equal` is itself under test. */
function same(left: Uint8Array, right: Uint8Array): boolean {
	if (left.length !== right.length) return false;
	for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
	return true;
}

function faultOfCiphers(primitives: Primitives): string | undefined {
	for (let i = 0; i < SEALS.length; i++) {
		const { key, nonce, associated, plain, tagLength, sealed } = SEALS[i]!;
		const into = new Uint8Array(SEALED_LENGTH_MAX);
		const length = primitives.seal(key, nonce, associated, plain, tagLength, into);
		if (!same(into.subarray(0, length), sealed)) return "AES-CCM seals wrongly";
		const opened = primitives.open(key, nonce, associated, sealed, tagLength, into);
		if (opened !== plain.length || !same(into.subarray(0, opened), plain)) return "AES-CCM opens wrongly";
		const forged = sealed.slice();
		forged[forged.length - 1]! ^= 1;
		if (primitives.open(key, nonce, associated, forged, tagLength, into) !== -1) return "AES-CCM opens what is forged";
	}
	return undefined;
}

function faultOfHashes(primitives: Primitives): string | undefined {
	const into = new Uint8Array(HASH_LENGTH);
	primitives.sha256(ABC, into);
	if (!same(into, ABC_HASH)) return "SHA-256 is wrong";
	primitives.hmacSha256(HMAC_KEY, HMAC_DATA, into);
	if (!same(into, HMAC)) return "HMAC-SHA-256 is wrong";
	if (!primitives.equal(into, HMAC) || primitives.equal(into, ABC_HASH)) return "equal bytes are told wrongly";
	return undefined;
}

function faultOfRandom(random: Random): string | undefined {
	const first = new Uint8Array(RANDOM_LENGTH);
	const second = new Uint8Array(RANDOM_LENGTH);
	random.fill(first);
	random.fill(second);
	if (same(first, second)) return "the random source repeats itself";
	for (let i = 1; i < RANDOM_LENGTH; i++) if (first[i] !== first[0]) return undefined;
	return "the random source gives one byte only";
}
