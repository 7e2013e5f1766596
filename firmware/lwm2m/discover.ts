// Discover (LwM2M Core, 6.3.2): which instances and resources there are, and with which attributes.

import type { Message } from "../coap/endpoint.js";
import { Option } from "../coap/options.js";
import type { Attributes } from "./attributes.js";
import { addLink } from "./formats/link-format.js";
import type { Instance } from "./instance.js";
import type { Model } from "./model.js";
import { Path } from "./path.js";
import { matches } from "./read.js";
import type { Version } from "./registration.js";
import { versionAttribute } from "./registration-links.js";

/** How many levels below an object, an instance, a resource are shown where the server does not say. */
const USUAL_DEPTHS: readonly number[] = Object.freeze([0, 2, 1, 0]);
const DEPTH_MAX = 3;

/** The `depth` of a Discover (LwM2M 1.2); -1 where it is none. */
export function discoverDepth(message: Message, path: Path): number {
	const count = message.count(Option.UriQuery);
	for (let i = 0; i < count; i++) {
		const query = message.text(Option.UriQuery, i) ?? "";
		if (!query.startsWith(DEPTH)) continue;
		const depth = query.charCodeAt(DEPTH.length) - ZERO;
		return query.length === DEPTH.length + 1 && depth >= 0 && depth <= DEPTH_MAX ? depth : -1;
	}
	return USUAL_DEPTHS[path.depth]!;
}

/** The links at a path that `locate` has found, and so many levels below it. */
export function discoverLinks(
	model: Model,
	attributes: Attributes,
	path: Path,
	levels: number,
	version: Version,
): string {
	const at = new Path();
	const deepest = path.depth + levels;
	let links = "";
	if (path.depth === 1) {
		at.set(path.objectId, -1, -1, -1);
		const versionText = versionAttribute(path.objectId, model.definition(path.objectId)!.version, version);
		links = addLink(links, at, versionText + attributes.text(at, false));
	}
	for (let i = 0; i < model.instances.length && deepest >= 2; i++) {
		const instance = model.instances[i]!;
		if (!matches(instance, path)) continue;
		at.set(path.objectId, instance.instanceId, -1, -1);
		if (path.depth < 3) links = addLink(links, at, attributes.text(at, false));
		if (deepest >= 3) links = addResourceLinks(links, instance, attributes, path, deepest);
	}
	return links;
}

function addResourceLinks(
	links: string,
	instance: Instance,
	attributes: Attributes,
	path: Path,
	deepest: number,
): string {
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
		if (deepest < 4 || !Array.isArray(value)) continue;
		for (let each = 0; each < value.length; each++) {
			if (value[each] === undefined) continue;
			at.resourceInstanceId = each;
			all = addLink(all, at, attributes.text(at, false));
		}
	}
	return all;
}

function countOf(values: readonly unknown[]): number {
	let count = 0;
	for (let i = 0; i < values.length; i++) if (values[i] !== undefined) count++;
	return count;
}

const DEPTH = "depth=";
const ZERO = 0x30;
