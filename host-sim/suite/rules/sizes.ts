// Sizes as the code bases we admire keep them.

import type { Node } from "oxc-parser";
import { isTest } from "./places.js";
import { type Finding, finding, isFunction, type Source, select } from "./source.js";

const LINE_COLUMNS = 120;
const FILE_LINES = 450;
const FUNCTION_LINES = 60;
const TAB_COLUMNS = 2;

/** Files that are one table of the specification. */
const TABLES = /\/(constants|registry)\.ts$/;

/** Lines of at most 120 columns, files of at most 450 lines but tables; for every text file of the project. */
export function textSizes(path: string, text: string): Finding[] {
	const lines = text.trimEnd().split("\n");
	const found: Finding[] = [];
	lines.forEach((line, index) => {
		const columns = [...line.replaceAll("\t", " ".repeat(TAB_COLUMNS))].length;
		if (columns > LINE_COLUMNS) found.push({ path, line: index + 1, message: `${columns} columns` });
	});
	if (lines.length > FILE_LINES && !TABLES.test(path)) {
		found.push({ path, line: FILE_LINES + 1, message: `a file of ${lines.length} lines` });
	}
	return found;
}

function lineCount(source: Source, node: Node): number {
	return source.line(node.end) - source.line(node.start) + 1;
}

/** Functions of at most 60 lines, but in tests. */
export function functionSizes(source: Source): Finding[] {
	if (isTest(source.path)) return [];
	return select(source.program, (node) => isFunction(node) && lineCount(source, node) > FUNCTION_LINES).map((node) =>
		finding(source, node, `a function of ${lineCount(source, node)} lines`),
	);
}
