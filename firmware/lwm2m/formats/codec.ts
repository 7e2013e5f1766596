// From a content format's number to its encoder and decoder.

import { ContentFormat } from "../../coap/options.js";
import type { Path } from "../path.js";
import { readCbor, writeCbor } from "./cbor.js";
import type { Encoder, Entry, TypeTable, Value, ValueType } from "./format.js";
import { Lwm2mCborEncoder, readLwm2mCbor } from "./lwm2m-cbor.js";
import { readOpaque, writeOpaque } from "./opaque.js";
import { readSenml } from "./senml.js";
import { SenmlCborEncoder, SenmlCborPack } from "./senml-cbor.js";
import { SenmlJsonEncoder, SenmlJsonPack } from "./senml-json.js";
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
		case ContentFormat.SenmlJson:
			return new SenmlJsonEncoder(bytes, base);
		case ContentFormat.LwM2mCbor:
			return new Lwm2mCborEncoder(bytes, base);
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
	return (
		isSingle(contentFormat) ||
		contentFormat === ContentFormat.SenmlCbor ||
		contentFormat === ContentFormat.SenmlJson ||
		contentFormat === ContentFormat.LwM2mCbor ||
		contentFormat === ContentFormat.Tlv
	);
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
	switch (contentFormat) {
		case ContentFormat.SenmlCbor:
			return readSenml(new SenmlCborPack(payload, false), base, types, into);
		case ContentFormat.SenmlJson:
			return readSenml(new SenmlJsonPack(payload, false), base, types, into);
		case ContentFormat.LwM2mCbor:
			return readLwm2mCbor(payload, base, types, into);
		case ContentFormat.Tlv:
			return readTlv(payload, base, types, into);
		default:
			return isSingle(contentFormat) && base.depth >= 3 && decodeSingle(contentFormat, payload, base, types, into);
	}
}

function decodeSingle(
	contentFormat: number,
	payload: Uint8Array,
	base: Path,
	types: TypeTable,
	into: Entry[],
): boolean {
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
