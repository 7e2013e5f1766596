import { assert, suite } from "#suite";
import { acknowledgedInterval, cheapest, exchangeLength, oneWayInterval } from "../../reach/cost.js";

const test = suite("reach/cost");

const QUIET = { stream: false, mustTell: false, movesPerMs: 0 };

/** Lifetime in seconds, loss; what is chosen, and its interval in seconds. */
const rows: readonly (readonly [lifetime: number, loss: number, kind: string, seconds: number])[] = [
	[10, 0, "refresh", 10],
	[120, 0, "refresh", 120],
	[120, 0.0005, "refresh", 120],
	[120, 0.01, "ping", 120],
	[30, 0.05, "ping", 27],
	[30, 0.2, "refresh", 6],
	[65, 0.2, "ping", 41],
	[120, 0.2, "ping", 104],
	[300, 0.2, "ping", 290],
	[900, 0, "ping", 890],
	[7200, 0, "ping", 890],
];

for (const [lifetime, loss, kind, seconds] of rows) {
	test(`${lifetime} s, loss ${loss}: ${kind} each ${seconds} s`, () => {
		const schedule = cheapest(lifetime * 1000, loss, QUIET);
		assert.is(schedule.kind, kind);
		assert.ok(Math.abs(schedule.intervalMs / 1000 - seconds) < 0.04 * seconds, `${schedule.intervalMs}`);
	});
}

test("a stream is pinged, whatever it costs", () => {
	assert.equal(cheapest(30_000, 0, { ...QUIET, stream: true }), { kind: "ping", intervalMs: 30_000 });
});

test("to a stock server that hears nothing but Updates, refreshes go only where nothing is lost", () => {
	assert.is(cheapest(30_000, 0, { ...QUIET, mustTell: true }).kind, "refresh");
	assert.is(cheapest(30_000, 0.01, { ...QUIET, mustTell: true }).kind, "check");
});

test("who moves and loses pays a little more for an answer that is repeated", () => {
	assert.is(cheapest(30_000, 0.01, QUIET).kind, "refresh");
	assert.is(cheapest(30_000, 0.01, { ...QUIET, movesPerMs: 1 / 3_600_000 }).kind, "ping");
});

test("who moves in most intervals tells its address each time, instead of asking first whether it is known", () => {
	for (const [minutes, kind] of [
		[60, "refresh"],
		[5, "check"],
	] as const)
		assert.is(cheapest(300_000, 0, { ...QUIET, movesPerMs: 1 / (minutes * 60_000) }).kind, kind);
});

test("one lost refresh kills no binding that would begin anew as one that lives shorter than the interval", () => {
	const fragile = { ...QUIET, isFragile: true };
	for (const [lifetimeMs, loss] of [
		[65_000, 0.01],
		[65_000, 0.05],
		[120_000, 0.002],
	] as const) {
		const { kind, intervalMs } = cheapest(lifetimeMs, loss, fragile);
		assert.ok(kind === "ping" || 2 * intervalMs <= lifetimeMs, `${kind} each ${intervalMs}`);
	}
	assert.is(cheapest(65_000, 0, fragile).intervalMs, 65_000);
	// What is shorter than any young binding is no shorter for that.
	assert.equal(cheapest(30_000, 0.01, fragile), cheapest(30_000, 0.01, QUIET));
});

test("the interval never exceeds the lifetime, and shrinks with the loss", () => {
	for (const interval of [oneWayInterval, acknowledgedInterval]) {
		for (const lifetimeMs of [2_000, 30_000, 900_000]) {
			let before = lifetimeMs;
			for (let loss = 0; loss <= 0.9; loss += 0.05) {
				const intervalMs = interval(lifetimeMs, loss);
				assert.ok(intervalMs > 0 && intervalMs <= before + 1, `${lifetimeMs} ms, loss ${loss}: ${intervalMs}`);
				before = intervalMs;
			}
		}
	}
});

test("an exchange costs its bytes, and what is repeated", () => {
	assert.is(exchangeLength(58, 0), 58);
	assert.ok(Math.abs(exchangeLength(64, 0.2) - 90) < 0.1);
});

test.run();
