// Nodes that a caller wants written, checked value by value.

import type { Value, ValueType } from "../../firmware/lwm2m/formats/format.js";
import { Path } from "../../firmware/lwm2m/path.js";
import { registeredType, TYPE_NAMES, valueTypeNamed } from "./value-type.js";

/** What a caller sent is not what the path or the type asks for; the message says what is expected. */
export class NodeError extends Error {}

/** One value to be written, with its place. */
export interface WriteEntry {
	readonly path: Path;
	readonly type: ValueType;
	readonly value: Value;
}

/** Reads a node that a caller wants written at a path (for Create: the path of the object). Throws a NodeError. */
export function fromNode(path: Path, node: unknown): WriteEntry[] {
	const entries: WriteEntry[] = [];
	const fields = asFields(node);
	if (path.depth === 1 || path.depth === 2) {
		const instanceId = path.depth === 2 ? path.instanceId : optionalId(fields.id, 0);
		for (const resource of asList(fields.resources, "resources")) {
			const own = asFields(resource);
			collect(new Path().set(path.objectId, instanceId, asId(own.id), -1), own, entries);
		}
	} else if (path.depth >= 3) collect(path, fields, entries);
	else throw new NodeError("the path needs at least an object");
	return entries;
}

function collect(path: Path, fields: Fields, into: WriteEntry[]): void {
	const { objectId, instanceId, resourceId } = path;
	const type = typeFor(objectId, resourceId, fields.type);
	if (fields.values === undefined) {
		into.push({ path: new Path().copy(path), type, value: fromNodeValue(type, fields.value) });
		return;
	}
	const values = asFields(fields.values);
	for (const id of Object.keys(values)
		.map(Number)
		.sort((left, right) => left - right)) {
		const place = new Path().set(objectId, instanceId, resourceId, asId(id));
		into.push({ path: place, type, value: fromNodeValue(type, values[String(id)]) });
	}
}

function typeFor(objectId: number, resourceId: number, named: unknown): ValueType {
	if (named === undefined) return registeredType(objectId, resourceId) ?? "string";
	const type = typeof named === "string" ? valueTypeNamed(named.toUpperCase()) : undefined;
	if (type === undefined) throw new NodeError(`"type" must be one of ${Object.values(TYPE_NAMES).join(", ")}`);
	return type;
}

/** A value from JSON as the type wants it. Numbers may come as numbers or, safer, as decimal strings. */
export function fromNodeValue(wanted: ValueType, value: unknown): Value {
	switch (wanted) {
		case "boolean":
			if (typeof value === "boolean") return value;
			break;
		case "string":
			if (typeof value === "string") return value;
			break;
		case "integer":
		case "unsigned":
			if (isNumeric(value) && Number.isSafeInteger(Number(value)) && (wanted === "integer" || Number(value) >= 0)) {
				return Number(value);
			}
			break;
		case "float":
			if (isNumeric(value) && Number.isFinite(Number(value))) return Number(value);
			break;
		case "time":
			if (typeof value === "number" && Number.isFinite(value)) return Math.floor(value / 1000);
			break;
		case "opaque":
			if (typeof value === "string" && /^([0-9a-f]{2})*$/i.test(value))
				return new Uint8Array(Buffer.from(value, "hex"));
			break;
		case "objectLink": {
			const { objectId, objectInstanceId } = isFields(value) ? value : {};
			if (isId(objectId) && isId(objectInstanceId)) return `${objectId}:${objectInstanceId}`;
			break;
		}
		default: {
			wanted satisfies never;
		}
	}
	throw new NodeError(`"value" must be ${EXPECTED[wanted]}, not ${JSON.stringify(value) ?? "nothing"}`);
}

const EXPECTED: Readonly<Record<ValueType, string>> = {
	boolean: "true or false",
	string: "a string",
	integer: 'an integer as a decimal string ("-5")',
	unsigned: 'an integer from 0 as a decimal string ("5")',
	float: 'a number as a decimal string ("21.5")',
	time: "a number of milliseconds since 1970",
	opaque: "a string of hex digits",
	objectLink: "an object {objectId, objectInstanceId}",
};

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asFields(value: unknown): Fields {
	if (!isFields(value)) throw new NodeError("a JSON object is expected");
	return value;
}

function asList(value: unknown, name: string): readonly unknown[] {
	if (!Array.isArray(value)) throw new NodeError(`"${name}" must be an array`);
	return value;
}

function isId(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 65536;
}

function asId(value: unknown): number {
	if (!isId(value)) throw new NodeError('"id" must be a number from 0 to 65535');
	return value;
}

function optionalId(value: unknown, otherwise: number): number {
	return value === undefined ? otherwise : asId(value);
}

function isNumeric(value: unknown): boolean {
	return (
		typeof value === "number" || (typeof value === "string" && /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value))
	);
}
