// What the OMA registry says about a path: name, type, unit. On purpose not the firmware's object definitions: two
// sides that share a mistake would agree with each other.

import { OBJECT_ROWS, OWN_ROWS, REUSABLE_ROWS, type ResourceRow, type ResourceType } from "./registry-rows.js";

export type { ResourceType } from "./registry-rows.js";

/** A resource as the registry knows it. */
export interface ResourceEntry {
	readonly name: string;
	readonly type: ResourceType;
	/** "R", "W", "RW", "E", or "" for what only bootstrap may touch. */
	readonly operations: string;
	readonly multiple: boolean;
	readonly unit: string;
}

/** The first object ID of the reusable resources' range. */
const REUSABLE_FROM = 3200;

const objectNames: ReadonlyMap<number, string> = new Map(OBJECT_ROWS);
const reusable = toEntries(REUSABLE_ROWS);
const own: ReadonlyMap<number, ReadonlyMap<number, ResourceEntry>> = new Map(
	Object.entries(OWN_ROWS).map(([objectId, rows]) => [Number(objectId), toEntries(rows)]),
);

function toEntries(rows: readonly ResourceRow[]): ReadonlyMap<number, ResourceEntry> {
	return new Map(
		rows.map(([resourceId, name, type, operations, unit = ""]) => [
			resourceId,
			{ name, type, operations: operations.replace("*", ""), multiple: operations.endsWith("*"), unit },
		]),
	);
}

/** The registered name of an object, undefined where it is not known. */
export function objectName(objectId: number): string | undefined {
	return objectNames.get(objectId);
}

/** A resource's entry, undefined where it is not known: its type must then be guessed from the content format. */
export function resourceEntry(objectId: number, resourceId: number): ResourceEntry | undefined {
	return own.get(objectId)?.get(resourceId) ?? (objectId >= REUSABLE_FROM ? reusable.get(resourceId) : undefined);
}
