// When observers are told (LwM2M Core, 6.4 and 5.1.2): not before pmin, at the latest after pmax, else when it changed.

import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import type { Periods } from "./attributes.js";
import { Path } from "./path.js";

/** One observation: a path, how it is told, and what is known of its last telling. One object each, as there are many. */
export class Observation extends Path implements Periods {
	readonly exchange: number;
	readonly contentFormat: number;
	/** Periods that came with the Observe itself (LwM2M 1.2); they come before those of Write-Attributes. */
	readonly requested: Periods | undefined;
	/** The periods in force, in seconds; worked out anew when one of their sources changes. */
	minimum = 0;
	maximum = 0;
	/** Something changed since the value was last read. */
	changed = false;
	/** `Infinity` while a handler that said Later is waited for. */
	notifiedAt: Instant;

	constructor(exchange: number, path: Path, contentFormat: number, requested: Periods | undefined, now: Instant) {
		super();
		this.copy(path);
		this.exchange = exchange;
		this.contentFormat = contentFormat;
		this.requested = requested;
		this.notifiedAt = now;
	}

	/** When the next notification is due as things are. */
	get dueAt(): Instant {
		const { minimum, maximum } = this;
		if (this.changed) return this.notifiedAt + 1000 * minimum;
		// A pmax of 0, or below pmin, is not to be followed.
		return maximum > 0 && maximum >= minimum ? this.notifiedAt + 1000 * maximum : Infinity;
	}
}

/** The observations of one server, with one cached deadline. */
export class Notifications {
	readonly #observations: Observation[] = [];
	#timeoutAt: Instant = Infinity;

	get isFull(): boolean {
		return this.#observations.length >= limits.observationCount;
	}

	get count(): number {
		return this.#observations.length;
	}

	at(index: number): Observation {
		return this.#observations[index]!;
	}

	add(observation: Observation): void {
		this.#observations.push(observation);
		this.schedule();
	}

	find(exchange: number): Observation | undefined {
		for (let i = 0; i < this.#observations.length; i++)
			if (this.#observations[i]!.exchange === exchange) return this.#observations[i];
		return undefined;
	}

	remove(exchange: number): void {
		for (let i = 0; i < this.#observations.length; i++)
			if (this.#observations[i]!.exchange === exchange) {
				this.#observations.splice(i, 1);
				break;
			}
		this.schedule();
	}

	/** No notification until `resume`: its value is waited for. */
	suspend(observation: Observation): void {
		observation.notifiedAt = Infinity;
		this.schedule();
	}

	/** A notification went, or was let go by; changes since its value was read are still to be told. */
	resume(observation: Observation, now: Instant): void {
		observation.notifiedAt = now;
		this.schedule();
	}

	/** A change concerns who observes the resource, one of its instances, its object instance or its object. */
	handleChanged(changed: Path): void {
		for (let i = 0; i < this.#observations.length; i++) {
			const observation = this.#observations[i]!;
			if (observation.contains(changed) || changed.contains(observation)) observation.changed = true;
		}
		this.schedule();
	}

	/** One observation that is due, undefined when there is none. */
	due(now: Instant): Observation | undefined {
		for (let i = 0; i < this.#observations.length; i++)
			if (this.#observations[i]!.dueAt <= now) return this.#observations[i];
		return undefined;
	}

	/** Works out the deadline anew; to be called after any change of an observation. */
	schedule(): void {
		let at: Instant = Infinity;
		for (let i = 0; i < this.#observations.length; i++) at = Math.min(at, this.#observations[i]!.dueAt);
		this.#timeoutAt = at;
	}

	pollTimeout(): Instant {
		return this.#timeoutAt;
	}
}
