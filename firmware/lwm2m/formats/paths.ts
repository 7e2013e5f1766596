// What composite operations say: lists of paths, and changes anywhere below the root (LwM2M Core, 6.3.8 and 6.3.9).

import { ContentFormat } from "../../coap/options.js";
import { Path } from "../path.js";
import type { Entry, TypeTable } from "./format.js";
import { Lwm2mCborEncoder, readLwm2mCbor } from "./lwm2m-cbor.js";
import { readSenml, type SenmlEncoder, type SenmlPack } from "./senml.js";
import { SenmlCborEncoder, SenmlCborPack } from "./senml-cbor.js";
import { readFetch, readPatch } from "./senml-etch.js";
import { SenmlJsonEncoder, SenmlJsonPack } from "./senml-json.js";

/** True for the formats that `decodePaths` reads. */
export function listsPaths(contentFormat: number): boolean {
	return isSenml(contentFormat) || isEtch(contentFormat);
}

/** True for the formats that `decodeChanges` reads. */
export function listsChanges(contentFormat: number): boolean {
	return listsPaths(contentFormat) || contentFormat === ContentFormat.LwM2mCbor;
}

/** Reads the paths that Read-Composite or Observe-Composite names, at most limits.entryCount; false: malformed. */
export function decodePaths(contentFormat: number, payload: Uint8Array, into: Path[]): boolean {
	return listsPaths(contentFormat) && readFetch(packOf(contentFormat, payload, true), into);
}

/**
 * Reads what Write-Composite sets and, in the formats that have a null, what it removes; both together are at most
 * limits.entryCount. False: malformed or not of the types in the table; neither list is then to be used.
 */
export function decodeChanges(
	contentFormat: number,
	payload: Uint8Array,
	types: TypeTable,
	into: Entry[],
	removed: Path[],
): boolean {
	if (contentFormat === ContentFormat.LwM2mCbor) return readLwm2mCbor(payload, new Path(), types, into, removed);
	if (isEtch(contentFormat)) return readPatch(packOf(contentFormat, payload, false), types, into, removed);
	return isSenml(contentFormat) && readSenml(packOf(contentFormat, payload, false), new Path(), types, into);
}

/** Writes a list of paths; undefined when it is no format for that, or the buffer was too small. */
export function encodePaths(contentFormat: number, paths: readonly Path[], bytes: Uint8Array): Uint8Array | undefined {
	const encoder = senmlEncoderFor(contentFormat, bytes);
	if (encoder === undefined) return undefined;
	for (let i = 0; i < paths.length; i++) encoder.addPath(paths[i]!);
	return encoder.finish();
}

/** The encoder of changes, by `add` and `remove` in ascending order of their paths; undefined: no format for that. */
export function changesEncoderFor(
	contentFormat: number,
	bytes: Uint8Array,
): SenmlEncoder | Lwm2mCborEncoder | undefined {
	if (contentFormat === ContentFormat.LwM2mCbor) return new Lwm2mCborEncoder(bytes, new Path());
	return senmlEncoderFor(contentFormat, bytes);
}

function senmlEncoderFor(contentFormat: number, bytes: Uint8Array): SenmlEncoder | undefined {
	if (!listsPaths(contentFormat)) return undefined;
	return isJson(contentFormat) ? new SenmlJsonEncoder(bytes, new Path()) : new SenmlCborEncoder(bytes, new Path());
}

function packOf(contentFormat: number, payload: Uint8Array, namesOnly: boolean): SenmlPack {
	return isJson(contentFormat) ? new SenmlJsonPack(payload, namesOnly) : new SenmlCborPack(payload, namesOnly);
}

function isSenml(contentFormat: number): boolean {
	return contentFormat === ContentFormat.SenmlJson || contentFormat === ContentFormat.SenmlCbor;
}

function isEtch(contentFormat: number): boolean {
	return contentFormat === ContentFormat.SenmlEtchJson || contentFormat === ContentFormat.SenmlEtchCbor;
}

function isJson(contentFormat: number): boolean {
	return contentFormat === ContentFormat.SenmlJson || contentFormat === ContentFormat.SenmlEtchJson;
}
