// DTR and RTS at every kind of board: the exact levels and times, down to serialport's binding.

import { SerialPortMock } from "serialport";
import { assert, suite } from "#suite";
import { play, RUN, reset, type Step, toApplication, toBootLoader } from "./reset.js";

const PATH = "/dev/ttyMOCK";

/** What reached the binding, with the waits in between: "dtr- rts+", "100 ms". */
async function trace(work: (set: Lines["set"], pause: (milliseconds: number) => Promise<void>) => Promise<void>) {
	const seen: string[] = [];
	SerialPortMock.binding.reset();
	SerialPortMock.binding.createPort(PATH);
	const port = new SerialPortMock({ path: PATH, baudRate: 115200, autoOpen: false });
	await new Promise<void>((resolve, reject) => port.open((error) => (error == null ? resolve() : reject(error))));
	const binding = port.port!;
	const below = binding.set.bind(binding);
	binding.set = async (options: { readonly dtr?: boolean; readonly rts?: boolean }) => {
		seen.push(`dtr${options.dtr ? "+" : "-"} rts${options.rts ? "+" : "-"}`);
		await below(options);
	};
	const set: Lines["set"] = (lines) =>
		new Promise((resolve, reject) => port.set(lines, (error) => (error ? reject(error) : resolve())));
	await work(set, async (milliseconds) => void seen.push(`${milliseconds} ms`));
	await new Promise<void>((resolve) => port.close(() => resolve()));
	return seen;
}

interface Lines {
	set(lines: { readonly dtr: boolean; readonly rts: boolean }): Promise<void>;
}

const SEQUENCES: readonly (readonly [name: string, steps: readonly Step[], expected: readonly string[]])[] = [
	["run", [RUN], ["dtr- rts-"]],
	["reset, UART bridge", toApplication["uart-rts"], ["dtr- rts-", "dtr- rts+", "100 ms", "dtr- rts-"]],
	["reset, USB-JTAG", toApplication["usb-jtag"], ["dtr- rts-", "dtr- rts+", "100 ms", "dtr- rts-"]],
	["boot loader, UART bridge", toBootLoader["uart-rts"], ["dtr- rts+", "100 ms", "dtr+ rts-", "100 ms", "dtr- rts-"]],
	[
		"boot loader, USB-JTAG",
		toBootLoader["usb-jtag"],
		["dtr- rts-", "100 ms", "dtr+ rts-", "100 ms", "dtr- rts+", "100 ms", "dtr- rts-"],
	],
];

const test = suite("rig/reset");

for (const [name, steps, expected] of SEQUENCES) {
	test(name, async () => assert.equal(await trace((set, pause) => play({ set }, steps, pause)), expected));
}

test("DTR is off whenever RTS changes on a UART bridge: both on would do nothing", () => {
	for (const steps of [toApplication["uart-rts"], toBootLoader["uart-rts"]]) {
		for (const { dtr, rts } of steps) assert.not.ok(dtr && rts);
	}
});

for (const kind of ["console", "power"] as const) {
	test(`a board that resets by ${kind} keeps its lines`, async () => {
		const done: string[] = [];
		const others = {
			restart: async () => void done.push("console"),
			powerCycle: async () => void done.push("power"),
		};
		assert.equal(await trace((set, pause) => reset(kind, { set }, others, pause)), []);
		assert.equal(done, [kind]);
	});
}

test.run();
