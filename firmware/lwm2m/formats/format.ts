// The neutral shape between models and bytes: typed values at paths. The device and the back end both use it, each with
// its own table of types.

import type { Path } from "../path.js";

/** The data types of LwM2M Core, appendix C, that a value can have ("executable" resources have none). */
export type ValueType = "string" | "integer" | "unsigned" | "float" | "boolean" | "opaque" | "time" | "objectLink";

/** JavaScript's side of each data type: time is in seconds since 1970, an object link is "3303:0". */
export interface ValueOfType {
	readonly string: string;
	readonly integer: number;
	readonly unsigned: number;
	readonly float: number;
	readonly boolean: boolean;
	readonly opaque: Uint8Array;
	readonly time: number;
	readonly objectLink: string;
}

/** One value of one resource or resource instance. */
export type Value = string | number | boolean | Uint8Array;

/** Tells a decoder which type a resource has; undefined: unknown, the decoder then goes by what the bytes say. */
export interface TypeTable {
	typeOf(objectId: number, resourceId: number): ValueType | undefined;
}

/** One decoded value: a resource (resourceInstanceId -1) or a resource instance. */
export interface Entry {
	readonly objectId: number;
	readonly instanceId: number;
	readonly resourceId: number;
	readonly resourceInstanceId: number;
	readonly type: ValueType;
	/** An opaque value is a view of the decoded bytes: copy what is to outlive them. */
	readonly value: Value;
	/** SenML only, in seconds: from 2^28 on since 1970, below it relative to now; undefined: none given. */
	readonly time: number | undefined;
}

/** Takes the values of one answer in ascending order of their paths and ends as its payload. */
export interface Encoder {
	/** The path is read during the call only. A value that does not fit its type, or the format, spoils the payload. */
	add(path: Path, type: ValueType, value: Value): void;
	/** Announces a resource with several instances, so that one without any is still written. */
	addMultiple(path: Path): void;
	/** A view of the buffer; undefined when spoiled or when the buffer was too small: `length` is then what is needed. */
	finish(): Uint8Array | undefined;
	readonly length: number;
	/** True when a value could not be written, whatever the length. */
	readonly spoiled: boolean;
}

/** Whether a JavaScript value can stand for a value of an LwM2M type. */
export function isOfType(type: ValueType, value: unknown): value is Value {
	switch (type) {
		case "string":
			return typeof value === "string";
		case "integer":
		case "time":
			return Number.isSafeInteger(value);
		case "unsigned":
			return Number.isSafeInteger(value) && (value as number) >= 0;
		case "float":
			return typeof value === "number" && !Number.isNaN(value);
		case "boolean":
			return typeof value === "boolean";
		case "opaque":
			return value instanceof Uint8Array;
		case "objectLink":
			return typeof value === "string" && isObjectLink(value);
		default:
			return type satisfies never;
	}
}

/** The type of a value whose resource is unknown. */
export function guessType(value: Value): ValueType {
	if (typeof value === "string") return "string";
	if (typeof value === "boolean") return "boolean";
	if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "float";
	return "opaque";
}

/** LwM2M Core, appendix C: "3303:0"; 65535:65535 is the link to nothing. */
function isObjectLink(text: string): boolean {
	const colon = text.indexOf(":");
	return isId(text, 0, colon) && isId(text, colon + 1, text.length);
}

function isId(text: string, start: number, end: number): boolean {
	if (end <= start || end - start > 5) return false;
	let id = 0;
	for (let i = start; i < end; i++) {
		const digit = text.charCodeAt(i) - 0x30;
		if (digit < 0 || digit > 9) return false;
		id = id * 10 + digit;
	}
	return id <= 65535;
}
