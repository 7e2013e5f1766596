import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import type { Status } from "../../lwm2m/object.js";
import { Device } from "../../lwm2m/objects/device.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import { fromHex } from "../coap/hex.js";
import { type Ask, Bench } from "./bench.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/handlers");

const cases: readonly (readonly [string, string, Ask, string])[] = [
	["int-241: reboot", "/3/0/4", {}, "2.04"],
	["int-656: factory reset", "/3/0/5", {}, "2.04"],
	["int-104: registration update trigger", "/1/0/8", {}, "2.04"],
	["int-555: disable", "/1/0/4", {}, "2.04"],
	["an argument as text", "/3/0/4", { payload: "0='now'", contentFormat: 0 }, "2.04"],
	["an argument in another format", "/3/0/4", { payload: "x", contentFormat: 42 }, "4.15"],
	["an argument that is no text", "/3/0/4", { payload: fromHex("ff") }, "4.00"],
	["nobody carries it out", "/42/0/6", {}, "4.05"],
	["a readable resource", "/3303/0/5700", {}, "4.05"],
	["a writable resource", "/3306/0/5850", { payload: "1", contentFormat: 0 }, "4.05"],
	["a resource that the instance has not", "/3303/0/5605", {}, "4.04"],
	["an object that is not there", "/5/0/2", {}, "4.04"],
	["a resource of Security", "/0/0/0", {}, "4.01"],
	["a resource instance", "/3/0/4/0", {}, "4.05"],
];

for (const [name, path, ask, expected] of cases) {
	const title = name.startsWith("int-") ? `LightweightM2M-1.1-${name}` : name;
	test(`${title}: POST ${path} gives ${expected}`, () => {
		assert.is(machine().bench.line(Code.Post, path, ask), expected);
	});
}

const events = [
	["/3/0/4", { kind: "reboot" }],
	["/3/0/5", { kind: "factory-reset" }],
	["/1/0/8", { kind: "registration-update-trigger", shortServerId: 1, binding: undefined }],
	["/1/0/4", { kind: "disable", shortServerId: 1 }],
] as const;

for (const [path, event] of events)
	test(`${path} is told to the agent`, () => {
		const { bench } = machine();
		bench.line(Code.Post, path);
		assert.equal(bench.events(), [event, { kind: "operation", operation: "execute", path, code: Code.Changed }]);
	});

test("LightweightM2M-1.1-int-657: resetting the error code leaves 'no error'", () => {
	const { bench, device } = machine();
	assert.is(bench.line(Code.Post, "/3/0/12"), "2.04");
	assert.equal(device.get("errorCode"), [0]);
});

function thermometer(execute: () => Status | undefined) {
	const bench = new Bench();
	bench.model.add(Temperature, 2, { sensorValue: 1, resetMinAndMaxMeasuredValues: null }, { execute });
	return bench;
}

test("a handler gets instance, name and argument", () => {
	const bench = new Bench();
	const seen: unknown[] = [];
	bench.model.add(
		Temperature,
		2,
		{ sensorValue: 1, resetMinAndMaxMeasuredValues: null },
		{
			execute(instanceId, name, argument) {
				seen.push([instanceId, name, argument]);
				return "changed";
			},
		},
	);
	assert.is(bench.line(Code.Post, "/3303/2/5605", { payload: "0='a',1" }), "2.04");
	assert.equal(seen, [[2, "resetMinAndMaxMeasuredValues", "0='a',1"]]);
});

const statuses: readonly (readonly [Status | undefined, string])[] = [
	["changed", "2.04"],
	["bad-request", "4.00"],
	["unauthorized", "4.01"],
	["not-found", "4.04"],
	["method-not-allowed", "4.05"],
	["not-acceptable", "4.06"],
	["internal-error", "5.00"],
	[undefined, "4.05"],
];

for (const [status, expected] of statuses)
	test(`a handler's ${status} is ${expected}`, () => {
		assert.is(thermometer(() => status).line(Code.Post, "/3303/2/5605"), expected);
	});

test("a handler that throws is 5.00", () => {
	const bench = thermometer(() => {
		throw new Error("jammed");
	});
	assert.is(bench.line(Code.Post, "/3303/2/5605"), "5.00");
	assert.equal(bench.events()[0], { kind: "handler-failed", path: "/3303/2/5605", error: "Error: jammed" });
});

test("a reboot that a handler refuses is not told to the agent", () => {
	const bench = new Bench();
	bench.model.add(Device, 0, { errorCode: [0], supportedBindingAndModes: "U" }, { execute: () => "unauthorized" });
	assert.is(bench.line(Code.Post, "/3/0/4"), "4.01");
	assert.equal(bench.events(), [{ kind: "operation", operation: "execute", path: "/3/0/4", code: Code.Unauthorized }]);
});

test.run();
