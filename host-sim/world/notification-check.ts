// What observers are told: only of registered devices, and never the past after the present.

import { decodeText } from "../../firmware/bytes.js";
import type { CoreEvent } from "../backend/core-event.js";
import type { Counters } from "./counters.js";
import type { SimulatedDevice } from "./device.js";
import { paths } from "./machine.js";
import type { Server } from "./server.js";
import { Violation } from "./violation.js";

type Notified = Extract<CoreEvent, { kind: "notified" }>;

export class NotificationCheck {
	readonly #counters: Counters;
	readonly #trusting: boolean;
	/** The run time that was last told, by device and life: it only rises. */
	readonly #runTimes = new Map<string, { readonly life: number; readonly seconds: number }>();

	/** `trusting` is false where damaged messages pass for true ones. */
	constructor(counters: Counters, trusting: boolean) {
		this.#counters = counters;
		this.#trusting = trusting;
	}

	check({ endpointName, path, payload }: Notified, server: Server, device: SimulatedDevice | undefined): void {
		this.#counters.add("notifications");
		if (!server.isRegistered(endpointName)) throw new Violation(`notified by ${endpointName}, which is not registered`);
		if (!this.#trusting || path !== paths.runTime || device === undefined) return;
		const seconds = Number(decodeText(payload, 0, payload.length));
		const last = this.#runTimes.get(endpointName);
		// What an earlier life sent may still arrive; the next life counts from nothing.
		if (last !== undefined && last.life === device.life && seconds < last.seconds && !this.#mayBeOlder(device))
			throw new Violation(`${endpointName} is told to have run ${seconds} s after ${last.seconds} s`);
		this.#runTimes.set(endpointName, { life: device.life, seconds });
	}

	#mayBeOlder(device: SimulatedDevice): boolean {
		return device.sinceOnMs < LATE_MS;
	}
}

/** Nothing is on the way for longer than this. */
const LATE_MS = 30_000;
