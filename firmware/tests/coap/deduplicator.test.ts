import { assert, suite } from "#suite";
import { EXCHANGE_LIFETIME, NON_LIFETIME } from "../../coap/constants.js";
import { Deduplicator } from "../../coap/deduplicator.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { toHex } from "./hex.js";

const test = suite("coap/deduplicator");
const COUNT = limits.deduplicatorCount;

/** Everything that is to be sent, as hex. */
function drain(deduplicator: Deduplicator): string[] {
	const out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	const sent: string[] = [];
	while (deduplicator.pollTransmit(out)) sent.push(toHex(out.bytes.subarray(0, out.length)));
	return sent;
}

/** Answers a CON with so many bytes of a value. */
function say(deduplicator: Deduplicator, messageId: number, length = 1, value = messageId): void {
	const start = deduplicator.answer(0, messageId, true, length);
	deduplicator.answers.fill(value, start, start + length);
}

/** Receives a CON for the first time, and answers it with so many bytes of a value. */
function answer(deduplicator: Deduplicator, messageId: number, length = 1, value = messageId): void {
	deduplicator.add(0, messageId, true);
	say(deduplicator, messageId, length, value);
}

test("a new message is no repetition, and is told nothing by itself", () => {
	const deduplicator = new Deduplicator();
	assert.is(deduplicator.handleRepeated(0, 1), false);
	deduplicator.add(0, 1, true);
	assert.equal(drain(deduplicator), []);
});

test("Message ID 0 is like any other", () => {
	const deduplicator = new Deduplicator();
	assert.is(deduplicator.handleRepeated(0, 0), false);
	deduplicator.add(0, 0, true);
	assert.is(deduplicator.handleRepeated(0, 0), true);
});

const LIFETIMES: readonly (readonly [title: string, confirmable: boolean, lifetime: number])[] = [
	["CON", true, EXCHANGE_LIFETIME],
	["NON", false, NON_LIFETIME],
];

for (const [title, confirmable, lifetime] of LIFETIMES) {
	test(`a ${title} is remembered for ${lifetime} ms`, () => {
		const deduplicator = new Deduplicator();
		deduplicator.add(5, 1, confirmable);
		assert.is(deduplicator.handleRepeated(5 + lifetime - 1, 1), true);
		assert.is(deduplicator.handleRepeated(5 + lifetime, 1), false);
	});
}

test("several repetitions before a poll are told once each, the newest message first", () => {
	const deduplicator = new Deduplicator();
	for (const id of [1, 2, 3]) answer(deduplicator, id);
	assert.equal(drain(deduplicator), ["03", "02", "01"]);
	for (const id of [1, 3, 1, 3]) deduplicator.handleRepeated(1, id);
	assert.equal(drain(deduplicator), ["03", "01"]);
	assert.equal(drain(deduplicator), []);
});

test("each kind of answer is repeated", () => {
	const deduplicator = new Deduplicator();
	for (const id of [1, 2, 3, 4]) deduplicator.add(0, id, true);
	deduplicator.acknowledge(1);
	deduplicator.reject(2);
	say(deduplicator, 3);
	const told = ["03", "70000002", "60000001"];
	assert.equal(drain(deduplicator), told);
	for (const id of [1, 2, 3, 4]) deduplicator.handleRepeated(1, id);
	assert.equal(drain(deduplicator), ["60000004", ...told]);
});

test("an answer to a NON is sent and not repeated", () => {
	const deduplicator = new Deduplicator();
	deduplicator.add(0, 1, false);
	deduplicator.answer(0, 1, false, 1);
	assert.equal(drain(deduplicator), ["00"]);
	assert.is(deduplicator.handleRepeated(1, 1), true);
	assert.equal(drain(deduplicator), []);
});

test("exactly the newest are remembered, however many came", () => {
	const deduplicator = new Deduplicator();
	for (let id = 1; id <= 3 * COUNT; id++) answer(deduplicator, id);
	drain(deduplicator);
	for (let id = 1; id <= 3 * COUNT; id++) {
		assert.is(deduplicator.handleRepeated(1, id), id > 2 * COUNT, `Message ID ${id}`);
	}
	assert.is(drain(deduplicator).length, COUNT);
});

test("an answer that gave way before it was sent is not sent", () => {
	const deduplicator = new Deduplicator();
	for (let id = 1; id <= COUNT + 1; id++) answer(deduplicator, id);
	assert.is(drain(deduplicator).length, COUNT);
	assert.equal(drain(deduplicator), []);
});

test("a Message ID that comes again after its time is the new message, not the old one", () => {
	const deduplicator = new Deduplicator();
	for (const id of [1, 2, 3]) answer(deduplicator, id);
	drain(deduplicator);
	assert.is(deduplicator.handleRepeated(EXCHANGE_LIFETIME, 2), false);
	deduplicator.add(EXCHANGE_LIFETIME, 2, true);
	assert.is(deduplicator.handleRepeated(EXCHANGE_LIFETIME + 1, 2), true);
	assert.equal(drain(deduplicator), ["60000002"]);
});

test("nothing is said to a message that took the place of one whose answer was not sent", () => {
	const deduplicator = new Deduplicator();
	for (let id = 1; id <= COUNT; id++) answer(deduplicator, id);
	deduplicator.add(0, 100, true);
	assert.is(drain(deduplicator).length, COUNT - 1);
});

