// Write (LwM2M Core, 6.3.3): all of a payload is checked before any of it is applied.

import { Code } from "../coap/codes.js";
import { limits } from "../limits.js";
import type { Entry, Value } from "./formats/format.js";
import { DEFERRED, type Handlers } from "./handlers.js";
import { fits, type Instance } from "./instance.js";
import type { StoredValue } from "./object.js";
import type { Path } from "./path.js";

/** What a Write does with what it does not mention. */
export type WriteMode = "replace" | "update";

/** Checks every entry against the instance; gives 2.04 when all may be applied. */
export function checkWrite(instance: Instance, path: Path, entries: readonly Entry[], mode: WriteMode): number {
	for (let i = 0; i < entries.length; i++) {
		const code = checkEntry(instance, path, entries, i, mode);
		if (code !== Code.Changed) return code;
	}
	if (path.depth >= 3) return entries.length > 0 || isMultiple(instance, path) ? Code.Changed : Code.BadRequest;
	return mode === "replace" && !hasMandatory(instance, entries) ? Code.BadRequest : Code.Changed;
}

function checkEntry(instance: Instance, path: Path, entries: readonly Entry[], i: number, mode: WriteMode): number {
	const entry = entries[i]!;
	if (entry.instanceId !== instance.instanceId) return Code.BadRequest;
	const index = instance.indexOf(entry.resourceId);
	if (index < 0 || instance.values[index] === undefined) return Code.NotFound;
	const resource = instance.definition.table[index]!;
	if (!resource.writable) return Code.MethodNotAllowed;
	if (resource.multiple !== entry.resourceInstanceId >= 0) return Code.BadRequest;
	if (entry.resourceInstanceId >= limits.resourceInstanceCount) return Code.BadRequest;
	if (path.depth === 4 && !hasInstance(instance.values[index], path.resourceInstanceId)) return Code.NotFound;
	if (!isFirstOf(entries, i)) return resource.multiple ? Code.Changed : Code.BadRequest;
	return fits(resource, valueToStore(instance, index, entries, i, mode)) ? Code.Changed : Code.BadRequest;
}

function hasInstance(value: StoredValue | null | undefined, resourceInstanceId: number): boolean {
	return Array.isArray(value) && value[resourceInstanceId] !== undefined;
}

function isMultiple(instance: Instance, path: Path): boolean {
	const index = instance.indexOf(path.resourceId);
	return path.depth === 3 && index >= 0 && instance.definition.table[index]!.multiple;
}

/** The entries of a multiple resource are applied with the first of them. */
function isFirstOf(entries: readonly Entry[], i: number): boolean {
	for (let j = 0; j < i; j++) if (entries[j]!.resourceId === entries[i]!.resourceId) return false;
	return true;
}

/** LwM2M Core, 6.3.3: replacing an instance must give all that is mandatory and writable. */
function hasMandatory(instance: Instance, entries: readonly Entry[]): boolean {
	const table = instance.definition.table;
	for (let index = 0; index < table.length; index++) {
		const resource = table[index]!;
		if (resource.mandatory && resource.writable && !mentions(entries, resource.id)) return false;
	}
	return true;
}

function mentions(entries: readonly Entry[], resourceId: number): boolean {
	for (let i = 0; i < entries.length; i++) if (entries[i]!.resourceId === resourceId) return true;
	return false;
}

/** The value to be stored for the resource that entry i is the first of; bytes are copied out of the message. */
function valueToStore(
	instance: Instance,
	index: number,
	entries: readonly Entry[],
	i: number,
	mode: WriteMode,
): StoredValue {
	const { resourceId, resourceInstanceId } = entries[i]!;
	if (resourceInstanceId < 0) return copyOf(entries[i]!.value);
	const old = instance.values[index];
	const values: Value[] = mode === "update" && Array.isArray(old) ? old.slice() : [];
	for (let j = i; j < entries.length; j++) {
		const entry = entries[j]!;
		if (entry.resourceId === resourceId) values[entry.resourceInstanceId] = copyOf(entry.value);
	}
	return values;
}

function copyOf(value: Value): Value {
	return value instanceof Uint8Array ? value.slice() : value;
}

/** Applies checked entries in their order; gives 2.04, DEFERRED, or the code of the first handler that refused. */
export function applyWrite(
	handlers: Handlers,
	instance: Instance,
	path: Path,
	entries: readonly Entry[],
	mode: WriteMode,
): number {
	if (mode === "replace" && path.depth === 2) clearOthers(instance, entries);
	let answer: number = Code.Changed;
	for (let i = 0; i < entries.length; i++) {
		if (!isFirstOf(entries, i)) continue;
		const index = instance.indexOf(entries[i]!.resourceId);
		const code = handlers.write(instance, index, valueToStore(instance, index, entries, i, mode));
		if (code === DEFERRED) answer = DEFERRED;
		else if (code !== Code.Changed) return code;
	}
	if (entries.length === 0 && path.depth === 3) return handlers.write(instance, instance.indexOf(path.resourceId), []);
	return answer;
}

/** Takes the values of optional writable resources that a replacement does not mention. */
function clearOthers(instance: Instance, entries: readonly Entry[]): void {
	const table = instance.definition.table;
	for (let index = 0; index < table.length; index++) {
		const resource = table[index]!;
		if (!resource.writable || instance.values[index] === undefined || mentions(entries, resource.id)) continue;
		instance.store(index, null);
	}
}
