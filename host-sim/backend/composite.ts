// Composite operations: several paths at once, named and answered in the payload (LwM2M Core 1.2, 6.3.10 to 6.3.12).

import { ContentFormat } from "../../firmware/coap/options.js";
import type { Entry } from "../../firmware/lwm2m/formats/format.js";
import { encodePaths } from "../../firmware/lwm2m/formats/paths.js";
import { type Path, parsePath } from "../../firmware/lwm2m/path.js";
import { type Node, toNode } from "./node.js";

/** The paths that a composite operation names, and the content format in which it does. */
export interface Composite {
	readonly paths: readonly string[];
	readonly pathFormat: number;
}

/** What every device with composite operations reads and writes. */
export const COMPOSITE_FORMAT = ContentFormat.SenmlCbor;

/** The node of each path; null where the device has no value there. */
export type CompositeNodes = Readonly<Record<string, Node | null>>;

/** What such an operation is known by, where others are known by their path: "composite:/3/0/0,/1". */
export function compositeName(paths: readonly string[]): string {
	return `composite:${paths.join(",")}`;
}

/** The room that a path takes: its text, and what any format puts around it. */
const PATH_LENGTH = 40;

/** The list of paths as a payload. The format is one of those that `listsPaths` knows. */
export function encodeComposite({ paths, pathFormat }: Composite): Uint8Array {
	const list = paths.map(parse);
	const payload = encodePaths(pathFormat, list, new Uint8Array((paths.length + 1) * PATH_LENGTH));
	if (payload === undefined) throw new RangeError(`content format ${pathFormat} lists no paths`);
	return payload;
}

/** Values as nodes of the paths that were asked for. */
export function toNodes(paths: readonly string[], entries: readonly Entry[]): CompositeNodes {
	return Object.fromEntries(paths.map((text) => [text, nodeAt(parse(text), entries)]));
}

function nodeAt(path: Path, entries: readonly Entry[]): Node | null {
	const own = entries.filter(
		({ objectId, instanceId, resourceId, resourceInstanceId }) =>
			(path.objectId < 0 || path.objectId === objectId) &&
			(path.instanceId < 0 || path.instanceId === instanceId) &&
			(path.resourceId < 0 || path.resourceId === resourceId) &&
			(path.resourceInstanceId < 0 || path.resourceInstanceId === resourceInstanceId),
	);
	return own.length === 0 ? null : (toNode(path, own) ?? null);
}

function parse(text: string): Path {
	const path = parsePath(text);
	if (path === undefined) throw new RangeError(`${text} is no path`);
	return path;
}