test("a Message ID that comes again after its time takes no second place", () => {
	const deduplicator = new Deduplicator();
	for (let id = 1; id <= COUNT; id++) answer(deduplicator, id);
	assert.is(deduplicator.handleRepeated(EXCHANGE_LIFETIME, 1), false);
	deduplicator.add(EXCHANGE_LIFETIME, 1, true);
	for (let id = 2; id <= COUNT; id++) assert.is(deduplicator.handleRepeated(1, id), true);
	answer(deduplicator, COUNT + 1);
	assert.is(deduplicator.handleRepeated(1, 2), false);
	assert.is(deduplicator.handleRepeated(EXCHANGE_LIFETIME, 1), true);
});

test("a message that takes the place of another takes nothing of its answer", () => {
	const deduplicator = new Deduplicator();
	for (let id = 1; id <= COUNT; id++) answer(deduplicator, id, 4, 0xee);
	drain(deduplicator);
	deduplicator.add(0, 100, true);
	assert.is(deduplicator.handleRepeated(0, 100), true);
	assert.equal(drain(deduplicator), ["60000064"]);
	say(deduplicator, 100, 4, 7);
	assert.equal(drain(deduplicator), ["07070707"]);
});

const SUMS: readonly (readonly [lengths: number[], remembered: boolean[]])[] = [
	[[1152], [true]],
	[
		[128, 1],
		[true, true],
	],
	[
		[100, 100],
		[true, true],
	],
	[
		[500, 500],
		[true, true],
	],
	[
		[1, 1152],
		[false, true],
	],
	[
		[1152, 1152],
		[false, true],
	],
	[
		[400, 400, 352],
		[true, true, true],
	],
	[
		[400, 400, 400],
		[false, true, true],
	],
	[
		[200, 800, 200, 200],
		[false, false, true, true],
	],
];

for (const [lengths, remembered] of SUMS) {
	test(`of answers of ${lengths.join(", ")} bytes, ${remembered.filter(Boolean).length} are remembered`, () => {
		const deduplicator = new Deduplicator();
		for (const [id, length] of lengths.entries()) {
			answer(deduplicator, id, length);
			assert.is(drain(deduplicator).length, 1);
		}
		for (const [id, length] of lengths.entries()) {
			assert.is(deduplicator.handleRepeated(1, id), true);
			const bytes = `0${id}`.repeat(length);
			assert.equal(drain(deduplicator), remembered[id] ? [bytes] : []);
		}
	});
}

test("a large answer that gives way before it was sent is not sent, and what was acknowledged stays so", () => {
	const deduplicator = new Deduplicator();
	answer(deduplicator, 1, 1000);
	deduplicator.add(0, 2, true);
	deduplicator.acknowledge(2);
	answer(deduplicator, 3, 1000);
	assert.equal(
		drain(deduplicator).map((hex) => hex.slice(0, 8)),
		["03030303", "60000002"],
	);
	deduplicator.handleRepeated(1, 2);
	assert.equal(drain(deduplicator), ["60000002"]);
});

test("a message that is no longer remembered is answered all the same, and remembered again", () => {
	const deduplicator = new Deduplicator();
	deduplicator.answer(0, 1, true, 1);
	assert.equal(drain(deduplicator), ["00"]);
	assert.is(deduplicator.handleRepeated(1, 1), true);
	assert.equal(drain(deduplicator), ["00"]);
});

test("acknowledging or rejecting what is not remembered does nothing", () => {
	const deduplicator = new Deduplicator();
	deduplicator.acknowledge(1);
	deduplicator.reject(2);
	assert.equal(drain(deduplicator), []);
});

test("open is what was neither acknowledged nor answered", () => {
	const deduplicator = new Deduplicator();
	for (const id of [1, 2, 3]) deduplicator.add(0, id, true);
	deduplicator.acknowledge(1);
	deduplicator.answer(0, 2, true, 1);
	assert.equal(
		[1, 2, 3].map((id) => deduplicator.isOpen(id)),
		[false, false, true],
	);
});

test("wherever a message is remembered, it is open no more once it was acknowledged", () => {
	const deduplicator = new Deduplicator();
	for (let id = 1; id <= COUNT; id++) {
		deduplicator.add(0, id, true);
		deduplicator.acknowledge(id);
	}
	for (let id = 1; id <= COUNT; id++) assert.is(deduplicator.isOpen(id), false);
});

test("on a new path, an answer to a message of before is remembered anew", () => {
	const deduplicator = new Deduplicator();
	for (let id = 1; id <= COUNT; id++) answer(deduplicator, id);
	deduplicator.handlePathChanged();
	for (let id = 1; id <= COUNT; id++) deduplicator.add(0, 100 + id, true);
	assert.equal(drain(deduplicator), []);
	say(deduplicator, 1);
	assert.equal(drain(deduplicator), ["01"]);
	assert.is(deduplicator.handleRepeated(1, 1), true);
});

test("a new path forgets what has no token, and what was to be sent", () => {
	const deduplicator = new Deduplicator();
	answer(deduplicator, 1);
	deduplicator.handlePathChanged();
	assert.equal(drain(deduplicator), []);
	assert.is(deduplicator.handleRepeated(0, 1), false);
	answer(deduplicator, 2);
	assert.equal(drain(deduplicator), ["02"]);
});

test("with a token a message is known on any path, and for good; another token makes it another message", () => {
	const deduplicator = new Deduplicator();
	deduplicator.add(0, 7, true, 1234);
	say(deduplicator, 7);
	deduplicator.handlePathChanged();
	assert.equal(drain(deduplicator), []);
	assert.is(deduplicator.handleRepeated(100 * EXCHANGE_LIFETIME, 7, 1234), true);
	assert.equal(drain(deduplicator), ["07"]);
	assert.is(deduplicator.handleRepeated(1, 7, 1235), false);
	assert.is(deduplicator.handleRepeated(1, 7, 1234), false);
});

test.run();
