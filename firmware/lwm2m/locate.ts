// Before anything else: what a request is, and whether what it names is there and allows it.

import { Code } from "../coap/codes.js";
import type { Message } from "../coap/endpoint.js";
import { ContentFormat, Option } from "../coap/options.js";
import type { Operation } from "./events.js";
import type { Model } from "./model.js";
import type { Resource } from "./object.js";
import type { Path } from "./path.js";
import { isSecret } from "./registration-links.js";

/** Which operation a request is (LwM2M Core, table 6.3-1 and the CoAP binding); undefined: none of LwM2M's. */
export function operationOf(model: Model, message: Message, path: Path): Operation | undefined {
	const hasContent = message.payload !== undefined || message.uint(Option.ContentFormat) !== undefined;
	switch (message.code) {
		case Code.Get: {
			if (message.uint(Option.Accept) === ContentFormat.LinkFormat) return "discover";
			const observe = message.uint(Option.Observe);
			return observe === 0 ? "observe" : observe === 1 ? "cancel" : "read";
		}
		case Code.Put:
			return !hasContent && message.count(Option.UriQuery) > 0 ? "write-attributes" : "write";
		case Code.Post:
			return operationOfPost(model, path);
		case Code.Delete:
			return "delete";
		case Code.Fetch: {
			const observe = message.uint(Option.Observe);
			return observe === 0 ? "observe-composite" : observe === 1 ? "cancel-composite" : "read-composite";
		}
		case Code.IPatch:
			return "write-composite";
		default:
			return undefined;
	}
}

function operationOfPost(model: Model, path: Path): Operation {
	if (path.depth <= 1) return "create";
	// The id of a new instance may stand in the path instead of the payload.
	if (path.depth === 2)
		return model.creatable(path.objectId) === undefined || model.find(path.objectId, path.instanceId) !== undefined
			? "write"
			: "create";
	return "execute";
}

/** The row of the resource that a path names; undefined: the path is shorter, or there is none. */
export function resourceAt(model: Model, path: Path): Resource | undefined {
	const instance = path.depth < 3 ? undefined : model.find(path.objectId, path.instanceId);
	return instance?.definition.table[instance.indexOf(path.resourceId)];
}

/** What `locate` gives for an Execute that turns out to be a Write: LwM2M 1.2 adds resource instances by POST. */
export const PARTIAL_WRITE = -2;

/** 2.05 when the operation may go on, PARTIAL_WRITE when as another one, or the code that refuses it. */
export function locate(model: Model, path: Path, operation: Operation | undefined): number {
	const { objectId, depth } = path;
	if (isSecret(objectId)) return Code.Unauthorized;
	if (operation === undefined) return Code.MethodNotAllowed;
	if (depth === 0) return isComposite(operation) ? Code.Content : Code.MethodNotAllowed;
	if (operation === "create") return locateCreatable(model, objectId);
	if (depth === 1) {
		if (model.definition(objectId) === undefined) return Code.NotFound;
		return allows(operation, depth, undefined) ? Code.Content : Code.MethodNotAllowed;
	}
	const instance = model.find(objectId, path.instanceId);
	if (instance === undefined) return Code.NotFound;
	if (depth === 2 && operation === "delete") return locateCreatable(model, objectId);
	const index = depth === 2 ? -1 : instance.indexOf(path.resourceId);
	if (depth > 2 && instance.values[index] === undefined) return Code.NotFound;
	const resource = instance.definition.table[index];
	if (allows(operation, depth, resource)) return Code.Content;
	return operation === "execute" && depth === 3 && isAddable(resource) ? PARTIAL_WRITE : Code.MethodNotAllowed;
}

/** Composite operations name their paths in the payload; their own path is the root. */
function isComposite(operation: Operation): boolean {
	switch (operation) {
		case "read-composite":
		case "observe-composite":
		case "cancel-composite":
		case "write-composite":
			return true;
		default:
			return false;
	}
}

/** What servers may create they may delete; Device, for instance, is neither. */
function locateCreatable(model: Model, objectId: number): number {
	if (model.definition(objectId) === undefined) return Code.NotFound;
	return model.creatable(objectId) === undefined ? Code.MethodNotAllowed : Code.Content;
}

/** A resource is undefined where the path ends above it. */
function allows(operation: Operation, depth: number, resource: Resource | undefined): boolean {
	switch (operation) {
		case "read":
		case "observe":
		case "cancel":
			return resource === undefined || resource.readable;
		case "write":
			return depth >= 2 && (resource === undefined || resource.writable);
		case "execute":
			return depth === 3 && resource?.executable === true;
		case "delete":
			return depth === 4 && isAddable(resource);
		case "discover":
			return depth <= 3;
		case "write-attributes":
			return true;
		default:
			return false;
	}
}

/** LwM2M 1.2: a POST on such a resource is a partial Write, which adds instances; a DELETE takes one. */
export function isAddable(resource: Resource | undefined): boolean {
	return resource?.multiple === true && resource.writable;
}

/** The content format of an answer when the request does not say. */
export function defaultFormat(path: Path, resource: Resource | undefined, speaks10: boolean): number {
	if (resource === undefined || (resource.multiple && path.depth === 3))
		return speaks10 ? ContentFormat.Tlv : ContentFormat.SenmlCbor;
	return resource.type === "opaque" ? ContentFormat.Opaque : ContentFormat.Text;
}
