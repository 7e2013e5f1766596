import { assert, suite } from "#suite";
import { airCompressor } from "../../examples/air-compressor.js";
import { Bench } from "../lwm2m/bench.js";

const test = suite("examples/air-compressor");

function running(seconds: number, bench = new Bench()) {
	const compressor = airCompressor(bench.model);
	const run = (to: number) => {
		for (let at = bench.now; at <= to * 1000; at += 1000) compressor.step(at);
		bench.now = to * 1000;
	};
	run(seconds);
	return { bench, run, value: (path: string) => Number(bench.get(path).split(" ")[2]) };
}

const PRESSURE = "/3323/0/5700";
const TEMPERATURE = "/3303/0/5700";
const MOTOR = "/3306/0/5850";
const RUN_TIME = "/3306/0/5852";
const ALARM = "/3200/0/5500";

test("the motor fills the receiver, warms up and counts its seconds", () => {
	const { value } = running(60);
	assert.is(value(PRESSURE), 6000 + 60 * 40);
	assert.ok(value(TEMPERATURE) > 40 && value(TEMPERATURE) < 60);
	assert.is(value(RUN_TIME), 60);
});

test("a server stops the motor: the pressure falls, the seconds stand", () => {
	const { bench, run, value } = running(60);
	assert.is(bench.put(MOTOR, "0"), "2.04");
	run(120);
	assert.is(value(PRESSURE), 8400 - 60 * 20);
	assert.is(value(RUN_TIME), 60);
});

test("the alarm closes above 9000 hPa, opens below 8500, and counts", () => {
	const { bench, run, value } = running(75);
	assert.is(value(ALARM), 0);
	run(76);
	assert.is(value(ALARM), 1);
	bench.put(MOTOR, "0");
	run(100);
	assert.is(value(ALARM), 1);
	run(104);
	assert.is(value(ALARM), 0);
	assert.is(value("/3200/0/5501"), 1);
});

test("the safety valve holds the pressure, and an empty receiver has none", () => {
	const { bench, run, value } = running(1000);
	assert.is(value(PRESSURE), 10_000);
	bench.put(MOTOR, "0");
	run(2000);
	assert.is(value(PRESSURE), 0);
});

test("the hours run are started over, not made up", () => {
	const { bench, value } = running(60);
	assert.is(bench.put(RUN_TIME, "999999"), "4.00");
	assert.is(bench.put(RUN_TIME, "0"), "2.04");
	assert.is(value(RUN_TIME), 0);
});

test("the extremes are kept and started over", () => {
	const { bench, run, value } = running(60);
	bench.put(MOTOR, "0");
	run(90);
	assert.is(value("/3323/0/5602"), 8400);
	assert.is(bench.line(2, "/3323/0/5605"), "2.04");
	assert.is(value("/3323/0/5602"), value(PRESSURE));
});

test("a long silence is simulated as a minute", () => {
	const bench = new Bench();
	const compressor = airCompressor(bench.model);
	compressor.step(0);
	compressor.step(1e9);
	assert.is(bench.get(PRESSURE), "2.05 0 8400");
});

test("sensor values are binary fractions, so that they travel in four bytes", () => {
	const { bench, run } = running(0);
	for (let second = 1; second < 200; second++) {
		run(second);
		assert.is(bench.get(TEMPERATURE, { accept: 60 }).slice(0, 10), "2.05 60 fa");
	}
});

test.run();
