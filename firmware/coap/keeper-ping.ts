// The shortest question of all, to a server that knows the extension Reach: one byte of CoAP's version 0, which any
// other server silently ignores (RFC 7252, 3), and one byte in return (docs/reach-extension.md).

import type { Instant, Machine, Transmit } from "../contract.js";

/** Datagrams of one byte. No answer is a question, so that no two servers ever talk to each other for ever. */
export const Keeper = Object.freeze({
	/** To the server: keeps a binding open; answered only where nobody is registered. */
	Refresh: 0x00,
	/** From the server: nobody is registered where that came from. */
	Unknown: 0x01,
	/** To the server, with a number in its lower four bits: always answered. */
	Ask: 0x20,
	/** From the server, with the number of the question: whoever asked is registered there. */
	Known: 0x30,
});
const NUMBER_COUNT = 0x10;

/** The first repetition in milliseconds; the time doubles with each. */
const REPEAT_MS = 2_500;
const TRIES_MAX = 4;

/** True for the byte that keeps a binding open. */
export function isRefresh(bytes: Uint8Array): boolean {
	return bytes.length === 1 && bytes[0] === Keeper.Refresh;
}

/** True for the byte that says that nobody is known where it comes to. */
export function isUnknown(bytes: Uint8Array): boolean {
	return bytes.length === 1 && bytes[0] === Keeper.Unknown;
}

/** The answer to a question, where whoever asks is registered; undefined: it is none. */
export function knownAnswer(bytes: Uint8Array): number | undefined {
	if (bytes.length !== 1 || (bytes[0]! & ~(NUMBER_COUNT - 1)) !== Keeper.Ask) return undefined;
	return Keeper.Known | (bytes[0]! & (NUMBER_COUNT - 1));
}

/** One question at a time, and its repetitions. */
export class KeeperPing implements Machine {
	#number = 0;
	/** Copies sent; 0: nothing was asked. */
	#tries = 0;
	#isDue = false;
	#dueAt: Instant = Number.POSITIVE_INFINITY;
	#isLost = false;

	/** How many copies were sent of the question that is asked, or was answered last. */
	get tries(): number {
		return this.#tries;
	}

	get isAsked(): boolean {
		return this.#dueAt !== Number.POSITIVE_INFINITY;
	}

	/** Asks anew. */
	start(now: Instant): void {
		this.#number = (this.#number + 1) % NUMBER_COUNT;
		this.#tries = 0;
		this.#isDue = true;
		this.#dueAt = now;
		this.#isLost = false;
	}

	/** Forgets what was asked. */
	stop(): void {
		this.#isDue = false;
		this.#dueAt = Number.POSITIVE_INFINITY;
	}

	/** Whether the server knows who speaks from here; undefined: that was no answer to what is asked. */
	handleReceived(bytes: Uint8Array): boolean | undefined {
		if (!this.isAsked || bytes.length !== 1) return undefined;
		const isKnown = bytes[0] === (Keeper.Known | this.#number);
		if (!isKnown && bytes[0] !== Keeper.Unknown) return undefined;
		this.stop();
		return isKnown;
	}

	pollTransmit(now: Instant, out: Transmit): boolean {
		if (!this.#isDue) return false;
		this.#isDue = false;
		this.#dueAt = now + REPEAT_MS * 2 ** this.#tries++;
		out.bytes[0] = Keeper.Ask | this.#number;
		out.length = 1;
		return true;
	}

	/** True, once, when all copies stayed unanswered. */
	pollLost(): boolean {
		const isLost = this.#isLost;
		this.#isLost = false;
		return isLost;
	}

	pollTimeout(): Instant {
		return this.#dueAt;
	}

	handleTimeout(now: Instant): void {
		if (now < this.#dueAt || this.#isDue) return;
		if (this.#tries < TRIES_MAX) this.#isDue = true;
		else {
			this.stop();
			this.#isLost = true;
		}
	}
}
