// How long to wait after a failure: longer each time, never for ever, and never in step with the rest of a fleet.

import type { Random } from "./contract.js";

/** The shape of a series of waits. */
export interface BackOff {
	/** The first wait in milliseconds; it doubles with each failure. */
	readonly retryMs: number;
	/** After so many doublings the wait stops growing. */
	readonly retryDoublingsMax: number;
	/** The part of the wait that chance takes away, 0 to 1. */
	readonly retryJitter: number;
}

/** Milliseconds to wait after `failureCount` failures before this one. */
export function backOffMs(shape: BackOff, failureCount: number, random: Random): number {
	const doublings = Math.min(failureCount, shape.retryDoublingsMax);
	return shape.retryMs * 2 ** doublings * (1 - shape.retryJitter * unit(random));
}

/** A uniform number from 0 to below 1. */
export function unit(random: Random): number {
	return random.uint32() / 0x1_0000_0000;
}
