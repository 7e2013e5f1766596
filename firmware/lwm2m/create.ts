// Create and Delete (LwM2M Core, 6.3.6 and 6.3.7): instances that come and go by a server's will.

import { Code } from "../coap/codes.js";
import type { Message } from "../coap/endpoint.js";
import { Option } from "../coap/options.js";
import { limits } from "../limits.js";
import { decode, isReadable, isSingle } from "./formats/codec.js";
import type { Entry } from "./formats/format.js";
import type { Handlers } from "./handlers.js";
import { fits } from "./instance.js";
import type { Creatable, Model } from "./model.js";
import type { Resource, StoredValue } from "./object.js";
import { Path } from "./path.js";
import { deleteResourceInstance, isFirstOf, valueFrom } from "./write.js";

/** Creates the instance that the payload describes, and completes the path by its id; gives 2.01, or why not. */
export function createInstance(model: Model, handlers: Handlers, path: Path, message: Message): number {
	const creatable = model.creatable(path.objectId)!;
	const entries: Entry[] = [];
	const code = readInstance(model, path, message, entries);
	if (code !== Code.Created) return code;
	const instanceId = entries[0]?.instanceId ?? (path.instanceId >= 0 ? path.instanceId : freeId(model, path.objectId));
	if (model.find(path.objectId, instanceId) !== undefined) return Code.BadRequest;
	if (countOf(model, path.objectId) >= creatable.limit) return Code.ServiceUnavailable;
	const values: Record<string, StoredValue | null> = {};
	const filled = fill(values, creatable, entries, instanceId);
	if (filled !== Code.Created) return filled;
	const agreed = handlers.create(creatable, instanceId, values);
	if (agreed !== Code.Changed) return agreed;
	const instance = model.insert(creatable.definition, instanceId, values, creatable.handler);
	if (!handlers.created(instance)) {
		model.remove(path.objectId, instanceId);
		return Code.InternalServerError;
	}
	path.set(path.objectId, instanceId, -1, -1);
	return Code.Created;
}

/** Deletes the instance, or the resource instance, that `locate` has found; gives 2.02, DEFERRED, or why not. */
export function deleteAt(model: Model, handlers: Handlers, path: Path): number {
	const instance = model.find(path.objectId, path.instanceId)!;
	if (path.depth === 4) return deleteResourceInstance(handlers, instance, path);
	const agreed = handlers.delete(instance);
	if (agreed !== Code.Changed) return agreed;
	if (!handlers.deleted(instance)) return Code.InternalServerError;
	model.remove(path.objectId, path.instanceId);
	return Code.Deleted;
}

/** The entries of the new instance: with its id, or without one as TLV can. No payload is an instance of nothing. */
function readInstance(model: Model, path: Path, message: Message, entries: Entry[]): number {
	const payload = message.payload;
	const contentFormat = message.uint(Option.ContentFormat) ?? -1;
	if (payload === undefined && contentFormat < 0) return Code.Created;
	if (!isReadable(contentFormat) || isSingle(contentFormat)) return Code.UnsupportedContentFormat;
	if (payload === undefined || decode(contentFormat, payload, path, model, entries)) return Code.Created;
	if (path.depth === 2) return Code.BadRequest;
	entries.length = 0;
	const base = new Path().set(path.objectId, freeId(model, path.objectId), -1, -1);
	return decode(contentFormat, payload, base, model, entries) ? Code.Created : Code.BadRequest;
}

function freeId(model: Model, objectId: number): number {
	let instanceId = 0;
	while (model.find(objectId, instanceId) !== undefined) instanceId++;
	return instanceId;
}

function countOf(model: Model, objectId: number): number {
	let count = 0;
	for (let i = 0; i < model.instances.length; i++) if (model.instances[i]!.definition.objectId === objectId) count++;
	return count;
}

/** Sets each value of the payload, then what the application prepared, then null for what only the device knows. */
function fill(
	values: Record<string, StoredValue | null>,
	creatable: Creatable,
	entries: readonly Entry[],
	instanceId: number,
): number {
	const table = creatable.definition.table;
	let used = 0;
	for (let index = 0; index < table.length; index++) {
		const resource = table[index]!;
		for (let i = 0; i < entries.length; i++) {
			if (entries[i]!.resourceId !== resource.id) continue;
			used++;
			const code = fillOne(values, resource, entries, i, instanceId);
			if (code !== Code.Created) return code;
		}
		const prepared = creatable.values[resource.name];
		if (values[resource.name] !== undefined || (prepared === undefined && !resource.mandatory)) continue;
		// LwM2M Core, 6.3.6: what is mandatory and writable must be given; what only the device knows comes later.
		if (resource.mandatory && resource.writable && (prepared ?? null) === null) return Code.BadRequest;
		values[resource.name] = prepared ?? null;
	}
	return used === entries.length ? Code.Created : Code.BadRequest;
}

function fillOne(
	values: Record<string, StoredValue | null>,
	resource: Resource,
	entries: readonly Entry[],
	i: number,
	instanceId: number,
): number {
	const entry = entries[i]!;
	if (entry.instanceId !== instanceId) return Code.BadRequest;
	if (!resource.writable) return Code.MethodNotAllowed;
	if (resource.multiple !== entry.resourceInstanceId >= 0) return Code.BadRequest;
	if (entry.resourceInstanceId >= limits.resourceInstanceCount) return Code.BadRequest;
	if (!isFirstOf(entries, i)) return resource.multiple ? Code.Created : Code.BadRequest;
	const value = valueFrom(entries, i, undefined);
	if (!fits(resource, value)) return Code.BadRequest;
	values[resource.name] = value;
	return Code.Created;
}
