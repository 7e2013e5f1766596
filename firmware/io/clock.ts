// The agent's time: monotone milliseconds as a double, whatever the board's tick counter does.

import type { Instant } from "../contract.js";
import type { TimeModule } from "./ecma-419.js";

const WRAP = 0x1_0000_0000;

/** Unwraps the signed 32-bit tick counter; it must be read at least once in 24 days, which one keepalive does. */
export class Clock {
	readonly #time: TimeModule;
	#lastTicks: number;
	#now: Instant = 0;

	constructor(time: TimeModule) {
		this.#time = time;
		this.#lastTicks = time.ticks;
	}

	/** Milliseconds since this clock was made. */
	now(): Instant {
		const ticks = this.#time.ticks;
		let elapsed = ticks - this.#lastTicks;
		// A 32-bit counter that wrapped seems to jump back by 2^32; a desktop's double never does.
		if (elapsed < 0) elapsed += WRAP;
		this.#lastTicks = ticks;
		this.#now += elapsed;
		return this.#now;
	}
}
