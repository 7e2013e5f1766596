// A board whose cryptography or random source is broken in any one way is found out at its start.

import { assert, suite } from "#suite";
import type { Random } from "../../contract.js";
import { faultOf } from "../../security/known-answers.js";
import type { Primitives } from "../../security/primitives.js";
import { SeededRandom } from "../random.js";
import { plainPrimitives } from "./plain-primitives.js";

const test = suite("security/known-answers");

const good = new SeededRandom(1);

function randomOf(fill: (into: Uint8Array) => void): Random {
	return { fill, uint32: () => 0 };
}

test("what works has no fault", () => {
	assert.is(faultOf(plainPrimitives, good), undefined);
});

const { seal, open, sha256, hmacSha256 } = plainPrimitives;

const BROKEN: readonly [string, Partial<Primitives>, string][] = [
	[
		"a tag that is always short",
		{ seal: (key, nonce, associated, plain, _, into) => seal(key, nonce, associated, plain, 8, into) },
		"AES-CCM seals wrongly",
	],
	[
		"associated data left out",
		{ seal: (key, nonce, _, plain, length, into) => seal(key, nonce, new Uint8Array(0), plain, length, into) },
		"AES-CCM seals wrongly",
	],
	["a text that nobody opens", { open: () => -1 }, "AES-CCM opens wrongly"],
	[
		"a tag that nobody looks at",
		{
			open(key, nonce, associated, sealed, length, into) {
				const opened = open(key, nonce, associated, sealed, length, into);
				return opened < 0 ? sealed.length - length : opened;
			},
		},
		"AES-CCM opens what is forged",
	],
	["a hash of something else", { sha256: (data, into) => sha256(data.subarray(1), into) }, "SHA-256 is wrong"],
	[
		"an HMAC without its key",
		{ hmacSha256: (_, data, into) => hmacSha256(new Uint8Array(1).fill(1), data, into) },
		"HMAC-SHA-256 is wrong",
	],
	["all bytes equal", { equal: () => true }, "equal bytes are told wrongly"],
	["no bytes equal", { equal: () => false }, "equal bytes are told wrongly"],
	[
		"a chip that throws",
		{
			sha256() {
				throw new Error("no engine");
			},
		},
		"Error: no engine",
	],
];

for (const [name, broken, fault] of BROKEN) {
	test(`found: ${name}`, () => assert.is(faultOf({ ...plainPrimitives, ...broken }, good), fault));
}

test("found: a random source that stands still", () => {
	const still = randomOf((into) => {
		for (let i = 0; i < into.length; i++) into[i] = i;
	});
	assert.is(faultOf(plainPrimitives, still), "the random source repeats itself");
});

test("found: a random source that counts", () => {
	let count = 0;
	const counting = randomOf((into) => into.fill(++count));
	assert.is(faultOf(plainPrimitives, counting), "the random source gives one byte only");
});

test("found: a random source that is not there", () => {
	const none = randomOf(() => {
		throw new Error("no noise");
	});
	assert.is(faultOf(plainPrimitives, none), "Error: no noise");
});

test.run();
