// From a content format's number to its encoder and decoder.

import { ContentFormat } from "../../coap/options.js";
import type { Path } from "../path.js";
import { readCbor, writeCbor } from "./cbor.js";
import type { Encoder, Entry, TypeTable, Value, ValueType } from "./format.js";
import { readOpaque, writeOpaque } from "./opaque.js";
import { readSenmlCbor, SenmlCborEncoder } from "./senml-cbor.js";
import { SingleEncoder } from "./single.js";
import { readText, writeText } from "./text.js";
import { readTlv, TlvEncoder } from "./tlv.js";

/** The encoder of a content format into a buffer, for the values at and below a path; undefined: we do not write it. */
export function encoderFor(contentFormat: number, bytes: Uint8Array, base: Path): Encoder | undefined {
	switch (contentFormat) {
		case ContentFormat.Text:
			return new SingleEncoder(bytes, writeText);
		case ContentFormat.Opaque:
			return new SingleEncoder(bytes, writeOpaque);
		case ContentFormat.Cbor:
			return new SingleEncoder(bytes, writeCbor);
		case ContentFormat.SenmlCbor:
			return new SenmlCborEncoder(bytes, base);
		case ContentFormat.Tlv:
			return new TlvEncoder(bytes, base);
		default:
			return undefined;
	}
}

/** True for the formats that hold one value and no path. */
export function isSingle(contentFormat: number): boolean {
	return (
		contentFormat === ContentFormat.Text ||
		contentFormat === ContentFormat.Opaque ||
		contentFormat === ContentFormat.Cbor
	);
}

/** True for the formats that `decode` reads. */
export function isReadable(contentFormat: number): boolean {
	return isSingle(contentFormat) || contentFormat === ContentFormat.SenmlCbor || contentFormat === ContentFormat.Tlv;
}

/**
 * Reads a payload at and below a path into at most limits.entryCount entries. False: malformed, not of the types in the
 * table, outside the path, or of a format that `isReadable` denies; `into` is then not to be used.
 */
export function decode(
	contentFormat: number,
	payload: Uint8Array,
	base: Path,
	types: TypeTable,
	into: Entry[],
): boolean {
	if (contentFormat === ContentFormat.SenmlCbor) return readSenmlCbor(payload, base, types, into);
	if (contentFormat === ContentFormat.Tlv) return readTlv(payload, base, types, into);
	if (!isSingle(contentFormat) || base.depth < 3) return false;
	const { objectId, instanceId, resourceId, resourceInstanceId } = base;
	const type = types.typeOf(objectId, resourceId) ?? (contentFormat === ContentFormat.Opaque ? "opaque" : "string");
	const value = readSingle(contentFormat, payload, type);
	if (value === undefined) return false;
	into.push({ objectId, instanceId, resourceId, resourceInstanceId, type, value, time: undefined });
	return true;
}

function readSingle(contentFormat: number, payload: Uint8Array, type: ValueType): Value | undefined {
	if (contentFormat === ContentFormat.Text) return readText(payload, type);
	return contentFormat === ContentFormat.Opaque ? readOpaque(payload, type) : readCbor(payload, type);
}
