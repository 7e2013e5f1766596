import { assert, suite } from "#suite";
import { cheapest } from "../../reach/cost.js";
import { datagramPrice, streamPrice } from "../../reach/price.js";

const test = suite("reach/price");

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

function datagrams(lifetimeSeconds: number, loss: number, wordsPerMs = 0): number {
	const choice = { stream: false, mustTell: false, movesPerMs: 0 };
	return datagramPrice(cheapest(lifetimeSeconds * SECOND, loss, choice), { loss, wordsPerMs });
}

/** Kilobytes a day as host-sim/reach measured them (docs/reach.md). */
const MEASURED: readonly (readonly [lifetimeSeconds: number, loss: number, kilobytes: number])[] = [
	[30, 0, 93.5],
	[30, 0.01, 178],
	[30, 0.05, 205],
	[65, 0.01, 83.6],
	[120, 0, 25.8],
	[120, 0.05, 47.8],
];

for (const [lifetimeSeconds, loss, kilobytes] of MEASURED)
	test(`datagrams behind ${lifetimeSeconds} s with a loss of ${100 * loss} % cost what was measured`, () => {
		const ratio = (datagrams(lifetimeSeconds, loss) * DAY) / 1000 / kilobytes;
		assert.ok(ratio > 0.85 && ratio < 1.15, ratio.toFixed(3));
	});

test("a stream that lives for long costs what was measured where UDP is blocked", () => {
	for (const [loss, kilobytes] of [
		[0, 14.3],
		[0.05, 15.0],
	] as const) {
		const ratio = (streamPrice(7_440 * SECOND, { loss, wordsPerMs: 0 }) * DAY) / 1000 / kilobytes;
		assert.ok(ratio > 0.9 && ratio < 1.25, ratio.toFixed(3));
	}
});

/** An application that says something each so many seconds; a stream costs so many times as much as datagrams then. */
const SPEAKING: readonly (readonly [seconds: number, least: number, most: number])[] = [
	[600, 0.1, 0.25],
	[60, 0.9, 1.3],
	[10, 10, 30],
];

for (const [seconds, least, most] of SPEAKING)
	test(`what an application says each ${seconds} s keeps datagrams open, and costs more over a stream`, () => {
		const wordsPerMs = 1 / (seconds * SECOND);
		const times = streamPrice(7_440 * SECOND, { loss: 0, wordsPerMs }) / datagrams(30, 0, wordsPerMs);
		assert.ok(times > least && times < most, times.toFixed(2));
	});

test.run();
