import { assert, suite } from "#suite";
import { StreamBinding } from "../../reach/stream-binding.js";

const test = suite("reach/stream-binding");

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

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
	assert.is(binding.lowerMs, 808 * SECOND);
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

test("a promise for a silence that we end ourselves is not broken", () => {
	const binding = new StreamBinding();
	for (let i = 0; i < 10; i++) {
		binding.handleAsked(binding.wantedMs);
		binding.handleAnswered(0);
		binding.handleSent();
		assert.is(binding.handleBroken(200 * SECOND), false);
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

/** What is known, from a lifetime of 221 to 229 s. */
function known(): StreamBinding {
	const binding = new StreamBinding();
	binding.restore(221, 229);
	return binding;
}

/** What it asks for until it is content again, where connections live for so long. */
function verified(binding: StreamBinding, lifetimeMs: number): number[] {
	const asked: number[] = [];
	for (let i = 0; binding.wantedMs > 0 && i < 8; i++) asked.push(promise(binding, lifetimeMs) / SECOND);
	return asked;
}

test("what is known is asked for again after an hour, two, four, and so on: both bounds each fourth time", () => {
	const binding = known();
	const askedAt: number[] = [];
	for (let hour = 0; hour <= 35; hour++) {
		binding.look(hour * HOUR);
		if (binding.wantedMs === 0) continue;
		askedAt.push(hour);
		assert.equal(verified(binding, 225 * SECOND), askedAt.length % 4 === 1 ? [229, 221] : [221]);
	}
	assert.equal(askedAt, [1, 4, 9, 18, 35]);
	assert.equal([binding.lowerMs, binding.upperMs], [221 * SECOND, 229 * SECOND]);
});

test("three promises in a row that were not kept end the proof: some NATs answer all else", () => {
	const binding = known();
	binding.look(0);
	binding.look(HOUR);
	assert.equal(verified(binding, 65 * SECOND).slice(0, 4), [229, 221, 221, 221]);
	assert.ok(binding.lowerMs <= 65 * SECOND && binding.upperMs <= 221 * SECOND);
});

test("an upper bound that was an accident is taken back when its promise is kept", () => {
	const binding = known();
	binding.look(0);
	binding.look(HOUR);
	promise(binding, HOUR);
	assert.equal([binding.lowerMs, binding.upperMs], [229 * SECOND, Number.POSITIVE_INFINITY]);
	assert.ok(binding.wantedMs > 229 * SECOND, "and longer ones are asked for");
});

test("a connection that its upper bound ended is not tried with it again", () => {
	const binding = known();
	binding.look(0);
	binding.look(HOUR);
	binding.handleAsked(binding.wantedMs);
	binding.handleOpened();
	assert.equal(verified(binding, 225 * SECOND), [221]);
});

test("another connection may go by another NAT: it is verified after an hour", () => {
	const binding = known();
	for (let hour = 0; hour <= 100; hour++) {
		binding.look(hour * HOUR);
		verified(binding, 225 * SECOND);
	}
	binding.handleOpened();
	binding.look(101 * HOUR);
	assert.is(binding.wantedMs, 0);
	binding.look(102 * HOUR);
	assert.is(binding.wantedMs, 221 * SECOND);
});

test("connections that end before they are verified do not put that off", () => {
	const binding = known();
	for (let minutes = 0; minutes < 70; minutes += 5) {
		binding.handleOpened();
		binding.look(minutes * 60 * SECOND);
	}
	assert.ok(binding.wantedMs > 0);
});

test("where every third silence ends with a move, three ends in a row are no end of the binding", () => {
	const binding = new StreamBinding();
	binding.restore(180, 0);
	let at = 0;
	const die = (count: number): boolean => {
		for (let i = 0; i < count; i++) {
			at += 180 * SECOND;
			binding.handleLost(at, 180 * SECOND);
			if (binding.handleTold(at + 2 * SECOND, 0)) return true;
		}
		return false;
	};
	for (let i = 0; i < 40; i++) {
		assert.not(die(1), `${i}`);
		for (let answers = 0; answers < 2; answers++) binding.handleAnswered(180 * SECOND);
	}
	assert.not(die(3));
	assert.ok(die(6));
	assert.is(binding.upperMs, 180 * SECOND);
});

test("bounds with no whole second between them are verified as known ones are", () => {
	const binding = new StreamBinding();
	binding.restore(13, 15);
	assert.is(binding.wantedMs, 0);
	binding.look(0);
	binding.look(HOUR);
	assert.is(binding.wantedMs, 15 * SECOND);
});

test.run();
