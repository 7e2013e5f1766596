// Write (LwM2M Core, 6.3.3): all of a payload is checked before any of it is applied.

import { Code } from "../coap/codes.js";
import type { Message } from "../coap/endpoint.js";
import { ContentFormat, Option } from "../coap/options.js";
import { limits } from "../limits.js";
import { decode, isReadable } from "./formats/codec.js";
import type { Entry, Value } from "./formats/format.js";
import { DEFERRED, type Handlers } from "./handlers.js";
import { fits, type Instance } from "./instance.js";
import { isAddable } from "./locate.js";
import type { Model } from "./model.js";
import type { StoredValue } from "./object.js";
import type { Path } from "./path.js";

/** The payload of a message that has none. */
const NOTHING = new Uint8Array(0);

/** What a Write does with what it does not mention. */
type WriteMode = "replace" | "update";

/** Carries out a Write on a path that `locate` has found; gives 2.04, DEFERRED, or why nothing or not all was done. */
export function writeAt(model: Model, handlers: Handlers, path: Path, message: Message): number {
	const contentFormat = message.uint(Option.ContentFormat) ?? (path.depth >= 3 ? ContentFormat.Text : -1);
	if (!isReadable(contentFormat)) return Code.UnsupportedContentFormat;
	const entries: Entry[] = [];
	if (!decode(contentFormat, message.payload ?? NOTHING, path, model, entries)) return Code.BadRequest;
	const instance = model.find(path.objectId, path.instanceId)!;
	const mode = message.code === Code.Put && path.depth < 4 ? "replace" : "update";
	const checked = checkWrite(instance, path, entries, mode);
	if (checked !== Code.Changed) return checked;
	const code = applyWrite(model, handlers, instance, path, entries, mode);
	if (code !== DEFERRED) handlers.dropDeferral();
	return code;
}

/** Checks every entry against the instance; gives 2.04 when all may be applied. */
function checkWrite(instance: Instance, path: Path, entries: readonly Entry[], mode: WriteMode): number {
	for (let i = 0; i < entries.length; i++) {
		const code = checkEntry(instance, entries, i, mode);
		if (code !== Code.Changed) return code;
	}
	if (path.depth === 4 && !hasInstance(instance, path)) return Code.NotFound;
	if (path.depth >= 3) return entries.length > 0 || isMultiple(instance, path) ? Code.Changed : Code.BadRequest;
	return mode === "replace" && !hasMandatory(instance, entries) ? Code.BadRequest : Code.Changed;
}

/** Checks one entry against its instance; the first of a multiple resource stands for all. */
export function checkEntry(instance: Instance, entries: readonly Entry[], i: number, mode: WriteMode): number {
	const entry = entries[i]!;
	if (entry.instanceId !== instance.instanceId) return Code.BadRequest;
	const index = instance.indexOf(entry.resourceId);
	if (index < 0 || instance.values[index] === undefined) return Code.NotFound;
	const resource = instance.definition.table[index]!;
	if (!resource.writable) return Code.MethodNotAllowed;
	if (resource.multiple !== entry.resourceInstanceId >= 0) return Code.BadRequest;
	if (entry.resourceInstanceId >= limits.resourceInstanceCount) return Code.BadRequest;
	if (!isFirstOf(entries, i)) return resource.multiple ? Code.Changed : Code.BadRequest;
	return fits(resource, valueToStore(instance, index, entries, i, mode)) ? Code.Changed : Code.BadRequest;
}

function hasInstance(instance: Instance, path: Path): boolean {
	const value = instance.values[instance.indexOf(path.resourceId)];
	return Array.isArray(value) && value[path.resourceInstanceId] !== undefined;
}

function isMultiple(instance: Instance, path: Path): boolean {
	const index = instance.indexOf(path.resourceId);
	return path.depth === 3 && index >= 0 && instance.definition.table[index]!.multiple;
}

/** The entries of a multiple resource are applied with the first of them. */
export function isFirstOf(entries: readonly Entry[], i: number): boolean {
	for (let j = 0; j < i; j++) if (isSameResource(entries[j]!, entries[i]!)) return false;
	return true;
}

