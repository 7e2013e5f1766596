// SenML (RFC 8428; LwM2M Core, 7.4.6 and 7.4.7): what its JSON and CBOR encodings have in common.

import { limits } from "../../limits.js";
import { Path } from "../path.js";
import { type Encoder, type Entry, guessType, isOfType, type TypeTable, type Value, type ValueType } from "./format.js";

/** RFC 8428, 6: labels as integers. JSON has names for them (5). */
export const Label = Object.freeze({
	baseSum: -6,
	baseValue: -5,
	baseUnit: -4,
	baseTime: -3,
	baseName: -2,
	baseVersion: -1,
	name: 0,
	unit: 1,
	value: 2,
	textValue: 3,
	booleanValue: 4,
	sum: 5,
	time: 6,
	updateTime: 7,
	dataValue: 8,
});

/** LwM2M Core, 7.4.6: the label of an object link has no number. */
export const LINK_LABEL = "vlo";

/** A label that has a number, or the one that has none. */
export type FieldLabel = number | typeof LINK_LABEL;

/** RFC 8428, 4.4: the version of SenML itself. */
const VERSION = 10;

/** What a record says beside its value. Its base fields, where it has them, hold for all records after it, too. */
export interface RecordHead {
	baseName: string | undefined;
	/** Seconds: since 1970 from 2^28 on, below it relative to now (RFC 8428, 4.5.3). */
	baseTime: number | undefined;
	/** "": the base name says it all. */
	name: string;
	/** Seconds after the base time. */
	time: number;
}

/** Writes values, and what only composite operations (RFC 8790) or a Send say. */
export interface SenmlEncoder extends Encoder {
	/** A value under a head of the caller's making, which is read during the call only. */
	addRecord(head: RecordHead, type: ValueType, value: Value): void;
	/** A name alone: what a Fetch Record is. */
	addPath(path: Path): void;
	/** The value null: the Patch Record that removes what the path names. */
	remove(path: Path): void;
}

/** The label that carries values of a type. */
export function labelOf(type: ValueType): FieldLabel {
	if (type === "objectLink") return LINK_LABEL;
	if (type === "string") return Label.textValue;
	if (type === "boolean") return Label.booleanValue;
	return type === "opaque" ? Label.dataValue : Label.value;
}

/** The levels below the base: "0/5700"; "" when the path is the base. From the root it is the whole path. */
export function relativeName(path: Path, baseDepth: number): string {
	if (baseDepth === 0) return path.toString();
	let name = "";
	for (let level = baseDepth; level < path.depth; level++) name += `${name === "" ? "" : "/"}${path.at(level)}`;
	return name;
}

/** What goes before relative names: "/3/0/"; without the last "/" before none. */
export function baseName(path: Path, baseDepth: number, name: string): string {
	let base = "";
	for (let level = 0; level < baseDepth; level++) base += `/${path.at(level)}`;
	return name === "" ? base : `${base}/`;
}

/** The fields of the record read last, and the base fields, which stay from record to record. */
export abstract class SenmlPack {
	baseName = "";
	name = "";
	/** The label that carried the value; undefined: the record has none. */
	label: FieldLabel | undefined = undefined;
	/** Null: what the record names is to be removed. */
	value: Value | null | undefined = undefined;
	/** Values are stepped over: a Fetch Record is a name (RFC 8790, 3.1). */
	readonly #namesOnly: boolean;
	#baseTime = 0;
	#baseValue = 0;
	#time: number | undefined = undefined;

	constructor(namesOnly: boolean) {
		this.#namesOnly = namesOnly;
	}

	/** Reads the next record; false at the end, and where the pack is malformed or means what we do not understand. */
	abstract next(): boolean;
	/** To be asked when there is no next record: true when the pack is well-formed to its end. */
	abstract readonly complete: boolean;

	/** Forgets the record before. */
	protected begin(): void {
		this.name = "";
		this.label = undefined;
		this.value = undefined;
		this.#time = undefined;
	}

	/** Whether a field is to be given to `take`; all others are to be stepped over. */
	protected takes(label: FieldLabel): boolean {
		switch (label) {
			case Label.baseName:
			case Label.name:
			case Label.baseTime:
			case Label.time:
				return true;
			case Label.baseValue:
			case Label.baseVersion:
			case Label.value:
			case Label.textValue:
			case Label.booleanValue:
			case Label.dataValue:
			case LINK_LABEL:
				return !this.#namesOnly;
			default:
				return false;
		}
	}

	/** Takes a field; false when its value is none that the label may have. */
	protected take(label: FieldLabel, value: Value | null | undefined): boolean {
		switch (label) {
			case Label.baseName:
			case Label.name:
				return this.takeName(label, value);
			case Label.value:
				return (value === null || typeof value === "number") && this.takeValue(label, value);
			case Label.textValue:
			case LINK_LABEL:
				return typeof value === "string" && this.takeValue(label, value);
			case Label.booleanValue:
				return typeof value === "boolean" && this.takeValue(label, value);
			case Label.dataValue:
				return value instanceof Uint8Array && this.takeValue(label, value);
			default:
				return this.takeNumber(label, value);
		}
	}

	private takeName(label: FieldLabel, value: Value | null | undefined): boolean {
		if (typeof value !== "string") return false;
		if (label === Label.name) this.name = value;
		else this.baseName = value;
		return true;
	}

	private takeNumber(label: FieldLabel, value: Value | null | undefined): boolean {
		if (typeof value !== "number" || !Number.isFinite(value)) return false;
		if (label === Label.baseTime) this.#baseTime = value;
		else if (label === Label.time) this.#time = value;
		else if (label === Label.baseValue) this.#baseValue = value;
		else return value <= VERSION;
		return true;
	}

	/** RFC 8428, 4.2: one value a record. */
	private takeValue(label: FieldLabel, value: Value | null): boolean {
		if (this.label !== undefined) return false;
		this.label = label;
		this.value = value;
		return true;
	}

	/** The sum of base time and time; undefined where neither is given. */
	get time(): number | undefined {
		return this.#time === undefined && this.#baseTime === 0 ? undefined : this.#baseTime + (this.#time ?? 0);
	}

	/** The value with its base, of the type in the table or else of what its label tells; undefined when it is not. */
	settle(path: Path, types: TypeTable): Entry | undefined {
		const { label, time } = this;
		const value = typeof this.value === "number" ? this.value + this.#baseValue : this.value;
		if (value === undefined || value === null) return undefined;
		const { objectId, instanceId, resourceId, resourceInstanceId } = path;
		const type = types.typeOf(objectId, resourceId) ?? (label === LINK_LABEL ? "objectLink" : guessType(value));
		if (labelOf(type) !== label || !isOfType(type, value)) return undefined;
		return { objectId, instanceId, resourceId, resourceInstanceId, type, value, time };
	}
}

/** Reads a pack that answers a Read of `base`, or is written to it, into entries; false when it is malformed. */
export function readSenml(pack: SenmlPack, base: Path, types: TypeTable, into: Entry[]): boolean {
	const path = new Path();
	while (pack.next()) {
		// A record without a value only sets base fields.
		if (pack.label === undefined && pack.name === "") continue;
		if (!path.fromText(pack.baseName + pack.name) || path.depth < 3 || !base.contains(path)) return false;
		const entry = pack.settle(path, types);
		if (entry === undefined || into.length >= limits.entryCount) return false;
		into.push(entry);
	}
	return pack.complete;
}
