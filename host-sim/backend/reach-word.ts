// What the back end tells a device of the way to it, in the option Reach of its answers (docs/reach-extension.md).

import { encodeReach, ReachFlag, type ReachWord } from "../../firmware/coap/reach-option.js";
import type { Command, Device } from "./device.js";

/** What a Register is told that this server offers. */
export const OFFER = ReachFlag.Keeper | ReachFlag.Probe;

/** The value of the option with these flags and all that there is to say; undefined: nothing, or not to this device. */
export function reachWord(device: Device, flags: number): Uint8Array | undefined {
	const { registration, silence } = device;
	const lost = silence.takeLost();
	const heardCount = silence.takeKeeperBytes();
	if (registration.reach !== true) return undefined;
	return encodeReach({
		flags: flags | (lost === undefined ? 0 : ReachFlag.Lost) | (heardCount === 0 ? 0 : ReachFlag.Heard),
		lostSeconds: (lost?.ageMs ?? 0) / 1000,
		lostCount: lost?.count ?? 0,
		heardCount,
	});
}

/** Queue Mode: nothing waits for the device. */
export const NOTHING_WAITS: ReachWord = Object.freeze({
	flags: ReachFlag.Idle,
	lostSeconds: -1,
	lostCount: 0,
	heardCount: -1,
});

/** How long a device that was told so is taken for awake: less than it listens, as what is sent takes its time. */
export const ANSWERED_IDLE_MS = 1000;
/** The same where a request told it: the device listens for two repetitions of that, lest its answer be lost. */
const ASKED_IDLE_MS = 7000;

/** Whether nothing waits for a device in Queue Mode that would understand to be told so. */
export function isIdle({ commands, registration }: Device): boolean {
	return registration.queueMode && registration.reach === true && commands.size === 0;
}

/**
 * What goes with a command to a device in Queue Mode: with the last one of its queue that it was the last. Where
 * somebody waits for the answer nothing is said, as that one may ask on.
 */
export function lastWord({ device, handle, isQueued }: Command): Uint8Array | undefined {
	const { commands, registration } = device;
	let isLast = isQueued && registration.queueMode && registration.reach === true;
	for (const other of commands) if (other.handle > handle) isLast = false;
	device.idleMs = isLast ? ASKED_IDLE_MS : 0;
	return isLast ? encodeReach(NOTHING_WAITS) : undefined;
}
