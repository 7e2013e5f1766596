// Values for people: names and units of the registry, one line a resource.

import { Code, codeText } from "../../firmware/coap/codes.js";
import type { CompositeNodes } from "./composite.js";
import type { Outcome } from "./core-event.js";
import type { Node, NodeValue, ResourceNode } from "./node.js";
import type { Operation } from "./operations.js";
import { objectName, type ResourceType, resourceEntry } from "./registry.js";

/** One line of a value: where, what it is called, what it says, in which unit. */
export interface Line {
	readonly path: string;
	readonly name: string;
	readonly value: string;
	readonly unit: string;
}

/** All values of a node at a path, in its order. */
export function toLines(path: string, node: Node): Line[] {
	switch (node.kind) {
		case "root":
			return node.objects.flatMap((object) => toLines(`/${object.id}`, object));
		case "obj":
			return node.instances.flatMap((instance) => toLines(`${path}/${instance.id}`, instance));
		case "instance":
			return node.resources.flatMap((resource) => toLines(`${path}/${resource.id}`, resource));
		case "multiResource":
		case "singleResource":
		case "resourceInstance":
			return resourceLines(path, node);
		default:
			return node satisfies never;
	}
}

function resourceLines(path: string, node: ResourceNode): Line[] {
	const [objectId = 0, , resourceId = 0] = path.split("/").slice(1).map(Number);
	const entry = resourceEntry(objectId, resourceId);
	const name = entry?.name ?? `Resource ${resourceId}`;
	const unit = entry?.unit === "/100" ? "%" : (entry?.unit ?? "");
	if (node.kind !== "multiResource") return [{ path, name, value: describeValue(node.type, node.value), unit }];
	return Object.entries(node.values).map(([id, value]) => ({
		path: `${path}/${id}`,
		name: `${name} ${id}`,
		value: describeValue(node.type, value),
		unit,
	}));
}

function describeValue(type: ResourceType, value: NodeValue): string {
	if (typeof value === "object") return `${value.objectId}:${value.objectInstanceId}`;
	if (type === "TIME") return new Date(Number(value)).toISOString();
	if (type === "OPAQUE") return value === "" ? "(no bytes)" : `0x${value}`;
	return String(value);
}

/** "Sensor Value 21.5 Cel": one text a value, without its path. */
export function describeNode(path: string, node: Node): string[] {
	return toLines(path, node).map(({ name, value, unit }) => `${name} ${value}${unit === "" ? "" : ` ${unit}`}`);
}

/** The values of several paths likewise; a path without any is left out. */
export function describeNodes(nodes: CompositeNodes): string[] {
	return Object.entries(nodes).flatMap(([path, node]) => (node === null ? [] : describeNode(path, node)));
}

const METHODS: Readonly<Record<number, string>> = {
	[Code.Get]: "GET",
	[Code.Post]: "POST",
	[Code.Put]: "PUT",
	[Code.Delete]: "DELETE",
	[Code.Fetch]: "FETCH",
	[Code.IPatch]: "iPATCH",
};

/** "GET /3/0/0". */
export function describeOperation({ code, path }: Pick<Operation, "code" | "path">): string {
	return `${METHODS[code] ?? code} ${path}`;
}

/** How a queued command stands: "waiting", "sent", the answer as "2.04 Changed", or why there is none. */
export function describeOutcome(outcome: Outcome | "waiting" | "sent"): string {
	if (typeof outcome === "string") return outcome;
	return outcome.kind === "response" ? codeText(outcome.code) : outcome.kind.replace("-", " ");
}

/** "Temperature": the name of the object that a path begins with. */
export function describeObject(path: string): string {
	const objectId = Number(path.split("/")[1]);
	return objectName(objectId) ?? `Object ${objectId}`;
}
