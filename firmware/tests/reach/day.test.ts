import { assert, suite } from "#suite";
import { messageLengths } from "../../reach/constants.js";
import { Day } from "../../reach/day.js";

const test = suite("reach/day");

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** With IP and UDP. */
const REFRESH = 29;

/** A day that a refresh has passed on each minute, from `from` until before `until`. */
function passed(day: Day, from: number, until: number): Day {
	for (let at = from; at < until; at += MINUTE) day.count(at, 1, false);
	return day;
}

/** Bytes, wake-ups, and the seconds that they stand on. */
function figures(day: Day, now: number): number[] {
	return [day.bytesPerDay(now), day.wakeupsPerDay(now), day.countedSeconds(now)];
}

test("before anything has passed nothing is known, whatever the time is", () => {
	assert.equal(figures(new Day(), 5 * DAY), [-1, -1, 0]);
});

test("the first hour is too short to say anything, and says how short it is", () => {
	const day = passed(new Day(), 7 * MINUTE, 66 * MINUTE);
	assert.equal(figures(day, 8 * MINUTE), [-1, -1, 60]);
	assert.equal(figures(day, 67 * MINUTE - 1), [-1, -1, 3599.999]);
});

test("then a day is taken to go on as it began", () => {
	const day = passed(new Day(), 7 * MINUTE, 67 * MINUTE);
	assert.equal(figures(day, 67 * MINUTE), [1440 * REFRESH, 1440, 3600]);
	// And nothing more.
	assert.equal(figures(day, 127 * MINUTE), [720 * REFRESH, 720, 7200]);
});

test("from the second day on the last whole one counts, whatever passes meanwhile", () => {
	const day = passed(new Day(), 0, DAY);
	for (let at = DAY; at < DAY + HOUR; at += 11_000) day.count(at, 1000, false);
	assert.equal(figures(day, DAY + HOUR), [1440 * REFRESH, 1440, 86_400]);
});

test("days without a word are a part of the last ones", () => {
	const day = passed(new Day(), 0, DAY);
	day.count(2.5 * DAY, 1, false);
	assert.equal(figures(day, 2.5 * DAY), [720 * REFRESH, 720, 86_400]);
});

test("over a connection an exchange has three segments", () => {
	const day = new Day();
	day.count(0, 4, true);
	day.count(100, 4, true);
	assert.is(day.bytesPerDay(DAY), messageLengths.streamPing);
});

test("a radio that is spoken to within ten seconds has not gone to rest", () => {
	const day = new Day();
	for (let at = 0; at < HOUR; at += 9_999) day.count(at, 1, false);
	assert.is(day.wakeupsPerDay(HOUR), 24);
});

test.run();
