// What can go wrong, and how often: data only. Rates are per hour of storm.

import type { Range } from "./chance.js";

/** The worst that a storm does to a link; each change of weather draws something between nothing and this. */
export interface Weather {
	readonly loss: number;
	readonly duplicate: number;
	readonly reorder: number;
	readonly corrupt: number;
	/** One way. */
	readonly delayMs: Range;
	readonly mtu: readonly number[];
}

/** How often a fault begins. Of a device, of a site with its NAT and link, or of the back end. */
export interface Rates {
	readonly weather: number;
	readonly powerCut: number;
	/** In the middle of one of the next operations of the device's flash. */
	readonly flashCut: number;
	/** The flash refuses what comes after one of the next operations. */
	readonly flashFailure: number;
	readonly noSockets: number;
	readonly cut: number;
	readonly halfCut: number;
	readonly rebinding: number;
	readonly natReboot: number;
	readonly noNames: number;
	readonly restart: number;
	readonly restartEmpty: number;
	readonly diskFailure: number;
	/** An enemy says again some of what it has heard. */
	readonly replay: number;
}

/** Which promise holds when a storm is over; the formulas are in bounds.ts. */
export type Promised = "binding" | "registration";

export interface Scenario {
	readonly name: string;
	readonly weather: Weather;
	readonly rates: Rates;
	readonly promised: Promised;
	/** Damaged datagrams are delivered, as if the checksum had not seen it: then nothing is said about contents. */
	readonly noisy: boolean;
	/** Everybody has keys: OSCORE. */
	readonly secure: boolean;
}

const FINE: Weather = { loss: 0, duplicate: 0, reorder: 0, corrupt: 0, delayMs: [5, 120], mtu: [1500] };
const LOSSY: Weather = {
	loss: 0.4,
	duplicate: 0.2,
	reorder: 0.2,
	corrupt: 0.05,
	delayMs: [5, 3_000],
	mtu: [1500, 1280, 576],
};
const NEVER: Rates = {
	weather: 0,
	powerCut: 0,
	flashCut: 0,
	flashFailure: 0,
	noSockets: 0,
	cut: 0,
	halfCut: 0,
	rebinding: 0,
	natReboot: 0,
	noNames: 0,
	restart: 0,
	restartEmpty: 0,
	diskFailure: 0,
	replay: 0,
};

function scenario(name: string, promised: Promised, weather: Weather, rates: Partial<Rates>, noisy = false): Scenario {
	return { name, promised, weather, rates: { ...NEVER, ...rates }, noisy, secure: false };
}

/** The same with keys. */
function secured(of: Scenario): Scenario {
	return { ...of, name: `oscore-${of.name}`, secure: true };
}

const plain: readonly Scenario[] = [
	scenario("calm", "binding", FINE, {}),
	scenario("lossy", "registration", LOSSY, { weather: 12 }),
	scenario("rebinding", "binding", FINE, { rebinding: 12, natReboot: 4 }),
	scenario("flaky-nat", "registration", LOSSY, { weather: 4, rebinding: 12, natReboot: 12, noNames: 1 }),
	scenario("reboot-storm", "registration", FINE, { powerCut: 12, flashCut: 20, flashFailure: 2, noSockets: 1 }),
	scenario("partition", "registration", FINE, { cut: 4, halfCut: 4, noNames: 1 }),
	scenario("restart", "registration", FINE, { restart: 6, restartEmpty: 4, diskFailure: 4 }),
	scenario("noise", "registration", { ...LOSSY, corrupt: 0.3 }, { weather: 12 }, true),
	scenario("everything", "registration", LOSSY, {
		weather: 6,
		powerCut: 2,
		flashCut: 4,
		flashFailure: 1,
		noSockets: 0.5,
		cut: 1,
		halfCut: 1,
		rebinding: 3,
		natReboot: 1,
		noNames: 0.5,
		restart: 1,
		restartEmpty: 1,
		diskFailure: 1,
	}),
];

/** With keys a binding that was lost costs no more than without; after all else keys may have to be renewed, too. */
const withKeys: readonly string[] = ["rebinding", "lossy", "reboot-storm", "restart", "everything"];

/** Against which only keys help. */
const replays = scenario("replays", "registration", FINE, {
	rebinding: 3,
	natReboot: 1,
	powerCut: 1,
	restart: 2,
	restartEmpty: 0.5,
	replay: 1_200,
});

export const scenarios: readonly Scenario[] = [
	...plain,
	...plain.filter(({ name }) => withKeys.includes(name)).map(secured),
	secured(replays),
];

/** The scenario of a name; undefined where there is none. */
export function scenarioNamed(name: string): Scenario | undefined {
	return scenarios.find((one) => one.name === name);
}
