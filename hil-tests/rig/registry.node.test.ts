// The registry of boards: what fits, what is refused in which words, and what is listed.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assert, suite } from "#suite";
import type { PortRow } from "../../host-sim/console/ports.js";
import { describeBoards, parseRig, portOf, RigError, readRig, rowFor } from "./registry.js";

const ROW = { id: "c3", board: "esp32c3", serialNumber: "AB", reset: "usb-jtag" };

function refusal(boards: unknown): string {
	try {
		parseRig(JSON.stringify({ boards }), "rig.json");
	} catch (error) {
		if (error instanceof RigError) return error.message;
		throw error;
	}
	return "";
}

const REFUSALS: readonly (readonly [what: string, boards: unknown, sentence: string])[] = [
	["no list", {}, "rig.json.boards must be a list, not {}."],
	["a missing member", [{ id: "c3", serialNumber: "AB", reset: "console" }], 'rig.json.boards[0] lacks "board".'],
	["an unknown member", [{ ...ROW, bord: 1 }], 'rig.json.boards[0] has "bord", which is none of id, board,'],
	["an unknown reset", [{ ...ROW, reset: "kick" }], 'reset is "kick", but must be one of uart-rts, usb-jtag,'],
	["a bad id", [{ ...ROW, id: "../x" }], 'rig.json.boards[0].id is "../x", which does not fit'],
	["a baud rate in words", [{ ...ROW, baud: "fast" }], 'rig.json.boards[0].baud must be a whole number, not "fast".'],
	["a baud rate of 1", [{ ...ROW, baud: 1 }], "rig.json.boards[0].baud is 1, but must be from 300 to 4000000."],
	["a row of text", ["c3"], 'rig.json.boards[0] must be an object, not "c3".'],
	["the same id twice", [ROW, ROW], 'The board "c3" of rig.json is listed twice.'],
	["no place", [{ id: "c3", board: "esp32c3", reset: "console" }], 'needs "serialNumber" or "port".'],
	["power reset without power", [{ ...ROW, reset: "power" }], 'resets by power, but has no "power".'],
	["esptool without image", [{ ...ROW, flash: { tool: "esptool" } }], 'is flashed by esptool, which needs "image".'],
];

const JTAG: PortRow = { path: "/dev/ttyACM0", serialNumber: "AB", usb: "303a:1001", maker: undefined };
const BRIDGE: PortRow = { path: "/dev/ttyUSB0", serialNumber: undefined, usb: "10c4:ea60", maker: "Silicon Labs" };

const test = suite("rig/registry");

for (const [what, boards, sentence] of REFUSALS) {
	test(`refuses ${what}`, () => {
		const message = refusal(boards);
		assert.ok(message.includes(sentence), message);
	});
}

test("names every fault, a line each", () => {
	assert.is(
		refusal([
			{ ...ROW, id: "A" },
			{ ...ROW, baud: 1 },
		]).split("\n").length,
		2,
	);
});

test("refuses what is no JSON", () => {
	assert.throws(() => parseRig("{", "rig.json"), /^rig\.json is no JSON: /);
});

test("takes the example", () => {
	const path = fileURLToPath(new URL("../rig.example.json", import.meta.url));
	assert.is(parseRig(readFileSync(path, "utf8"), path).boards.length, 2);
});

test("a rig file that is not there is a rig without boards", () => {
	assert.equal(readRig("/nowhere/rig.json"), { boards: [] });
});

test("finds a board by its serial number, whatever its port", () => {
	const row = parseRig(JSON.stringify({ boards: [ROW] }), "rig.json").boards[0]!;
	assert.is(portOf(row, [BRIDGE, JTAG]), "/dev/ttyACM0");
	assert.is(portOf(row, [BRIDGE]), undefined);
});

test("lists known boards, and unknown ones with a row that the registry takes", () => {
	const text = describeBoards(parseRig(JSON.stringify({ boards: [ROW] }), "rig.json"), [JTAG, BRIDGE]);
	assert.match(text, /^c3 +esp32c3 at \/dev\/ttyACM0$/m);
	assert.match(text, /^unknown at \/dev\/ttyUSB0 by Silicon Labs;/m);
	const row: unknown = JSON.parse(/^ {2}(\{.*\})$/m.exec(text)![1]!);
	assert.is(refusal([ROW, row]), "");
});

test("knows Espressif's USB-JTAG by its numbers", () => {
	assert.is(rowFor(JTAG, 1).reset, "usb-jtag");
	assert.is(rowFor(BRIDGE, 1).reset, "uart-rts");
});

test.run();
