// What the named operations cost, each after some of its kind: one JSON object a line.

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

const empty = cost(() => {});

function report(operation: string, work: () => void): void {
	const { meter, garbage, kept } = cost(work);
	print(JSON.stringify({ operation, meter: meter - empty.meter, garbage: garbage - empty.garbage, kept }));
}

const machine = createMachine();
const board = new Board();
const options = { endpointName: "urn:dev:mac:0011223344", model: machine.model, keepaliveMs: Infinity };
const device = new Device(board.provider, options);

report("register", () => {
	device.start();
	board.pass(0);
});

const commands: readonly (Command & { readonly name: string })[] = [
	{ name: "read", code: Code.Get, path: ["3303", "0", "5700"], accept: 0 },
	{ name: "read-instance", code: Code.Get, path: ["3303", "0"], accept: 112 },
	{ name: "write", code: Code.Put, path: ["33001", "0", "0"], payload: "7200.5" },
	{ name: "execute", code: Code.Post, path: ["33001", "0", "4"] },
];

for (const command of commands) {
	for (let i = 0; i < WARM_UPS; i++) board.command(command);
	board.codes.length = 0;
	board.prepare(command);
	report(command.name, () => board.deliver());
	if (board.codes[0]! >> 5 !== 2) throw new Error(`${command.name} was answered with ${board.codes[0]}`);
}

board.command({ code: Code.Get, path: ["3303", "0", "5700"], observe: 0, accept: 0 });
for (let i = 0; i < WARM_UPS; i++) {
	board.pass(PAUSE_MS);
	device.set(machine.temperature, "sensorValue", i);
	board.pass(0);
}
const notified = board.notificationCount;
board.pass(PAUSE_MS);
board.codes.length = 0;
report("notify", () => device.set(machine.temperature, "sensorValue", 21.5));
if (board.notificationCount !== notified + 1) throw new Error("no notification was sent");
