// A simulated short message centre: it takes messages for numbers, and delivers them late, twice, out of order, or not
// at all, as the real ones do.

import type { ShortMessage } from "./deliver.js";
import type { SimulatedModem } from "./modem.js";

export interface CentreSurroundings {
	now(): number;
	later(delayMs: number, act: () => void): void;
	/** A number from 0 to below 1. */
	chance(): number;
}

/** How it treats messages; may be changed at any time. */
export interface CentreFaults {
	/** Part of the messages that are lost, or delivered twice. */
	loss: number;
	doubling: number;
	/** Milliseconds until a delivery, least and most: what is sent later may come first. */
	delayMs: readonly [number, number];
}

const FROM = "+491700000001";
/** How often and for how long a modem that is not there is tried again. */
const RETRY_MS = 30_000;
const RETRIES = 20;

export class SimulatedSmsCentre {
	readonly faults: CentreFaults = { loss: 0, doubling: 0, delayMs: [1_000, 1_000] };
	readonly #surroundings: CentreSurroundings;
	readonly #modems = new Map<string, SimulatedModem>();

	constructor(surroundings: CentreSurroundings) {
		this.#surroundings = surroundings;
	}

	/** A modem with a number. */
	attach(number: string, modem: SimulatedModem): void {
		this.#modems.set(number, modem);
	}

	/** Takes 8-bit data for a number; false: nobody has it. */
	submit(to: string, data: Uint8Array, more: Partial<ShortMessage> = {}): boolean {
		const modem = this.#modems.get(to);
		if (modem === undefined) return false;
		const { now, chance } = this.#surroundings;
		const { loss, doubling } = this.faults;
		const message: ShortMessage = { from: FROM, atMs: now(), data: data.slice(), ...more };
		if (chance() < loss) return true;
		this.#deliver(modem, message, RETRIES);
		if (chance() < doubling) this.#deliver(modem, message, RETRIES);
		return true;
	}

	#deliver(modem: SimulatedModem, message: ShortMessage, retries: number): void {
		const { later, chance } = this.#surroundings;
		const [least, most] = this.faults.delayMs;
		later(least + (most - least) * chance(), () => {
			if (modem.deliver(message) || retries === 0) return;
			later(RETRY_MS, () => this.#deliver(modem, message, retries - 1));
		});
	}
}
