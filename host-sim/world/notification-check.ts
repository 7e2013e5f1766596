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

/** So long, and a little longer, the back end tries to set up what a Register ended. */
const RENEWAL_MS = 90_000;

export class NotificationCheck {
	readonly #counters: Counters;
	readonly #trusting: boolean;
	/** The run time that was last told, by device and life: it only rises. */
	readonly #runTimes = new Map<string, { readonly life: number; readonly seconds: number }>();
	/** When each observation of the back end last gave a sign, by device and path. */
	readonly #heardAt = new Map<string, number>();
	/** When each device last registered again: the observations that end at that instant are to be set up anew. */
	readonly #registeredAt = new Map<string, number>();
	/** Observations that a Register ended, and when. */
	readonly #ended = new Map<string, number>();

	/** `trusting` is false where damaged messages pass for true ones. */
	constructor(counters: Counters, trusting: boolean) {
		this.#counters = counters;
		this.#trusting = trusting;
	}

	/** A device registers that was registered before. */
	handleRegistered(now: number, endpointName: string): void {
		this.#registeredAt.set(endpointName, now);
	}

	/** The back end observes a path, or does so no more. */
	handleObservation(now: number, { endpointName, path, active }: Observation): void {
		const key = `${endpointName} ${path}`;
		if (!active) {
			this.#heardAt.delete(key);
			if (this.#registeredAt.get(endpointName) === now) this.#ended.set(key, now);
			return;
		}
		if (this.#ended.delete(key)) this.#counters.add("observations renewed");
		this.#heardAt.set(key, now);
	}

	/** A restarted back end knows what it last wrote, and no order of notifications: nothing is promised of that. */
	handleServerRestarted(): void {
		this.#heardAt.clear();
		this.#runTimes.clear();
		this.#ended.clear();
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

	/** All has been well since `healedAt`, longer than pmax: each observation that there should be has given a sign. */
	checkAlive(now: number, healedAt: number): void {
		if (!this.#trusting) return;
		for (const [key, at] of this.#ended)
			if (at > healedAt && now - at > RENEWAL_MS) throw new Violation(`the observation ${key} was not set up again`);
		for (const [key, at] of this.#heardAt)
			if (now - at > SILENCE_MS) throw new Violation(`nothing was heard of the observation ${key} for ${now - at} ms`);
	}
}
