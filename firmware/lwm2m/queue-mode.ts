// Queue Mode (LwM2M Core, 6.2.1.1 and 6.5): for a while after each exchange the device listens, then the server keeps
// what it has to say until it is spoken to.

import { MAX_TRANSMIT_WAIT } from "../coap/constants.js";
import type { Instant, Machine } from "../contract.js";
import { IDLE_GRACE } from "./constants.js";

/** No instant. */
const ASLEEP: Instant = -1;

/** Whether the Server instance asks for it: the binding (/1/x/7) holds a Q, as in "UQ". */
export function isQueued(binding: string): boolean {
	return binding.includes("Q");
}

/**
 * When the device may be deaf. It only watches; what sleeping saves, keepalive or radio, is its owner's business. With
 * a server that says when nothing waits (docs/reach-extension.md) the window is but a moment, until the server speaks.
 */
export class QueueMode implements Machine {
	/** How long the device listens after each message of either side. */
	readonly windowMs: number;
	#awakeUntil: Instant = ASLEEP;
	/** How long it listens where nothing waits at the server by its word; undefined: something may. */
	#graceMs: number | undefined = undefined;

	constructor(windowMs = MAX_TRANSMIT_WAIT) {
		this.windowMs = windowMs;
	}

	/** A message came or went. True: it woke the device. */
	handleExchange(now: Instant): boolean {
		const wasAsleep = this.isAsleep;
		this.#awakeUntil = now + Math.min(this.#graceMs ?? this.windowMs, this.windowMs);
		return wasAsleep;
	}

	/** What just came from the server says that nothing waits there, and the device listens so long; or says nothing. */
	handleWord(now: Instant, graceMs: number | undefined): void {
		this.#graceMs = graceMs;
		this.handleExchange(now);
	}

	/** The server keeps what it has to say, and may not know the device's address any more. */
	get isAsleep(): boolean {
		return this.#awakeUntil === ASLEEP;
	}

	/** When the window closes. */
	pollTimeout(): Instant {
		return this.#awakeUntil === ASLEEP ? Infinity : this.#awakeUntil;
	}

	/** `isBusy`: an exchange is open in either direction, and the device stays awake until it is over. */
	handleTimeout(now: Instant, isBusy = false): void {
		if (this.isAsleep || this.#awakeUntil > now) return;
		this.#awakeUntil = isBusy ? now + IDLE_GRACE : ASLEEP;
	}
}
