// What the back end sees of a device's binding: what it sent down since the device was last heard, and whether that
// was answered. It is told to the device when it next speaks (docs/reach-extension.md).

import { ACK_TIMEOUT } from "../../firmware/coap/constants.js";
import type { Instant } from "../../firmware/contract.js";

/** Of the copies of a silence so many instants are kept; the first one counts most. */
const COPY_COUNT = 8;

/** A single copy may be lost anywhere; of two in a row one suspects the binding. */
const LOST_COPIES = 2;

/** More copies than this prove no more. */
const CERTAIN_COPIES = 4;

/** What stayed unanswered in one silence. */
export interface Lost {
	/** From the last sign of life to the first copy. */
	readonly ageMs: number;
	readonly count: number;
}

/**
 * One device's silences. Each begins with a datagram of the device and ends with the next. If that one answers, nothing
 * was lost but copies; if it says something else, the copies before it found the binding closed.
 */
export class Silence {
	#heardAt: Instant;
	/** When the copies of this silence went out. */
	readonly #copies: Instant[] = [];
	#lost: Lost | undefined;
	/** Since the device was last told of them; below 0: not all of them are known. */
	#keeperBytes = -1;

	constructor(now: Instant) {
		this.#heardAt = now;
	}

	/** A CON went to the device. */
	handleSent(now: Instant): void {
		if (this.#copies.length < COPY_COUNT) this.#copies.push(now);
	}

	/** A datagram came from where the device is known to be; `isAnswer`: an ACK or a RST. */
	handleReceived(now: Instant, isAnswer: boolean): void {
		if (!isAnswer) this.#settle(now);
		this.#begin(now);
	}

	/** A sign of life that says nothing else. */
	handleKeeper(now: Instant): void {
		if (this.#keeperBytes >= 0) this.#keeperBytes++;
		this.handleReceived(now, false);
	}

	/** What was lost, once. */
	takeLost(): Lost | undefined {
		const lost = this.#lost;
		this.#lost = undefined;
		return lost;
	}

	/** How many keeper bytes came, once; from here on all of them are counted. */
	takeKeeperBytes(): number {
		const count = Math.max(0, this.#keeperBytes);
		this.#keeperBytes = 0;
		return count;
	}

	#begin(now: Instant): void {
		this.#heardAt = now;
		this.#copies.length = 0;
	}

	/** What was sent a moment ago may still be answered. */
	#settle(now: Instant): void {
		const count = this.#copies.filter((sentAt) => now - sentAt >= ACK_TIMEOUT).length;
		if (count < LOST_COPIES) return;
		const found = { ageMs: this.#copies[0]! - this.#heardAt, count };
		if (isStronger(found, this.#lost)) this.#lost = found;
	}
}

/** More copies prove more; of equals the younger one says more. */
function isStronger(found: Lost, known: Lost | undefined): boolean {
	if (known === undefined) return true;
	const more = Math.min(found.count, CERTAIN_COPIES) - Math.min(known.count, CERTAIN_COPIES);
	return more > 0 || (more === 0 && found.ageMs < known.ageMs);
}
