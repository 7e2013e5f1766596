// The storm: a fleet whose back end is down for an hour, and what hits it when it is back.

import { registrationTimes } from "../../firmware/lwm2m/constants.js";
import { plainNat } from "../nat/profiles.js";
import { CoreService } from "../world/reach-core.js";
import type { ServiceNetwork } from "../world/reach-types.js";
import { ReachWorld } from "../world/reach-world.js";

export interface StormJob {
	readonly seed: number;
	readonly deviceCount: number;
	readonly commit: string;
}

export interface StormResult extends StormJob {
	/** Requests that arrive at the back end in each 10 s from a minute before it is back; pings are none. */
	readonly arrivals: readonly number[];
	/** Most of them in any 10 s after it is back. */
	readonly peak: number;
	/** As many requests as came in all, spread uniformly over the jitter window: so many in 10 s. */
	readonly uniform: number;
	/** Requests of a device until all was quiet again. */
	readonly perDevice: number;
	/** Until all devices were known again; seconds. */
	readonly allBackSeconds: number;
}

/** The proof takes so many seeds. */
const SEED_COUNT = 20;
/** The check beside each default run. */
const SMALL = { seeds: 2, deviceCount: 2_000 } as const;
const DAY = 86_400;
const CALM_SECONDS = 1_200;
const DOWN_SECONDS = 3_600;
const AFTER_SECONDS = 1_500;
/** Within the longest wait between two Registers every device has tried. */
const TRIED_SECONDS = (registrationTimes.retryMs * 2 ** registrationTimes.retryDoublingsMax) / 1000;
const SLOT_SECONDS = 10;
const BEFORE_SECONDS = 60;
const LIFETIME_MS = 120_000;
/** An Empty message; whatever is longer asks for something. */
const PING_LENGTH = 4;
/** RFC 8323, 5.3: the settings that each connection begins with are shorter. */
const SETTINGS_LENGTH = 16;
const STEP_SECONDS = 1;
/** The part of that wait which chance may take away. */
const WINDOW_SECONDS = TRIED_SECONDS * registrationTimes.retryJitter;

/** One storm for each of 20 seeds; without a number of devices a smaller check. */
export function stormJobs(seed: number, deviceCount: number | undefined, commit: string): StormJob[] {
	const length = deviceCount === undefined ? SMALL.seeds : SEED_COUNT;
	return Array.from({ length }, (_, i) => ({ seed: seed + i, deviceCount: deviceCount ?? SMALL.deviceCount, commit }));
}

/** Real devices and the real back end, which loses its state; no loss and no rebinding but the outage itself. */
export function blowUp({ seed, deviceCount, commit }: StormJob): StormResult {
	const perSecond = new Array<number>(BEFORE_SECONDS + AFTER_SECONDS).fill(0);
	const from = 1000 * (CALM_SECONDS + DOWN_SECONDS - BEFORE_SECONDS);
	const world = new ReachWorld({
		seed,
		nat: plainNat(LIFETIME_MS),
		loss: 0,
		rebinding: "never",
		backend: "stable",
		security: "plain",
		deviceCount,
		commandsPerDay: 0,
		service: (network) =>
			new BusyService(network, (now) => {
				const second = Math.floor((now - from) / 1000);
				if (second >= 0 && second < perSecond.length) perSecond[second]!++;
			}),
	});
	world.run(CALM_SECONDS / DAY);
	world.restartService(false, 1000 * DOWN_SECONDS);
	world.run(DOWN_SECONDS / DAY);
	let allBackSeconds = Number.POSITIVE_INFINITY;
	for (let passed = SLOT_SECONDS; passed <= AFTER_SECONDS; passed += SLOT_SECONDS) {
		world.run(SLOT_SECONDS / DAY);
		if (allBackSeconds > passed && world.sites.every(({ isReachable }) => isReachable)) allBackSeconds = passed;
	}
	const arrivals: number[] = [];
	for (let at = 0; at < perSecond.length; at += SLOT_SECONDS) arrivals.push(sum(perSecond, at));
	let peak = 0;
	for (let at = BEFORE_SECONDS; at + SLOT_SECONDS <= perSecond.length; at += STEP_SECONDS)
		peak = Math.max(peak, sum(perSecond, at));
	const tried = perSecond.slice(BEFORE_SECONDS, BEFORE_SECONDS + TRIED_SECONDS);
	const total = tried.reduce((left, right) => left + right, 0);
	const uniform = Math.round((total * SLOT_SECONDS) / WINDOW_SECONDS);
	const perDevice = Math.round((10 * total) / deviceCount) / 10;
	return { seed, deviceCount, commit, arrivals, peak, uniform, perDevice, allBackSeconds };
}

/** The real back end, and a count of the requests that it hears: neither pings nor what opens a connection. */
class BusyService extends CoreService {
	readonly #network: ServiceNetwork;
	readonly #count: (now: number) => void;

	constructor(network: ServiceNetwork, count: (now: number) => void) {
		super(network, undefined, { reach: true });
		this.#network = network;
		this.#count = count;
	}

	override handleReceived(from: string, bytes: Uint8Array): void {
		const least = from.startsWith("tcp:") ? SETTINGS_LENGTH : PING_LENGTH;
		if (bytes.length > least) this.#count(this.#network.now());
		super.handleReceived(from, bytes);
	}
}

/** Of ten seconds. */
function sum(perSecond: readonly number[], from: number): number {
	let count = 0;
	for (let i = from; i < from + SLOT_SECONDS; i++) count += perSecond[i]!;
	return count;
}
