import { assert, suite } from "#suite";
import type { Store } from "../../../contract.js";
import { LAST_SEQUENCE_NUMBER, NONE } from "../../../security/oscore/constants.js";
import type { SecurityParameters } from "../../../security/oscore/context.js";
import { Oscore } from "../../../security/oscore/oscore.js";
import { RESERVED_COUNT, storedContext } from "../../../security/oscore/stored-context.js";
import { Journal } from "../../../store/journal.js";
import { fromHex } from "../../coap/hex.js";
import { RamFlash } from "../../store/ram-flash.js";
import { TestStore } from "../../test-store.js";
import { plainPrimitives } from "../plain-primitives.js";
import { contextOf, EXAMPLES, mirrored, optionsOf, run } from "./bench.js";

const test = suite("security/oscore/stored-context");

const REQUEST = "44025d1f00003974b27264";

function start(store: Store, parameters: SecurityParameters = EXAMPLES["C.2"]) {
	return storedContext(plainPrimitives, parameters, store);
}

test("over many restarts no number is used twice, and they only rise", () => {
	const store = new TestStore();
	let last = -1;
	for (let boot = 0; boot < 50; boot++) {
		const context = start(store);
		for (let i = 0; i < (boot * 37) % 600; i++) {
			const number = context.takeSequenceNumber();
			assert.ok(number > last, `${number} after ${last} at boot ${boot}`);
			last = number;
		}
	}
});

test("the journal of a board takes what is stored: its keys are short", () => {
	const flash = new RamFlash();
	assert.is(start(new Journal(flash)).takeSequenceNumber(), 0);
	assert.is(start(new Journal(flash)).takeSequenceNumber(), RESERVED_COUNT);
});

test("one write for so many numbers", () => {
	const store = new TestStore();
	const context = start(store);
	for (let i = 0; i < 4 * RESERVED_COUNT; i++) context.takeSequenceNumber();
	assert.is(store.writeCount, 1 + 4);
});

test("a number is stored before it is used, and without a store there is none", () => {
	const store = new TestStore();
	const context = start(store);
	store.room = 0;
	assert.is(context.takeSequenceNumber(), NONE);
	store.room = 1;
	assert.is(context.takeSequenceNumber(), 0);
	assert.is(start(store).nextSequenceNumber, RESERVED_COUNT);
});

test("where nothing can be stored no request is believed either", () => {
	const store = new TestStore();
	store.room = 0;
	assert.is(start(store).window, undefined);
});

test("other keys have other numbers, and each finds its own again", () => {
	const store = new TestStore();
	start(store).takeSequenceNumber();
	assert.is(start(store, EXAMPLES["C.1"]).nextSequenceNumber, 0);
	assert.is(start(store).nextSequenceNumber, RESERVED_COUNT);
	assert.is(store.values.size, 2);
});

test("the last number of all is the last", () => {
	const store = new TestStore();
	start(store);
	const [key] = store.keys();
	store.values.set(key!, fromHex("00ffffffffff"));
	const context = start(store);
	assert.is(context.takeSequenceNumber(), LAST_SEQUENCE_NUMBER);
	assert.is(context.takeSequenceNumber(), NONE);
	assert.is(start(store).takeSequenceNumber(), NONE);
});

test("after a restart the first request has to prove to be fresh, and a replay of an old one cannot", () => {
	const store = new TestStore();
	const server = new Oscore(optionsOf(2), contextOf(mirrored(EXAMPLES["C.2"])));
	const old = run((into) => server.protectRequest(fromHex(REQUEST), into));
	const before = new Oscore(optionsOf(3), start(store));
	assert.is(
		run((into) => before.openRequest(0, fromHex(old), into)),
		REQUEST,
	);
	const after = new Oscore(optionsOf(4), start(store));
	for (let i = 0; i < 3; i++)
		assert.is(
			run((into) => after.openRequest(0, fromHex(old), into)),
			"challenge",
		);
});

test("a power cut before the first message leaves no door for what came before it", () => {
	const store = new TestStore();
	assert.is.not(start(store).window, undefined);
	assert.is(start(store).window, undefined);
});

test.run();
