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
export function operationOf(message: Message, path: Path): Operation | undefined {
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
			if (path.depth <= 1) return "create";
			return path.depth === 2 ? "write" : "execute";
		case Code.Delete:
			return "delete";
		default:
			return undefined;
	}
}

/** The row of the resource that a path names; undefined: the path is shorter, or there is none. */
export function resourceAt(model: Model, path: Path): Resource | undefined {
	const instance = path.depth < 3 ? undefined : model.find(path.objectId, path.instanceId);
	return instance?.definition.table[instance.indexOf(path.resourceId)];
}

/** 2.05 when the operation may go on, or the code that refuses it. */
export function locate(model: Model, path: Path, operation: Operation | undefined): number {
	if (isSecret(path.objectId)) return Code.Unauthorized;
	if (operation === undefined || operation === "create" || operation === "delete") return Code.MethodNotAllowed;
	if (path.depth === 0) return Code.MethodNotAllowed;
	if (!exists(model, path)) return Code.NotFound;
	return allows(operation, path, resourceAt(model, path)) ? Code.Content : Code.MethodNotAllowed;
}

function exists(model: Model, path: Path): boolean {
	if (model.definition(path.objectId) === undefined) return false;
	if (path.depth === 1) return true;
	const instance = model.find(path.objectId, path.instanceId);
	if (instance === undefined) return false;
	return path.depth === 2 || instance.values[instance.indexOf(path.resourceId)] !== undefined;
}

/** A resource is undefined where the path ends above it. */
function allows(operation: Operation, path: Path, resource: Resource | undefined): boolean {
	switch (operation) {
		case "read":
		case "observe":
		case "cancel":
			return resource === undefined || resource.readable;
		case "write":
			return path.depth >= 2 && (resource === undefined || resource.writable);
		case "execute":
			return path.depth === 3 && resource?.executable === true;
		case "discover":
			return path.depth <= 3;
		case "write-attributes":
			return true;
		default:
			return false;
	}
}

/** The content format of an answer when the request does not say. */
export function defaultFormat(path: Path, resource: Resource | undefined, speaks10: boolean): number {
	if (resource === undefined || (resource.multiple && path.depth === 3))
		return speaks10 ? ContentFormat.Tlv : ContentFormat.SenmlCbor;
	return resource.type === "opaque" ? ContentFormat.Opaque : ContentFormat.Text;
}
