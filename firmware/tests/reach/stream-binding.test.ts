import { assert, suite } from "#suite";
import { StreamBinding } from "../../reach/stream-binding.js";

const test = suite("reach/stream-binding");

const SECOND = 1_000;

test("is taken to live longer than one of datagrams", () => assert.is(new StreamBinding().trustedMs, 110 * SECOND));

test("three connections in a row that died while the server was there bound it from above", () => {
	const binding = new StreamBinding();
	for (const [now, news] of [
		[200 * SECOND, false],
		[500 * SECOND, false],
		[800 * SECOND, true],
	] as const) {
		binding.handleLost(now, 100 * SECOND);
		assert.is(binding.handleTold(now + 5 * SECOND, 0), news);
	}
	assert.is(binding.upperMs, 100 * SECOND);
	assert.is(binding.trustedMs, 50 * SECOND);
});

test("not so when a ping was answered between them", () => {
	const binding = new StreamBinding();
	for (const now of [200 * SECOND, 500 * SECOND, 800 * SECOND, 1_100 * SECOND]) {
		binding.handleLost(now, 100 * SECOND);
		binding.handleTold(now + 5 * SECOND, 0);
		binding.handleAnswered(100 * SECOND);
	}
	assert.is(binding.upperMs, Number.POSITIVE_INFINITY);
});

test("an answer after less silence says nothing of them", () => {
	const binding = new StreamBinding();
	for (const now of [200 * SECOND, 500 * SECOND, 800 * SECOND]) {
		binding.handleLost(now, 100 * SECOND);
		binding.handleTold(now + 5 * SECOND, 0);
		binding.handleAnswered(60 * SECOND);
	}
	assert.is(binding.upperMs, 100 * SECOND);
});

test("nor when the server was down for a while", () => {
	const binding = new StreamBinding();
	for (const now of [1_000 * SECOND, 9_000 * SECOND, 17_000 * SECOND]) {
		binding.handleLost(now, 100 * SECOND);
		assert.is(binding.handleTold(now + 600 * SECOND, 0), false);
	}
	assert.is(binding.upperMs, Number.POSITIVE_INFINITY);
});

/** The server promises to speak, and does where the connection lives for so long. */
function promise(binding: StreamBinding, lifetimeMs: number): number {
	const { wantedMs } = binding;
	binding.handleAsked(wantedMs);
	binding.handleAnswered(0);
	if (wantedMs < lifetimeMs) binding.handleKept(wantedMs);
	else binding.handleBroken(wantedMs + 5 * SECOND);
	return wantedMs;
}

for (const seconds of [20, 30, 65, 120, 300, 600]) {
	test(`promises find a lifetime of ${seconds} s from below, closely`, () => {
		const binding = new StreamBinding();
		let count = 0;
		while (binding.wantedMs > 0) {
			promise(binding, seconds * SECOND);
			assert.ok(++count < 40, "without end");
		}
		const { lowerMs } = binding;
		assert.ok(lowerMs <= seconds * SECOND && lowerMs >= 0.9 * seconds * SECOND, `${lowerMs}`);
	});
}

test("of a long lifetime it is known that it is long", () => {
	const binding = new StreamBinding();
	for (let i = 0; i < 20; i++) promise(binding, 3_600 * SECOND);
	assert.is(binding.lowerMs, 880 * SECOND);
	assert.is(binding.wantedMs, 0);
});

test("a promise that is interrupted, or was never made, is not broken", () => {
	const binding = new StreamBinding();
	for (let i = 0; i < 10; i++) {
		binding.handleAsked(binding.wantedMs);
		assert.is(binding.handleBroken(200 * SECOND), false);
		binding.handleOpened();
		binding.handleAsked(binding.wantedMs);
		binding.handleAnswered(0);
		assert.is(binding.handleBroken(60 * SECOND), false);
	}
	assert.is(binding.upperMs, Number.POSITIVE_INFINITY);
});

test("what comes too soon keeps no promise", () => {
	const binding = new StreamBinding();
	binding.handleAsked(137 * SECOND);
	binding.handleAnswered(0);
	assert.is(binding.handleKept(100 * SECOND), false);
	assert.is(binding.lowerMs, 0);
	assert.ok(binding.handleKept(136.9 * SECOND));
	assert.is(binding.lowerMs, 137 * SECOND);
	assert.is(binding.handleKept(500 * SECOND), false);
});

test("a reconnection that followed no loss is none of its business", () => {
	const binding = new StreamBinding();
	for (let i = 0; i < 5; i++) assert.is(binding.handleTold(i * SECOND, 0), false);
});

test.run();
