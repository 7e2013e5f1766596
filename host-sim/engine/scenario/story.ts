// The frozen scenario: register, 100 commands, 10 observations with 50 notifications. Preloaded like the firmware, so
// that only what it does counts in the heap.

import { Code } from "../../../firmware/coap/codes.js";
import { Device, type DeviceOptions } from "../../../firmware/main.js";
import { countResources, createMachine, type Machine } from "./machine.js";
import { scenarioKeys } from "./secured.js";
import type { Board, Command } from "./server.js";

const READ = Code.Get;
const WRITE = Code.Put;
const EXECUTE = Code.Post;
/** Content-Formats: SenML-CBOR for whole instances, plain text for single values. */
const SENML_CBOR = 112;
const TEXT = 0;

/** One round of 10 commands, with the code of the answer; 10 rounds make the 100. */
const round: readonly (Command & { readonly expected: number })[] = Object.freeze([
	{ code: READ, path: ["3303", "0", "5700"], accept: TEXT, expected: Code.Content },
	{ code: READ, path: ["3323", "0", "5700"], accept: TEXT, expected: Code.Content },
	{ code: READ, path: ["3306", "0"], accept: SENML_CBOR, expected: Code.Content },
	{ code: READ, path: ["33001", "0"], accept: SENML_CBOR, expected: Code.Content },
	{ code: READ, path: ["3", "0"], accept: SENML_CBOR, expected: Code.Content },
	{ code: WRITE, path: ["3306", "0", "5850"], payload: "1", expected: Code.Changed },
	{ code: WRITE, path: ["33001", "0", "0"], payload: "7200.5", expected: Code.Changed },
	{ code: WRITE, path: ["33001", "0", "3"], payload: "early shift", expected: Code.Changed },
	{ code: EXECUTE, path: ["33001", "0", "4"], expected: Code.Changed },
	{ code: READ, path: ["3303", "0", "4711"], accept: TEXT, expected: Code.NotFound },
]);

const observed: readonly (readonly string[])[] = Object.freeze([
	["3323", "0", "5700"],
	["3303", "0", "5700"],
	["3323", "0", "5601"],
	["3323", "0", "5602"],
	["3303", "0", "5601"],
	["3303", "0", "5602"],
	["3306", "0", "5850"],
	["3200", "0", "5500"],
	["3", "0", "9"],
	["33001", "0", "2"],
]);

const NOTIFICATIONS = 50;
const PAUSE_MS = 2000;

function expect(what: string, actual: unknown, expected: unknown): void {
	if (actual !== expected) throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`);
}

/** Throws when something goes another way than it should; calls back while everything still lives. */
export function runScenario(board: Board, atEnd: () => void): void {
	const machine = createMachine(board.serverUri, board.protect && scenarioKeys());
	// With OSCORE there is the object of the keys, and what points to it.
	expect(
		"the model has",
		countResources(machine.model),
		`${board.protect ? "9 objects, 65" : "8 objects, 60"} resources`,
	);
	const device = new Device(board.provider, optionsOf(board, machine));
	device.start();
	board.pass(0);
	board.accept();
	expect("registered", board.registered, true);
	for (let i = 0; i < 100; i++) {
		const command = round[i % round.length]!;
		board.prepare(command);
		board.deliver();
		expect(`answer to /${command.path.join("/")}`, board.codes[0], command.expected);
		board.pass(10);
	}
	for (let i = 0; i < observed.length; i++) {
		board.prepare({ code: READ, path: observed[i]!, observe: 0, accept: TEXT });
		board.deliver();
		expect(`observing /${observed[i]!.join("/")}`, board.codes[0], Code.Content);
	}
	for (let i = 0; i < NOTIFICATIONS; i++) {
		board.codes.length = 0;
		board.pass(PAUSE_MS);
		if (i % 2 === 0) device.set(machine.pressure, "sensorValue", 6001 + i);
		else device.set(machine.temperature, "sensorValue", 20 + i / 16);
		board.pass(0);
	}
	expect("notifications", board.notificationCount, NOTIFICATIONS);
	atEnd();
}

export function optionsOf({ protect }: Board, { model }: Machine): DeviceOptions {
	return { endpointName: "urn:dev:mac:0011223344", model, keepaliveMs: Infinity, protect };
}
