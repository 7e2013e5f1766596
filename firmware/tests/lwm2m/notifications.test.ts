import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { Actuation } from "../../lwm2m/objects/actuation.js";
import { ascii } from "../coap/hex.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/notifications");

const SENSOR = "/3303/0/5700";
const TLV = 11542;

/** A machine whose thermometer is observed since instant 0, with periods of Write-Attributes. */
function observed(path = SENSOR, attributes: readonly string[] = [], query: readonly string[] = []) {
	const parts = machine();
	if (attributes.length > 0) parts.bench.line(Code.Put, SENSOR, { query: attributes });
	const exchange = parts.bench.send(Code.Get, path, { observe: 0, query });
	return { ...parts, exchange, told: () => parts.bench.answersTo(exchange) };
}

test("LightweightM2M-1.1-int-301: the answer accepts the observation, and a change is told", () => {
	const { bench, temperature, told } = observed();
	assert.is(bench.answers.at(-1)?.response.observe, true);
	bench.run(5000);
	temperature.set("sensorValue", 22);
	bench.run(6000);
	assert.equal(told(), ["0 2.05 0 21.5", "5000 2.05 0 22"]);
});

test("without a change nothing is told", () => {
	const { bench, told } = observed();
	bench.run(1e9);
	assert.is(told().length, 1);
	assert.is(bench.service.pollTimeout(), Infinity);
});

test("several changes at one instant are one notification with the newest value", () => {
	const { bench, temperature, told } = observed();
	for (const value of [22, 23, 24]) temperature.set("sensorValue", value);
	bench.run(1000);
	assert.equal(told().slice(1), ["0 2.05 0 24"]);
});

test("LightweightM2M-1.1-int-310: several changes within pmin are one notification at its end", () => {
	const { bench, temperature, told } = observed(SENSOR, ["pmin=10"]);
	for (const [at, value] of [
		[1000, 22],
		[4000, 23],
		[9999, 24],
	] as const) {
		bench.run(at);
		temperature.set("sensorValue", value);
	}
	bench.run(30_000);
	assert.equal(told().slice(1), ["10000 2.05 0 24"]);
});

test("a change after pmin is told at once", () => {
	const { bench, temperature, told } = observed(SENSOR, ["pmin=10"]);
	bench.run(25_000);
	temperature.set("sensorValue", 22);
	bench.run(26_000);
	assert.equal(told().slice(1), ["25000 2.05 0 22"]);
});

test("pmax tells the value though nothing changed, and counts from the last notification", () => {
	const { bench, temperature, told } = observed(SENSOR, ["pmax=60"]);
	bench.run(90_000);
	temperature.set("sensorValue", 22);
	bench.run(200_000);
	assert.equal(told().slice(1), ["60000 2.05 0 21.5", "90000 2.05 0 22", "150000 2.05 0 22"]);
});

const ignored: readonly (readonly [string, readonly string[]])[] = [
	["pmax 0", ["pmin=5", "pmax=0"]],
	["no periods at all", []],
];

for (const [name, attributes] of ignored)
	test(`${name} tells only changes`, () => {
		const { bench, told } = observed(SENSOR, attributes);
		bench.run(1e7);
		assert.is(told().length, 1);
	});

test("a pmax that is inherited below pmin is not followed", () => {
	const { bench, told } = observed(SENSOR, ["pmin=100"]);
	bench.line(Code.Put, "/3303", { query: ["pmax=10"] });
	bench.run(1e6);
	assert.is(told().length, 1);
});

/** Where the period of 7 s comes from, and what it overrides. */
const sources: readonly (readonly [string, readonly (readonly [string, string])[], readonly string[]])[] = [
	["the object", [["/3303", "pmax=7"]], []],
	[
		"the instance before the object",
		[
			["/3303", "pmax=9"],
			["/3303/0", "pmax=7"],
		],
		[],
	],
	[
		"the resource before the instance",
		[
			["/3303/0", "pmax=9"],
			[SENSOR, "pmax=7"],
		],
		[],
	],
	["LightweightM2M-1.2-int-312: the Observe before the resource", [[SENSOR, "pmax=9"]], ["pmax=7"]],
	[
		"not another instance",
		[
			["/3303/1", "pmax=9"],
			["/3303", "pmax=7"],
		],
		[],
	],
];

