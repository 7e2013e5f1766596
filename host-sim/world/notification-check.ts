// What observers are told: only of registered devices, never the past after the present, and something now and then.

import { decodeText } from "../../firmware/bytes.js";
import type { CoreEvent } from "../backend/core-event.js";
import type { Counters } from "./counters.js";
import type { SimulatedDevice } from "./device.js";
import { isLongText, LONGEST_SILENCE_SECONDS, paths } from "./machine.js";
import type { Server } from "./server.js";
import { Violation } from "./violation.js";

type Notified = Extract<CoreEvent, { kind: "notified" }>;
type Observation = Extract<CoreEvent, { kind: "observation" }>;

/** Nothing is on the way for longer than this. */
const LATE_MS = 30_000;
/** pmax, and time for one notification on its way. */
const SILENCE_MS = 1000 * LONGEST_SILENCE_SECONDS + LATE_MS;

export class NotificationCheck {
	readonly #counters: Counters;
	readonly #trusting: boolean;
	/** The run time that was last told, by device and life: it only rises. */
	readonly #runTimes = new Map<string, { readonly life: number; readonly seconds: number }>();
	/** When each observation of the back end last gave a sign, by device and path. */
	readonly #heardAt = new Map<string, number>();
	/** Observations that the last Register ended. */
	readonly #ended = new Map<string, number>();

	/** `trusting` is false where damaged messages pass for true ones. */
	constructor(counters: Counters, trusting: boolean) {
		this.#counters = counters;
		this.#trusting = trusting;
	}

	/** The back end observes a path, or does so no more. */
	handleObservation(now: number, { endpointName, path, active }: Observation): void {
		const key = `${endpointName} ${path}`;
		if (!active) {
			this.#heardAt.delete(key);
			this.#ended.set(key, now);
			return;
		}
		if (now - (this.#ended.get(key) ?? Number.NEGATIVE_INFINITY) < LATE_MS) this.#counters.add("observations renewed");
		this.#heardAt.set(key, now);
	}

	/** A restarted back end knows what it last wrote, and no order of notifications: nothing is promised of that. */
	handleServerRestarted(): void {
		this.#heardAt.clear();
		this.#runTimes.clear();
	}

	handleNotified(now: number, notified: Notified, server: Server, device: SimulatedDevice | undefined): void {
		const { endpointName, path, payload } = notified;
		const key = `${endpointName} ${path}`;
		this.#counters.add("notifications");
		if (this.#heardAt.has(key)) this.#heardAt.set(key, now);
		if (!server.isRegistered(endpointName)) throw new Violation(`notified by ${endpointName}, which is not registered`);
		if (!this.#trusting || device === undefined) return;
		const text = decodeText(payload, 0, payload.length);
		if (path === paths.long && (text === undefined || !isLongText(text)))
			throw new Violation(`a notification of ${endpointName} joins blocks of two texts`);
		// What an earlier life sent may still arrive, and the next life counts from nothing.
		if (path !== paths.runTime || device.sinceOnMs < LATE_MS) return;
		const seconds = Number(text);
		const last = this.#runTimes.get(endpointName);
		if (last !== undefined && last.life === device.life && seconds < last.seconds)
			throw new Violation(`${endpointName} is told to have run ${seconds} s after ${last.seconds} s`);
		this.#runTimes.set(endpointName, { life: device.life, seconds });
	}

	/** All has been well for longer than pmax: each observation must have given a sign. */
	checkAlive(now: number): void {
		if (!this.#trusting) return;
		for (const [key, at] of this.#heardAt)
			if (now - at > SILENCE_MS) throw new Violation(`nothing was heard of the observation ${key} for ${now - at} ms`);
	}
}
