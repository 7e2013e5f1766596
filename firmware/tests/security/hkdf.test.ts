import { assert, suite } from "#suite";
import { encodeText } from "../../bytes.js";
import { hkdfSha256 } from "../../security/hkdf.js";
import { toHex } from "../coap/hex.js";
import { plainPrimitives } from "./plain-primitives.js";
import { hmacSha256, sha256 } from "./sha256.js";

const test = suite("security/hkdf");

function range(first: number, last: number): Uint8Array {
	return new Uint8Array(last - first + 1).map((_, i) => first + i);
}

test("SHA-256 of FIPS 180-4 and HMAC of RFC 4231", () => {
	assert.is(toHex(sha256(encodeText("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	const long = encodeText("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
	assert.is(toHex(sha256(long)), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	const hmac = hmacSha256(encodeText("Jefe"), encodeText("what do ya want for nothing?"));
	assert.is(toHex(hmac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
});

/** RFC 5869, Appendix A: input, salt, info, output. */
const ROWS: readonly [string, Uint8Array, Uint8Array, Uint8Array, string][] = [
	[
		"A.1",
		new Uint8Array(22).fill(0x0b),
		range(0x00, 0x0c),
		range(0xf0, 0xf9),
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
	],
	[
		"A.2",
		range(0x00, 0x4f),
		range(0x60, 0xaf),
		range(0xb0, 0xff),
		"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09" +
			"da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
	],
	[
		"A.3",
		new Uint8Array(22).fill(0x0b),
		new Uint8Array(0),
		new Uint8Array(0),
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
	],
];

for (const [name, input, salt, info, output] of ROWS) {
	test(`RFC 5869, ${name}`, () => {
		assert.is(toHex(hkdfSha256(plainPrimitives, input, salt, info, output.length / 2)), output);
	});
}

test("more than 255 blocks are refused", () => {
	const nothing = new Uint8Array(0);
	assert.throws(() => hkdfSha256(plainPrimitives, nothing, nothing, nothing, 255 * 32 + 1), /255 blocks/);
});

test.run();
