// Any number of timers over a clock that a test turns, whose 32-bit ticks wrap as on a board.

import type { TimerId, TimerModule } from "../../io/ecma-419.js";

interface Waiting {
	readonly id: number;
	readonly callback: () => void;
	readonly repeatMs: number | undefined;
	at: number;
}

export class VirtualTime {
	readonly time: { ticks: number };
	readonly timer: TimerModule;
	#waiting: Waiting[] = [];
	#now = 0;
	#id = 0;

	/** By default the ticks wrap soon. */
	constructor(ticks = 0x7fff_ff00) {
		this.time = { ticks: ticks | 0 };
		this.timer = {
			set: (callback: () => void, delayMs = 0, repeatMs?: number): TimerId => {
				this.#waiting.push({ id: ++this.#id, callback, repeatMs, at: this.#now + delayMs });
				return this.#id;
			},
			clear: (id: TimerId | undefined): void => {
				this.#waiting = this.#waiting.filter((each) => each.id !== id);
			},
		};
	}

	get now(): number {
		return this.#now;
	}

	/** Milliseconds until each timer, the soonest first. */
	get waits(): number[] {
		return this.#waiting.map(({ at }) => at - this.#now).sort((left, right) => left - right);
	}

	/** Lets time pass and each timer run when it is due. */
	pass(milliseconds: number): void {
		const end = this.#now + milliseconds;
		for (let next = this.next(end); next !== undefined; next = this.next(end)) {
			this.turn(next.at);
			if (next.repeatMs === undefined) this.timer.clear(next.id);
			else next.at += next.repeatMs;
			next.callback();
		}
		this.turn(end);
	}

	private next(end: number): Waiting | undefined {
		let next: Waiting | undefined;
		for (const each of this.#waiting) if (each.at <= end && (next === undefined || each.at < next.at)) next = each;
		return next;
	}

	private turn(now: number): void {
		this.time.ticks = (this.time.ticks + (now - this.#now)) | 0;
		this.#now = now;
	}
}
