import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { ContentFormat } from "../../coap/options.js";
import { limits } from "../../limits.js";
import { decode } from "../../lwm2m/formats/codec.js";
import type { Entry } from "../../lwm2m/formats/format.js";
import { Path } from "../../lwm2m/path.js";
import type { Bench } from "./bench.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/notifications: storing");

const SENSOR = "/3303/0/5700";

/** A machine that loses its server at 1 s and finds it again at 100 s; the sensor changes between. */
function outage(stores: boolean, query: readonly string[] = []) {
	const parts = machine();
	const { bench, server, temperature } = parts;
	server.set("notificationStoring", stores);
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0, query });
	bench.run(1000);
	bench.service.setReachable(1000, false);
	for (const [at, value] of [
		[10_000, 22],
		[50_000, 23],
	] as const) {
		bench.run(at);
		temperature.set("sensorValue", value);
	}
	bench.run(100_000);
	bench.service.setReachable(100_000, true);
	bench.run(109_000);
	return { ...parts, told: () => bench.answersTo(exchange).slice(1) };
}

test("while the server is out of reach nothing is told, and nothing wakes the device", () => {
	const { bench, temperature } = machine();
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0, query: ["pmax=10"] });
	bench.service.setReachable(0, false);
	temperature.set("sensorValue", 22);
	bench.drain();
	assert.is(bench.service.pollTimeout(), Infinity);
	bench.run(60_000);
	assert.is(bench.answersTo(exchange).length, 1);
});

test("with /1/x/6 the newest value is told once when the server is back", () => {
	assert.equal(outage(true).told(), ["100000 2.05 0 23"]);
});

test("without it what changed meanwhile is not told, what changes then is", () => {
	const { bench, temperature, told } = outage(false);
	assert.equal(told(), []);
	temperature.set("sensorValue", 24);
	bench.drain();
	assert.equal(told(), ["109000 2.05 0 24"]);
});

test("a pmax that passed meanwhile is made up for where values are stored, else it begins anew", () => {
	assert.equal(outage(true, ["pmax=60", "gt=99"]).told(), ["100000 2.05 0 23"]);
	const { bench, told } = outage(false, ["pmax=60", "gt=99"]);
	bench.run(161_000);
	assert.equal(told(), ["160000 2.05 0 23"]);
});

test("a new registration begins anew: what is observed then is told", () => {
	const { bench, temperature } = machine();
	bench.service.setReachable(0, false);
	bench.service.reset(0);
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0 });
	temperature.set("sensorValue", 22);
	bench.drain();
	assert.equal(bench.answersTo(exchange).slice(1), ["0 2.05 0 22"]);
});

test("a Read is answered in between", () => {
	const { bench } = machine();
	bench.service.setReachable(0, false);
	assert.is(bench.get(SENSOR), "2.05 0 21.5");
});

/** The answers to an exchange after the first: "instant: resource value time, …", and CON where it is one. */
function histories(bench: Bench, exchange: number): string[] {
	return bench.answers
		.filter((answer) => answer.exchange === exchange)
		.slice(1)
		.map(({ at, response: { code, contentFormat, payload, confirmable } }) => {
			const entries: Entry[] = [];
			if (payload !== undefined) decode(contentFormat!, payload, new Path(), { typeOf: () => undefined }, entries);
			const values = entries.map(({ resourceId, value, time }) => `${resourceId} ${value} ${time ?? "now"}`);
			return `${at}: ${values.join(", ") || code}${confirmable ? " CON" : ""}`;
		});
}

/** A machine out of reach from 1 s on, whose sensor shows a value at each of these seconds; back at 100 s. */
function offline(
	path: string,
	query: readonly string[],
	values: readonly (readonly [second: number, value: number])[],
	accept: number = ContentFormat.SenmlCbor,
) {
	const parts = machine();
	const { bench, temperature } = parts;
	const exchange = bench.send(Code.Get, path, { observe: 0, accept, query });
	bench.run(1000);
	bench.service.setReachable(1000, false);
	for (const [second, value] of values) {
		bench.run(1000 * second);
		temperature.set("sensorValue", value);
		bench.drain();
	}
	bench.run(100_000);
	const back = () => {
		bench.service.setReachable(bench.now, true);
		bench.run(bench.now + 9000);
		return histories(bench, exchange);
	};
	return { ...parts, exchange, back };
}

const STEPS = [
	[10, 22],
	[20, 23],
	[30, 24],
] as const;

test("with hqmax each value is kept with its time, and all are told in one CON", () => {
	const { back, bench } = offline(SENSOR, ["hqmax=5"], STEPS);
	assert.is(bench.answers.length, 1);
	assert.equal(back(), ["100000: 5700 22 -90, 5700 23 -80, 5700 24 -70 CON"]);
});

test("of more values than hqmax the newest are told", () => {
	assert.equal(offline(SENSOR, ["hqmax=2"], STEPS).back(), ["100000: 5700 23 -80, 5700 24 -70 CON"]);
});

