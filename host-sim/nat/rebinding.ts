// When a NAT gives its bindings other ports, though they are in use: re-dials, restarts, another block of ports.

import type { Instant } from "../../firmware/contract.js";
import type { SeededRandom } from "./seeded-random.js";

export const rebindings = ["never", "daily", "hourly", "5-minutes"] as const;

export type Rebinding = (typeof rebindings)[number];

/** On average. */
const PERIODS_MS: Readonly<Record<Rebinding, number>> = {
	never: Infinity,
	daily: 86_400_000,
	hourly: 3_600_000,
	"5-minutes": 300_000,
};

/** The next time after `now`, in whole milliseconds, without memory of the one before; Infinity: never. */
export function nextRebindingAt(now: Instant, rebinding: Rebinding, random: SeededRandom): Instant {
	const periodMs = PERIODS_MS[rebinding];
	return periodMs === Infinity ? Infinity : now + Math.ceil(-periodMs * Math.log(1 - random.fraction())) + 1;
}
