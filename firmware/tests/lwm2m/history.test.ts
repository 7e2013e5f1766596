import { assert, suite } from "#suite";
import { limits } from "../../limits.js";
import { History } from "../../lwm2m/history.js";

const test = suite("lwm2m/history");

const value = (byte: number, length = 1): Uint8Array => new Uint8Array(length).fill(byte);
const kept = (history: History, exchange: number) =>
	history.packs(exchange).map(({ time, bytes }) => [time, bytes[0], bytes.length]);

test("values come back with their instants, oldest first, and each observation has its own", () => {
	const history = new History();
	history.add(1, 2 ** 40 + 0.5, value(11), 9);
	history.add(2, 2 ** 40 + 1, value(21, 3), 9);
	history.add(1, 2 ** 40 + 2, value(12), 9);
	assert.equal(kept(history, 1), [
		[2 ** 40, 11, 1],
		[2 ** 40 + 2, 12, 1],
	]);
	assert.equal(kept(history, 2), [[2 ** 40 + 1, 21, 3]]);
	assert.equal(kept(history, 3), []);
});

test("of each observation the newest stay, as many as it may keep", () => {
	const history = new History();
	history.add(2, 0, value(99), 1);
	for (let i = 1; i <= 5; i++) history.add(1, i, value(i), 2);
	assert.equal(kept(history, 1), [
		[4, 4, 1],
		[5, 5, 1],
	]);
	assert.is(history.count(2), 1);
});

test("fewer than are kept already: the oldest of them go", () => {
	const history = new History();
	for (let i = 1; i <= 5; i++) history.add(1, i, value(i), 9);
	history.add(1, 6, value(6), 1);
	assert.equal(kept(history, 1), [[6, 6, 1]]);
});

test("where the buffer is full the oldest makes room, whosever it is", () => {
	const history = new History();
	const half = limits.historyLength / 2 - 12;
	history.add(1, 1, value(1, half), 9);
	history.add(2, 2, value(2, half), 9);
	history.add(2, 3, value(3), 9);
	assert.is(history.count(1), 0);
	assert.equal(kept(history, 2), [
		[2, 2, half],
		[3, 3, 1],
	]);
});

test("what is longer than the buffer is refused, and nothing goes for it", () => {
	const history = new History();
	history.add(1, 1, value(1), 9);
	assert.not(history.add(1, 2, value(2, limits.historyLength - 11), 9));
	assert.ok(history.add(1, 2, value(2, limits.historyLength - 12), 9));
	assert.equal(kept(history, 1), [[2, 2, limits.historyLength - 12]]);
});

test("an observation that ends takes its values along", () => {
	const history = new History();
	for (let i = 0; i < 4; i++) history.add(1 + (i % 2), i, value(i), 9);
	history.drop(1);
	assert.is(history.count(1), 0);
	assert.is(history.count(2), 2);
	assert.not(history.isEmpty);
	history.drop(2);
	assert.ok(history.isEmpty);
});

test.run();
