// The values of a Send on their way: packed into bytes while they wait, and unpacked into one payload when they go.

import { Reader, Writer } from "../bytes.js";
import { ContentFormat } from "../coap/options.js";
import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import { Head, readScalar, writeCbor } from "./formats/cbor.js";
import { encoderFor } from "./formats/codec.js";
import type { Encoder, Value, ValueType } from "./formats/format.js";
import type { RecordHead, SenmlEncoder } from "./formats/senml.js";
import type { Model } from "./model.js";
import { Path } from "./path.js";

/** The four levels of its path and its instant: read as one number of 14 bytes they are the order of the records. */
const LEVEL_LENGTH = 2;
const INSTANT_LENGTH = 6;
const KEY_LENGTH = 4 * LEVEL_LENGTH + INSTANT_LENGTH;
/** Key, type, length of the value. */
const HEAD_LENGTH = KEY_LENGTH + 3;
/** A level that is absent; 65535 is no identifier (LwM2M Core, 7.1). */
const ABSENT = 0xffff;

const TYPES: readonly ValueType[] = Object.freeze([
	"string",
	"integer",
	"unsigned",
	"float",
	"boolean",
	"opaque",
	"time",
	"objectLink",
]);

/** Packs values; what reads the model takes it for the encoder of a content format. */
export class RecordPacker implements Encoder {
	readonly #writer: Writer;
	/** When it was so, what is added next. */
	at: Instant = 0;
	count = 0;
	spoiled = false;

	constructor(bytes: Uint8Array) {
		this.#writer = new Writer(bytes);
	}

	add(path: Path, type: ValueType, value: Value): void {
		const writer = this.#writer;
		this.count++;
		for (let level = 0; level < 4; level++) writer.u16(path.at(level) < 0 ? ABSENT : path.at(level));
		writer.uint(Math.round(this.at), INSTANT_LENGTH);
		writer.u8(TYPES.indexOf(type));
		const lengthAt = writer.length;
		writer.u16(0);
		if (!writeCbor(writer, type, value)) this.spoiled = true;
		const end = writer.length;
		writer.length = lengthAt;
		writer.u16(end - lengthAt - LEVEL_LENGTH);
		writer.length = end;
	}

	/** A Send tells values only. */
	addMultiple(): void {}

	finish(): Uint8Array | undefined {
		const { bytes, length, overflowed } = this.#writer;
		return this.spoiled || overflowed ? undefined : bytes!.subarray(0, length);
	}

	get length(): number {
		return this.#writer.length;
	}
}

/** The records of one message, ascending by path and time. */
export class Records {
	readonly #reader: Reader;
	readonly #bytes: Uint8Array;
	/** Where each record begins, in order. */
	readonly #starts: readonly number[];
	readonly #head = new Head();
	readonly path = new Path();
	at: Instant = 0;
	type: ValueType = "string";

	constructor(packed: readonly Uint8Array[]) {
		let length = 0;
		for (let i = 0; i < packed.length; i++) length += packed[i]!.length;
		const bytes = new Uint8Array(length);
		let end = 0;
		for (let i = 0; i < packed.length; i++) {
			bytes.set(packed[i]!, end);
			end += packed[i]!.length;
		}
		this.#bytes = bytes;
		this.#reader = new Reader(bytes);
		const starts: number[] = [];
		for (let at = 0; at < length; at += HEAD_LENGTH + bytes[at + HEAD_LENGTH - 2]! * 256 + bytes[at + HEAD_LENGTH - 1]!)
			starts.push(at);
		// What has the same path and instant stays in the order in which it was said: sort is stable.
		this.#starts = starts.sort((left, right) => this.compare(left, right, KEY_LENGTH));
	}

	get count(): number {
		return this.#starts.length;
	}

	private compare(left: number, right: number, length: number): number {
		for (let i = 0; i < length; i++) {
			const difference = this.#bytes[left + i]! - this.#bytes[right + i]!;
			if (difference !== 0) return difference;
		}
		return 0;
	}

