// Between a message's payload and the API's nodes, through the content formats.

import { encodeText } from "../../firmware/bytes.js";
import { hashBytes } from "../../firmware/coap/hash.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { decode, encoderFor } from "../../firmware/lwm2m/formats/codec.js";
import type { Encoder, Entry, TypeTable } from "../../firmware/lwm2m/formats/format.js";
import { changesEncoderFor, encodePaths } from "../../firmware/lwm2m/formats/paths.js";
import { Path, parsePath } from "../../firmware/lwm2m/path.js";
import { COMPOSITE_FORMAT, type Composite, type CompositeNodes } from "./composite.js";
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
	SENML_ETCH_JSON: ContentFormat.SenmlEtchJson,
	SENML_ETCH_CBOR: ContentFormat.SenmlEtchCbor,
	TLV: ContentFormat.Tlv,
	LWM2M_CBOR: ContentFormat.LwM2mCbor,
};

/** A content format by name or number; undefined where it is neither. */
export function formatNamed(name: string): number | undefined {
	if (/^\d{1,5}$/.test(name)) return Number(name);
	const upper = name.toUpperCase();
	return Object.hasOwn(FORMAT_NAMES, upper) ? FORMAT_NAMES[upper] : undefined;
}

/** Values as nodes of the paths that were asked for. */
function toNodes(paths: readonly string[], entries: readonly Entry[]): CompositeNodes {
	return Object.fromEntries(paths.map((text) => [text, nodeAt(parsePath(text) ?? new Path(), entries)]));
}

function nodeAt(path: Path, entries: readonly Entry[]): Node | null {
	const own = entries.filter((entry) => path.contains(pathOf(entry)));
	return own.length === 0 ? null : (toNode(path, own) ?? null);
}

function pathOf({ objectId, instanceId, resourceId, resourceInstanceId }: Entry): Path {
	return new Path().set(objectId, instanceId, resourceId, resourceInstanceId);
}

/** A payload, and what it is about. */
export interface Content {
	readonly path: string;
	readonly composite: Composite | undefined;
	readonly contentFormat: number | undefined;
	readonly payload: Uint8Array;
}

/** The node of a path, or the nodes of a composite's paths; undefined where the payload cannot be read as such. */
export function decodeAny({ path, composite, contentFormat, payload }: Content): Node | CompositeNodes | undefined {
	if (composite === undefined) return decodeContent(path, contentFormat, payload);
	return decodeComposite(composite.paths, contentFormat, payload);
}

/** One of several states that a notification tells of; the time in seconds as SenML has it. */
export interface Dated {
	readonly time: number;
	readonly val: Node | CompositeNodes;
}

/** RFC 8428, 4.5.3: smaller times are relative to now. */
const ABSOLUTE_TIME = 2 ** 28;

/**
 * What a notification tells: the newest state, and where it tells of several times (the device kept them while we were
 * out of reach) all of them, oldest first, in seconds since 1970. Undefined where it cannot be read.
 */
