import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import type { Later, Status } from "../../lwm2m/object.js";
import { Actuation } from "../../lwm2m/objects/actuation.js";
import { Device } from "../../lwm2m/objects/device.js";
import { ascii, fromHex } from "../coap/hex.js";
import { Bench } from "./bench.js";

const test = suite("lwm2m/deferral");

const TLV = 11542;

/** A motor on a slow bus: what is asked of it is answered by a number, counted from 1, and completed by the test. */
function slowMotor() {
	const bench = new Bench();
	let later = 0;
	const next = (): Later => ({ later: ++later });
	const motor = bench.model.add(
		Actuation,
		0,
		{ onOff: false, dimmer: 1, applicationType: "motor" },
		{
			read: (_instanceId, name) => (name === "applicationType" ? undefined : next()),
			write: (_instanceId, name, _value) => (name === "applicationType" ? undefined : next()),
		},
	);
	const complete = (number: number, value: boolean | number | null) =>
		bench.service.complete(bench.now, { later: number }, { value });
	const settle = (number: number, status: Status) => bench.service.complete(bench.now, { later: number }, status);
	return { bench, motor, complete, settle, started: () => later };
}

test("a Read waits, and is answered with the value", () => {
	const { bench, complete } = slowMotor();
	const exchange = bench.send(Code.Get, "/3306/0/5850");
	assert.equal(bench.answersTo(exchange), []);
	bench.run(3000);
	assert.ok(complete(1, true));
	assert.equal(bench.answersTo(exchange), ["3000 2.05 0 1"]);
});

test("a result that nobody waits for is told so", () => {
	const { bench, complete } = slowMotor();
	assert.not(complete(1, true));
	bench.send(Code.Get, "/3306/0/5850");
	assert.ok(complete(1, true));
	assert.not(complete(1, true));
});

test("a Read of an instance waits for all of its slow values", () => {
	const { bench, complete } = slowMotor();
	const exchange = bench.send(Code.Get, "/3306/0", { accept: TLV });
	assert.ok(complete(2, 70));
	assert.equal(bench.answersTo(exchange), []);
	assert.ok(complete(1, true));
	assert.equal(bench.answersTo(exchange), [`0 2.05 11542 e51676${ascii("motor")}e116da01e116db46`]);
});

test("a value that there is not after all is left out of an instance, and 4.04 for a resource", () => {
	const { bench, complete } = slowMotor();
	const instance = bench.send(Code.Get, "/3306/0", { accept: TLV });
	complete(1, null);
	complete(2, 70);
	assert.equal(bench.answersTo(instance), [`0 2.05 11542 e51676${ascii("motor")}e116db46`]);
	const resource = bench.send(Code.Get, "/3306/0/5850");
	complete(3, null);
	assert.equal(bench.answersTo(resource), ["0 4.04"]);
});

test("a fault of a Read is its code", () => {
	const { bench, settle } = slowMotor();
	const exchange = bench.send(Code.Get, "/3306/0/5850");
	settle(1, "internal-error");
	assert.equal(bench.answersTo(exchange), ["0 5.00"]);
});

test("a late value that does not fit is 5.00", () => {
	const { bench, complete } = slowMotor();
	const exchange = bench.send(Code.Get, "/3306/0/5850");
	complete(1, 7);
	assert.equal(bench.answersTo(exchange), ["0 5.00"]);
	assert.is(bench.service.failureCount, 1);
});

test("a Write is stored when it has succeeded, not before", () => {
	const { bench, motor, settle } = slowMotor();
	const exchange = bench.send(Code.Put, "/3306/0/5850", { payload: "1", contentFormat: 0 });
	assert.is(motor.get("onOff"), false);
	settle(1, "changed");
	assert.is(motor.get("onOff"), true);
	assert.equal(bench.answersTo(exchange), ["0 2.04"]);
});

test("a Write that fails in the end is not stored", () => {
	const { bench, motor, settle } = slowMotor();
	const exchange = bench.send(Code.Put, "/3306/0/5850", { payload: "1", contentFormat: 0 });
	settle(1, "bad-request");
	assert.is(motor.get("onOff"), false);
	assert.equal(bench.answersTo(exchange), ["0 4.00"]);
});