	/** Whether two records, by their place, are of one path as far as so many levels of it. */
	areAlike(index: number, other: number, levels: number): boolean {
		return this.compare(this.#starts[index]!, this.#starts[other]!, levels * LEVEL_LENGTH) === 0;
	}

	/** Goes to a record and gives its value: path, instant and type are then its own. */
	read(index: number): Value {
		const reader = this.#reader;
		reader.reset(this.#bytes, this.#starts[index]!, this.#bytes.length);
		this.path.set(level(reader), level(reader), level(reader), level(reader));
		this.at = reader.uint(INSTANT_LENGTH);
		this.type = TYPES[reader.u8()]!;
		reader.skip(LEVEL_LENGTH);
		return readScalar(reader, this.#head)!;
	}
}

function level(reader: Reader): number {
	const id = reader.u16();
	return id === ABSENT ? -1 : id;
}

/** The payload of one message; undefined where the format cannot say it, or not within `limits.responseLength`. */
export function encodeRecords(
	records: Records,
	contentFormat: number,
	model: Model,
	now: Instant,
	timed: boolean,
): Uint8Array | undefined {
	let buffer = new Uint8Array(limits.blockLength);
	for (;;) {
		const encoder = encoderFor(contentFormat, buffer, ROOT);
		if (encoder === undefined) return undefined;
		if (contentFormat === ContentFormat.LwM2mCbor) addAll(records, encoder);
		else new Series(records, encoder as SenmlEncoder, model, now, timed).add();
		const payload = encoder.finish();
		if (payload !== undefined || encoder.spoiled || encoder.length > limits.responseLength) return payload;
		buffer = new Uint8Array(encoder.length);
	}
}

function addAll(records: Records, encoder: Encoder): void {
	for (let i = 0; i < records.count; i++) {
		const value = records.read(i);
		encoder.add(records.path, records.type, value);
	}
}

/**
 * Records as SenML in few bytes: a base name for each resource that comes often, or else for each instance; one base
 * time, and from it on whole seconds, unless two values of one resource are nearer to each other.
 */
class Series {
	readonly #records: Records;
	readonly #encoder: SenmlEncoder;
	readonly #model: Model;
	readonly #now: Instant;
	readonly #timed: boolean;
	readonly #head: RecordHead = { baseName: undefined, baseTime: undefined, name: "", time: 0 };
	/** Digits behind the second, as a factor. */
	#scale = 1;
	#baseTime = 0;

	constructor(records: Records, encoder: SenmlEncoder, model: Model, now: Instant, timed: boolean) {
		this.#records = records;
		this.#encoder = encoder;
		this.#model = model;
		this.#now = now;
		this.#timed = timed;
	}

	add(): void {
		const records = this.#records;
		if (this.#timed) this.begin();
		for (let start = 0; start < records.count; ) {
			let end = start + 1;
			let names = 1;
			while (end < records.count && records.areAlike(start, end, 2)) {
				if (!records.areAlike(end - 1, end, 4)) names++;
				end++;
			}
			this.addInstance(start, end, names === 1 || end - start > 2 * names);
			start = end;
		}
	}

	private begin(): void {
		const records = this.#records;
		for (let i = 1; i < records.count && this.#scale === 1; i++) {
			if (!records.areAlike(i - 1, i, 4)) continue;
			records.read(i - 1);
			const before = records.at;
			records.read(i);
			if (records.at - before < 1000) this.#scale = 1000;
		}
		records.read(0);
		this.#baseTime = this.timeOf(records.at);
		this.#head.baseTime = this.#baseTime;
	}

	/** Seconds since 1970, or where nobody told the time so many before now. */
	private timeOf(at: Instant): number {
		const seconds = this.#model.unixTime(at) ?? (at - this.#now) / 1000;
		return Math.round(seconds * this.#scale) / this.#scale;
	}

	/** The records of one instance: each resource with a base name of its own, or with one for all of them. */
	private addInstance(start: number, end: number, byResource: boolean): void {
		const records = this.#records;
		const head = this.#head;
		for (let i = start; i < end; i++) {
			const isFirst = i === start || (byResource && !records.areAlike(i - 1, i, 4));
			const value = records.read(i);
			const { path } = records;
			head.name = byResource ? "" : nameOf(path);
			if (isFirst) head.baseName = byResource ? path.toString() : `/${path.objectId}/${path.instanceId}/`;
			if (this.#timed) head.time = Math.round((this.timeOf(records.at) - this.#baseTime) * 1000) / 1000;
			this.#encoder.addRecord(head, records.type, value);
			head.baseName = undefined;
			head.baseTime = undefined;
		}
	}
}

function nameOf({ resourceId, resourceInstanceId }: Path): string {
	return resourceInstanceId < 0 ? `${resourceId}` : `${resourceId}/${resourceInstanceId}`;
}

const ROOT: Path = Object.freeze(new Path());
