import { assert, suite } from "#suite";
import { Loss } from "../../reach/loss.js";

const test = suite("reach/loss");

/** Exchanges of which every n-th needs a second try. */
function exchanged(count: number, every: number): Loss {
	const loss = new Loss();
	for (let i = 1; i <= count; i++) loss.handleAnswered(i % every === 0 ? 2 : 1);
	return loss;
}

function near(actual: number, expected: number): void {
	assert.ok(Math.abs(actual - expected) < 0.15 * expected, `${actual}, not ${expected}`);
}

test("half a per cent is taken for seen before anything was", () => near(new Loss().part, 0.005));

test("a quiet line is known to be one after a day of exchanges each quarter of an hour", () =>
	assert.ok(exchanged(96, Number.POSITIVE_INFINITY).part < 0.001));

test("of both ways each loses half of what needed a second try", () => near(exchanged(1_000, 10).part, 0.05));

test("refreshes that were not heard are lost on one way", () => {
	const loss = new Loss();
	for (let i = 0; i < 100; i++) {
		for (let j = 0; j < 20; j++) loss.handleRefresh();
		loss.handleHeard(16);
	}
	near(loss.part, 0.2);
});

test("those that came from an address nobody knew were heard all the same", () => {
	const loss = new Loss();
	for (let i = 0; i < 10; i++) loss.handleRefresh();
	loss.handleUnknown();
	loss.handleHeard(9);
	assert.ok(loss.part < 0.005);
});

test("a server that forgot its count does not make a bad line of a good one", () => {
	for (const heard of [-1, 0, 2]) {
		const loss = exchanged(500, Number.POSITIVE_INFINITY);
		const before = loss.part;
		for (let i = 0; i < 100; i++) loss.handleRefresh();
		loss.handleHeard(heard);
		assert.is(loss.part, before);
	}
});

test("a restart of the count forgets what was sent before", () => {
	const loss = exchanged(500, Number.POSITIVE_INFINITY);
	const before = loss.part;
	loss.handleRefresh();
	loss.restart();
	loss.handleHeard(0);
	assert.is(loss.part, before);
});

test("the past fades: a line that became bad is a bad one soon", () => {
	const loss = exchanged(10_000, Number.POSITIVE_INFINITY);
	for (let i = 0; i < 1_000; i++) loss.handleAnswered(2);
	assert.ok(loss.part > 0.15, `${loss.part}`);
});

test("two silences are asked for at least, more where they are no surprise", () => {
	assert.is(exchanged(1_000, Number.POSITIVE_INFINITY).enough(0.002, 0, 0), 2);
	assert.is(exchanged(1_000, 10).enough(0.002, 0, 0), 3);
	assert.is(exchanged(1_000, 2).enough(0.002, 0, 0), 4);
	assert.is(exchanged(1_000, 10).enough(0.002, 1, 0), 12);
	assert.is(exchanged(1_000, 100).enough(0.002, 0.1, 0), 3);
	assert.is(exchanged(1_000, 100).enough(0.002, 0.1, 1), 5, "of those that were seen to end a move is told from none");
});

test.run();
