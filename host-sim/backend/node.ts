// Values as the API shows them: Leshan's tree of objects, instances and resources. INTEGER, UNSIGNED_INTEGER and FLOAT
// are decimal strings, OPAQUE is hex, TIME is milliseconds since 1970, OBJLNK is an object of two numbers.

import type { Entry } from "../../firmware/lwm2m/formats/format.js";
import type { Path } from "../../firmware/lwm2m/path.js";
import type { ResourceType } from "./registry.js";
import { registeredType, TYPE_NAMES } from "./value-type.js";

export type NodeValue = string | number | boolean | { readonly objectId: number; readonly objectInstanceId: number };

export interface SingleNode {
	readonly kind: "singleResource" | "resourceInstance";
	readonly id: number;
	readonly type: ResourceType;
	readonly value: NodeValue;
}

export interface MultipleNode {
	readonly kind: "multiResource";
	readonly id: number;
	readonly type: ResourceType;
	readonly values: Readonly<Record<string, NodeValue>>;
}

export type ResourceNode = SingleNode | MultipleNode;

export interface InstanceNode {
	readonly kind: "instance";
	readonly id: number;
	readonly resources: readonly ResourceNode[];
}

export interface ObjectNode {
	readonly kind: "obj";
	readonly id: number;
	readonly instances: readonly InstanceNode[];
}

export interface RootNode {
	readonly kind: "root";
	readonly objects: readonly ObjectNode[];
}

export type Node = ResourceNode | InstanceNode | ObjectNode | RootNode;

/** The values at and below a path as its node; undefined where one value is asked for and there is none. */
export function toNode(path: Path, entries: readonly Entry[]): Node | undefined {
	switch (path.depth) {
		case 0:
			return { kind: "root", objects: groups(entries, (entry) => entry.objectId).map(toObject) };
		case 1:
			return toObject([path.objectId, entries]);
		case 2:
			return toInstance([path.instanceId, entries]);
		case 3:
			return toResource(path.objectId, path.resourceId, entries);
		default: {
			const entry = entries[0];
			if (entry === undefined) return undefined;
			return { kind: "resourceInstance", id: path.resourceInstanceId, ...typed(entry) };
		}
	}
}

type Group = readonly [id: number, entries: readonly Entry[]];

function groups(entries: readonly Entry[], idOf: (entry: Entry) => number): Group[] {
	const byId = new Map<number, Entry[]>();
	for (const entry of entries) {
		const list = byId.get(idOf(entry));
		if (list === undefined) byId.set(idOf(entry), [entry]);
		else list.push(entry);
	}
	return [...byId].sort(([left], [right]) => left - right);
}

function toObject([id, entries]: Group): ObjectNode {
	return { kind: "obj", id, instances: groups(entries, (entry) => entry.instanceId).map(toInstance) };
}

function toInstance([id, entries]: Group): InstanceNode {
	const resources = groups(entries, (entry) => entry.resourceId);
	return {
		kind: "instance",
		id,
		resources: resources.map(([resourceId, own]) => toResource(own[0]!.objectId, resourceId, own)),
	};
}

function toResource(objectId: number, id: number, entries: readonly Entry[]): ResourceNode {
	const first = entries[0];
	if (first !== undefined && first.resourceInstanceId < 0) return { kind: "singleResource", id, ...typed(first) };
	const type = TYPE_NAMES[first?.type ?? registeredType(objectId, id) ?? "string"];
	const values = Object.fromEntries(entries.map((entry) => [String(entry.resourceInstanceId), toNodeValue(entry)]));
	return { kind: "multiResource", id, type, values };
}

function typed(entry: Entry): { type: ResourceType; value: NodeValue } {
	return { type: TYPE_NAMES[entry.type], value: toNodeValue(entry) };
}

function toNodeValue({ type, value }: Entry): NodeValue {
	if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
	if (type === "time") return Number(value) * 1000;
	if (type === "objectLink") {
		const [objectId, objectInstanceId] = String(value).split(":").map(Number);
		return { objectId: objectId ?? 0, objectInstanceId: objectInstanceId ?? 0 };
	}
	return typeof value === "number" ? String(value) : value;
}
