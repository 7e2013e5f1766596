// Numbers and names of the boot code.

import type { BackOff } from "../back-off.js";

/** Keys of the journal. */
export const keys = Object.freeze({ settings: "settings", starts: "starts" });

/**
 * Error codes of the Device object (/3/0/11): those of the registry where one fits, and from 16 on, the range that it
 * leaves to the device, ours.
 */
export const ErrorCode = Object.freeze({
	None: 0,
	ExternalPowerSupplyOff: 2,
	OutOfMemory: 5,
	/** The watchdog bit, or the engine ended for a reason that nobody could record. */
	Watchdog: 16,
	StackOverflow: 17,
	UnhandledException: 18,
});

/** Starts in a row after faults that are none of the ordinary, and how a board that goes on failing is slowed down. */
export const FAULTS_WITHOUT_WAIT = 3;
/** With more, what servers wrote may be what it fails of: it starts without, so that a server can tell it to forget. */
export const FAULTS_WITH_VALUES = 9;
export const faultBackOff: BackOff = Object.freeze({ retryMs: 5_000, retryDoublingsMax: 6, retryJitter: 0.5 });
/** A run of this length was a good one. */
export const GOOD_RUN_MS = 600_000;

/** A board that cannot do its work for want of a part starts anew after this time: the part may have recovered. */
export const FAILED_START_MS = 600_000;

/** Of the journal, in bytes: more than the longest settings and the longest record of the starts take together. */
export const SPARE_LENGTH = 2048;

/** Of a recorded cause; an exception's message may be as long as it likes. */
export const CAUSE_LENGTH = 80;

/** How often a restart that was asked for looks whether the last answer has left, and after how many looks it goes. */
export const RESTART_LOOK_MS = 100;
export const RESTART_LOOKS = 10;
