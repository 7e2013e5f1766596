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

/** The board's ticks, moved on by test builds: they wrap as the board's own do, only sooner. */
export class TravelTime implements TimeModule {
	readonly #time: TimeModule;
	#ahead = 0;

	constructor(time: TimeModule) {
		this.#time = time;
	}

	get ticks(): number {
		return (this.#time.ticks + this.#ahead) | 0;
	}

	/** Below 2^31 milliseconds; whoever waits for an instant is to be woken then. */
	advance(milliseconds: number): void {
		this.#ahead = (this.#ahead + milliseconds) | 0;
	}
}
