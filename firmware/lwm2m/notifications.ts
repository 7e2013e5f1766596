// When observers are told (LwM2M Core, 6.4 and 5.1.2): not before pmin, at the latest after pmax, else when it changed.

import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import type { Attributes, Periods } from "./attributes.js";
import { Path } from "./path.js";

/** One observation: a path, how it is told, and what is known of its last telling. There are many: one object each. */
export class Observation extends Path {
	readonly exchange: number;
	readonly contentFormat: number;
	/** Periods that came with the Observe itself (LwM2M 1.2). */
	readonly requested: Periods | undefined;
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
}

/** The observations of one server, with one cached deadline. */
export class Notifications {
	readonly #attributes: Attributes;
	readonly #observations: Observation[] = [];
	#timeoutAt: Instant = Infinity;
	/** In seconds, where neither the Observe nor an attribute says otherwise. */
	#defaultMinimum = 0;
	#defaultMaximum = 0;
	/** Scratch space of dueAt. */
	readonly #periods: Periods = { minimum: 0, maximum: 0 };

	constructor(attributes: Attributes) {
		this.#attributes = attributes;
	}

	/** /1/x/2 and /1/x/3 of this server, in seconds. */
	setDefaults(minimum: number, maximum: number): void {
		this.#defaultMinimum = minimum;
		this.#defaultMaximum = maximum;
		this.schedule();
	}

	/** LwM2M Core, 5.1.2: periods of the Observe, else attributes from near to far, else the server's defaults. */
	private dueAt(observation: Observation): Instant {
		const periods = this.#periods;
		periods.minimum = observation.requested?.minimum ?? -1;
		periods.maximum = observation.requested?.maximum ?? -1;
		this.#attributes.inherit(observation, periods);
		const minimum = periods.minimum < 0 ? this.#defaultMinimum : periods.minimum;
		if (observation.changed) return observation.notifiedAt + 1000 * minimum;
		const maximum = periods.maximum < 0 ? this.#defaultMaximum : periods.maximum;
		// A pmax of 0, or below pmin, is not to be followed.
		return maximum > 0 && maximum >= minimum ? observation.notifiedAt + 1000 * maximum : Infinity;
	}

	get isFull(): boolean {
		return this.#observations.length >= limits.observationCount;
	}

	get count(): number {
		return this.#observations.length;
	}

	/** The oldest one; only while there is one. */
	get first(): Observation {
		return this.#observations[0]!;
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
		if (this.#timeoutAt > now) return undefined;
		for (let i = 0; i < this.#observations.length; i++)
			if (this.dueAt(this.#observations[i]!) <= now) return this.#observations[i];
		return undefined;
	}

	/** Works out the deadline anew; to be called after any change of an observation or an attribute. */
	schedule(): void {
		let at: Instant = Infinity;
		for (let i = 0; i < this.#observations.length; i++) at = Math.min(at, this.dueAt(this.#observations[i]!));
		this.#timeoutAt = at;
	}

	pollTimeout(): Instant {
		return this.#timeoutAt;
	}
}
