// Numbers of 3GPP TS 23.040 and 27.005, and times of the modem machine, in milliseconds.

import type { BackOff } from "../back-off.js";

/** TS 23.040, 9.2.3.24: bytes of user data in one short message. */
export const USER_DATA_LENGTH = 140;

/** Bytes of the longest PDU: the centre's address (12), then header, originator (12), PID, DCS, time (7) and length. */
export const PDU_LENGTH = 12 + 1 + 12 + 1 + 1 + 7 + 1 + USER_DATA_LENGTH;

/** Characters of a line of the modem: a PDU in hexadecimal digits; whatever is longer is none of ours. */
export const LINE_LENGTH = 2 * PDU_LENGTH;

/** Messages whose places in the modem's storage are known and that are not yet fetched; a list finds the others. */
export const PLACE_COUNT = 8;

/** Lists in a row: a modem that deletes nothing is not asked for ever. */
export const LIST_COUNT = 8;

/** Messages of which it is known that they were handed out. */
export const MEMORY_COUNT = 4;

/** How often a message is fetched of which a part was lost on the line; then it is deleted unread. */
export const READ_COUNT = 3;

export const modemTimes = Object.freeze({
	/** For the answer to most commands. Modems promise 300 ms, and forget it while they seek a network. */
	answerMs: 5_000,
	/** For a list: a SIM card reads ten messages in some seconds. */
	listMs: 20_000,
	/** Silence after the first sign of life: answers to what was asked before come and go unheard. */
	settleMs: 500,
	/** After a modem said that it starts: it is not ready to be asked for anything yet. */
	startMs: 3_000,
	/** Until the next list when one was refused: the card may be busy. */
	busyMs: 30_000,
	/** Finds what was never announced, and a modem that has fallen silent. */
	lookMs: 600_000,
});

/** Waits for a modem that does not answer: a new one starts within 15 s, a dead one costs a byte a minute. */
export const silenceBackOff: BackOff = Object.freeze({ retryMs: 1_000, retryDoublingsMax: 6, retryJitter: 0.1 });

/** Waits for a SIM card: it is slow to start, or somebody has to put one in. */
export const cardBackOff: BackOff = Object.freeze({ retryMs: 2_000, retryDoublingsMax: 7, retryJitter: 0.1 });
