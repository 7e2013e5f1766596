// What all worlds of a run have done together.

import { Counters, rareStates } from "./counters.js";
import type { Scenario } from "./scenarios.js";
import type { World } from "./world.js";

export class Tally {
	readonly #counters = new Counters();
	/** By scenario: the longest time in which a device was reached, as a part of its world's bound. */
	readonly #longest = new Map<string, { readonly ms: number; readonly boundMs: number }>();
	#worldCount = 0;
	#deviceHours = 0;

	add(scenario: Scenario, world: World, deviceHours: number): void {
		const { counters, longestMs, boundMs } = world;
		this.#counters.merge(counters);
		this.#worldCount++;
		this.#deviceHours += deviceHours;
		const longest = this.#longest.get(scenario.name);
		if (longest === undefined || longestMs / boundMs > longest.ms / longest.boundMs)
			this.#longest.set(scenario.name, { ms: longestMs, boundMs });
	}

	/** "9 worlds, 900 device-hours, 75.0 a second" */
	summary(seconds: number): string {
		const rate = (this.#deviceHours / seconds).toFixed(1);
		return `${this.#worldCount} worlds, ${this.#deviceHours} device-hours, ${rate} a second`;
	}

	/** The longest times, then all counters: one line each. */
	report(): string[] {
		const times = [...this.#longest].map(([name, { ms, boundMs }]) => {
			const bound = (boundMs / 1000).toFixed(0);
			return `${name.padEnd(12)}  reached after at most ${(ms / 1000).toFixed(1)} s of ${bound} s`;
		});
		return [...times, ...this.#counters.list().map(([name, count]) => `${String(count).padStart(12)}  ${name}`)];
	}

	/** What should have happened at least once, one sentence each. */
	missing(): string[] {
		return this.#counters.missing().map((state) => `never occurred: ${state} (${rareStates[state]})`);
	}
}
