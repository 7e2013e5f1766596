// Discover (LwM2M Core, 6.3.2): which instances and resources there are, and with which attributes.

import type { Attributes } from "./attributes.js";
import { addLink } from "./formats/link-format.js";
import type { Instance } from "./instance.js";
import type { Model } from "./model.js";
import { Path } from "./path.js";
import { matches } from "./read.js";
import type { Version } from "./registration.js";
import { versionAttribute } from "./registration-links.js";

/** The links at and below a path of an object, an instance or a resource that `locate` has found. */
export function discoverLinks(model: Model, attributes: Attributes, path: Path, version: Version): string {
	const at = new Path();
	let links = "";
	if (path.depth === 1) {
		at.set(path.objectId, -1, -1, -1);
		const versionText = versionAttribute(path.objectId, model.definition(path.objectId)!.version, version);
		links = addLink(links, at, versionText + attributes.text(at, false));
	}
	for (let i = 0; i < model.instances.length; i++) {
		const instance = model.instances[i]!;
		if (!matches(instance, path)) continue;
		at.set(path.objectId, instance.instanceId, -1, -1);
		if (path.depth < 3) links = addLink(links, at, attributes.text(at, false));
		links = addResourceLinks(links, instance, attributes, path);
	}
	return links;
}

function addResourceLinks(links: string, instance: Instance, attributes: Attributes, path: Path): string {
	const at = new Path();
	const table = instance.definition.table;
	let all = links;
	for (let index = 0; index < table.length; index++) {
		const id = table[index]!.id;
		const value = instance.values[index];
		if (value === undefined || (path.resourceId >= 0 && path.resourceId !== id)) continue;
		at.set(path.objectId, instance.instanceId, id, -1);
		const dimension = Array.isArray(value) ? `;dim=${countOf(value)}` : "";
		all = addLink(all, at, dimension + attributes.text(at, path.depth === 3));
	}
	return all;
}

function countOf(values: readonly unknown[]): number {
	let count = 0;
	for (let i = 0; i < values.length; i++) if (values[i] !== undefined) count++;
	return count;
}
