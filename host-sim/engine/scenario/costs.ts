// What the named operations cost, each after some of its kind, and what lives after each stage: one JSON object a line.
// With the argument "secured" the device and its server speak OSCORE.

import measure from "pinhole/measure";
import { print, readArguments } from "pinhole/process";
import { Code } from "../../../firmware/coap/codes.js";
import { Device } from "../../../firmware/main.js";
import { createMachine } from "./machine.js";
import { keepReach } from "./reach.js";
import { SecuredBoard, scenarioKeys } from "./secured.js";
import { Board, type Command } from "./server.js";
import { optionsOf } from "./story.js";

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

function report(operation: string, { meter, garbage }: Omit<Cost, "kept">, received?: number, sent?: number): void {
	print(JSON.stringify({ operation, meter, garbage, received, sent }));
}

/** Bytes of the datagrams that the device sends meanwhile. */
function sentBy(work: () => void): number {
	let length = 0;
	const { handleSent } = board;
	board.handleSent = (bytes) => {
		length += bytes.length;
		handleSent.call(board, bytes);
	};
	work();
	Reflect.deleteProperty(board, "handleSent");
	return length;
}

function reportStage<T>(stage: string, work: () => T): T {
	measure.collect();
	const before = measure.bytes();
	const result = work();
	measure.collect();
	print(JSON.stringify({ stage, kept: measure.bytes() - before }));
	return result;
}

const secured = readArguments()[0] === "secured";
const board = reportStage("the scenario's own board and server", () =>
	secured ? new SecuredBoard(false) : new Board(),
);
const machine = reportStage("model", () => createMachine(board.serverUri, secured ? scenarioKeys() : undefined));
const device = reportStage("device", () => new Device(board.provider, optionsOf(board, machine)));

reportStage("registration", register);

/** What the server does with OSCORE is not counted: its part comes between the device's. */
function register(): void {
	const parts = [
		cost(() => {
			device.start();
			board.fire();
		}),
	];
	while (board.hasMail()) parts.push(cost(() => board.deliverOne()));
	const sum = (name: "meter" | "garbage") => parts.reduce((total, part) => total + part[name] - empty[name], 0);
	report("register", { meter: sum("meter"), garbage: sum("garbage") });
}

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
	const { meter, garbage } = cost(() => board.deliverOne());
	board.deliver();
	if (board.codes[0]! >> 5 !== 2) throw new Error(`${command.name} was answered with ${board.codes[0]}`);
	board.prepare(command);
	const received = board.outgoing.length;
	const sent = sentBy(() => board.deliver());
	report(command.name, { meter: meter - read.meter, garbage: garbage - read.garbage }, received, sent);
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
const notification = cost(() => device.set(machine.temperature, "sensorValue", 21.5));
board.deliver();
if (board.notificationCount !== notified + 1) throw new Error("no notification was sent");
board.pass(PAUSE_MS);
const sent = sentBy(() => device.set(machine.temperature, "sensorValue", 22.5));
board.deliver();
const { meter, garbage } = notification;
report("notify", { meter: meter - empty.meter, garbage: garbage - empty.garbage }, undefined, sent);

// After all others: what it keeps is beside the device, which is told its interval.
const kept = keepReach(reportStage);
if (kept.length !== 3) throw new Error("a stage of reach is missing");
