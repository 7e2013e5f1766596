// How each kind of board is started anew, or into its boot loader: DTR and RTS as rows of data.

import type { SerialLink } from "../../host-sim/console/link.js";
import type { ResetKind } from "./registry.js";

/** Levels, and how long they stay before the next step. */
export interface Step {
	readonly dtr: boolean;
	readonly rts: boolean;
	readonly holdMs: number;
}

/** esptool's time between two steps: the capacitor at EN takes a few milliseconds. */
const HOLD_MS = 100;

/**
 * On a UART bridge RTS alone pulls EN low, DTR alone pulls IO0 low, and both together do nothing (two transistors), so
 * DTR is released before RTS moves. Both off first, because opening a port asserts DTR.
 */
export const toApplication: Readonly<Record<"uart-rts" | "usb-jtag", readonly Step[]>> = {
	"uart-rts": [
		{ dtr: false, rts: false, holdMs: 0 },
		{ dtr: false, rts: true, holdMs: HOLD_MS },
		{ dtr: false, rts: false, holdMs: 0 },
	],
	"usb-jtag": [
		{ dtr: false, rts: false, holdMs: 0 },
		{ dtr: false, rts: true, holdMs: HOLD_MS },
		{ dtr: false, rts: false, holdMs: 0 },
	],
};

/** Into the boot loader of the chip's ROM. On USB-JTAG the port disappears and returns afterwards. */
export const toBootLoader: Readonly<Record<"uart-rts" | "usb-jtag", readonly Step[]>> = {
	"uart-rts": [
		{ dtr: false, rts: true, holdMs: HOLD_MS },
		{ dtr: true, rts: false, holdMs: HOLD_MS },
		{ dtr: false, rts: false, holdMs: 0 },
	],
	"usb-jtag": [
		{ dtr: false, rts: false, holdMs: HOLD_MS },
		{ dtr: true, rts: false, holdMs: HOLD_MS },
		{ dtr: false, rts: true, holdMs: HOLD_MS },
		{ dtr: false, rts: false, holdMs: 0 },
	],
};

/** Both lines off, as soon as a port is open. */
export const RUN: Step = { dtr: false, rts: false, holdMs: 0 };

/** Plays the steps; `pause` waits so many milliseconds. */
export async function play(
	port: Pick<SerialLink, "set">,
	steps: readonly Step[],
	pause: (milliseconds: number) => Promise<void>,
): Promise<void> {
	for (const { dtr, rts, holdMs } of steps) {
		await port.set({ dtr, rts });
		if (holdMs > 0) await pause(holdMs);
	}
}

/** What else a reset may take. */
export interface OtherWays {
	/** The console's own verb. */
	restart(): Promise<void>;
	/** The supply, off and on. */
	powerCycle(): Promise<void>;
}

/** Starts a board anew, by whatever its kind has. */
export async function reset(
	kind: ResetKind,
	port: Pick<SerialLink, "set">,
	others: OtherWays,
	pause: (milliseconds: number) => Promise<void>,
): Promise<void> {
	if (kind === "console") return others.restart();
	if (kind === "power") return others.powerCycle();
	return play(port, toApplication[kind], pause);
}
