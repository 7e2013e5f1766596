import { assert, suite } from "#suite";
import { REPLAY_WINDOW } from "../../../security/oscore/constants.js";
import { ReplayWindow } from "../../../security/oscore/replay-window.js";
import { SeededRandom } from "../../random.js";

const test = suite("security/oscore/replay-window");

test("each number is new once", () => {
	const window = new ReplayWindow();
	for (const number of [0, 1, 5, 3, 2 ** 40 - 1]) {
		assert.ok(window.isNew(number));
		window.take(number);
		assert.not(window.isNew(number));
	}
});

test("a number that the window has left behind counts as seen", () => {
	const window = new ReplayWindow();
	window.take(100);
	assert.ok(window.isNew(100 - REPLAY_WINDOW + 1));
	assert.not(window.isNew(100 - REPLAY_WINDOW));
});

test("what was seen is remembered while the window slides, to its very end", () => {
	const window = new ReplayWindow();
	window.take(10);
	window.take(10 + REPLAY_WINDOW - 1);
	assert.not(window.isNew(10));
	assert.ok(window.isNew(11));
	window.take(10 + REPLAY_WINDOW);
	assert.not(window.isNew(10));
	assert.ok(window.isNew(11));
});

test("from a stored bound on, everything up to it counts as seen", () => {
	const window = new ReplayWindow(50);
	for (let number = 0; number <= 50; number++) assert.not(window.isNew(number));
	assert.ok(window.isNew(51));
});

test("it says the same as a list of all numbers, for ten thousand of them in disorder", () => {
	const random = new SeededRandom(1);
	const window = new ReplayWindow();
	const seen = new Map<number, true>();
	let highest = -1;
	for (let i = 0; i < 10_000; i++) {
		const number = Math.max(0, Math.floor(i / 4) + (random.uint32() % 80) - 50);
		const expected = !seen.has(number) && number > highest - REPLAY_WINDOW;
		assert.is(window.isNew(number), expected, `number ${number} after ${highest}`);
		if (!expected) continue;
		window.take(number);
		seen.set(number, true);
		highest = Math.max(highest, number);
	}
	assert.is(window.highest, highest);
});

test.run();
