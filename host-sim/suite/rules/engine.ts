// What Node has and XS 13 lacks, as measured; TypeScript's ES2022 library catches most of it a first time.

import type { Node } from "oxc-parser";
import { globalUses } from "./names.js";
import { runsOnXs } from "./places.js";
import { type Finding, finding, type Source, walk } from "./source.js";

const GLOBALS = new Set(
	(
		"TextEncoder TextDecoder structuredClone queueMicrotask URL URLSearchParams Buffer process performance console " +
		"atob btoa crypto fetch Intl Temporal Iterator Float16Array AbortController EventTarget Event Blob " +
		"setImmediate require module exports global window self SharedWorker Worker"
	).split(" "),
);

const MEMBERS = new Set(
	(
		"toSorted toSpliced toReversed groupBy withResolvers fromAsync isWellFormed toWellFormed captureStackTrace " +
		"symmetricDifference isSubsetOf isSupersetOf isDisjointFrom " +
		"localeCompare toLocaleString toLocaleUpperCase toLocaleLowerCase toLocaleDateString toLocaleTimeString"
	).split(" "),
);

function syntax(node: Node): string | undefined {
	if (node.type === "VariableDeclaration" && /using/.test(node.kind)) return "using";
	if (node.type === "Decorator") return "a decorator";
	if (node.type === "ImportDeclaration" && node.attributes.length > 0) return "an import attribute";
	if (node.type !== "Literal" || !("regex" in node)) return undefined;
	if (node.regex.flags.includes("v")) return "the v flag of a RegExp";
	return /\(\?[ims]*-?[ims]+:/.test(node.regex.pattern) ? "a RegExp modifier" : undefined;
}

/** No global, method or syntax that the XS engine lacks, in all that runs on it. */
export function engine(source: Source): Finding[] {
	if (!runsOnXs(source.path)) return [];
	const found = globalUses(source)
		.filter(({ name }) => GLOBALS.has(name))
		.map(({ name, node }) => finding(source, node, `XS has no ${name}`));
	walk(source.program, (node) => {
		const member = node.type === "MemberExpression" && node.property.type === "Identifier" ? node.property.name : "";
		const what = MEMBERS.has(member) ? member : syntax(node);
		if (what !== undefined) found.push(finding(source, node, `XS has no ${what}`));
		return undefined;
	});
	return found;
}
