// The one place where application code is called; whatever it does, what comes out is a value, a Later or a code.

import { Code } from "../coap/codes.js";
import type { Instant } from "../contract.js";
import { Deferral } from "./deferral.js";
import type { ServiceEvents } from "./events.js";
import { fits, type Instance, type InstanceValues } from "./instance.js";
import type { Creatable, Model } from "./model.js";
import type { Later, Resource, StoredValue } from "./object.js";
import { executeEvent, isClock, resetsErrorCode, writeEvent } from "./standard-effects.js";
import { codeOf, isStatus } from "./status.js";

/** Put off; the value or the status comes with `Service.complete`. */
export const DEFERRED = -1;

/** Calls handlers, and stands in for those that there are not: stored values, and what the Enabler gives a meaning. */
export class Handlers {
	readonly #model: Model;
	readonly #events: ServiceEvents;
	/** How often a handler threw or gave what its resource cannot hold. */
	failureCount = 0;
	/** Collects what is put off; taken by the Service after each operation. */
	deferral: Deferral | undefined = undefined;
	/** The results that a Read put off before is now carried out with. */
	results: Deferral | undefined = undefined;
	/** The value of the last `read` that gave 2.05; null: present, without a value now. */
	value: StoredValue | null = null;

	constructor(model: Model, events: ServiceEvents) {
		this.#model = model;
		this.#events = events;
	}

	/** Reads a resource into `value`; gives 2.05, DEFERRED, or the code of a fault. */
	read(now: Instant, instance: Instance, index: number): number {
		const result = this.results?.resultOf(instance, index);
		if (typeof result === "string") return result === "changed" ? Code.InternalServerError : codeOf(result);
		if (result !== undefined) return this.take(instance, index, result.value);
		const handler = instance.handler;
		if (handler?.read !== undefined) {
			const resource = instance.definition.table[index]!;
			try {
				const answer = handler.read(instance.instanceId, resource.name);
				if (isLater(answer)) return this.defer(answer, instance, index, undefined);
				if (answer !== undefined) return this.take(instance, index, answer);
			} catch (error) {
				return this.fail(instance, resource, error);
			}
		}
		if (isClock(instance, index)) this.value = this.#model.unixSeconds(now) ?? null;
		else this.value = instance.values[index] ?? null;
		return Code.Content;
	}

	private take(instance: Instance, index: number, answer: unknown): number {
		const resource = instance.definition.table[index]!;
		if (answer !== null && !fits(resource, answer)) return this.fail(instance, resource, MISFIT);
		this.value = answer;
		return Code.Content;
	}

	/** Writes a value that fits its resource; gives 2.04, DEFERRED, or the code of a fault. */
	write(instance: Instance, index: number, value: StoredValue): number {
		const resource = instance.definition.table[index]!;
		try {
			const answer = instance.handler?.write?.(instance.instanceId, resource.name, value);
			if (isLater(answer)) return this.defer(answer, instance, index, value);
			if (answer !== undefined && !isStatus(answer)) return this.fail(instance, resource, MISFIT);
			if (answer !== undefined && answer !== "changed") return codeOf(answer);
		} catch (error) {
			return this.fail(instance, resource, error);
		}
		if (this.stored(instance, index, value)) return Code.Changed;
		this.takeBack(instance, index);
		return Code.InternalServerError;
	}

	/**
	 * Stores what was written with success, null to take the value away, and tells the agent where that means something
	 * to it. False: it could not be kept for the next start, and nothing is changed.
	 */
	stored(instance: Instance, index: number, value: StoredValue | null): boolean {
		try {
			this.#model.persistence?.keep(instance, index, value);
		} catch (error) {
			this.fail(instance, instance.definition.table[index]!, error);
			return false;
		}
		instance.store(index, value);
		const event = writeEvent(instance, index, value);
		if (event !== undefined) this.#events.add(event);
		return true;
	}

	/** A handler that took a value which could not be kept gets the old one again. */
	private takeBack(instance: Instance, index: number): void {
		const old = instance.values[index];
		if (old === null || old === undefined) return;
		const { name } = instance.definition.table[index]!;
		try {
			instance.handler?.write?.(instance.instanceId, name, old);
		} catch (error) {
			this.fail(instance, instance.definition.table[index]!, error);
		}
	}

