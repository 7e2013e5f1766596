import { assert, suite } from "#suite";
import { LAST_SEQUENCE_NUMBER, NONE } from "../../../security/oscore/constants.js";
import { fromHex, toHex } from "../../coap/hex.js";
import { contextOf, EXAMPLES, mirrored } from "./bench.js";

const test = suite("security/oscore/context");

/** RFC 8613, C.1 to C.3: sender key, recipient key, Common IV of the client. */
const KEYS: readonly [keyof typeof EXAMPLES, string, string, string][] = [
	["C.1", "f0910ed7295e6ad4b54fc793154302ff", "ffb14e093c94c9cac9471648b4f98710", "4622d4dd6d944168eefb54987c"],
	["C.2", "321b26943253c7ffb6003b0b64d74041", "e57b5635815177cd679ab4bcec9d7dda", "be35ae297d2dace910c52e99f9"],
	["C.3", "af2a1300a5e95788b356336eeecd2b92", "e39a0c7c77b43f03b4b39ab9a268699f", "2ca58fb85ff1b81c0b7181b85e"],
];

for (const [name, senderKey, recipientKey, commonIv] of KEYS) {
	test(`RFC 8613, ${name}: both sides derive the same keys`, () => {
		const client = contextOf(EXAMPLES[name]);
		assert.is(toHex(client.senderKey), senderKey);
		assert.is(toHex(client.recipientKey), recipientKey);
		assert.is(toHex(client.commonIv), commonIv);
		const server = contextOf(mirrored(EXAMPLES[name]));
		assert.is(toHex(server.senderKey), recipientKey);
		assert.is(toHex(server.recipientKey), senderKey);
		assert.is(toHex(server.commonIv), commonIv);
	});
}

test("an ID Context of more than 23 bytes has a longer head in the key derivation", () => {
	const short = contextOf({ ...EXAMPLES["C.1"], idContext: new Uint8Array(23) });
	const long = contextOf({ ...EXAMPLES["C.1"], idContext: new Uint8Array(24) });
	assert.is.not(toHex(short.senderKey), toHex(long.senderKey));
});

test("identifiers that are too long, or the same, are refused", () => {
	const of = EXAMPLES["C.1"];
	assert.throws(() => contextOf({ ...of, senderId: new Uint8Array(8) }), /at most 7/);
	assert.throws(() => contextOf({ ...of, senderId: fromHex("01") }), /the same/);
});

test("RFC 8613, B.1.1: a number is taken only when it has been reserved", () => {
	const reserved: number[] = [];
	const context = contextOf(EXAMPLES["C.1"], 40, { step: 3, reserve: (until) => void reserved.push(until) });
	const taken = [0, 0, 0, 0].map(() => context.takeSequenceNumber());
	assert.equal(taken, [40, 41, 42, 43]);
	assert.equal(reserved, [43, 46]);
});

test("where nothing can be reserved no number is taken, until it can", () => {
	let broken = true;
	const reserve = () => {
		if (broken) throw new Error("the flash is full");
	};
	const context = contextOf(EXAMPLES["C.1"], 7, { reserve });
	assert.is(context.takeSequenceNumber(), NONE);
	assert.is(context.nextSequenceNumber, 7);
	broken = false;
	assert.is(context.takeSequenceNumber(), 7);
});

test("RFC 8613, 7.2.1: after the last number the context is used up", () => {
	const context = contextOf(EXAMPLES["C.1"], LAST_SEQUENCE_NUMBER);
	assert.is(context.takeSequenceNumber(), LAST_SEQUENCE_NUMBER);
	assert.is(context.takeSequenceNumber(), NONE);
});

test.run();
