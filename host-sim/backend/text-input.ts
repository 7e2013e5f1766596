// What a person types as a value, made into the API's form of it.

import type { NodeValue } from "./node.js";
import { NodeError } from "./node-input.js";
import type { ResourceType } from "./registry.js";

/** A typed text as the API's value; throws a NodeError that says what is expected. */
export function fromText(type: ResourceType, text: string): NodeValue {
	switch (type) {
		case "BOOLEAN":
			if (/^(true|on|yes|1)$/i.test(text)) return true;
			if (/^(false|off|no|0)$/i.test(text)) return false;
			throw new NodeError(`true or false is expected, not "${text}"`);
		case "TIME":
			return timeFromText(text);
		case "OBJLNK": {
			const match = /^(\d{1,5}):(\d{1,5})$/.exec(text);
			if (match === null) throw new NodeError(`OBJECT:INSTANCE is expected, as in 3303:0, not "${text}"`);
			return { objectId: Number(match[1]), objectInstanceId: Number(match[2]) };
		}
		case "OPAQUE":
			return text.replace(/^0x/i, "");
		case "STRING":
		case "CORELINK":
		case "INTEGER":
		case "UNSIGNED_INTEGER":
		case "FLOAT":
			return text;
		case "NONE":
			throw new NodeError("this resource has no value, it is executed");
		default:
			return type satisfies never;
	}
}

/** Seconds since 1970, or a date as in ISO 8601; the API wants milliseconds. */
function timeFromText(text: string): number {
	if (/^\d+$/.test(text)) return Number(text) * 1000;
	const time = text === "now" ? Date.now() : Date.parse(text);
	if (Number.isNaN(time)) {
		throw new NodeError(`seconds since 1970, a date as in 2026-01-31T12:00:00Z, or now is expected, not "${text}"`);
	}
	return time;
}
