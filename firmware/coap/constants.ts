// The numbers of RFC 7252, 4.8 and their successors; times are milliseconds, derived ones are formulas.

import { limits } from "../limits.js";

export const ACK_TIMEOUT = 2000;
export const ACK_RANDOM_FACTOR = 1.5;
export const MAX_RETRANSMIT = 4;
export const NSTART = 1;
export const MAX_LATENCY = 100_000;
export const PROCESSING_DELAY = ACK_TIMEOUT;

/** From the first transmission of a CON to its last retransmission. */
export const MAX_TRANSMIT_SPAN = ACK_TIMEOUT * (2 ** MAX_RETRANSMIT - 1) * ACK_RANDOM_FACTOR;
/** From the first transmission of a CON until its sender gives up. */
export const MAX_TRANSMIT_WAIT = ACK_TIMEOUT * (2 ** (MAX_RETRANSMIT + 1) - 1) * ACK_RANDOM_FACTOR;
export const MAX_RTT = 2 * MAX_LATENCY + PROCESSING_DELAY;
/** How long the Message ID of a CON stays in use. */
export const EXCHANGE_LIFETIME = MAX_TRANSMIT_SPAN + MAX_RTT;
/** How long the Message ID of a NON stays in use. */
export const NON_LIFETIME = MAX_TRANSMIT_SPAN + MAX_LATENCY;

/** When an unanswered CON request gets its Empty ACK: early enough to reach the peer before it retransmits. */
export const ACK_DELAY = ACK_TIMEOUT / 2;
/** How long a request waits for its response where the RFC sets no bound: after the Empty ACK, or after a NON. */
export const RESPONSE_TIMEOUT = MAX_TRANSMIT_WAIT;

/** RFC 7252, 4.7: bytes a second to a peer from which nothing is heard; and what it may be sent at once beyond that. */
export const PROBING_RATE = 1;
export const PROBING_BURST = limits.messageLength;

/** RFC 7641, 4.5: an observer proves its interest by acknowledging a CON notification at least this often. */
export const CONFIRMABLE_NOTIFICATION_INTERVAL = 24 * 3600 * 1000;
/** RFC 7641, 3.4: after so long any notification counts as newer, whatever its number. */
export const OBSERVE_FRESHNESS = 128_000;
/** RFC 7641, 3.4: Observe values are compared in a window of half their 24 bits. */
export const OBSERVE_MODULUS = 2 ** 24;

/** Bytes of the tokens we make: a counter that never repeats one in use, so it need not be long. */
export const TOKEN_LENGTH = 2;

/** Bytes of our ETags, a hash of the representation. */
export const ENTITY_TAG_LENGTH = 4;
/** How often a response that changes between its blocks is asked for anew before it has failed. */
export const BLOCK_RESTART_COUNT = 3;
/** How often a request is sent anew under other keys; then it fails by silence, and whoever made it waits a while. */
export const RENEWAL_COUNT = 4;

/** RFC 8323, 3.4: a connection that owes an answer for so long is asked whether it still is one, and then given up. */
export const PING_AFTER = 10_000;
export const PONG_TIMEOUT = 30_000;

export const VERSION = 1;
export const HEADER_LENGTH = 4;
export const PAYLOAD_MARKER = 0xff;
