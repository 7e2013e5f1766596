// An instance as bytes in the store: what happened to it, and the values of its persistent resources as TLV.

import { Reader, Writer } from "../bytes.js";
import { limits } from "../limits.js";
import type { Entry, Value } from "./formats/format.js";
import { readTlv, TlvEncoder } from "./formats/tlv.js";
import { fits, type Instance } from "./instance.js";
import type { Model } from "./model.js";
import type { StoredValue } from "./object.js";
import { Path } from "./path.js";
import { isFirstOf, valueFrom } from "./write.js";

/** The first byte. */
export const Kind = Object.freeze({
	/** The application makes the instance at each start; a server wrote to it. */
	written: 0,
	/** A server created it. */
	created: 1,
	/** A server deleted it, though the application makes it at each start. */
	deleted: 2,
});

/** Values by name; null: present, without a value. */
export type RecordValues = Readonly<Record<string, StoredValue | null>>;

/** Kind, and a hash that the record keeps for its owner. */
const HEAD_LENGTH = 5;

export function isRecord(record: Uint8Array): boolean {
	return record.length > HEAD_LENGTH;
}

export function kindOf(record: Uint8Array): number {
	return record[0]!;
}

export function hashOf(record: Uint8Array): number {
	return new Reader(record.subarray(1)).u32();
}

/**
 * A record of an instance; what is stored at `index`, if that is one, is the value given and not the instance's. Throws
 * RangeError when there are more values than could be read again.
 */
export function encodeRecord(
	kind: number,
	hash: number,
	instance: Instance,
	index: number,
	value: StoredValue | null,
): Uint8Array {
	const { definition, instanceId } = instance;
	const values = instance.values.slice();
	if (index >= 0) values[index] = value;
	if (countValues(instance, values) > limits.entryCount) throw new RangeError("too many values to be kept");
	const path = new Path();
	const writer = new Writer();
	// First to count, then to write.
	for (;;) {
		writer.u8(kind);
		writer.u32(hash);
		writeIds(writer, instance, values, isNull);
		writeIds(writer, instance, values, isEmpty);
		path.set(definition.objectId, instanceId, -1, -1);
		const encoder = new TlvEncoder(writer.bytes?.subarray(writer.length) ?? NOTHING, path);
		for (let i = 0; i < values.length; i++) addResource(encoder, path, instance, i, values[i]);
		encoder.finish();
		if (writer.bytes !== undefined) return writer.bytes;
		writer.reset(new Uint8Array(writer.length + encoder.length));
	}
}

const NOTHING = new Uint8Array(0);

type Stored = StoredValue | null | undefined;

/** Present, without a value. */
function isNull(value: Stored): boolean {
	return value === null;
}

/** A multiple resource without instances, of which TLV would say nothing. */
function isEmpty(value: Stored): boolean {
	return Array.isArray(value) && value.length === 0;
}

/** The resources that have no more to say than this: how many, and their identifiers. */
function writeIds(writer: Writer, { definition }: Instance, values: Instance["values"], are: typeof isNull): void {
	const ids: number[] = [];
	for (let i = 0; i < values.length; i++)
		if (definition.table[i]!.persistent && are(values[i])) ids.push(definition.table[i]!.id);
	writer.u8(ids.length);
	for (let i = 0; i < ids.length; i++) writer.u16(ids[i]!);
}

function readIds(reader: Reader): number[] {
	const ids: number[] = [];
	for (let count = reader.u8(); count > 0; count--) ids.push(reader.u16());
	return ids;
}

function countValues({ definition }: Instance, values: Instance["values"]): number {
	let count = 0;
	for (let i = 0; i < values.length; i++) {
		const value = values[i];
		if (!definition.table[i]!.persistent || value === null || value === undefined) continue;
		count += Array.isArray(value) ? value.length : 1;
	}
	return count;
}

function addResource(
	encoder: TlvEncoder,
	path: Path,
	{ definition, instanceId }: Instance,
	index: number,
	value: Stored,
): void {
	const { persistent, id, type } = definition.table[index]!;
	if (!persistent || value === null || value === undefined) return;
	path.set(definition.objectId, instanceId, id, -1);
	if (!Array.isArray(value)) return encoder.add(path, type, value as Value);
	encoder.addMultiple(path);
	for (let i = 0; i < value.length; i++) {
		if (value[i] === undefined) continue;
		path.resourceInstanceId = i;
		encoder.add(path, type, value[i]);
	}
}

/** What a record holds, as far as it fits the model of today; undefined where the record is none. */
export function decodeRecord(
	model: Model,
	objectId: number,
	instanceId: number,
	record: Uint8Array,
): RecordValues | undefined {
	const reader = new Reader(record);
	reader.skip(HEAD_LENGTH);
	const nulls = readIds(reader);
	const empties = readIds(reader);
	const payload = reader.take(reader.remaining);
	const definition = model.definition(objectId);
	const entries: Entry[] = [];
	const path = new Path().set(objectId, instanceId, -1, -1);
	if (definition === undefined || reader.failed || !readTlv(payload, path, model, entries)) return undefined;
	const values: Record<string, StoredValue | null> = {};
	for (let i = 0; i < definition.table.length; i++) {
		const resource = definition.table[i]!;
		if (!resource.persistent) continue;
		if (nulls.includes(resource.id)) values[resource.name] = null;
		if (resource.multiple && empties.includes(resource.id)) values[resource.name] = [];
	}
	for (let i = 0; i < entries.length; i++) {
		if (!isFirstOf(entries, i)) continue;
		const resource = definition.table.find(({ id }) => id === entries[i]!.resourceId);
		const value = valueFrom(entries, i, undefined);
		if (resource?.persistent && fits(resource, value)) values[resource.name] = value;
	}
	return values;
}
