// Nodes of the API printed for people.

import type { CompositeNodes } from "../backend/composite.js";
import { describeNode, toLines } from "../backend/describe.js";
import type { Node } from "../backend/node.js";
import { table } from "./table.js";

/** One value as "Sensor Value 21.5 Cel", several as a table of path, name and value. */
export function formatNode(path: string, content: unknown): string {
	const node = content as Node;
	const lines = toLines(path, node);
	if (lines.length === 0) return "(no values)";
	if (node.kind === "singleResource" || node.kind === "resourceInstance") return describeNode(path, node).join("");
	return table(lines.map(({ path: place, name, value, unit }) => [place, name, withUnit(value, unit)]));
}

/** The values of several paths as one table. */
export function formatNodes(content: unknown): string {
	const rows = Object.entries(content as CompositeNodes).flatMap(([path, node]) =>
		node === null
			? [[path, "", "(no value)"]]
			: toLines(path, node).map(({ path: place, name, value, unit }) => [place, name, withUnit(value, unit)]),
	);
	return table(rows);
}

function withUnit(value: string, unit: string): string {
	return unit === "" ? value : `${value} ${unit}`;
}