for (const [name, attributes, query] of sources)
	test(`periods are those of ${name}`, () => {
		const { bench } = machine();
		for (const [path, attribute] of attributes) bench.line(Code.Put, path, { query: [attribute] });
		const exchange = bench.send(Code.Get, SENSOR, { observe: 0, query });
		bench.run(20_000);
		assert.equal(
			bench.answersTo(exchange).map((told) => told.split(" ")[0]),
			["0", "7000", "14000"],
		);
	});

test("LightweightM2M-1.1-int-560: else they are the defaults of this server's account", () => {
	const { bench, server, temperature } = machine();
	server.set("defaultMinimumPeriod", 5);
	server.set("defaultMaximumPeriod", 30);
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0 });
	temperature.set("sensorValue", 22);
	bench.run(40_000);
	assert.equal(bench.answersTo(exchange), ["0 2.05 0 21.5", "5000 2.05 0 22", "35000 2.05 0 22"]);
});

test("defaults that a server writes count at once", () => {
	const { bench, told } = observed();
	bench.run(1000);
	bench.put("/1/0/3", "10");
	bench.run(15_000);
	assert.equal(told().slice(1), ["10000 2.05 0 21.5"]);
});

test("attributes that a server writes count at once", () => {
	const { bench, told } = observed();
	bench.line(Code.Put, SENSOR, { query: ["pmax=10"] });
	bench.run(15_000);
	assert.equal(told().slice(1), ["10000 2.05 0 21.5"]);
});

test("an Observe with an attribute that we do not know is refused", () => {
	assert.is(machine().bench.get(SENSOR, { observe: 0, query: ["gte=3"] }), "4.00");
});

test("a Read may carry any query", () => {
	assert.is(machine().bench.get(SENSOR, { query: ["gt=3"] }), "2.05 0 21.5");
});

const scopes: readonly (readonly [string, boolean])[] = [
	["/3303", true],
	["/3303/0", true],
	[SENSOR, true],
	["/3303/1", false],
	["/3303/0/5701", false],
	["/3306", false],
];

for (const [path, concerned] of scopes)
	test(`a change of ${SENSOR} ${concerned ? "is" : "is not"} told to who observes ${path}`, () => {
		const { bench, temperature, told } = observed(path);
		temperature.set("sensorValue", 22);
		bench.run(1000);
		assert.is(told().length, concerned ? 2 : 1);
	});

test("a change of a multiple resource is told to who observes one instance of it", () => {
	const { bench, device, told } = observed("/3/0/6/1");
	device.set("availablePowerSources", [1, 6]);
	bench.run(1000);
	assert.equal(told().slice(1), ["0 2.05 0 6"]);
});

test("what a server writes is told as well", () => {
	const { bench, told } = observed("/3306/0/5850");
	bench.put("/3306/0/5850", "1");
	assert.equal(told().slice(1), ["0 2.05 0 1"]);
});

test("a notification has the format of the first answer", () => {
	const { bench, temperature } = machine();
	const exchange = bench.send(Code.Get, SENSOR, { observe: 0, accept: TLV });
	temperature.set("sensorValue", 22);
	bench.run(0);
	assert.equal(bench.answersTo(exchange), ["0 2.05 11542 e4164441ac0000", "0 2.05 11542 e4164441b00000"]);
});

for (const [mode, confirmable] of [
	[null, false],
	[0, false],
	[1, true],
] as const)
	test(`notifications are ${confirmable ? "CON" : "NON"} where /1/x/26 is ${mode}`, () => {
		const { bench, server, temperature } = observed();
		server.set("defaultNotificationMode", mode);
		temperature.set("sensorValue", 22);
		bench.run(0);
		assert.is(bench.answers.at(-1)?.response.confirmable, confirmable);
	});

