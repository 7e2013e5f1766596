// What the named operations cost, each after some of its kind, and what lives after each stage: one JSON object a line.

import measure from "pinhole/measure";
import { print } from "pinhole/process";
import { Code } from "../../../firmware/coap/codes.js";
import { Device } from "../../../firmware/main.js";
import { createMachine } from "./machine.js";
import { Board, type Command } from "./server.js";

const WARM_UPS = 20;
const PAUSE_MS = 2000;

/** Steps, bytes that were garbage afterwards, and bytes that stayed. */
interface Cost {
	readonly meter: number;
	readonly garbage: number;
	readonly kept: number;
}

function cost(work: () => void): Cost {
	measure.collect();
	const collections = measure.collections();
	const before = measure.bytes();
	const meter = measure.meter();
	work();
	const meterAfter = measure.meter();
	const allocated = measure.bytes();
	if (measure.collections() !== collections) throw new Error("garbage was collected during a measurement");
	measure.collect();
	const after = measure.bytes();
	return { meter: meterAfter - meter, garbage: allocated - after, kept: after - before };
}

/** What measuring itself costs, and what the board's own part of an exchange does. */
const empty = cost(() => {});

function reportOperation(operation: string, work: () => void, ownCost = empty): void {
	const { meter, garbage } = cost(work);
	print(JSON.stringify({ operation, meter: meter - ownCost.meter, garbage: garbage - ownCost.garbage }));
}

function reportStage<T>(stage: string, work: () => T): T {
	measure.collect();
	const before = measure.bytes();
	const result = work();
	measure.collect();
	print(JSON.stringify({ stage, kept: measure.bytes() - before }));
	return result;
}

const board = reportStage("the scenario's own board and server", () => new Board());
const machine = reportStage("model", createMachine);
const options = { endpointName: "urn:dev:mac:0011223344", model: machine.model, keepaliveMs: Infinity };
const device = reportStage("device", () => new Device(board.provider, options));

reportStage("registration", () => {
	reportOperation("register", () => {
		device.start();
		board.pass(0);
	});
});

const commands: readonly (Command & { readonly name: string })[] = [
	{ name: "read", code: Code.Get, path: ["3303", "0", "5700"], accept: 0 },
	{ name: "read-instance", code: Code.Get, path: ["3303", "0"], accept: 112 },
	{ name: "write", code: Code.Put, path: ["33001", "0", "0"], payload: "7200.5" },
	{ name: "execute", code: Code.Post, path: ["33001", "0", "4"] },
];

function send(command: Command): void {
	board.prepare(command);
	board.deliver();
}

reportStage("commands", () => {
	for (const command of commands) for (let i = 0; i < WARM_UPS; i++) send(command);
});
for (const command of commands) {
	send(command);
	board.prepare(command);
	// The datagram that the SDK's read() makes is the SDK's, not ours.
	const read = cost(() => board.readOnly());
	board.prepare(command);
	reportOperation(command.name, () => board.deliver(), read);
	if (board.codes[0]! >> 5 !== 2) throw new Error(`${command.name} was answered with ${board.codes[0]}`);
}

function notify(value: number): void {
	board.pass(PAUSE_MS);
	board.codes.length = 0;
	device.set(machine.temperature, "sensorValue", value);
	board.pass(0);
}

reportStage("observation", () => {
	send({ code: Code.Get, path: ["3303", "0", "5700"], observe: 0, accept: 0 });
});
reportStage("notifications", () => {
	for (let i = 0; i < WARM_UPS; i++) notify(i);
});
const notified = board.notificationCount;
board.pass(PAUSE_MS);
reportOperation("notify", () => device.set(machine.temperature, "sensorValue", 21.5));
if (board.notificationCount !== notified + 1) throw new Error("no notification was sent");