test("a Write of several slow values has the first fault as its answer", () => {
	const { bench, motor, settle } = slowMotor();
	const payload = fromHex("e116da01e116db46");
	const exchange = bench.send(Code.Post, "/3306/0", { payload, contentFormat: TLV });
	settle(2, "changed");
	settle(1, "not-acceptable");
	assert.equal(bench.answersTo(exchange), ["0 4.06"]);
	assert.equal([motor.get("onOff"), motor.get("dimmer")], [false, 70]);
});

test("an Observe that waits is an observation once its value is there", () => {
	const { bench, motor, complete } = slowMotor();
	const exchange = bench.send(Code.Get, "/3306/0/5850", { observe: 0, query: ["pmin=5"] });
	bench.run(1000);
	complete(1, false);
	assert.is(bench.answers.at(-1)?.response.observe, true);
	motor.touch("onOff");
	bench.run(7000);
	complete(2, true);
	assert.equal(bench.answersTo(exchange), ["1000 2.05 0 0", "7000 2.05 0 1"]);
});

test("while a notification waits no other is begun, and a change meanwhile is told afterwards", () => {
	const { bench, motor, complete, started } = slowMotor();
	const exchange = bench.send(Code.Get, "/3306/0/5850", { observe: 0 });
	complete(1, false);
	motor.touch("onOff");
	bench.run(1000);
	motor.touch("onOff");
	bench.run(2000);
	assert.is(started(), 2);
	complete(2, true);
	bench.run(3000);
	assert.is(started(), 3);
	complete(3, false);
	assert.equal(bench.answersTo(exchange).slice(1), ["2000 2.05 0 1", "3000 2.05 0 0"]);
});

test("a result for an observation that has ended meanwhile goes nowhere", () => {
	const { bench, motor, complete } = slowMotor();
	const exchange = bench.send(Code.Get, "/3306/0/5850", { observe: 0 });
	complete(1, false);
	motor.touch("onOff");
	bench.run(1000);
	bench.service.handleCancelled(bench.now, exchange);
	assert.not(complete(2, true));
	assert.is(bench.answersTo(exchange).length, 1);
});

test("more requests than limits.laterCount are 5.03", () => {
	const { bench, complete } = slowMotor();
	for (let i = 0; i < 4; i++) bench.send(Code.Get, "/3306/0/5850");
	assert.is(bench.get("/3306/0/5850"), "5.03");
	complete(1, true);
	assert.equal(bench.answersTo(bench.send(Code.Get, "/3306/0/5850")), []);
});

test("more slow values than limits.laterCount in one request are 5.03", () => {
	const bench = new Bench();
	for (let instanceId = 0; instanceId < 5; instanceId++)
		bench.model.add(Actuation, instanceId, { onOff: false }, { read: () => ({ later: instanceId }) });
	assert.is(bench.get("/3306"), "5.03");
	assert.not(bench.service.complete(0, { later: 0 }, { value: true }));
	assert.is(bench.service.pollTimeout(), Infinity);
});

test("what is never completed is 5.04 after EXCHANGE_LIFETIME, and makes room", () => {
	const { bench, complete } = slowMotor();
	const exchange = bench.send(Code.Get, "/3306/0/5850");
	assert.is(bench.service.pollTimeout(), 247_000);
	bench.run(300_000);
	assert.equal(bench.answersTo(exchange), ["247000 5.04"]);
	assert.not(complete(1, true));
});

test("a notification that is never completed is let go by, and the next change tried again", () => {
	const { bench, motor, complete } = slowMotor();
	const exchange = bench.send(Code.Get, "/3306/0/5850", { observe: 0 });
	complete(1, false);
	motor.touch("onOff");
	bench.run(300_000);
	motor.touch("onOff");
	bench.run(301_000);
	complete(3, true);
	assert.equal(bench.answersTo(exchange).slice(1), ["301000 2.05 0 1"]);
});

test("a slow reboot is told to the agent when it may go on", () => {
	const bench = new Bench();
	bench.model.add(Device, 0, { errorCode: [0], supportedBindingAndModes: "U" }, { execute: () => ({ later: 7 }) });
	bench.send(Code.Post, "/3/0/4");
	assert.equal(bench.events(), []);
	bench.service.complete(0, { later: 7 }, "changed");
	assert.equal(
		bench.events().map((event) => event.kind),
		["reboot", "operation"],
	);
});

test.run();
