// The words that a NAT understands on stdin, one line each.

import type { Line } from "./line.js";

/** The relay, or the NAT of virtual boards. */
export interface Controlled<Status> {
	readonly line: Line;
	rebind(): void;
	reboot(): void;
	status(): Status;
}

/** The answer to one line: what was done and the status after it, or one sentence about what is wrong with the line. */
export type Answer<Status> = ({ readonly done: string } & Status) | { readonly error: string };

/** Longest delay of the line, each way: beyond it every exchange of CoAP has been given up (RFC 7252, 4.8.2). */
const DELAY_MAX_MS = 250_000;

/** Carries out one line. */
export function control<Status>(nat: Controlled<Status>, text: string): Answer<Status> {
	const words = text.trim().split(/\s+/);
	const fault = carryOut(nat, words);
	return fault === undefined ? { done: words.join(" "), ...nat.status() } : { error: fault };
}

/** A sentence about what is wrong, nothing when it is done. */
function carryOut(nat: Controlled<unknown>, words: readonly string[]): string | undefined {
	const [command = "", argument] = words;
	const { line } = nat;
	const takesNumber = ["drop", "duplicate", "delay", "jitter"].includes(command);
	if (words.length > (takesNumber ? 2 : 1)) return `${command} takes ${takesNumber ? "one number" : "no argument"}.`;
	switch (command) {
		case "rebind":
			nat.rebind();
			return undefined;
		case "reboot":
			nat.reboot();
			return undefined;
		case "drop":
			return withNumber(command, argument, "a chance", 1, (chance) => {
				line.loss = chance;
			});
		case "duplicate":
			return withNumber(command, argument, "a chance", 1, (chance) => {
				line.duplication = chance;
			});
		case "delay":
			return withNumber(command, argument, "milliseconds", DELAY_MAX_MS, (ms) => {
				line.delayMs = ms;
			});
		case "jitter":
			return withNumber(command, argument, "milliseconds", DELAY_MAX_MS, (ms) => {
				line.jitterMs = ms;
			});
		case "block":
		case "unblock":
			line.blocked = command === "block";
			return undefined;
		case "status":
			return undefined;
		default:
			return `There is no "${command}": use rebind, reboot, drop, duplicate, delay, jitter, block, unblock or status.`;
	}
}

function withNumber(
	command: string,
	argument: string | undefined,
	what: string,
	most: number,
	act: (number: number) => void,
): string | undefined {
	const number = Number(argument);
	if (argument === undefined || !(number >= 0 && number <= most)) return `${command} needs ${what} from 0 to ${most}.`;
	act(number);
	return undefined;
}
