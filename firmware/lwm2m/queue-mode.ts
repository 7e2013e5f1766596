// Queue Mode (LwM2M Core, 6.2.1.1 and 6.5): for a while after each exchange the device listens, then the server keeps
// what it has to say until it is spoken to.

import { MAX_TRANSMIT_WAIT } from "../coap/constants.js";
import type { Instant, Machine } from "../contract.js";

/** No instant. */
const ASLEEP: Instant = -1;

/** Whether the Server instance asks for it: the binding (/1/x/7) holds a Q, as in "UQ". */
export function isQueued(binding: string): boolean {
	return binding.includes("Q");
}

/** When the device may be deaf. It only watches; what sleeping saves, keepalive or radio, is its owner's business. */
export class QueueMode implements Machine {
	/** How long the device listens after each message of either side. */
	readonly windowMs: number;
	#awakeUntil: Instant = ASLEEP;

	constructor(windowMs = MAX_TRANSMIT_WAIT) {
		this.windowMs = windowMs;
	}

	/** A message came or went. True: it woke the device. */
	handleExchange(now: Instant): boolean {
		const wasAsleep = this.isAsleep;
		this.#awakeUntil = now + this.windowMs;
		return wasAsleep;
	}

	/** The server keeps what it has to say, and may not know the device's address any more. */
	get isAsleep(): boolean {
		return this.#awakeUntil === ASLEEP;
	}

	/** When the window closes. */
	pollTimeout(): Instant {
		return this.#awakeUntil === ASLEEP ? Infinity : this.#awakeUntil;
	}

	handleTimeout(now: Instant): void {
		if (this.#awakeUntil <= now) this.#awakeUntil = ASLEEP;
	}
}
