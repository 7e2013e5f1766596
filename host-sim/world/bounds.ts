// How long it may take until a device is reached after the last fault has healed; docs/simulation.md explains it.

import { ACK_RANDOM_FACTOR, ACK_TIMEOUT, MAX_RETRANSMIT } from "../../firmware/coap/constants.js";
import { registrationTimes } from "../../firmware/lwm2m/constants.js";
import type { Promised } from "./scenarios.js";

/** What the bound depends on. */
export interface BoundTerms {
	/** The longest keepalive interval of the devices. */
	readonly keepaliveMs: number;
	/** The longest way from one end to the other and back in calm weather. */
	readonly roundTripMs: number;
}

/** The longest first timeout of a CON (RFC 7252, 4.2). */
const FIRST_TIMEOUT_MS = ACK_TIMEOUT * ACK_RANDOM_FACTOR;
/** The longest silence of an exchange under way: after its last retransmission. */
const LAST_GAP_MS = FIRST_TIMEOUT_MS * 2 ** MAX_RETRANSMIT;
/** The longest wait between two Registers. */
const BACK_OFF_MS = registrationTimes.retryMs * 2 ** registrationTimes.retryDoublingsMax;
/** Exchanges that a repair takes when each is answered: Update, Register, and the command itself, twice over. */
const EXCHANGES = 6;

/**
 * binding: only the NAT's table was lost. The next check finds it; a check that was under way is repeated.
 * registration: anything. A Register that was under way is given up, waits, and is sent again; the back end's command
 * waits behind another one that was under way.
 */
export function reachedWithinMs(promised: Promised, terms: BoundTerms): number {
	const { keepaliveMs, roundTripMs } = terms;
	const either = keepaliveMs + EXCHANGES * roundTripMs;
	return promised === "binding" ? either + FIRST_TIMEOUT_MS : either + LAST_GAP_MS + BACK_OFF_MS + LAST_GAP_MS;
}
