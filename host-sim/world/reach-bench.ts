// What the tests of the world of reachability begin with: a calm one, in which every instant is known beforehand.

import { plainNat } from "../nat/profiles.js";
import type { ReachOptions } from "./reach-types.js";

export const HALF_A_MINUTE = 30_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
/** Of a day: what is known beforehand happens in it. */
export const AN_HOUR_OF_A_DAY = 1 / 24;
/** One way, always the same, so that instants are known beforehand. */
export const DELAY = 50;

export const calm: ReachOptions = {
	seed: 1,
	nat: plainNat(HALF_A_MINUTE),
	loss: 0,
	delayMs: [DELAY, DELAY],
	rebinding: "never",
	backend: "stable",
	security: "plain",
	commandsPerDay: 0,
};
