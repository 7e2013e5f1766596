import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { Encoder } from "../../coap/encoder.js";
import { DatagramMessage } from "../../coap/message.js";
import { isCritical, isNoCacheKey, isUnsafe, Option } from "../../coap/options.js";
import {
	encodeReach,
	encodeWindow,
	REACH_UNDERSTOOD,
	ReachFlag,
	type ReachWord,
	readReach,
	readWindow,
} from "../../coap/reach-option.js";
import { fromHex, toHex } from "./hex.js";

const test = suite("coap/reach-option");

/** A 2.04 with these values of the option, as it comes from the wire. */
function received(...values: readonly string[]): DatagramMessage {
	const bytes = new Uint8Array(64);
	const encoder = new Encoder();
	encoder.target(bytes);
	encoder.begin("ACK", Code.Changed, 1);
	for (const value of values) encoder.option(Option.Reach, fromHex(value));
	const message = new DatagramMessage();
	assert.is(message.decode(bytes.slice(0, encoder.end)), "ok");
	assert.is(message.badOption, 0);
	return message;
}

test("the option is elective, safe to forward, no part of a cache key, and of the range for experiments", () => {
	assert.not(isCritical(Option.Reach));
	assert.not(isUnsafe(Option.Reach));
	assert.ok(isNoCacheKey(Option.Reach));
	assert.ok(Option.Reach >= 65_000);
});

const { Heard, Idle, Keeper, Lost, Moved, Probe } = ReachFlag;

function word(flags: number, lostSeconds = -1, lostCount = 0, heardCount = -1): ReachWord {
	return { flags, lostSeconds, lostCount, heardCount };
}

const WORDS: readonly (readonly [title: string, word: ReachWord, hex: string])[] = [
	["an offer", word(Keeper | Probe), "03"],
	["a move", word(Moved), "04"],
	["nothing waits", word(Idle), "08"],
	["what was lost, and that it moved", word(Lost | Moved, 300, 5), "14012c05"],
	["what was lost at once", word(Lost, 0, 2), "10000002"],
	["what was heard", word(Heard, -1, 0, 300), "20012c"],
	["what was lost and heard", word(Lost | Heard, 0xffff, 0xff, 0xffff), "30ffffffffff"],
];

for (const [title, said, hex] of WORDS) {
	test(`${title} is written as ${hex} and read back`, () => {
		assert.is(toHex(encodeReach(said)!), hex);
		assert.equal(readReach(received(hex)), said);
	});
}

const BOUNDED: readonly (readonly [title: string, word: ReachWord, hex: string])[] = [
	["more than can be said", word(Lost | Heard, 1e6, 1000, 1e6), "30ffffffffff"],
	["an age that is no whole number", word(Lost, 64.9, 3), "10004003"],
	["an age before the silence", word(Lost, -1, 3), "10000003"],
	["a field that no flag announces", word(Moved, 300, 5, 6), "04"],
];

for (const [title, said, hex] of BOUNDED)
	test(`${title} is written as ${hex}`, () => assert.is(toHex(encodeReach(said)!), hex));

test("nothing to say is no option", () => assert.is(encodeReach(word(0)), undefined));

const READ: readonly (readonly [title: string, values: readonly string[], word: ReachWord | undefined])[] = [
	["no option", [], undefined],
	["an empty one, as in a Register", [toHex(REACH_UNDERSTOOD)], undefined],
	["bits that nobody knows yet", ["c4"], word(Moved)],
	["fields that nobody knows yet", ["54012c05ffff"], word(Lost | Moved, 300, 5)],
	["an age cut off", ["1401"], word(Moved)],
	["a number of copies cut off", ["14012c"], word(Moved)],
	["a number of keeper bytes cut off", ["30012c0501"], word(Lost, 300, 5)],
	["a value longer than any", ["04".repeat(17)], undefined],
	["a second one", ["04", "08"], word(Moved)],
];

for (const [title, values, said] of READ)
	test(`read: ${title}`, () => assert.equal(readReach(received(...values)), said));

test("a Register names its window, or none", () => {
	assert.is(toHex(encodeWindow(300)), "012c");
	assert.is(readWindow(received("012c")), 300);
	assert.is(readWindow(received("")), -1);
	assert.is(readWindow(received("01")), -1);
	assert.is(readWindow(received()), undefined);
});

test.run();
