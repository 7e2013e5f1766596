import { assert, suite } from "#suite";
import { Clock, TravelTime } from "../../io/clock.js";

const test = suite("io/clock");

test("goes on over the wrap of a signed 32-bit tick counter", () => {
	const time = { ticks: 0x7fff_fff0 };
	const clock = new Clock(time);
	assert.is(clock.now(), 0);
	time.ticks = -0x8000_0000 + 0x10; // 0x20 ticks later
	assert.is(clock.now(), 0x20);
	time.ticks = -1;
	assert.is(clock.now(), 0x20 + 0x7fff_ffef);
	time.ticks = 5; // from -1 to 5 without any wrap
	assert.is(clock.now(), 0x20 + 0x7fff_ffef + 6);
});

test("keeps fractions of a desktop's milliseconds", () => {
	const time = { ticks: 1000.25 };
	const clock = new Clock(time);
	time.ticks = 1001.75;
	assert.is(clock.now(), 1.5);
});

test("moved on, the ticks wrap as the board's own do", () => {
	const time = { ticks: 0x7fff_fff0 };
	const travel = new TravelTime(time);
	const clock = new Clock(travel);
	travel.advance(0x20);
	assert.is(travel.ticks, -0x8000_0000 + 0x10);
	assert.is(clock.now(), 0x20);
	time.ticks = -0x8000_0000;
	assert.is(travel.ticks, -0x8000_0000 + 0x20);
	assert.is(clock.now(), 0x30);
});

test("moved on by the most at once, and again, the clock loses nothing", () => {
	const travel = new TravelTime({ ticks: 5 });
	const clock = new Clock(travel);
	for (let i = 1; i <= 4; i++) {
		travel.advance(0x7fff_ffff);
		assert.is(clock.now(), i * 0x7fff_ffff);
	}
});

test.run();
