import { assert, suite } from "#suite";
import { equalBytes, openCcm, sealCcm } from "../../security/ccm.js";
import { fromHex, toHex } from "../coap/hex.js";
import { Aes128 } from "./aes.js";

const test = suite("security/ccm");

/** Key, nonce, associated data, plaintext, tag length, ciphertext with tag. */
const ROWS: readonly [string, string, string, string, string, 8 | 16, string][] = [
	[
		"RFC 3610, packet vector 1",
		"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf",
		"00000003020100a0a1a2a3a4a5",
		"0001020304050607",
		"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
		8,
		"588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0",
	],
	[
		"RFC 3610, packet vector 2",
		"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf",
		"00000004030201a0a1a2a3a4a5",
		"0001020304050607",
		"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		8,
		"72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916",
	],
	[
		"NIST SP 800-38C, example 3",
		"404142434445464748494a4b4c4d4e4f",
		"101112131415161718191a1b",
		"000102030405060708090a0b0c0d0e0f10111213",
		"202122232425262728292a2b2c2d2e2f3031323334353637",
		8,
		"e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951",
	],
];

for (const [name, key, nonce, associated, plain, tagLength, sealed] of ROWS) {
	test(`${name}: sealed and opened`, () => {
		const cipher = new Aes128(fromHex(key));
		const into = new Uint8Array(64);
		const length = sealCcm(cipher, fromHex(nonce), fromHex(associated), fromHex(plain), tagLength, into);
		assert.is(toHex(into.subarray(0, length)), sealed);
		const back = new Uint8Array(64);
		const opened = openCcm(cipher, fromHex(nonce), fromHex(associated), fromHex(sealed), tagLength, back);
		assert.is(toHex(back.subarray(0, opened)), plain);
	});
}

test("a wrong bit anywhere is found, and nothing of the text is left", () => {
	const [, key, nonce, associated, , tagLength, sealed] = ROWS[0]!;
	const cipher = new Aes128(fromHex(key));
	for (let bit = 0; bit < 4 * sealed.length; bit++) {
		const bytes = fromHex(sealed);
		bytes[bit >> 3]! ^= 1 << (bit & 7);
		const into = new Uint8Array(64);
		assert.is(openCcm(cipher, fromHex(nonce), fromHex(associated), bytes, tagLength, into), -1);
		assert.is(toHex(into), "00".repeat(64));
	}
	const other = fromHex(associated);
	other[0]! ^= 1;
	assert.is(openCcm(cipher, fromHex(nonce), other, fromHex(sealed), tagLength, new Uint8Array(64)), -1);
	assert.is(openCcm(cipher, fromHex(nonce), fromHex(associated), new Uint8Array(7), 8, new Uint8Array(64)), -1);
});

test("without associated data, and with a tag of 16 bytes, what was sealed can be opened", () => {
	const cipher = new Aes128(fromHex("000102030405060708090a0b0c0d0e0f"));
	const nonce = new Uint8Array(13);
	const nothing = new Uint8Array(0);
	for (const size of [0, 1, 15, 16, 17, 300]) {
		const plain = new Uint8Array(size).map((_, i) => i);
		const into = new Uint8Array(size + 16);
		assert.is(sealCcm(cipher, nonce, nothing, plain, 16, into), size + 16);
		const back = new Uint8Array(size);
		assert.is(openCcm(cipher, nonce, nothing, into, 16, back), size);
		assert.is(toHex(back), toHex(plain));
	}
});

test("bytes are equal when all are", () => {
	assert.ok(equalBytes(fromHex("0102"), fromHex("0102")));
	assert.not(equalBytes(fromHex("0102"), fromHex("0103")));
	assert.not(equalBytes(fromHex("0102"), fromHex("01")));
	assert.ok(equalBytes(fromHex(""), fromHex("")));
});

test.run();
