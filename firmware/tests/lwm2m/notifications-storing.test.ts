import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
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

test.run();
