// When observers are told (LwM2M Core, 6.4 and 7.3): not before pmin, at the latest after pmax, else when it changed.

import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import { Attribute, type Attributes } from "./attributes.js";
import { holdsTimes } from "./formats/senml-history.js";
import type { Instance } from "./instance.js";
import { isConcerned, type Measured, type Observation } from "./observation.js";
import type { Path } from "./path.js";

/** The observations of one server, with one cached deadline. */
export class Notifications {
	readonly #attributes: Attributes;
	readonly #observations: Observation[] = [];
	#timeoutAt: Instant = Infinity;
	#isHeld = false;
	/** What is due while held is to be kept, where it can be. */
	#keeps = false;
	/** In seconds, where neither the Observe nor an attribute says otherwise. */
	#defaultMinimum = 0;
	#defaultMaximum = 0;

	constructor(attributes: Attributes) {
		this.#attributes = attributes;
	}

	/** /1/x/2 and /1/x/3 of this server, in seconds. */
	setDefaults(server: Instance | undefined): void {
		this.#defaultMinimum = (server?.get("defaultMinimumPeriod") as number | undefined) ?? 0;
		this.#defaultMaximum = (server?.get("defaultMaximumPeriod") as number | undefined) ?? 0;
		this.schedule();
	}

	/** LwM2M Core, 5.1.2: what the Observe said, else attributes from near to far. */
	value(observation: Observation, attribute: number): number | undefined {
		return observation.requested?.[attribute] ?? this.#attributes.value(observation, attribute);
	}