function isSameResource(left: Entry, right: Entry): boolean {
	if (left.resourceId !== right.resourceId) return false;
	return left.instanceId === right.instanceId && left.objectId === right.objectId;
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
	return valueFrom(entries, i, mode === "update" ? instance.values[index] : undefined);
}

/** The value of the resource that entry i is the first of; of a multiple one it stays what `old` has beside. */
export function valueFrom(entries: readonly Entry[], i: number, old: StoredValue | null | undefined): StoredValue {
	const first = entries[i]!;
	if (first.resourceInstanceId < 0) return copyOf(first.value);
	const values: Value[] = Array.isArray(old) ? old.slice() : [];
	for (let j = i; j < entries.length; j++) {
		const entry = entries[j]!;
		if (isSameResource(first, entry)) values[entry.resourceInstanceId] = copyOf(entry.value);
	}
	return values;
}

function copyOf(value: Value): Value {
	return value instanceof Uint8Array ? value.slice() : value;
}

function applyWrite(
	model: Model,
	handlers: Handlers,
	instance: Instance,
	path: Path,
	entries: readonly Entry[],
	mode: WriteMode,
): number {
	if (mode === "replace" && path.depth === 2 && !clearOthers(handlers, instance, entries))
		return Code.InternalServerError;
	if (entries.length > 0 || path.depth < 3 || mode === "update")
		return applyEntries(model, handlers, instance, entries, mode);
	return handlers.write(instance, instance.indexOf(path.resourceId), []);
}

/**
 * Applies checked entries in their order; gives 2.04, DEFERRED, or the code of the first handler that refused. `first`
 * is the instance of the first of them, where it is known.
 */
export function applyEntries(
	model: Model,
	handlers: Handlers,
	first: Instance | undefined,
	entries: readonly Entry[],
	mode: WriteMode,
): number {
	let answer: number = Code.Changed;
	let instance = first;
	for (let i = 0; i < entries.length; i++) {
		if (!isFirstOf(entries, i)) continue;
		const { objectId, instanceId, resourceId } = entries[i]!;
		if (instance?.instanceId !== instanceId || instance.definition.objectId !== objectId)
			instance = model.find(objectId, instanceId)!;
		const index = instance.indexOf(resourceId);
		const code = handlers.write(instance, index, valueToStore(instance, index, entries, i, mode));
		if (code === DEFERRED) answer = DEFERRED;
		else if (code !== Code.Changed) return code;
	}
	return answer;
}

/** Whether a resource instance may be taken away; 2.04, or why not. */
export function checkRemoval(instance: Instance | undefined, path: Path): number {
	if (instance === undefined) return Code.NotFound;
	if (path.depth < 4) return Code.MethodNotAllowed;
	if (!hasInstance(instance, path)) return Code.NotFound;
	return isAddable(instance.definition.table[instance.indexOf(path.resourceId)]) ? Code.Changed : Code.MethodNotAllowed;
}

/** Takes one instance of a multiple resource away (LwM2M 1.2); gives 2.02, DEFERRED, or why not. */
export function deleteResourceInstance(handlers: Handlers, instance: Instance, path: Path): number {
	if (!hasInstance(instance, path)) return Code.NotFound;
	const index = instance.indexOf(path.resourceId);
	const old = instance.values[index] as readonly Value[];
	const values: Value[] = [];
	for (let id = 0; id < old.length; id++)
		if (old[id] !== undefined && id !== path.resourceInstanceId) values[id] = old[id]!;
	const code = handlers.write(instance, index, values);
	return code === Code.Changed ? Code.Deleted : code;
}

/** Takes the values of optional writable resources that a replacement does not mention; false when one must stay. */
function clearOthers(handlers: Handlers, instance: Instance, entries: readonly Entry[]): boolean {
	const table = instance.definition.table;
	for (let index = 0; index < table.length; index++) {
		const resource = table[index]!;
		if (!resource.writable || instance.values[index] === undefined || mentions(entries, resource.id)) continue;
		if (!handlers.stored(instance, index, null)) return false;
	}
	return true;
}
