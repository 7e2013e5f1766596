// Opaque (content format 42, LwM2M Core, 7.4.2): the bytes of one value as they are.

import type { Writer } from "../../bytes.js";
import type { Value, ValueType } from "./format.js";

/** Writes one opaque value; false for any other type. */
export function writeOpaque(writer: Writer, type: ValueType, value: Value): boolean {
	if (type !== "opaque" || !(value instanceof Uint8Array)) return false;
	writer.copy(value);
	return true;
}

/** Reads one opaque value, as a view; undefined for any other type. */
export function readOpaque(bytes: Uint8Array, type: ValueType): Value | undefined {
	return type === "opaque" ? bytes : undefined;
}