export function decodeNotified(
	{ path, composite, contentFormat, payload }: Content,
	unixSeconds: number,
): { readonly val: Node | CompositeNodes; readonly history: readonly Dated[] } | undefined {
	const base = composite === undefined ? parsePath(path) : new Path();
	const format = contentFormat ?? (composite === undefined ? ContentFormat.Text : COMPOSITE_FORMAT);
	const entries: Entry[] = [];
	if (base === undefined || !decode(format, payload, base, types, entries)) return undefined;
	const times = new Map<number, Entry[]>();
	for (const entry of entries) {
		const time = entry.time ?? 0;
		const at = time < ABSOLUTE_TIME ? unixSeconds + time : time;
		const known = times.get(at);
		if (known === undefined) times.set(at, [entry]);
		else known.push(entry);
	}
	const history: Dated[] = [];
	for (const [time, own] of [...times].sort(([left], [right]) => left - right)) {
		const val = composite === undefined ? toNode(base, own) : toNodes(composite.paths, own);
		if (val !== undefined) history.push({ time, val });
	}
	const val = history.at(-1)?.val ?? (composite === undefined ? toNode(base, entries) : toNodes(composite.paths, []));
	return val === undefined
		? undefined
		: { val, history: entries.some(({ time }) => time !== undefined) ? history : [] };
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

/** The payload of an answer to a composite operation, or of a notification; undefined where it cannot be read. */
export function decodeComposite(
	paths: readonly string[],
	contentFormat: number | undefined,
	payload: Uint8Array,
): CompositeNodes | undefined {
	const entries: Entry[] = [];
	const readable = decode(contentFormat ?? COMPOSITE_FORMAT, payload, new Path(), types, entries);
	return readable ? toNodes(paths, entries) : undefined;
}

/** The values of a Send; undefined where its payload cannot be read. */
function readSent(contentFormat: number, payload: Uint8Array): Entry[] | undefined {
	const entries: Entry[] = [];
	return decode(contentFormat, payload, new Path(), types, entries) ? entries : undefined;
}

/** The same for two Sends of the same values, whatever their times: where no clock is set they are relative to now. */
export function digestSent(contentFormat: number, payload: Uint8Array): number | undefined {
	const entries = readSent(contentFormat, payload);
	if (entries === undefined) return undefined;
	const values = encodeText(entries.map((entry) => `${pathOf(entry)}=${entry.value}`).join("\n"));
	return hashBytes(0, values, 0, values.length);
}

/** What a Send tells: the newest value of each path, and where it tells of times all states, oldest first. */
export function decodeSent(
	contentFormat: number,
	payload: Uint8Array,
	unixSeconds: number,
): { readonly val: CompositeNodes; readonly history: readonly Dated[] } | undefined {
	const val = decodeNewest(contentFormat, payload);
	if (val === undefined) return undefined;
	const composite = { paths: Object.keys(val), pathFormat: COMPOSITE_FORMAT };
	const told = decodeNotified({ path: "/", composite, contentFormat, payload }, unixSeconds);
	return { val, history: told?.history ?? [] };
}

function decodeNewest(contentFormat: number, payload: Uint8Array): CompositeNodes | undefined {
	const entries = readSent(contentFormat, payload);
	if (entries === undefined) return undefined;
	const newest = new Map<string, Entry>();
	for (const entry of entries) {
		const path = pathOf(entry).toString();
		const known = newest.get(path);
		if (known === undefined || (entry.time ?? 0) >= (known.time ?? 0)) newest.set(path, entry);
	}
	const values = [...newest.values()];
	const resources = values.map(({ objectId, instanceId, resourceId }) => `/${objectId}/${instanceId}/${resourceId}`);
	return toNodes([...new Set(resources)], values);
}

/** The room that a path takes: its text, and what any format puts around it. */
const PATH_LENGTH = 40;

/** A list of paths as a payload. The format is one of those that `listsPaths` knows. */
export function encodeComposite({ paths, pathFormat }: Composite): Uint8Array {
	const list = paths.map((path) => parsePath(path) ?? new Path());
	const payload = encodePaths(pathFormat, list, new Uint8Array((paths.length + 1) * PATH_LENGTH));
	if (payload === undefined) throw new RangeError(`content format ${pathFormat} lists no paths`);
	return payload;
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
	return encode(entries, (bytes) => encoderFor(contentFormat, bytes, base));
}

/** Values anywhere as a payload of Write-Composite; undefined when the format cannot express them. */
export function encodeChanges(entries: readonly WriteEntry[], contentFormat: number): Uint8Array | undefined {
	return encode(entries, (bytes) => changesEncoderFor(contentFormat, bytes));
}

function encode(
	entries: readonly WriteEntry[],
	encoderInto: (bytes: Uint8Array) => Encoder | undefined,
): Uint8Array | undefined {
	for (let size = SMALLEST_BUFFER; size <= LARGEST_BUFFER; size *= 4) {
		const encoder = encoderInto(new Uint8Array(size));
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
