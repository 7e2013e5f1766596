// The cryptography that each engine really has, Node's and mbed TLS, gives what ours does, written from the RFCs.

import { primitives } from "#native";
import { assert, suite } from "#suite";
import { faultOf } from "../../firmware/security/known-answers.js";
import { plainPrimitives } from "../../firmware/tests/security/plain-primitives.js";
import { SeededRandom } from "../nat/seeded-random.js";

const test = suite("crypto/native");

/** Around the blocks of AES-CCM and of SHA-256. */
const LENGTHS = [1, 15, 16, 17, 31, 32, 33, 55, 56, 63, 64, 65, 127, 300];
const NONCE_LENGTHS = [7, 12, 13];
const random = new SeededRandom(5);

function randomBytes(length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	random.fill(bytes);
	return bytes;
}

/** The same bytes in the midst of others, as they come out of a datagram. */
function within(bytes: Uint8Array): Uint8Array {
	const around = new Uint8Array(bytes.length + 5);
	around.set(bytes, 3);
	return around.subarray(3, 3 + bytes.length);
}

test("the known answers hold", () => {
	assert.is(faultOf(primitives, random), undefined);
});

test("AES-CCM is ours, and opens what it sealed", () => {
	const all: Uint8Array[] = [];
	for (const length of LENGTHS)
		for (const nonceLength of NONCE_LENGTHS)
			for (const tagLength of [8, 16] as const) {
				const [key, nonce, associated] = [randomBytes(16), randomBytes(nonceLength), randomBytes(length % 23)];
				const plain = randomBytes(length);
				const sealed = within(new Uint8Array(length + tagLength));
				assert.is(
					primitives.seal(within(key), within(nonce), within(associated), within(plain), tagLength, sealed),
					sealed.length,
				);
				const expected = new Uint8Array(sealed.length);
				plainPrimitives.seal(key, nonce, associated, plain, tagLength, expected);
				assert.equal(new Uint8Array(sealed), expected);
				all.push(expected);
				const back = new Uint8Array(length + 2);
				assert.is(primitives.open(key, nonce, associated, sealed, tagLength, back), length);
				assert.equal(back, Uint8Array.of(...plain, 0, 0));
			}
	suite.record("sealed", digestOf(all));
});

test("SHA-256 and HMAC are ours, and write nothing beside", () => {
	const all: Uint8Array[] = [];
	for (const length of [0, ...LENGTHS]) {
		const [key, data] = [randomBytes(length), randomBytes(length)];
		const [ours, theirs] = [new Uint8Array(34), new Uint8Array(34)];
		plainPrimitives.sha256(data, ours);
		primitives.sha256(within(data), theirs);
		assert.equal(theirs, ours);
		all.push(theirs.slice());
		plainPrimitives.hmacSha256(key, data, ours);
		primitives.hmacSha256(within(key), within(data), theirs);
		assert.equal(theirs, ours);
		all.push(theirs);
	}
	suite.record("hashes", digestOf(all));
});

/** Of everything, so that two engines differ by one value. */
function digestOf(all: readonly Uint8Array[]): Uint8Array {
	let sum = new Uint8Array(32);
	for (const bytes of all) {
		const next = new Uint8Array(32);
		primitives.hmacSha256(sum, bytes, next);
		sum = next;
	}
	return sum;
}

test("what is wrong in one bit, or too short for a tag, is not opened, and leaves no plaintext", () => {
	const [key, nonce, associated, plain] = [randomBytes(16), randomBytes(13), randomBytes(9), randomBytes(20)];
	const sealed = new Uint8Array(28);
	primitives.seal(key, nonce, associated, plain, 8, sealed);
	for (let bit = 0; bit < 8 * sealed.length; bit++) {
		const wrong = sealed.slice();
		wrong[bit >> 3]! ^= 1 << (bit & 7);
		const into = new Uint8Array(20);
		assert.is(primitives.open(key, nonce, associated, wrong, 8, into), -1);
		assert.equal(into, new Uint8Array(20));
	}
	for (let length = 0; length < 8; length++)
		assert.is(primitives.open(key, nonce, associated, sealed.subarray(0, length), 8, new Uint8Array(20)), -1);
	// The next one is none the worse for it.
	assert.is(primitives.open(key, nonce, associated, sealed, 8, new Uint8Array(20)), 20);
});

test("buffers and lengths that do not fit are refused before a byte is written beside them", () => {
	const [key, nonce, plain] = [randomBytes(16), randomBytes(13), randomBytes(20)];
	const around = new Uint8Array(64);
	const none = new Uint8Array(0);
	const refused: readonly (() => void)[] = [
		() => primitives.seal(key, nonce, none, plain, 8, around.subarray(20, 47)),
		() => primitives.seal(key.subarray(1), nonce, none, plain, 8, new Uint8Array(28)),
		() => primitives.sha256(plain, around.subarray(20, 51)),
		() => primitives.hmacSha256(key, plain, around.subarray(20, 51)),
	];
	for (const call of refused) assert.throws(call);
	assert.ok(around.subarray(0, 20).every((byte) => byte === 0) && around.subarray(51).every((byte) => byte === 0));
	const sealed = new Uint8Array(28);
	assert.is(primitives.seal(key, nonce, none, plain, 8, sealed), 28);
	assert.throws(() => primitives.open(key, nonce, none, sealed, 8, new Uint8Array(19)));
	assert.is(primitives.open(key, nonce, none, sealed, 8, new Uint8Array(20)), 20);
});

test("bytes are equal when all are", () => {
	assert.ok(primitives.equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
	assert.ok(primitives.equal(new Uint8Array(0), new Uint8Array(0)));
	assert.not(primitives.equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
	assert.not(primitives.equal(Uint8Array.of(1, 2), Uint8Array.of(1)));
});

test.run();
