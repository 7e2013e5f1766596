import { assert, suite } from "#suite";
import { Binding } from "../../reach/binding.js";
import { Measurement } from "../../reach/measurement.js";
import { FixedRandom } from "../random.js";
import { Line } from "./line.js";

const test = suite("reach/measurement");

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** The delays of the first rounds of so many verifications, and when they began. */
function verifications(lowerSeconds: number, upperMs: number, count: number) {
	const measurement = new Measurement(new FixedRandom());
	const binding = new Binding();
	binding.restore(lowerSeconds, 0);
	binding.handleDead(upperMs);
	measurement.begin(0, binding);
	const rounds: { at: number; seconds: number[] }[] = [];
	let now = 0;
	for (let i = 0; i < 1_000 && rounds.length < count; i++) {
		now = measurement.timeoutAt;
		const round = measurement.handleTimeout(now, binding);
		if (round.length > 0) rounds.push({ at: now, seconds: round.map((ms) => ms / SECOND) });
		for (const delayMs of round) measurement.handleProbed(now + delayMs, binding, delayMs, delayMs < upperMs, () => 1);
	}
	return rounds;
}

test("what is proven is verified after an hour or two, then twice as late, and once a day at last", () => {
	const rounds = verifications(100, 105_000, 12);
	const hours = rounds.slice(1).map(({ at }, i) => (at - rounds[i]!.at) / HOUR);
	assert.ok(hours[0]! <= 2, `${hours[0]}`);
	for (const hour of hours) assert.ok(hour <= 25, `${hour}`);
	for (const hour of hours.slice(-4)) assert.ok(hour > 17, `${hour}: not twice a day`);
});

test("what was seen dead is asked for again, too, at first each time, then each fourth time", () => {
	const rounds = verifications(100, 105_000, 16).map(({ seconds }) => seconds.join(" "));
	assert.equal(rounds.slice(0, 4), ["100 105", "100 105", "100 105", "100 105"]);
	assert.is(rounds.slice(8).filter((round) => round === "100 105").length, 2);
	assert.is(rounds.slice(8).filter((round) => round === "100").length, 6);
});

test("bounds in the same second are not taken for known for ever: the next second is asked for", () => {
	assert.equal(verifications(55, 55_243, 1)[0]!.seconds, [55, 56]);
});

test("a NAT that preserves ports and shortens its time-out is found out within about a day", () => {
	const line = new Line({ lifetimeMs: 300 * SECOND, preservesPort: true });
	line.run(6 * DAY);
	line.options.lifetimeMs = 120 * SECOND;
	line.run(DAY + HOUR);
	assert.ok(line.status.lowerSeconds <= 120 && line.status.lowerSeconds > 100, `${line.status.lowerSeconds}`);
});

test.run();
