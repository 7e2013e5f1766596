// One instance of one object: values in the order of the definition's table, one bit each for what changed.

import { isOfType } from "./formats/format.js";
import type { ObjectDefinition, Resource, StoredValue } from "./object.js";

/** Resources beyond this index share the last bit, which stands for the whole instance. */
const LAST_BIT = 30;

/** An object handler with its types erased, as the interpreter calls it. */
export interface AnyHandler {
	read?(instanceId: number, name: string): unknown;
	write?(instanceId: number, name: string, value: StoredValue): unknown;
	execute?(instanceId: number, name: string, argument: string): unknown;
	create?(instanceId: number, values: InstanceValues): unknown;
	delete?(instanceId: number): unknown;
}

/** What an instance starts with, by name. */
export type InstanceValues = Readonly<Record<string, StoredValue | null | undefined>>;

/**
 * Stored: null is "present, without a value". What is not present is a hole in the array: XS keeps no slot for it, and
 * most objects of the registry have many optional resources.
 */
export class Instance {
	readonly definition: ObjectDefinition;
	readonly instanceId: number;
	readonly handler: AnyHandler | undefined;
	readonly values: (StoredValue | null | undefined)[];
	/** Bit i: the resource at table[i] changed and nobody was told yet. */
	changes = 0;

	constructor(
		definition: ObjectDefinition,
		instanceId: number,
		values: InstanceValues,
		handler: AnyHandler | undefined,
	) {
		this.definition = definition;
		this.instanceId = instanceId;
		this.handler = handler;
		this.values = [];
		for (let i = 0; i < definition.table.length; i++) {
			const resource = definition.table[i]!;
			const value = values[resource.name];
			check(resource, value);
			if (value === undefined && resource.mandatory && !resource.executable)
				throw new TypeError(`${definition.objectId}: ${resource.name} is mandatory`);
			if (value !== undefined) this.values[i] = value;
			else if (resource.mandatory) this.values[i] = null;
		}
	}

	get(name: string): StoredValue | undefined {
		return this.values[this.indexOfName(name)] ?? undefined;
	}

	set(name: string, value: StoredValue | null): void {
		const index = this.indexOfName(name);
		check(this.definition.table[index]!, value);
		this.store(index, value);
	}

	/** Stores a checked value by its place in the table; an equal one changes nothing. */
	store(index: number, value: StoredValue | null): void {
		if (same(this.values[index], value)) return;
		this.values[index] = value;
		this.mark(index);
	}

	touch(name: string): void {
		this.mark(this.indexOfName(name));
	}

	private mark(index: number): void {
		this.changes |= 1 << Math.min(index, LAST_BIT);
	}

	/** Takes one change off the list: the resource's id, or -1 for the whole instance. Only while there are changes. */
	takeChange(): number {
		const lowest = this.changes & -this.changes;
		this.changes &= ~lowest;
		const index = 31 - Math.clz32(lowest);
		return index < LAST_BIT ? this.definition.table[index]!.id : -1;
	}

	/** The place of a resource in the table, -1 for none. */
	indexOf(resourceId: number): number {
		const table = this.definition.table;
		for (let i = 0; i < table.length; i++) if (table[i]!.id === resourceId) return i;
		return -1;
	}

	private indexOfName(name: string): number {
		const table = this.definition.table;
		for (let i = 0; i < table.length; i++) if (table[i]!.name === name) return i;
		throw new TypeError(`object ${this.definition.objectId} has no resource ${name}`);
	}
}

/** Throws when a value of ours does not fit its definition: that is a fault of the program, not of a peer. */
export function check(resource: Resource, value: StoredValue | null | undefined): void {
	if (value !== null && value !== undefined && !fits(resource, value))
		throw new TypeError(`${resource.name} cannot hold ${String(value)}`);
}

/** Whether a value is of a resource's type, within its range, and single or multiple as the resource is. */
export function fits(resource: Resource, value: unknown): value is StoredValue {
	if (resource.executable) return false;
	if (!resource.multiple) return fitsType(resource, value);
	if (!Array.isArray(value)) return false;
	for (let i = 0; i < value.length; i++) if (value[i] !== undefined && !fitsType(resource, value[i])) return false;
	return true;
}

function fitsType(resource: Resource, value: unknown): boolean {
	if (!isOfType(resource.type, value)) return false;
	return typeof value !== "number" || (value >= resource.minimum && value <= resource.maximum);
}

function same(left: StoredValue | null | undefined, right: StoredValue | null): boolean {
	if (left === right) return true;
	if (left instanceof Uint8Array && right instanceof Uint8Array) {
		if (left.length !== right.length) return false;
		for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
		return true;
	}
	if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
	for (let i = 0; i < left.length; i++) if (!same(left[i], right[i])) return false;
	return true;
}