	private dueAt(observation: Observation): Instant {
		const { changed, notifiedAt } = observation;
		if (observation.requested === undefined && this.#attributes.isEmpty)
			return changed
				? notifiedAt + 1000 * this.#defaultMinimum
				: notifiedAt + 1000 * maximumPeriod(this.#defaultMinimum, this.#defaultMaximum);
		const earliest = notifiedAt + 1000 * (this.value(observation, Attribute.pmin) ?? this.#defaultMinimum);
		const evaluatedAt = observation.evaluatedAt ?? notifiedAt;
		let at: Instant = Infinity;
		if (changed) at = evaluatedAt + 1000 * (this.value(observation, Attribute.epmin) ?? 0);
		else if (observation.told !== undefined) {
			const period = this.value(observation, Attribute.epmax) ?? 0;
			if (period > 0) at = evaluatedAt + 1000 * period;
		}
		return Math.min(Math.max(at, earliest), this.overdueAt(observation));
	}

	/** When pmax wants a notification, changed or not. */
	overdueAt(observation: Observation): Instant {
		const minimum = this.value(observation, Attribute.pmin) ?? this.#defaultMinimum;
		const maximum = this.value(observation, Attribute.pmax) ?? this.#defaultMaximum;
		return observation.notifiedAt + 1000 * maximumPeriod(minimum, maximum);
	}

	/** Whether the difference between what was told last and what is now is one that the server wants to hear of. */
	isWorthTelling(observation: Observation, now: Measured): boolean {
		const told = observation.told;
		if (told === undefined) return true;
		if (now === told) return false;
		if (typeof now === "boolean" || typeof told === "boolean") {
			const edge = this.value(observation, Attribute.edge);
			return edge === undefined || now === (edge === 1);
		}
		const high = this.value(observation, Attribute.gt);
		const low = this.value(observation, Attribute.lt);
		const step = this.value(observation, Attribute.st);
		if (high === undefined && low === undefined && step === undefined) return true;
		if (high !== undefined && told > high !== now > high) return true;
		if (low !== undefined && told < low !== now < low) return true;
		return step !== undefined && Math.abs(now - told) >= step;
	}

	get isFull(): boolean {
		return this.#observations.length >= limits.observationCount;
	}

	/** Whether one more Observe-Composite of so many paths would be too much. */
	isFullFor(pathCount: number): boolean {
		let count = pathCount;
		for (let i = 0; i < this.#observations.length; i++) count += this.#observations[i]!.paths?.length ?? 0;
		return this.isFull || count > limits.observedPathCount;
	}

	get count(): number {
		return this.#observations.length;
	}

	/** Oldest first. */
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

	/** No notification until `wake`: its value is waited for. */
	suspend(observation: Observation): void {
		observation.pausedAt = observation.notifiedAt;
		observation.notifiedAt = Infinity;
		this.schedule();
	}

	/** The value that was waited for is there. */
	wake(observation: Observation): void {
		if (observation.notifiedAt === Infinity) observation.notifiedAt = observation.pausedAt!;
	}

	/** A notification went, or was let go by; changes since its value was read are still to be told. */
	resume(observation: Observation, now: Instant): void {
		observation.notifiedAt = now;
		if (observation.evaluatedAt !== undefined) observation.evaluatedAt = now;
		this.schedule();
	}

	/** The value was read and not worth telling: periods between notifications go on, those of evaluations begin. */
	letGo(observation: Observation, now: Instant, seen: Measured): void {
		observation.evaluatedAt = now;
		// An edge is one against what was before it, told or not.
		if (typeof seen === "boolean") observation.told = seen;
		this.schedule();
	}

	/**
	 * The server cannot be reached. Where it `stores`, what has a history is due as before; of all else it is remembered
	 * that it changed, and its newest value told later.
	 */
	hold(stores: boolean): void {
		this.#isHeld = true;
		this.#keeps = stores;
		this.schedule();
	}

	get isHeld(): boolean {
		return this.#isHeld;
	}

	/** How many values of an observation are to be kept while its server is out of reach (the attribute hqmax). */
	mostKept(observation: Observation): number {
		if (!this.#keeps || !holdsTimes(observation.contentFormat)) return 0;
		return this.value(observation, Attribute.hqmax) ?? 0;
	}

	/** The server is there again; where it wants nothing stored (/1/x/6), what changed meanwhile is forgotten. */
	release(now: Instant, stores: boolean): void {
		this.#isHeld = false;
		for (let i = 0; i < this.#observations.length; i++) {
			const observation = this.#observations[i]!;
			if (observation.changed) this.wake(observation);
			if (stores) continue;
			observation.changed = false;
			if (observation.notifiedAt < now) observation.notifiedAt = now;
		}
		this.schedule();
	}

	/** A change concerns who observes the resource, one of its instances, its object instance or its object. */
	handleChanged(changed: Path): void {
		for (let i = 0; i < this.#observations.length; i++) {
			const observation = this.#observations[i]!;
			if (isConcerned(observation, changed)) observation.changed = true;
		}
		this.schedule();
	}

	/** One observation that is due, undefined when there is none. */
	due(now: Instant): Observation | undefined {
		if (this.#timeoutAt > now) return undefined;
		const isHeld = this.#isHeld;
		for (let i = 0; i < this.#observations.length; i++) {
			const observation = this.#observations[i]!;
			if (this.dueAt(observation) <= now && !(isHeld && this.mostKept(observation) === 0)) return observation;
		}
		return undefined;
	}

	/** Works out the deadline anew; to be called after any change of an observation or an attribute. */
	schedule(): void {
		const isHeld = this.#isHeld;
		let at: Instant = Infinity;
		for (let i = 0; i < this.#observations.length; i++) {
			const observation = this.#observations[i]!;
			if (!isHeld || this.mostKept(observation) > 0) at = Math.min(at, this.dueAt(observation));
		}
		this.#timeoutAt = at;
	}

	pollTimeout(): Instant {
		return this.#timeoutAt;
	}
}

/** Seconds after which pmax wants a notification; a pmax of 0, or below pmin, is not to be followed. */
function maximumPeriod(minimum: number, maximum: number): number {
	return maximum > 0 && maximum >= minimum ? Math.max(maximum, limits.maximumPeriodFloor) : Infinity;
}
