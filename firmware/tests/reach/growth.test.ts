import { assert, suite } from "#suite";
import { Binding } from "../../reach/binding.js";
import { Growth } from "../../reach/growth.js";
import { SeededRandom } from "../random.js";
import { Line } from "./line.js";

const test = suite("reach/growth: a server that does not measure");

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** A binding of which so much is proven, and seen dead. */
function bindingOf(lowerSeconds: number, upperSeconds = 0): Binding {
	const binding = new Binding();
	binding.restore(lowerSeconds, upperSeconds);
	return binding;
}

/** Downlinks of such an age, one after the other, until the end of their interval is believed dead; 0: it never is. */
function downlinksToDeath(binding: Binding, ageMs: number, intervalMs: number, answers = false): number {
	const growth = new Growth();
	for (let i = 1; i <= 200; i++) if (growth.handleDownlink(0, binding, ageMs, intervalMs, answers)) return i;
	return 0;
}

for (const [name, lower, upper, wanted] of [
	["half as long again while nothing died", 100, 0, 150],
	["no longer than anything needs", 700, 0, 900],
	["between the bounds", 100, 169, 130],
	["what is proven, where the bounds are close", 100, 124, 100],
	["what is assumed, before it is proven", 5, 0, 30],
	["what is left of the assumption", 9, 30, 15],
] as const)
	test(`what is tried next is ${name}`, () => {
		assert.is(Math.round(new Growth().lifetimeMs(bindingOf(lower, upper)) / SECOND), wanted);
	});

for (const [name, ageSeconds, answers, count] of [
	["that come no later than the proof", 50, false, 22],
	["each right after an Update, which the server may have waited for", 0.1, true, 22],
	["each right after something else of ours, as it answers that", 0.1, false, 0],
	["that come later than the proof", 120, false, 0],
] as const)
	test(`downlinks in a long interval ${name}: ${count || "none"} are its end`, () => {
		assert.is(downlinksToDeath(bindingOf(100), ageSeconds * SECOND, 148 * SECOND, answers), count);
	});

test("downlinks in a usual interval say nothing of a longer one", () => {
	assert.is(downlinksToDeath(bindingOf(100), 50 * SECOND, 99 * SECOND), 0);
});

test("a server that speaks only after an Update, however short the interval, is not taken for a dead binding", () => {
	const growth = new Growth();
	const binding = new Binding();
	let shortest = Number.POSITIVE_INFINITY;
	for (let i = 0; i < 300; i++) {
		growth.handleDownlink(0, binding, 50, growth.lifetimeMs(binding), true);
		shortest = Math.min(shortest, binding.trustedMs);
	}
	assert.is(shortest, 3_750);
	assert.is(binding.trustedMs, 30 * SECOND);
});

test("an interval that would be cut short is not begun: nothing can come at its end", () => {
	const growth = new Growth();
	const binding = bindingOf(428);
	for (let i = 0; i < 4; i++) assert.is(growth.longMs(0, binding, 462 * SECOND), 0);
	const lengths = [0, 1].map(() => growth.longMs(0, binding, 890 * SECOND));
	assert.equal(lengths.sort(), [0, 641_500]);
});

test("a growth that was undone is tried again after a day, and the interval stays the proven one", () => {
	const growth = new Growth();
	const binding = bindingOf(9);
	while (!growth.handleDownlink(0, binding, 50, 30 * SECOND, true));
	while (!growth.handleDownlink(0, binding, 50, 15 * SECOND, true));
	assert.is(binding.trustedMs, 9 * SECOND);
	growth.longMs(DAY, binding, HOUR);
	assert.is(binding.trustedMs, 9 * SECOND, "what was assumed is refuted for good");
	assert.is(growth.lifetimeMs(binding) > 12 * SECOND, true);
});

for (const [seconds, least, most] of [
	[10, 7, 10],
	[65, 52, 65],
	[350, 280, 350],
	[3_600, 700, 900],
] as const)
	test(`${seconds} s are found by 216 commands at random times in three days`, () => {
		const chance = new SeededRandom(7);
		const line = new Line({ lifetimeMs: seconds * SECOND, stock: true });
		line.run(HOUR);
		for (let i = 0; i < 216; i++) {
			line.run(-1_200 * SECOND * Math.log(1 - chance.uint32() / 2 ** 32));
			// A server repeats what is not answered, and sends what waits when it hears of the device.
			for (let waits = 0; waits < 200 && !line.ask(); waits++) line.run(2 * SECOND);
		}
		const { lowerSeconds } = line.status;
		assert.ok(lowerSeconds >= least && lowerSeconds <= most, `${lowerSeconds}`);
	});

test.run();
