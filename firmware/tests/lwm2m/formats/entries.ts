// Rows of "/3/0/9 integer 100" for the tests of formats.

import { decode, encoderFor } from "../../../lwm2m/formats/codec.js";
import type { Entry, Value, ValueType } from "../../../lwm2m/formats/format.js";
import { Path, parsePath } from "../../../lwm2m/path.js";
import { fromHex, toHex } from "../../coap/hex.js";

export type Row = readonly [path: string, type: ValueType, value: Value];

/** A table of types from rows. */
export function typesOf(rows: readonly Row[]) {
	return {
		typeOf(objectId: number, resourceId: number): ValueType | undefined {
			for (const [text, type] of rows) {
				const path = parsePath(text)!;
				if (path.objectId === objectId && path.resourceId === resourceId) return type;
			}
			return undefined;
		},
	};
}

/** Encodes rows as the answer to a Read of `base`; "spoiled" and "too long" where there is no payload. */
export function encodeRows(contentFormat: number, base: string, rows: readonly Row[], room = 4096): string {
	const encoder = encoderFor(contentFormat, new Uint8Array(room), parsePath(base)!)!;
	const path = new Path();
	for (const [text, type, value] of rows) {
		path.fromText(text);
		encoder.add(path, type, value);
	}
	const payload = encoder.finish();
	if (payload !== undefined) return toHex(payload);
	return encoder.spoiled ? "spoiled" : `too long: ${encoder.length}`;
}

/** Decodes into rows; undefined where the payload is refused. */
export function decodeRows(
	contentFormat: number,
	base: string,
	payload: string,
	types: readonly Row[] = [],
): Row[] | undefined {
	const entries: Entry[] = [];
	if (!decode(contentFormat, fromHex(payload), parsePath(base)!, typesOf(types), entries)) return undefined;
	return entries.map((entry) => [pathOf(entry), entry.type, entry.value]);
}

export function pathOf(entry: Entry): string {
	const { objectId, instanceId, resourceId, resourceInstanceId } = entry;
	return new Path().set(objectId, instanceId, resourceId, resourceInstanceId).toString();
}
