// How long to wait after a Register that failed (LwM2M Core, 6.2.1.3), by /1/x/17 to 20.

import { unit } from "../back-off.js";
import type { Random } from "../contract.js";
import { registrationTimes as times } from "./constants.js";
import type { Instance } from "./instance.js";

/**
 * Milliseconds after the n-th failure in a row, counted from 1. Where the server has set a sequence delay (19), each
 * sequence of attempts (17) waits 1, 2, 4 … units (18) and that delay at its end; else the waits grow to 16 units and
 * stay. Neither ever ends: the Enabler's last sequence would leave a machine alone that has no bootstrap server.
 */
export function retryDelayMs(server: Instance, failureCount: number, random: Random): number {
	const unitMs = 1000 * (number(server, "communicationRetryTimer") ?? times.retryMs / 1000);
	const sequenceDelay = number(server, "communicationSequenceDelayTimer");
	const place = (failureCount - 1) % attemptsOf(server);
	let waitMs: number;
	if (sequenceDelay === undefined) waitMs = unitMs * 2 ** Math.min(failureCount - 1, times.retryDoublingsMax);
	else if (place < attemptsOf(server) - 1) waitMs = unitMs * 2 ** place;
	else waitMs = 1000 * sequenceDelay;
	const bounded = Math.min(Math.max(waitMs, times.shortestRetryMs), times.longestRetryMs);
	return bounded * (1 - times.retryJitter * unit(random));
}

/** Whether all sequences (20) have failed: the seam for bootstrap. */
export function isExhausted(server: Instance, failureCount: number): boolean {
	const sequences = Math.max(number(server, "communicationSequenceRetryCount") ?? 1, 1);
	return failureCount % (attemptsOf(server) * sequences) === 0;
}

/** /1/x/14: the delay of the very first Register, by which fleets are spread. */
export function initialDelayMs(server: Instance): number {
	return Math.min(1000 * (number(server, "initialRegistrationDelayTimer") ?? 0), times.longestRetryMs);
}

function attemptsOf(server: Instance): number {
	return Math.max(number(server, "communicationRetryCount") ?? times.retryCount, 1);
}

function number(server: Instance, name: string): number | undefined {
	return server.get(name) as number | undefined;
}