test("a device that knows the time tells it as such, also if it learns it only later", () => {
	const { back, bench } = offline(SENSOR, ["hqmax=2"], STEPS);
	bench.model.handleTime(bench.now, 1_700_000_100);
	assert.equal(back(), ["100000: 5700 23 1700000020, 5700 24 1700000030 CON"]);
});

test("hqmax may be an attribute of a level above, and the format JSON", () => {
	const { bench, temperature } = machine();
	bench.ask(Code.Put, "/3303", { query: ["hqmax=1"] });
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0, accept: ContentFormat.SenmlJson });
	bench.service.setReachable(0, false);
	temperature.set("sensorValue", 22);
	bench.run(60_000);
	bench.service.setReachable(60_000, true);
	bench.drain();
	assert.equal(histories(bench, exchange), ["60000: 5700 22 -60 CON"]);
});

test("an instance is kept as a whole, and its newest state not told twice", () => {
	assert.equal(offline("/3303/1", ["hqmax=3"], STEPS).back(), []);
	assert.equal(offline("/3303/0", ["hqmax=3"], STEPS.slice(0, 2)).back(), [
		"100000: 5700 22 -90, 5701 Cel -90, 5700 23 -80, 5701 Cel -80 CON",
	]);
});

test("what changed since the last value that was kept goes along with its own time", () => {
	const { back, bench, exchange } = offline("/3303/0", ["hqmax=3", "pmin=80"], [STEPS[0], [85, 23]]);
	back();
	bench.run(170_000);
	assert.equal(histories(bench, exchange), ["160000: 5700 22 -80, 5701 Cel -80, 5700 23 now, 5701 Cel now CON"]);
});

test("thresholds and pmin hold for what is kept as for what is told", () => {
	assert.equal(offline(SENSOR, ["hqmax=9", "st=2"], STEPS).back(), ["100000: 5700 24 -70 CON"]);
	assert.equal(offline(SENSOR, ["hqmax=9", "pmin=15"], STEPS).back(), [
		"100000: 5700 22 -85, 5700 23 -70, 5700 24 -55 CON",
	]);
});

test("pmax keeps values that did not change", () => {
	assert.equal(offline(SENSOR, ["hqmax=9", "pmax=40"], []).back(), ["100000: 5700 21.5 -60, 5700 21.5 -20 CON"]);
});

test("what changes after the last one was kept, and before pmin, goes along or follows", () => {
	const late = [...STEPS, [95, 25]] as const;
	assert.equal(offline(SENSOR, ["hqmax=9", "pmin=7"], late).back(), [
		"102000: 5700 22 -92, 5700 23 -82, 5700 24 -72, 5700 25 -7 CON",
	]);
});

test("without /1/x/6 nothing is kept, and in a format without times it is the newest", () => {
	const { bench, server, temperature } = machine();
	server.set("notificationStoring", false);
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0, accept: ContentFormat.SenmlCbor, query: ["hqmax=5"] });
	bench.service.setReachable(0, false);
	temperature.set("sensorValue", 22);
	bench.run(50_000);
	bench.service.setReachable(50_000, true);
	bench.run(60_000);
	assert.equal(histories(bench, exchange), []);
	for (const format of [ContentFormat.Text, ContentFormat.LwM2mCbor]) {
		const { back } = offline(SENSOR, ["hqmax=5"], STEPS, format);
		const lines = back();
		assert.is(lines.length, 1);
		assert.not(lines[0]!.includes("-"), lines[0]);
	}
});

test("what may be kept is bounded in bytes, the oldest goes", () => {
	const values = Array.from({ length: 90 }, (_, i) => [i + 2, i + 30] as const);
	const [told = ""] = offline(SENSOR, ["hqmax=1000"], values).back();
	const kept = told.split(", ");
	assert.ok(kept.length > 20 && 34 * kept.length < limits.historyLength, `${kept.length} values`);
	assert.is(kept.at(-1), "5700 119 -9 CON");
});

test("an instance that is gone when the server is back ends the observation, whatever was kept", () => {
	const parts = machine();
	const { bench, temperature } = parts;
	const exchange = bench.send(Code.Get, SENSOR, {
		observe: 0,
		accept: ContentFormat.SenmlCbor,
		query: ["hqmax=5"],
	});
	bench.service.setReachable(0, false);
	temperature.set("sensorValue", 22);
	bench.run(10_000);
	bench.model.remove(3303, 0);
	bench.run(20_000);
	bench.service.setReachable(20_000, true);
	bench.run(30_000);
	assert.equal(histories(bench, exchange), [`20000: ${Code.NotFound}`]);
	assert.is(bench.service.pollTimeout(), Infinity);
});

test("an outage within an outage keeps on; a new registration forgets", () => {
	const { back, bench, exchange } = offline(SENSOR, ["hqmax=5", "pmin=8"], STEPS.slice(0, 1));
	bench.service.setReachable(bench.now, false);
	assert.equal(
		back(),
		["100000: 5700 22 -89 CON"].slice(0, 1).map((line) => line.replace("-89", "-90")),
	);
	bench.service.setReachable(bench.now, false);
	bench.service.reset(bench.now);
	bench.run(200_000);
	assert.is(histories(bench, exchange).length, 1);
});

test.run();
