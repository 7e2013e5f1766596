import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { defineObject } from "../../lwm2m/object.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/notifications: conditions");

const SENSOR = "/3303/0/5700";

/** What is told, as [instant in s, value], when the sensor, 21.5 at first, takes one value each 10 s. */
function told(query: readonly string[], values: readonly number[], byObserve = false) {
	const { bench, temperature } = machine();
	if (!byObserve) assert.is(bench.line(Code.Put, SENSOR, { query }), "2.04");
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0, query: byObserve ? query : [] });
	for (const [i, value] of values.entries()) {
		bench.run(10_000 * (i + 1));
		temperature.set("sensorValue", value);
	}
	bench.run(10_000 * (values.length + 1) - 1);
	return bench
		.answersTo(exchange)
		.slice(1)
		.map((line) => [Number(line.split(" ")[0]) / 1000, Number(line.split(" ")[3])]);
}

/** A value that only its handler knows. */
const Sampled = defineObject(43, "1.0", { value: { id: 1, operations: "R", type: "integer" } });

type Row = readonly [string, readonly string[], readonly number[], readonly (readonly [number, number])[]];

const rows: readonly Row[] = [
	["gt is told when it is crossed upwards", ["gt=25"], [22, 26], [[20, 26]]],
	[
		"and downwards",
		["gt=25"],
		[26, 27, 25, 24],
		[
			[10, 26],
			[30, 25],
		],
	],
	["the threshold itself is not above it", ["gt=25"], [25], []],
	[
		"lt likewise",
		["lt=20"],
		[20, 19, 18, 21],
		[
			[20, 19],
			[40, 21],
		],
	],
	[
		"gt and lt stand beside each other",
		["gt=25", "lt=20"],
		[26, 22, 19],
		[
			[10, 26],
			[20, 22],
			[30, 19],
		],
	],
	["st is against what was told last, so that small steps add up", ["st=2"], [22.5, 23, 23.5, 24], [[30, 23.5]]],
	["st counts in both directions", ["st=2"], [19], [[10, 19]]],
	[
		"a step is told beside a threshold",
		["gt=25", "st=10"],
		[30, 35, 41],
		[
			[10, 30],
			[30, 41],
		],
	],
	["pmax tells what no condition would", ["gt=99", "pmax=25"], [22, 23, 24], [[25, 23]]],
	["pmin holds a crossing back, and one that is undone is none", ["gt=25", "pmin=25"], [26, 22, 22], []],
	["a crossing within pmin is told at its end", ["gt=25", "pmin=25"], [22, 26], [[25, 26]]],
	["epmin: evaluations are so far apart", ["gt=25", "epmin=25"], [22, 26, 24, 27], [[25, 26]]],
];

for (const [name, query, values, expected] of rows) {
	test(name, () => assert.equal(told(query, values), expected));
	test(`LightweightM2M-1.2-int-313: with the Observe: ${name}`, () =>
		assert.equal(told(query, values, true), expected));
}

test("an instance inherits nothing to its resources that only they may have", () => {
	const { bench } = machine();
	assert.is(bench.line(Code.Put, "/3303/0", { query: ["gt=1"] }), "4.00");
});

for (const [edge, expected] of [
	[0, ["20000 2.05 0 0", "40000 2.05 0 0"]],
	[1, ["10000 2.05 0 1", "30000 2.05 0 1"]],
] as const)
	test(`edge=${edge} tells only what ${edge === 1 ? "rises" : "falls"}`, () => {
		const { bench, motor } = machine();
		bench.line(Code.Put, "/3306/0/5850", { query: [`edge=${edge}`] });
		const exchange = bench.send(Code.Get, "/3306/0/5850", { observe: 0 });
		for (let i = 1; i <= 4; i++) {
			bench.run(10_000 * i);
			motor.set("onOff", i % 2 === 1);
		}
		bench.run(50_000);
		assert.equal(bench.answersTo(exchange).slice(1), expected);
	});

test("epmax: a value that its handler holds is looked at so often", () => {
	const { bench } = machine();
	let value = 1;
	bench.model.add(Sampled, 0, { value: 0 }, { read: () => value });
	const exchange = bench.send(Code.Get, "/43/0/1", { observe: 0, query: ["epmax=10", "gt=5"] });
	for (const [at, next] of [
		[1000, 2],
		[15_000, 6],
		[25_000, 7],
	] as const) {
		bench.run(at);
		value = next;
	}
	bench.run(60_000);
	assert.equal(bench.answersTo(exchange).slice(1), ["20000 2.05 0 6"]);
});

test("con=1 makes notifications confirmable, whatever the default mode is", () => {
	for (const [query, mode, confirmable] of [
		["con=1", 0, true],
		["con=0", 1, false],
		["pmin=0", 1, true],
	] as const) {
		const { bench, server, temperature } = machine();
		server.set("defaultNotificationMode", mode);
		bench.line(Code.Put, "/3303", { query: [query] });
		bench.send(Code.Get, SENSOR, { observe: 0 });
		temperature.set("sensorValue", 22);
		bench.run(0);
		assert.is(bench.answers.at(-1)?.response.confirmable, confirmable);
	}
});

test("a value that came back is not told", () => {
	const { bench, temperature } = machine();
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0, query: ["pmin=10"] });
	temperature.set("sensorValue", 22);
	temperature.set("sensorValue", 21.5);
	bench.run(60_000);
	assert.is(bench.answersTo(exchange).length, 1);
});

test("a pmax below the floor of limits is followed as the floor", () => {
	const { bench } = machine();
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0, query: ["pmax=1"] });
	bench.run(5000);
	assert.equal(
		bench.answersTo(exchange).map((line) => line.split(" ")[0]),
		["0", "2000", "4000"],
	);
});

test("what contradicts itself in an Observe is refused", () => {
	const { bench } = machine();
	for (const query of [["pmin=10", "pmax=5"], ["lt=5", "gt=4"], ["edge=1"]])
		assert.is(bench.get(SENSOR, { observe: 0, query }), "4.00");
});

test("an attribute of a resource instance counts for it alone", () => {
	const { bench, cabinet } = machine();
	assert.is(bench.line(Code.Put, "/42/0/3/1", { query: ["gt=10"] }), "2.04");
	const one = bench.send(Code.Get, "/42/0/3/1", { observe: 0 });
	const other = bench.send(Code.Get, "/42/0/3/0", { observe: 0 });
	for (const numbers of [
		[7, 9],
		[8, 11],
	]) {
		cabinet.set("numbers", numbers);
		bench.run(bench.now + 1000);
	}
	assert.equal(bench.answersTo(one).slice(1), ["1000 2.05 0 11"]);
	assert.equal(bench.answersTo(other).slice(1), ["1000 2.05 0 8"]);
});

test.run();
