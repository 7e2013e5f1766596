// What the application wants a server to be told by Send (LwM2M Core 1.2, 6.4.6): checked, read and packed.

import { ContentFormat } from "../coap/options.js";
import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import { readPaths } from "./composite.js";
import { ServiceEvents } from "./events.js";
import { isOfType, type Value } from "./formats/format.js";
import { Handlers } from "./handlers.js";
import type { Model } from "./model.js";
import { Path } from "./path.js";
import { isSecret } from "./registration-links.js";
import { RecordPacker } from "./send-records.js";

export type SendFormat = "senml-cbor" | "senml-json" | "lwm2m-cbor";

/** A value that the application took, now or before. */
export interface SendRecord {
	/** A resource, as "/3303/0/5700", or the instance of a multiple one. */
	readonly path: string;
	readonly value: Value;
	/** When it was so, in `Device.now()`; now if not given. */
	readonly at?: Instant;
}

export interface SendOptions {
	/** SenML-CBOR if not given; LwM2M-CBOR holds no times, and what is sent in it is never joined with anything. */
	readonly format?: SendFormat;
	/** So long it may wait for others, and from half of that time on for a message that goes anyway; 0 if not given. */
	readonly deferrableMs?: number;
	/** Whether the values say when they were so. If not given they do where they may wait, or are records with a time. */
	readonly timestamps?: boolean;
	/** Only to this server; to all that accept it if not given. */
	readonly shortServerId?: number;
}

/** One Send as an account keeps it until the server has it. */
export interface Outgoing {
	readonly handle: number;
	readonly contentFormat: number;
	readonly timed: boolean;
	/** From here on it goes with whatever goes. */
	readonly rideAt: Instant;
	/** Here it goes by itself. */
	readonly dueAt: Instant;
	/** Its values, packed, and how many they are. */
	readonly packed: Uint8Array;
	readonly count: number;
}

const FORMATS: Readonly<Record<SendFormat, number>> = Object.freeze({
	"senml-cbor": ContentFormat.SenmlCbor,
	"senml-json": ContentFormat.SenmlJson,
	"lwm2m-cbor": ContentFormat.LwM2mCbor,
});

/** First guess at the bytes of what is packed. */
const USUAL_LENGTH = 256;

/**
 * Packs what paths hold now, or records. Undefined: nothing of it is there, or can be had at once. Throws a RangeError
 * where the application asks for what can never be sent.
 */
export function pack(
	model: Model,
	now: Instant,
	handle: number,
	what: readonly (string | SendRecord)[],
	options: SendOptions,
): Outgoing | undefined {
	const { format = "senml-cbor", deferrableMs = 0 } = options;
	const contentFormat = FORMATS[format];
	const timed = options.timestamps ?? (format !== "lwm2m-cbor" && (deferrableMs > 0 || what.some(isDated)));
	if (contentFormat === undefined) throw new RangeError(`a Send has no format ${format}`);
	if (timed && format === "lwm2m-cbor") throw new RangeError("LwM2M-CBOR holds no times");
	const packer = packAll(model, now, what);
	if (packer.count === 0) return undefined;
	if (packer.count > limits.entryCount) throw new RangeError(`a Send tells at most ${limits.entryCount} values`);
	if (packer.length > limits.sendLength) throw new RangeError(`a Send takes at most ${limits.sendLength} bytes`);
	const packed = packer.finish();
	if (packed === undefined) throw new RangeError("a value does not fit its resource");
	return {
		handle,
		contentFormat,
		timed,
		rideAt: now + deferrableMs / 2,
		dueAt: now + deferrableMs,
		packed: packed.slice(),
		count: packer.count,
	};
}

function isDated(what: string | SendRecord): boolean {
	return typeof what !== "string" && what.at !== undefined;
}

function packAll(model: Model, now: Instant, what: readonly (string | SendRecord)[]): RecordPacker {
	const paths: Path[] = [];
	for (let i = 0; i < what.length; i++) {
		const item = what[i]!;
		paths.push(tellable(typeof item === "string" ? item : item.path));
	}
	let length = USUAL_LENGTH;
	for (;;) {
		const packer = new RecordPacker(new Uint8Array(length));
		packer.at = now;
		// Whatever a handler does, only its own value is left out: each path is read by itself.
		for (let i = 0; i < what.length; i++) {
			const item = what[i]!;
			if (typeof item === "string") addRead(model, now, paths[i]!, packer);
			else addRecord(model, now, paths[i]!, item, packer);
		}
		if (packer.length <= length || packer.length > limits.sendLength) return packer;
		length = packer.length;
	}
}

/** The path of what a server may be told. */
function tellable(text: string): Path {
	const path = new Path();
	if (!path.fromText(text) || path.depth === 0) throw new RangeError(`${text} is no path that a Send can name`);
	if (isSecret(path.objectId)) throw new RangeError(`${text} holds what no server may see`);
	return path;
}

/** All that is at and below a path now. A value that a handler puts off is not waited for. */
function addRead(model: Model, now: Instant, path: Path, packer: RecordPacker): void {
	const handlers = new Handlers(model, new ServiceEvents());
	packer.at = now;
	readPaths(model, handlers, now, [path], packer, new Path());
}

function addRecord(model: Model, now: Instant, path: Path, { value, at }: SendRecord, packer: RecordPacker): void {
	if (path.depth < 3) throw new RangeError(`${path} is not one value`);
	const instance = model.find(path.objectId, path.instanceId);
	const index = instance?.indexOf(path.resourceId) ?? -1;
	const resource = instance?.definition.table[index];
	if (instance === undefined || resource === undefined || instance.values[index] === undefined) return;
	if (!resource.readable) throw new RangeError(`${path} is not to be read`);
	if (path.depth !== (resource.multiple ? 4 : 3)) throw new RangeError(`${path} is not one value`);
	if (!isOfType(resource.type, value)) throw new RangeError(`${path} holds no such value`);
	packer.at = at === undefined ? now : Math.min(Math.max(0, at), now);
	packer.add(path, resource.type, value);
}