test("LightweightM2M-1.1-int-302: after a Reset nothing more is told", () => {
	const { bench, temperature, exchange, told } = observed();
	bench.service.handleCancelled(0, exchange);
	temperature.set("sensorValue", 22);
	bench.run(1000);
	assert.is(told().length, 1);
});

test("LightweightM2M-1.1-int-303: a cancellation is answered with the value, and ends it", () => {
	const { bench, temperature, exchange, told } = observed();
	bench.service.handleCancelled(0, exchange);
	assert.is(bench.get(SENSOR, { observe: 1 }), "2.05 0 21.5");
	assert.not(bench.answers.at(-1)?.response.observe);
	temperature.set("sensorValue", 22);
	bench.run(1000);
	assert.is(told().length, 1);
});

test("an observation that the endpoint has lost is forgotten", () => {
	const { bench, temperature, exchange } = observed(SENSOR, ["pmax=10"]);
	bench.gone.add(exchange);
	temperature.set("sensorValue", 22);
	bench.run(1000);
	assert.is(bench.service.pollTimeout(), Infinity);
});

test("when what is observed goes away, the last notification says so", () => {
	const { bench, told } = observed("/3303/0", ["pmax=10"]);
	bench.model.remove(3303, 0);
	bench.run(60_000);
	assert.equal(told().slice(1), ["0 4.04"]);
});

test("LightweightM2M-1.1-int-308: a new instance is told to who observes its object", () => {
	const { bench, told } = observed("/3306");
	bench.model.add(Actuation, 1, { onOff: true });
	bench.run(0);
	assert.is(told().length, 2);
	assert.match(told()[1]!, ascii("1/5850"));
});

test("what cannot be read cannot be observed", () => {
	const { bench } = machine();
	for (const path of ["/3/0/2", "/3/0/4", "/9"]) assert.not(bench.ask(Code.Get, path, { observe: 0 }).observe);
	assert.is(bench.service.pollTimeout(), Infinity);
});

test("above limits.observationCount an Observe is answered as a Read", () => {
	const { bench } = machine();
	for (let i = 0; i < 16; i++) assert.is(bench.ask(Code.Get, SENSOR, { observe: 0 }).observe, true);
	const response = bench.ask(Code.Get, SENSOR, { observe: 0 });
	assert.is(response.code, Code.Content);
	assert.not(response.observe);
});

test("a new registration ends all observations, and keeps the attributes", () => {
	const { bench, temperature, exchange, told } = observed(SENSOR, ["pmax=10"]);
	bench.service.reset(0);
	temperature.set("sensorValue", 22);
	bench.run(60_000);
	assert.is(told().length, 1);
	assert.equal(bench.ended, [exchange]);
	assert.is(bench.get(SENSOR, { accept: 40 }), `2.05 40 <${SENSOR}>;pmax=10`);
});

test("several observers have each their own periods", () => {
	const { bench, temperature } = machine();
	const fast = bench.send(Code.Get, SENSOR, { observe: 0 });
	const slow = bench.send(Code.Get, "/3303", { observe: 0, query: ["pmin=20"] });
	for (const [at, value] of [
		[1000, 22],
		[2000, 23],
	] as const) {
		bench.run(at);
		temperature.set("sensorValue", value);
	}
	bench.run(60_000);
	assert.equal(bench.answersTo(fast).slice(1), ["1000 2.05 0 22", "2000 2.05 0 23"]);
	assert.equal(
		bench.answersTo(slow).map((told) => told.split(" ")[0]),
		["0", "20000"],
	);
});

test("an event tells each notification", () => {
	const { bench, temperature } = observed();
	bench.events();
	temperature.set("sensorValue", 22);
	bench.run(0);
	assert.equal(bench.events(), [{ kind: "operation", operation: "notify", path: SENSOR, code: Code.Content }]);
});

test.run();
