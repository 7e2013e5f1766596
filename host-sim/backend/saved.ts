// What of a device has to survive a restart of the back end, and the device that it becomes again.

import { OBSERVE_MODULUS } from "../../firmware/coap/constants.js";
import { NotificationOrder, TIMELESS } from "../../firmware/coap/observation.js";
import { partialIvOf } from "../../firmware/security/oscore/oscore.js";
import type { Association } from "./contexts.js";
import { ASLEEP, Device, type Observation, type SavedCommand } from "./device.js";
import type { Registration } from "./registration.js";

export interface SavedDevice {
	readonly registration: Registration;
	/** Which keys it registered under; undefined without any. */
	readonly keys?: string | undefined;
	/** The Partial IV of its newest Register or Update under these keys. */
	readonly newest?: number | undefined;
	readonly observations: readonly SavedObservation[];
	/** What was queued for it and not sent yet. */
	readonly commands?: readonly SavedCommand[] | undefined;
}

/** An observation without its exchange, which ends with the process. */
export type SavedObservation = Pick<Observation, "path" | "composite" | "token" | "requestNumber" | "accept">;

/** All of it, as it is now. */
export function saved({ registration, keys, newest, observations, commands }: Device): SavedDevice {
	return {
		registration,
		keys,
		newest,
		observations: [...observations.values()].map(({ path, composite, token, requestNumber, accept }) => ({
			path,
			composite,
			token,
			requestNumber: partialIvOf(requestNumber),
			accept,
		})),
		commands: [...commands]
			.filter(({ isQueued, pending }) => isQueued && pending?.wasSent !== true)
			.map(({ handle, operation, deadlineAt }) => ({ handle, operation, deadlineAt })),
	};
}

/** The device with the keys that it has now, its commands apart; undefined: its registration has ended. */
export function restored(saved: SavedDevice, association: Association | undefined): Device | undefined {
	const { registration, keys, newest, observations } = saved;
	// Keys that were taken away, or given, end the registration: it says nothing of who speaks for the device.
	if ((association !== undefined) !== registration.secure) return undefined;
	const device = new Device(registration);
	device.keys = keys;
	device.newest = newest;
	device.association = association;
	// Whether a device in Queue Mode listens is not known over a restart: it will say that it does.
	if (registration.queueMode) device.awakeUntil = ASLEEP;
	for (const observation of observations) {
		device.observations.set(observation.path, {
			kind: "observation",
			...observation,
			order: newest === undefined ? undefined : orderSince(newest),
			exchange: 0,
		});
	}
	return device;
}

/** RFC 8613, 7.4.1: what a device under keys said before its newest request may have been heard before. */
function orderSince(newest: number): NotificationOrder {
	return new NotificationOrder((newest + 1) % OBSERVE_MODULUS, TIMELESS);
}
