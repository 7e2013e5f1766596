// The data types by the registry's and the API's names, and by the names that the content formats use.

import type { ValueType } from "../../firmware/lwm2m/formats/format.js";
import { type ResourceType, resourceEntry } from "./registry.js";

/** The API's name of each data type of the formats. */
export const TYPE_NAMES: Readonly<Record<ValueType, ResourceType>> = {
	string: "STRING",
	integer: "INTEGER",
	unsigned: "UNSIGNED_INTEGER",
	float: "FLOAT",
	boolean: "BOOLEAN",
	opaque: "OPAQUE",
	time: "TIME",
	objectLink: "OBJLNK",
};

const VALUE_TYPES: Readonly<Record<ResourceType, ValueType | undefined>> = {
	STRING: "string",
	INTEGER: "integer",
	UNSIGNED_INTEGER: "unsigned",
	FLOAT: "float",
	BOOLEAN: "boolean",
	OPAQUE: "opaque",
	TIME: "time",
	OBJLNK: "objectLink",
	CORELINK: "string",
	NONE: undefined,
};

/** A type by its name in the API. */
export function valueTypeNamed(name: string): ValueType | undefined {
	return Object.hasOwn(VALUE_TYPES, name) ? VALUE_TYPES[name as ResourceType] : undefined;
}

/** The registry's type of a resource, undefined where it is not known. */
export function registeredType(objectId: number, resourceId: number): ValueType | undefined {
	const entry = resourceEntry(objectId, resourceId);
	return entry === undefined ? undefined : VALUE_TYPES[entry.type];
}
