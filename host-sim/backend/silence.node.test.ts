import { assert, suite } from "#suite";
import { type Lost, Silence } from "./silence.js";

const test = suite("backend/silence");

/** A device was heard at 0, copies went out at these seconds, and it says something else at `endsAt`. */
function silent(copies: readonly number[], endsAt: number, silence = new Silence(0), from = 0): Silence {
	silence.handleReceived(1000 * from, true);
	for (const at of copies) silence.handleSent(1000 * (from + at));
	silence.handleReceived(1000 * (from + endsAt), false);
	return silence;
}

const ROWS: readonly [name: string, copies: readonly number[], endsAt: number, lost: Lost | undefined][] = [
	["no copy", [], 60, undefined],
	["one copy", [30], 60, undefined],
	["two copies", [30, 33], 60, { ageMs: 30_000, count: 2 }],
	["a second copy two seconds before", [30, 33], 35, { ageMs: 30_000, count: 2 }],
	["a second copy that may still be answered", [30, 33], 34.9, undefined],
	["eight copies", [1, 2, 3, 4, 5, 6, 7, 8], 60, { ageMs: 1000, count: 8 }],
	["more copies than are noted", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 60, { ageMs: 1000, count: 8 }],
];
for (const [name, copies, endsAt, lost] of ROWS)
	test(`${name}: ${lost === undefined ? "nothing" : `${lost.count} after ${lost.ageMs} ms`}`, () => {
		const silence = silent(copies, endsAt);
		assert.equal(silence.takeLost(), lost);
		assert.is(silence.takeLost(), undefined, "once");
	});

test("what was answered was not lost", () => {
	const silence = new Silence(0);
	for (const at of [30_000, 33_000]) silence.handleSent(at);
	silence.handleReceived(34_000, true);
	silence.handleReceived(60_000, false);
	assert.is(silence.takeLost(), undefined);
});

const PAIRS: readonly [name: string, first: readonly number[], second: readonly number[], ageMs: number][] = [
	["more copies prove more", [20, 23, 26], [10, 13], 20_000],
	["and though they come later", [10, 13], [20, 23, 26], 20_000],
	["of equals the younger one says more", [20, 23], [10, 13], 10_000],
	["and though it comes first", [10, 13], [20, 23], 10_000],
	["of equals of one age the first", [10, 13], [10, 13], 10_000],
	["more than four count as four", [10, 11, 12, 13], [20, 21, 22, 23, 24], 10_000],
];
for (const [name, first, second, ageMs] of PAIRS)
	test(`of two silences: ${name}`, () => {
		assert.is(silent(second, 60, silent(first, 60), 100).takeLost()?.ageMs, ageMs);
	});

test("keeper bytes count from when the device was told of them, and not before", () => {
	const silence = new Silence(0);
	silence.handleKeeper(1000);
	assert.is(silence.takeKeeperBytes(), 0, "not all of them are known");
	silence.handleKeeper(2000);
	silence.handleKeeper(3000);
	assert.is(silence.takeKeeperBytes(), 2);
	assert.is(silence.takeKeeperBytes(), 0);
});

test.run();