	/** Executes; gives 2.04, DEFERRED, or the code of a fault. */
	execute(instance: Instance, index: number, argument: string): number {
		const resource = instance.definition.table[index]!;
		let answer: unknown;
		try {
			answer = instance.handler?.execute?.(instance.instanceId, resource.name, argument);
			if (isLater(answer)) return this.defer(answer, instance, index, undefined);
		} catch (error) {
			return this.fail(instance, resource, error);
		}
		if (answer !== undefined && !isStatus(answer)) return this.fail(instance, resource, MISFIT);
		if (answer !== undefined && answer !== "changed") return codeOf(answer);
		return this.executed(instance, index, argument) || answer === "changed" ? Code.Changed : Code.MethodNotAllowed;
	}

	/** What the Enabler wants done after an Execute; false: nothing, it is the application's alone. */
	executed(instance: Instance, index: number, argument: string): boolean {
		if (resetsErrorCode(instance, index)) {
			instance.set("errorCode", NO_ERROR);
			return true;
		}
		const event = executeEvent(instance, index, argument);
		if (event === undefined) return false;
		this.#events.add(event);
		return true;
	}

	/** Asks whether a server may create an instance of these values; gives 2.04, or the code of the refusal. */
	create(creatable: Creatable, instanceId: number, values: InstanceValues): number {
		try {
			return this.settle(
				creatable.definition.objectId,
				instanceId,
				creatable.handler?.create?.(instanceId, values) ?? "changed",
			);
		} catch (error) {
			return this.failAt(`/${creatable.definition.objectId}/${instanceId}`, error);
		}
	}

	/** Asks whether a server may delete an instance; gives 2.04, or the code of the refusal. */
	delete(instance: Instance): number {
		const { objectId } = instance.definition;
		try {
			return this.settle(objectId, instance.instanceId, instance.handler?.delete?.(instance.instanceId) ?? "changed");
		} catch (error) {
			return this.failAt(`/${objectId}/${instance.instanceId}`, error);
		}
	}

	/** Keeps for the next start that a server created an instance; false: that cannot be. */
	created(instance: Instance): boolean {
		try {
			this.#model.persistence?.keepCreated(instance);
			return true;
		} catch (error) {
			this.failAt(`/${instance.definition.objectId}/${instance.instanceId}`, error);
			return false;
		}
	}

	/** The same for an instance that a server deleted. */
	deleted(instance: Instance): boolean {
		try {
			this.#model.persistence?.keepDeleted(instance);
			return true;
		} catch (error) {
			this.failAt(`/${instance.definition.objectId}/${instance.instanceId}`, error);
			return false;
		}
	}

	private settle(objectId: number, instanceId: number, answer: unknown): number {
		return isStatus(answer) ? codeOf(answer) : this.failAt(`/${objectId}/${instanceId}`, MISFIT);
	}

	/** Takes what the operation in hand has put off, after DEFERRED. */
	takeDeferral(): Deferral {
		const deferral = this.deferral!;
		this.deferral = undefined;
		return deferral;
	}

	/** Forgets it: the operation is answered at once for another reason. */
	dropDeferral(): void {
		this.deferral = undefined;
	}

	private defer(later: Later, instance: Instance, index: number, value: StoredValue | undefined): number {
		this.deferral ??= new Deferral();
		return this.deferral.add(later, instance, index, value) ? DEFERRED : Code.ServiceUnavailable;
	}

	private fail(instance: Instance, resource: Resource, error: unknown): number {
		return this.failAt(`/${instance.definition.objectId}/${instance.instanceId}/${resource.id}`, error);
	}

	private failAt(path: string, error: unknown): number {
		this.failureCount++;
		this.#events.add({ kind: "handler-failed", path, error: describe(error) });
		return Code.InternalServerError;
	}
}

/** Enough for a message, and no trace of calls. */
const DESCRIPTION_LENGTH = 120;
const MISFIT = "the answer does not fit the resource";

/** /3/0/11: one instance that says "no error". */
const NO_ERROR: readonly number[] = Object.freeze([0]);

/** What was thrown may be anything, and refuse to be a text. */
function describe(error: unknown): string {
	try {
		return String(error).slice(0, DESCRIPTION_LENGTH);
	} catch {
		return typeof error;
	}
}

function isLater(answer: unknown): answer is Later {
	return typeof answer === "object" && answer !== null && typeof (answer as Partial<Later>).later === "number";
}
