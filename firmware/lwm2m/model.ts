// All objects of the device, whoever asks for them: what there is, what it holds, what changed.

import type { Instant } from "../contract.js";
import type { TypeTable, ValueType } from "./formats/format.js";
import { type AnyHandler, check, Instance, type InstanceValues } from "./instance.js";
import type { InitialValues, ObjectDefinition, ObjectHandler, Resources, TypedInstance } from "./object.js";
import type { Path } from "./path.js";
import type { Persistence } from "./persistence.js";
import type { Version } from "./registration.js";
import { registrationLinks } from "./registration-links.js";

/** An object of which servers may create and delete instances. */
export interface Creatable {
	readonly definition: ObjectDefinition;
	/** So many instances, whoever made them. */
	readonly limit: number;
	/** What a new instance starts with, beside what the server says; what is not listed is never present. */
	readonly values: InstanceValues;
	readonly handler: AnyHandler | undefined;
}

/** The data model: instances in ascending order of object and instance. Each server's Service reads and writes it. */
export class Model implements TypeTable {
	readonly instances: Instance[] = [];
	/** Counts what a Registration Update must tell: instances that came or went. */
	revision = 0;
	/** What keeps what servers do; undefined: the next start knows nothing of it. */
	persistence: Persistence | undefined;
	/** Objects of which an instance came or went, each once. */
	readonly #changedObjects: number[] = [];
	/** Undefined until there is one: most devices have none. */
	#creatables: Creatable[] | undefined;
	/** Seconds since 1970 at instant 0; undefined until somebody told the time. */
	#epochSeconds: number | undefined;

	/** Adds an instance; throws when it is there already or a value does not fit. */
	add<const R extends Resources>(
		definition: ObjectDefinition<R>,
		instanceId: number,
		values: InitialValues<R>,
		handler?: ObjectHandler<R>,
	): TypedInstance<R> {
		const erased = definition as unknown as ObjectDefinition;
		const instance = this.insert(erased, instanceId, values, handler as AnyHandler | undefined);
		return instance as TypedInstance<Resources> as unknown as TypedInstance<R>;
	}

	/** The same without types: for what a server creates. */
	insert(
		definition: ObjectDefinition,
		instanceId: number,
		values: InstanceValues,
		handler: AnyHandler | undefined,
	): Instance {
		let at = 0;
		while (at < this.instances.length && isBefore(this.instances[at]!, definition.objectId, instanceId)) at++;
		const next = this.instances[at];
		if (next !== undefined && next.definition.objectId === definition.objectId && next.instanceId === instanceId)
			throw new RangeError(`/${definition.objectId}/${instanceId} exists`);
		const instance = new Instance(definition, instanceId, values, handler);
		this.instances.splice(at, 0, instance);
		this.handleMembers(definition.objectId);
		return instance;
	}

	/**
	 * Lets servers create and delete instances of an object, as long as there are fewer than `limit`. `values` lists what
	 * a new one has beside what the server gives it: all that is optional and shall be there, with a value or null.
	 * Throws when one of them does not fit.
	 */
	allowCreate<const R extends Resources>(
		definition: ObjectDefinition<R>,
		limit: number,
		values: Partial<InitialValues<R>>,
		handler?: ObjectHandler<R>,
	): void {
		const prepared = values as InstanceValues;
		for (let i = 0; i < definition.table.length; i++) check(definition.table[i]!, prepared[definition.table[i]!.name]);
		this.#creatables ??= [];
		this.#creatables.push({
			definition: definition as unknown as ObjectDefinition,
			limit,
			values: prepared,
			handler: handler as AnyHandler | undefined,
		});
		this.handleMembers(definition.objectId);
	}

	/** What servers may create, in no order; undefined: nothing. */
	get creatables(): readonly Creatable[] | undefined {
		return this.#creatables;
	}

	/** Undefined: no server may create or delete an instance of that object. */
	creatable(objectId: number): Creatable | undefined {
		const creatables = this.#creatables;
		if (creatables !== undefined)
			for (let i = 0; i < creatables.length; i++)
				if (creatables[i]!.definition.objectId === objectId) return creatables[i];
		return undefined;
	}

	/** False: there was none. */
	remove(objectId: number, instanceId: number): boolean {
		const instance = this.find(objectId, instanceId);
		if (instance === undefined) return false;
		this.instances.splice(this.instances.indexOf(instance), 1);
		this.handleMembers(objectId);
		return true;
	}

	private handleMembers(objectId: number): void {
		this.revision++;
		if (!this.#changedObjects.includes(objectId)) this.#changedObjects.push(objectId);
	}

	find(objectId: number, instanceId: number): Instance | undefined {
		for (let i = 0; i < this.instances.length; i++) {
			const instance = this.instances[i]!;
			if (instance.definition.objectId === objectId && instance.instanceId === instanceId) return instance;
		}
		return undefined;
	}

	hasInstance(objectId: number): boolean {
		for (let i = 0; i < this.instances.length; i++)
			if (this.instances[i]!.definition.objectId === objectId) return true;
		return false;
	}

	/** The definition of an object that has an instance here, or may get one. */
	definition(objectId: number): ObjectDefinition | undefined {
		for (let i = 0; i < this.instances.length; i++) {
			const definition = this.instances[i]!.definition;
			if (definition.objectId === objectId) return definition;
		}
		return this.creatable(objectId)?.definition;
	}

	typeOf(objectId: number, resourceId: number): ValueType | undefined {
		const table = this.definition(objectId)?.table;
		if (table !== undefined)
			for (let i = 0; i < table.length; i++) if (table[i]!.id === resourceId) return table[i]!.type;
		return undefined;
	}

	/**
	 * Takes one change: the path of a resource, of an instance when it cannot be told nearer, or of an object whose
	 * instances came or went. Changes of values are bits, so that they coalesce and can neither overflow nor be lost.
	 * Drain it and hand each to every Service.
	 */
	pollChange(out: Path): boolean {
		const objectId = this.#changedObjects.pop();
		if (objectId !== undefined) {
			out.set(objectId, -1, -1, -1);
			return true;
		}
		for (let i = 0; i < this.instances.length; i++) {
			const instance = this.instances[i]!;
			if (instance.changes === 0) continue;
			out.set(instance.definition.objectId, instance.instanceId, instance.takeChange(), -1);
			return true;
		}
		return false;
	}

	/** Sets the clock; before this no absolute time leaves the device. */
	handleTime(now: Instant, unixSeconds: number): void {
		this.#epochSeconds = unixSeconds - now / 1000;
	}

	/** Whole seconds since 1970; undefined until the time is known. */
	unixSeconds(now: Instant): number | undefined {
		const time = this.unixTime(now);
		return time === undefined ? undefined : Math.floor(time);
	}

	/** Seconds since 1970 to the millisecond. */
	unixTime(now: Instant): number | undefined {
		return this.#epochSeconds === undefined ? undefined : Math.round(1000 * this.#epochSeconds + now) / 1000;
	}

	/** What a Register or Update tells a server, in link format (content format 40). */
	links(version: Version): string {
		return registrationLinks(this, version);
	}
}

function isBefore(instance: Instance, objectId: number, instanceId: number): boolean {
	const own = instance.definition.objectId;
	return own < objectId || (own === objectId && instance.instanceId < instanceId);
}
