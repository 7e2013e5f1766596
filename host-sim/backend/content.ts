// Between a message's payload and the API's nodes, through the content formats.

import { ContentFormat } from "../../firmware/coap/options.js";
import { decode, encoderFor } from "../../firmware/lwm2m/formats/codec.js";
import type { Entry, TypeTable } from "../../firmware/lwm2m/formats/format.js";
import { type Path, parsePath } from "../../firmware/lwm2m/path.js";
import { type Node, toNode } from "./node.js";
import type { WriteEntry } from "./node-input.js";
import type { Registration } from "./registration.js";
import { registeredType } from "./value-type.js";

const types: TypeTable = { typeOf: registeredType };

/** The content formats by the names that the API uses. */
const FORMAT_NAMES: Readonly<Record<string, number>> = {
	TEXT: ContentFormat.Text,
	LINK: ContentFormat.LinkFormat,
	OPAQUE: ContentFormat.Opaque,
	CBOR: ContentFormat.Cbor,
	SENML_JSON: ContentFormat.SenmlJson,
	SENML_CBOR: ContentFormat.SenmlCbor,
	TLV: ContentFormat.Tlv,
	LWM2M_CBOR: ContentFormat.LwM2mCbor,
};

/** A content format by name or number; undefined where it is neither. */
export function formatNamed(name: string): number | undefined {
	if (/^\d{1,5}$/.test(name)) return Number(name);
	const upper = name.toUpperCase();
	return Object.hasOwn(FORMAT_NAMES, upper) ? FORMAT_NAMES[upper] : undefined;
}

/** The payload of an answer as a node; undefined where it cannot be read as values of that path. */
export function decodeContent(path: string, contentFormat: number | undefined, payload: Uint8Array): Node | undefined {
	const base = parsePath(path);
	if (base === undefined) return undefined;
	const entries: Entry[] = [];
	// Without a Content-Format a single value is text: so do the simplest devices.
	if (!decode(contentFormat ?? ContentFormat.Text, payload, base, types, entries)) return undefined;
	return toNode(base, entries);
}

/** The first buffer tried; a payload above the last one is refused. */
const SMALLEST_BUFFER = 256;
const LARGEST_BUFFER = 1 << 20;

/** Values as a payload at a path; undefined when the format cannot express them. */
export function encodeContent(
	base: Path,
	entries: readonly WriteEntry[],
	contentFormat: number,
): Uint8Array | undefined {
	for (let size = SMALLEST_BUFFER; size <= LARGEST_BUFFER; size *= 4) {
		const encoder = encoderFor(contentFormat, new Uint8Array(size), base);
		if (encoder === undefined) return undefined;
		for (const { path, type, value } of entries) encoder.add(path, type, value);
		const payload = encoder.finish();
		if (payload !== undefined || encoder.spoiled) return payload;
	}
	return undefined;
}

/** The format in which a device is written to: SenML-CBOR where it says or its version implies it, else TLV. */
export function writeFormat(registration: Registration): number {
	const said = registration.links.find((link) => link.attributes.rt === '"oma.lwm2m"')?.attributes.ct;
	const listed = said?.replaceAll('"', "").split(" ").map(Number);
	const senml = listed === undefined ? registration.version !== "1.0" : listed.includes(ContentFormat.SenmlCbor);
	return senml ? ContentFormat.SenmlCbor : ContentFormat.Tlv;
}
