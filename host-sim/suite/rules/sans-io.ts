// DESIGN rule 1: the core is a set of synchronous state machines that get the time and give bytes.

import type { Node } from "oxc-parser";
import { globalUses } from "./names.js";
import { isCore, isTest, runsOnXs } from "./places.js";
import { type Finding, finding, imports, type Source, walk } from "./source.js";

const PLATFORM = new Set(
	(
		"Date performance setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate Timer Time " +
		"console trace fetch crypto Promise device screen debugger WebSocket EventTarget AbortController"
	).split(" "),
);

/** What a test on both engines may not use either: it has virtual time only, and a random of its own. */
const CLOCKS = new Set(
	"Date performance setTimeout setInterval setImmediate clearTimeout clearInterval Timer Time".split(" "),
);

function asynchronous(node: Node): string | undefined {
	if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await)) return "await";
	if (node.type === "YieldExpression") return "yield";
	if ("async" in node && node.async) return "an async function";
	if ("generator" in node && node.generator) return "a generator";
	return undefined;
}

function globals(source: Source, banned: ReadonlySet<string>, where: string): Finding[] {
	return globalUses(source)
		.filter(({ name, member }) => banned.has(name) || (name === "Math" && member === "random"))
		.map(({ name, node }) => finding(source, node, `${name === "Math" ? "Math.random" : name} in ${where}`));
}

/** No clock, timer, random, socket, trace, console, async, generator or platform module in the core. */
export function sansIo(source: Source): Finding[] {
	if (!isCore(source.path)) {
		return isTest(source.path) && runsOnXs(source.path) ? globals(source, CLOCKS, "a test with virtual time") : [];
	}
	const found = globals(source, PLATFORM, "the core");
	walk(source.program, (node) => {
		const what = asynchronous(node);
		if (what !== undefined) found.push(finding(source, node, `${what} in the core`));
		if (node.type === "DebuggerStatement") found.push(finding(source, node, "debugger in the core"));
		return undefined;
	});
	for (const { from, node } of imports(source)) {
		if (!from.startsWith(".")) found.push(finding(source, node, `the core imports "${from}"`));
	}
	return found;
}
