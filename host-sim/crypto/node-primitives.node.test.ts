import { randomBytes } from "node:crypto";
import { assert, suite } from "#suite";
import { plainPrimitives } from "../../firmware/tests/security/plain-primitives.js";
import { nodePrimitives } from "./node-primitives.js";

const test = suite("crypto/node-primitives");

/** Lengths around the blocks of AES-CCM and of SHA-256. */
const LENGTHS = [1, 13, 15, 16, 17, 32, 55, 56, 64, 100, 1000];

test("Node's AES-CCM and ours, written from RFC 3610, agree, and each opens what the other sealed", () => {
	for (const length of LENGTHS)
		for (const tagLength of [8, 16] as const) {
			const [key, nonce, associated] = [randomBytes(16), randomBytes(13), randomBytes(length % 20)];
			const plain = randomBytes(length);
			const [left, right] = [new Uint8Array(length + tagLength), new Uint8Array(length + tagLength)];
			assert.is(nodePrimitives.seal(key, nonce, associated, plain, tagLength, left), left.length);
			assert.is(plainPrimitives.seal(key, nonce, associated, plain, tagLength, right), right.length);
			assert.equal(left, right);
			for (const primitives of [nodePrimitives, plainPrimitives]) {
				const back = new Uint8Array(length);
				assert.is(primitives.open(key, nonce, associated, left, tagLength, back), length);
				assert.equal(back, new Uint8Array(plain));
			}
		}
});

test("neither opens what is wrong in one bit, or too short for a tag", () => {
	const [key, nonce, associated] = [randomBytes(16), randomBytes(13), randomBytes(9)];
	const sealed = new Uint8Array(28);
	nodePrimitives.seal(key, nonce, associated, randomBytes(20), 8, sealed);
	for (const primitives of [nodePrimitives, plainPrimitives]) {
		for (let bit = 0; bit < 8 * sealed.length; bit++) {
			const wrong = sealed.slice();
			wrong[bit >> 3]! ^= 1 << (bit & 7);
			assert.is(primitives.open(key, nonce, associated, wrong, 8, new Uint8Array(20)), -1);
		}
		assert.is(primitives.open(key, nonce, associated, sealed.subarray(0, 7), 8, new Uint8Array(20)), -1);
	}
});

test("Node's SHA-256 and HMAC and ours agree", () => {
	for (const length of LENGTHS) {
		const [key, data] = [randomBytes(length), randomBytes(length)];
		const [left, right] = [new Uint8Array(32), new Uint8Array(32)];
		nodePrimitives.sha256(data, left);
		plainPrimitives.sha256(data, right);
		assert.equal(left, right);
		nodePrimitives.hmacSha256(key, data, left);
		plainPrimitives.hmacSha256(key, data, right);
		assert.equal(left, right);
	}
});

test("bytes are equal when all are", () => {
	assert.ok(nodePrimitives.equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
	assert.not(nodePrimitives.equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
	assert.not(nodePrimitives.equal(Uint8Array.of(1, 2), Uint8Array.of(1)));
});

test.run();
