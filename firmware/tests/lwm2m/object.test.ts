import { assert, suite } from "#suite";
import { Model } from "../../lwm2m/model.js";
import { defineObject } from "../../lwm2m/object.js";
import { Actuation } from "../../lwm2m/objects/actuation.js";
import { Device } from "../../lwm2m/objects/device.js";
import { DigitalInput } from "../../lwm2m/objects/digital-input.js";
import { Pressure } from "../../lwm2m/objects/pressure.js";
import { Security } from "../../lwm2m/objects/security.js";
import { Server } from "../../lwm2m/objects/server.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";

const test = suite("lwm2m/object");

const Probe = defineObject(42, "1.0", {
	label: { id: 2, operations: "RW", type: "string" },
	reset: { id: 1, operations: "E" },
	reading: { id: 0, operations: "R", type: "float", unit: "Cel", mandatory: true },
	codes: { id: 3, operations: "R", type: "integer", multiple: true, range: [0, 9] },
	key: { id: 4, operations: "", type: "opaque" },
});

test("a definition is sorted by id and frozen to its leaves", () => {
	assert.equal(
		Probe.table.map(({ id, name }) => [id, name]),
		[
			[0, "reading"],
			[1, "reset"],
			[2, "label"],
			[3, "codes"],
			[4, "key"],
		],
	);
	for (const part of [Probe, Probe.table, Probe.table[0], Probe.resources, Probe.resources.codes.range])
		assert.ok(Object.isFrozen(part));
});

test("a row says what may be done", () => {
	const rights = Probe.table.map(({ readable, writable, executable }) => [readable, writable, executable]);
	assert.equal(rights, [
		[true, false, false],
		[false, false, true],
		[true, true, false],
		[true, false, false],
		[false, false, false],
	]);
});

test("ids of standard objects are in order and once only", () => {
	for (const definition of [Security, Server, Device, Temperature, Actuation, Pressure, DigitalInput])
		for (let i = 1; i < definition.table.length; i++)
			assert.ok(definition.table[i - 1]!.id < definition.table[i]!.id, `${definition.objectId}`);
});

test("values keep their types", () => {
	const probe = new Model().add(Probe, 0, { reading: 1.5, codes: [3, 4], key: null });
	const reading: number | undefined = probe.get("reading");
	const codes: readonly number[] | undefined = probe.get("codes");
	assert.is(reading, 1.5);
	assert.equal(codes, [3, 4]);
	assert.is(probe.get("label"), undefined);
	assert.is(probe.get("key"), undefined);
});

test("setting what does not fit throws, also where the compiler was told to be silent", () => {
	const probe = new Model().add(Probe, 0, { reading: 1.5, codes: [] });
	// @ts-expect-error A float is no text.
	assert.throws(() => probe.set("reading", "warm"), /reading cannot hold warm/);
	// @ts-expect-error A multiple resource is an array.
	assert.throws(() => probe.set("codes", 1), /codes/);
	// @ts-expect-error There is no such resource.
	assert.throws(() => probe.set("color", 1), /no resource color/);
	// @ts-expect-error An executable resource has no value.
	assert.throws(() => probe.set("reset", 1), /reset/);
	assert.throws(() => probe.set("codes", [10]), /codes/);
	assert.throws(() => probe.set("reading", Number.NaN), /reading/);
	// @ts-expect-error An executable resource cannot be read.
	assert.is(probe.get("reset"), undefined);
});

test("an instance without its mandatory values is refused", () => {
	// @ts-expect-error reading is mandatory.
	assert.throws(() => new Model().add(Probe, 0, { label: "x" }), /reading is mandatory/);
	// @ts-expect-error There is no such resource.
	new Model().add(Probe, 0, { reading: 1, color: 2 });
	// @ts-expect-error An executable resource has no value.
	assert.throws(() => new Model().add(Probe, 0, { reading: 1, reset: 1 }), /reset/);
	// @ts-expect-error label is a text.
	assert.throws(() => new Model().add(Probe, 0, { reading: 1, label: 1 }), /label/);
});

test("wrong definitions do not compile", () => {
	// @ts-expect-error There is no such type.
	defineObject(1, "1.0", { a: { id: 0, operations: "R", type: "double" } });
	// @ts-expect-error There is no such unit.
	defineObject(1, "1.0", { a: { id: 0, operations: "R", type: "float", unit: "degrees" } });
	// @ts-expect-error A text has no unit.
	defineObject(1, "1.0", { a: { id: 0, operations: "R", type: "string", unit: "Cel" } });
	// @ts-expect-error There is no such operation.
	defineObject(1, "1.0", { a: { id: 0, operations: "RE", type: "float" } });
	// @ts-expect-error An executable resource has no type.
	defineObject(1, "1.0", { a: { id: 0, operations: "E", type: "float" } });
	// @ts-expect-error A readable resource needs a type.
	defineObject(1, "1.0", { a: { id: 0, operations: "R" } });
	// @ts-expect-error A resource needs an id.
	defineObject(1, "1.0", { a: { operations: "R", type: "float" } });
	assert.ok(true);
});

test("wrong handlers do not compile", () => {
	const model = new Model();
	model.add(Probe, 0, { reading: 1 }, { read: (_instanceId, name) => (name === "reading" ? 2 : undefined) });
	model.add(
		Probe,
		1,
		{ reading: 1 },
		{
			write(_instanceId, name, value) {
				const text: string = value;
				// @ts-expect-error reading is not writable.
				return name === "reading" || text === "" ? "bad-request" : "changed";
			},
		},
	);
	// @ts-expect-error reset is the only resource that can be executed.
	model.add(Probe, 2, { reading: 1 }, { execute: (_instanceId, name) => (name === "label" ? "changed" : undefined) });
	// @ts-expect-error No resource holds a boolean.
	model.add(Probe, 3, { reading: 1 }, { read: () => true });
	// @ts-expect-error There is no such status.
	model.add(Probe, 4, { reading: 1 }, { execute: () => "done" });
	// @ts-expect-error reset cannot be read.
	model.add(Probe, 5, { reading: 1 }, { read: (_instanceId, name) => (name === "reset" ? 1 : 2) });
	assert.is(model.instances.length, 6);
});

test("an object of readable resources only takes a handler that reads", () => {
	const Gauge = defineObject(43, "1.0", { level: { id: 0, operations: "R", type: "integer", mandatory: true } });
	const gauge = new Model().add(Gauge, 0, { level: 1 }, { read: (instanceId) => instanceId });
	assert.is(gauge.get("level"), 1);
	// @ts-expect-error Nothing can be written.
	new Model().add(Gauge, 0, { level: 1 }, { write: (_instanceId: number) => "changed" });
	// @ts-expect-error Nothing can be executed.
	new Model().add(Gauge, 0, { level: 1 }, { execute: () => "changed" });
});

test("a handler's write knows the type of each resource", () => {
	const model = new Model();
	const motor = model.add(
		Actuation,
		0,
		{ onOff: false, dimmer: 0 },
		{
			write(_instanceId, name, value) {
				if (name === "onOff") return (value satisfies boolean) ? "changed" : "bad-request";
				if (name === "dimmer") return (value satisfies number) > 50 ? "changed" : "bad-request";
				return undefined;
			},
		},
	);
	assert.is(motor.get("onOff"), false);
});

test.run();
