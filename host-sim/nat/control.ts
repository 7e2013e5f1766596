// The words that the relay understands on stdin, one line each.

import type { Relay, RelayStatus } from "./relay.js";

/** The answer to one line: what was done and the status after it, or one sentence about what is wrong with the line. */
export type Answer = ({ readonly done: string } & RelayStatus) | { readonly error: string };

/** Longest delay of the line, each way: beyond it every exchange of CoAP has been given up (RFC 7252, 4.8.2). */
const DELAY_MAX_MS = 250_000;

/** Carries out one line. */
export function control(relay: Relay, text: string): Answer {
	const words = text.trim().split(/\s+/);
	const fault = carryOut(relay, words);
	return fault === undefined ? { done: words.join(" "), ...relay.status() } : { error: fault };
}

/** A sentence about what is wrong, nothing when it is done. */
function carryOut(relay: Relay, words: readonly string[]): string | undefined {
	const [command, argument] = words;
	const number = Number(argument);
	const takesNumber = command === "drop" || command === "delay";
	if (words.length > (takesNumber ? 2 : 1)) return `${command} takes ${takesNumber ? "one number" : "no argument"}.`;
	switch (command) {
		case "rebind":
			relay.rebind();
			return undefined;
		case "reboot":
			relay.reboot();
			return undefined;
		case "drop":
			if (argument === undefined || !(number >= 0 && number <= 1)) return "drop needs a chance from 0 to 1.";
			relay.line.loss = number;
			return undefined;
		case "delay":
			if (argument === undefined || !(number >= 0 && number <= DELAY_MAX_MS)) {
				return `delay needs milliseconds from 0 to ${DELAY_MAX_MS}.`;
			}
			relay.line.delayMs = number;
			return undefined;
		case "block":
		case "unblock":
			relay.line.blocked = command === "block";
			return undefined;
		case "status":
			return undefined;
		default:
			return `There is no "${command}": use rebind, reboot, drop, delay, block, unblock or status.`;
	}
}
