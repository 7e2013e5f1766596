// Read (LwM2M Core, 6.3.1): what is readable at and below a path, into an encoder.

import { Code } from "../coap/codes.js";
import type { Instant } from "../contract.js";
import type { Encoder, Value } from "./formats/format.js";
import { DEFERRED, type Handlers } from "./handlers.js";
import type { Instance } from "./instance.js";
import type { Model } from "./model.js";
import type { Path } from "./path.js";
import { isSecret } from "./registration-links.js";

/** Whether an instance lies at, below or above a path; the root is all but what no server may see. */
export function matches(instance: Instance, path: Path): boolean {
	const objectId = instance.definition.objectId;
	if (objectId !== path.objectId) return path.objectId < 0 && !isSecret(objectId);
	return path.instanceId < 0 || instance.instanceId === path.instanceId;
}

/**
 * Encodes all values at and below a path. Gives 2.05, or the code of what went wrong, or DEFERRED where handlers put
 * values off: handlers.deferral then says what is missing. `at` is scratch space. One function, as each call on the way
 * from the shell to the encoder is paid for in stack.
 */
export function read(model: Model, handlers: Handlers, now: Instant, path: Path, encoder: Encoder, at: Path): number {
	// An object may be there without an instance.
	let found = path.depth === 1 && model.definition(path.objectId) !== undefined;
	for (let i = 0; i < model.instances.length; i++) {
		const instance = model.instances[i]!;
		if (!matches(instance, path)) continue;
		if (path.depth < 3) found = true;
		for (let index = 0; index < instance.definition.table.length; index++) {
			const resource = instance.definition.table[index]!;
			if (path.resourceId >= 0 && resource.id !== path.resourceId) continue;
			if (!resource.readable || instance.values[index] === undefined) continue;
			const code = handlers.read(now, instance, index);
			if (code === DEFERRED) continue;
			if (code !== Code.Content) return code;
			const value = handlers.value;
			if (value === null) continue;
			at.set(instance.definition.objectId, instance.instanceId, resource.id, -1);
			const isMultiple = Array.isArray(value);
			if (isMultiple && path.resourceInstanceId < 0) {
				encoder.addMultiple(at);
				found = true;
			}
			for (let id = 0; id < (isMultiple ? value.length : 1); id++) {
				if (path.resourceInstanceId >= 0 && (!isMultiple || id !== path.resourceInstanceId)) continue;
				const each = (isMultiple ? value[id] : value) as Value | undefined;
				if (each === undefined) continue;
				if (isMultiple) at.resourceInstanceId = id;
				encoder.add(at, resource.type, each);
				found = true;
			}
		}
	}
	if (handlers.deferral !== undefined) return DEFERRED;
	return found ? Code.Content : Code.NotFound;
}
