// Numbers of the LwM2M Enabler and of its habits, in one place.

import { ACK_RANDOM_FACTOR, ACK_TIMEOUT, MAX_TRANSMIT_WAIT } from "../coap/constants.js";

/** Registration: times in milliseconds. */
export const registrationTimes = Object.freeze({
	/** An Update leaves this long before the lifetime ends, or at half of it: all its retransmissions fit. */
	updateMarginMs: MAX_TRANSMIT_WAIT,
	/** Communication Retry Timer, /1/x/18: the first wait; it doubles. */
	retryMs: 60_000,
	/** Communication Retry Count, /1/x/17: attempts of one series; then bootstrap is due. */
	retryCount: 5,
	/** No setting of a server makes a wait shorter or longer than these. */
	shortestRetryMs: 1_000,
	longestRetryMs: 86_400_000,
	/** The wait stops growing at 60 s * 2^4 = 16 min; the Enabler's 24 h would leave a machine alone for a day. */
	retryDoublingsMax: 4,
	/** Part of the wait that chance takes away (the Enabler has no jitter; fleets need it). */
	retryJitter: 0.5,
	/** An Update that follows a rejected notification comes no sooner after the one before; until then it is believed. */
	assureMs: 15_000,
	/** When our own queue is full. */
	busyRetryMs: 2_000,
	/** Retransmissions of a liveness check or a good-bye: 2 + 4 + 8 s, jitter apart, instead of 93 s. */
	checkRetransmit: 2,
	/** One Register in so many is repeated for as long as RFC 7252 has it, for a server that is slow. */
	patientAttempts: 16,
	/** From so many failures on a Register is sent only twice, until the next patient one. */
	briefAttempts: 4,
	/** How long a good-bye waits for the answer to the Register before it: as long as for its own, without jitter. */
	leaveMs: ACK_TIMEOUT * (2 ** 3 - 1),
});

/** Queue Mode, milliseconds: what is on its way when a server says that nothing waits there still arrives. */
export const IDLE_GRACE = ACK_TIMEOUT;
/** The same where a request says so: its answer may be lost, and the request comes again once, and once more. */
export const ASKED_GRACE = ACK_TIMEOUT * ACK_RANDOM_FACTOR * (1 + 2);

/** Send: times in milliseconds. */
export const sendTimes = Object.freeze({
	/** The first wait before what the server could not take, or left unanswered twice, is sent again; it doubles. */
	retryMs: 60_000,
	/** So often in all; what is out of reach is not tried, and does not count. */
	tryCount: 5,
	/** When our own queue of requests is full. */
	busyRetryMs: 2_000,
	/** Retransmissions before the way to the server is looked at; the Send goes on once it is repaired. */
	maxRetransmit: 2,
});
