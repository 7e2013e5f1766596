// A board that comes back: where it is after it had no power.

import { assert, suite } from "#suite";
import type { PortRow } from "../../host-sim/console/ports.js";
import type { BoardRow } from "./registry.js";
import { awaitPort } from "./serial-machine.js";

const BY_NUMBER: BoardRow = { id: "c3", board: "esp32c3", serialNumber: "AB", reset: "usb-jtag" };
const BY_PATH: BoardRow = { id: "c3", board: "esp32c3", port: "/dev/null", reset: "uart-rts" };

function port(path: string): PortRow {
	return { path, serialNumber: "AB", maker: undefined, usb: undefined };
}

/** What the system lists, one after the other; the last for ever. */
function lists(...rows: (readonly PortRow[])[]) {
	return async () => ({ ports: rows.length > 1 ? rows.shift()! : rows[0]!, note: undefined });
}

const test = suite("rig/serial-machine");

test("a board is found by its number, on whatever port it comes back", async () => {
	assert.is(await awaitPort(BY_NUMBER, lists([], [port("/dev/ttyACM3")]), 5000), "/dev/ttyACM3");
});

test("a board by its path is there as soon as the path is", async () => {
	assert.is(await awaitPort(BY_PATH, lists([]), 0), "/dev/null");
});

const NOWHERE: readonly (readonly [row: BoardRow, sentence: string])[] = [
	[BY_NUMBER, "c3 is not plugged in."],
	[{ ...BY_PATH, port: "/dev/ttyNOBODY9" }, "There is no port /dev/ttyNOBODY9."],
];
for (const [row, sentence] of NOWHERE) {
	test(`a board that does not come is told: ${sentence}`, async () => {
		const reason = await awaitPort(row, lists([]), 0).then(
			() => "",
			(error: Error) => error.message,
		);
		assert.is(reason, sentence);
	});
}

test.run();
