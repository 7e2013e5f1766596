// Execute (LwM2M Core, 6.3.5): the payload is the argument, as text.

import { decodeText } from "../bytes.js";
import { Code } from "../coap/codes.js";
import type { Message } from "../coap/endpoint.js";
import { ContentFormat, Option } from "../coap/options.js";
import type { Handlers } from "./handlers.js";
import type { Model } from "./model.js";
import type { Path } from "./path.js";

/** Executes the resource that `locate` has found; gives 2.04, DEFERRED, or why not. */
export function executeAt(model: Model, handlers: Handlers, path: Path, message: Message): number {
	const contentFormat = message.uint(Option.ContentFormat) ?? ContentFormat.Text;
	if (contentFormat !== ContentFormat.Text) return Code.UnsupportedContentFormat;
	const payload = message.payload;
	const argument = payload === undefined ? "" : decodeText(payload, 0, payload.length);
	if (argument === undefined) return Code.BadRequest;
	const instance = model.find(path.objectId, path.instanceId)!;
	return handlers.execute(instance, instance.indexOf(path.resourceId), argument);
}
