import { assert, suite } from "#suite";
import { Starts } from "../../boot/starts.js";
import type { Store } from "../../contract.js";
import type { BoardDevice } from "../../io/board.js";
import { TestStore } from "../test-store.js";

const test = suite("boot/starts");

type Reset = BoardDevice["reset"];

function start(store: Store, reason: Reset["reason"] = "power-on", cause?: string): Starts {
	return new Starts(store, { reason, cause });
}

const FAULTS: readonly [reason: Reset["reason"], cause: string | undefined, code: number, fault: string | undefined][] =
	[
		["power-on", undefined, 0, undefined],
		["restart", undefined, 0, undefined],
		["deep-sleep", undefined, 0, undefined],
		["unknown", undefined, 0, undefined],
		["brown-out", undefined, 2, "brown-out"],
		["watchdog", "memory full", 5, "watchdog: memory full"],
		["watchdog", undefined, 16, "watchdog"],
		["watchdog", "the engine gave up", 16, "watchdog: the engine gave up"],
		["watchdog", "stack overflow", 17, "watchdog: stack overflow"],
		["watchdog", "unhandled exception: x", 18, "watchdog: unhandled exception: x"],
		["watchdog", "unhandled rejection: x", 18, "watchdog: unhandled rejection: x"],
	];

for (const [reason, cause, code, fault] of FAULTS)
	test(`${reason}, ${cause ?? "without a cause"}, is error ${code}`, () => {
		const { errorCode, lastFault, faultCount } = start(new TestStore(), reason, cause);
		assert.equal([errorCode, lastFault, faultCount], [code, fault, code === 0 ? 0 : 1]);
	});

test("counts every start, and faults among them", () => {
	const store = new TestStore();
	start(store);
	start(store, "watchdog", "memory full");
	const { count, faultCount } = start(store);
	assert.equal([count, faultCount], [3, 1]);
});

test("writes once a start, and nothing while it runs", () => {
	const store = new TestStore();
	const starts = start(store);
	assert.is(store.writeCount, 1);
	starts.resetError();
	assert.is(store.writeCount, 1);
});

test("a good run ends a row of faults, with one write", () => {
	const store = new TestStore();
	start(store, "watchdog");
	const starts = start(store, "watchdog");
	assert.is(starts.faultsInRow, 2);
	starts.handleGoodRun();
	starts.handleGoodRun();
	assert.is(store.writeCount, 3);
	assert.is(start(store, "watchdog").faultsInRow, 1);
});

test("a reset error stays reset", () => {
	const store = new TestStore();
	start(store, "watchdog", "memory full").resetError();
	const { errorCode, lastFault } = start(store);
	assert.equal([errorCode, lastFault], [0, "watchdog: memory full"]);
});

test("a long cause is cut", () => {
	const store = new TestStore();
	start(store, "watchdog", "ü".repeat(1_000));
	assert.is(start(store).lastFault, `watchdog: ${"ü".repeat(80)}`);
});

test("a record that is none begins anew", () => {
	const store = new TestStore();
	for (const bytes of [[], [1], [2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0xff]]) {
		store.values.set("starts", Uint8Array.from(bytes));
		assert.is(start(store).count, 1, String(bytes));
	}
});

test("a store that takes nothing is no reason not to start", () => {
	const store = new TestStore();
	store.room = 0;
	assert.is(start(store, "watchdog", "memory full").errorCode, 5);
});

test("without a store each start is the first", () => {
	assert.is(new Starts(undefined, { reason: "power-on", cause: undefined }).count, 1);
});

test.run();
