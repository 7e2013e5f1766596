// Typed object definitions: specification as data, from which the compiler knows each resource's type and operations.

import { deepFreeze } from "./deep-freeze.js";
import type { Value, ValueOfType, ValueType } from "./formats/format.js";
import type { Unit } from "./unit.js";

interface Common {
	readonly id: number;
	/** Must be present in each instance. */
	readonly mandatory?: true;
}

/** What a server may do with a value; "" is for what only the device itself and a bootstrap server may touch. */
type ValueOperations = "R" | "W" | "RW" | "";

interface NumberResource extends Common {
	readonly operations: ValueOperations;
	readonly type: "integer" | "unsigned" | "float" | "time";
	readonly unit?: Unit;
	readonly multiple?: true;
	readonly persistent?: true;
	/** The least and the greatest value that may be written or set. */
	readonly range?: readonly [number, number];
}

interface OtherResource extends Common {
	readonly operations: ValueOperations;
	readonly type: "string" | "boolean" | "opaque" | "objectLink";
	readonly multiple?: true;
	/** What a server writes survives a power cut, where the device has a store. */
	readonly persistent?: true;
	readonly unit?: never;
	readonly range?: never;
}

interface ExecutableResource extends Common {
	readonly operations: "E";
	readonly type?: never;
	readonly unit?: never;
	readonly multiple?: never;
	readonly persistent?: never;
	readonly range?: never;
}

/** One row of an object definition. */
export type ResourceDefinition = NumberResource | OtherResource | ExecutableResource;

/** The rows of an object definition by name. */
export type Resources = Readonly<Record<string, ResourceDefinition>>;

/** A row as the interpreter wants it: named, in ascending order of id, every member present. */
export interface Resource {
	readonly name: string;
	readonly id: number;
	readonly readable: boolean;
	readonly writable: boolean;
	readonly executable: boolean;
	readonly mandatory: boolean;
	readonly multiple: boolean;
	readonly persistent: boolean;
	/** Of no meaning for an executable resource. */
	readonly type: ValueType;
	readonly minimum: number;
	readonly maximum: number;
}

/** An object of the registry, deeply frozen: `resources` is what the compiler reads, `table` what runs. */
export interface ObjectDefinition<R extends Resources = Resources> {
	readonly objectId: number;
	readonly version: string;
	readonly resources: R;
	readonly table: readonly Resource[];
}

type NamesWith<R extends Resources, O extends ResourceDefinition["operations"]> = {
	[N in keyof R & string]: R[N]["operations"] extends O ? N : never;
}[keyof R & string];

/** Names of resources that hold a value. */
export type ValueName<R extends Resources> = NamesWith<R, ValueOperations>;
/** Names of resources that a server may read, write, execute. */
export type ReadableName<R extends Resources> = NamesWith<R, "R" | "RW">;
export type WritableName<R extends Resources> = NamesWith<R, "W" | "RW">;
export type ExecutableName<R extends Resources> = NamesWith<R, "E">;

type SingleValue<D> = D extends { readonly type: infer T extends ValueType } ? ValueOfType[T] : never;

/** What a resource holds; with several instances an array whose index is the Resource Instance ID. */
export type ValueOf<D extends ResourceDefinition> = D extends { readonly multiple: true }
	? readonly SingleValue<D>[]
	: SingleValue<D>;

type MandatoryName<R extends Resources> = {
	[N in ValueName<R>]: R[N] extends { readonly mandatory: true } ? N : never;
}[ValueName<R>];

/**
 * What a new instance starts with. Listing a resource makes it present; null lists it without a value: reading it
 * answers 4.04 until the application or its handler gives one. Mandatory executables need no listing.
 */
export type InitialValues<R extends Resources> = { readonly [N in MandatoryName<R>]: ValueOf<R[N]> | null } & {
	readonly [N in Exclude<ValueName<R>, MandatoryName<R>>]?: ValueOf<R[N]> | null;
} & { readonly [N in ExecutableName<R>]?: null };

/** The answer to a Read, Write or Execute that is not known yet; the handler numbers them, `complete` takes them. */
export interface Later {
	readonly later: number;
}

/** How a Write or an Execute ended. */
export type Status =
	| "changed"
	| "bad-request"
	| "unauthorized"
	| "not-found"
	| "method-not-allowed"
	| "not-acceptable"
	| "internal-error";

type ReadResult<R extends Resources> = { [N in ReadableName<R>]: ValueOf<R[N]> }[ReadableName<R>];

type Change<R extends Resources> = {
	[N in WritableName<R>]: [instanceId: number, name: N, value: ValueOf<R[N]>];
}[WritableName<R>];

/**
 * The application's side of one object, never of one resource: stored values cost 16 bytes, closures 200. Each method
 * is optional, and undefined as its answer means "as if there were no handler": the stored value is read, or the value
 * written is stored. A write that ends as "changed" is stored, too, now or when its Later is completed.
 */
export interface ObjectHandler<R extends Resources> {
	read?(instanceId: number, name: ReadableName<R>): ReadResult<R> | Later | undefined;
	/** A union of what can be written: comparing the name tells the value's type. It takes all three parameters. */
	write?: [WritableName<R>] extends [never] ? never : (...change: Change<R>) => Status | Later | undefined;
	/** The argument is the payload of the Execute: "" or "0='text',1". */
	execute?: [ExecutableName<R>] extends [never]
		? never
		: (instanceId: number, name: ExecutableName<R>, argument: string) => Status | Later | undefined;
	/** A server creates an instance that will hold these values; a Status but "changed" refuses it. */
	create?(instanceId: number, values: Partial<InitialValues<R>>): Status | undefined;
	/** A server deletes an instance; a Status but "changed" refuses it. */
	delete?(instanceId: number): Status | undefined;
}

/** One instance as the application sees it: values by name, typed by the definition. */
export interface TypedInstance<R extends Resources> {
	readonly instanceId: number;
	/** The stored value; undefined when it has none. */
	get<N extends ValueName<R>>(name: N): ValueOf<R[N]> | undefined;
	/** Stores a value, or null for none; a different one marks a change for the observers. Throws on a misfit. */
	set<N extends ValueName<R>>(name: N, value: ValueOf<R[N]> | null): void;
	/** Marks a change of a value that the handler holds. */
	touch<N extends ValueName<R>>(name: N): void;
}

/** A value as stored: several instances are an array indexed by Resource Instance ID. */
export type StoredValue = Value | readonly Value[];

/** Declares an object of the registry; call it at module level, so that it is preloaded and costs no memory. */
export function defineObject<const R extends Resources>(
	objectId: number,
	version: string,
	resources: R,
): ObjectDefinition<R> {
	const table: Resource[] = [];
	for (const name of Object.keys(resources)) table.push(normalize(name, resources[name]!));
	table.sort((left, right) => left.id - right.id);
	return deepFreeze({ objectId, version, resources, table });
}

function normalize(name: string, definition: ResourceDefinition): Resource {
	const { operations, type = "string" } = definition;
	const [minimum, maximum] = definition.range ?? (type === "unsigned" ? [0, Infinity] : [-Infinity, Infinity]);
	return {
		name,
		id: definition.id,
		readable: operations === "R" || operations === "RW",
		writable: operations === "W" || operations === "RW",
		executable: operations === "E",
		mandatory: definition.mandatory ?? false,
		multiple: definition.multiple ?? false,
		persistent: definition.persistent ?? false,
		type,
		minimum,
		maximum,
	};
}
