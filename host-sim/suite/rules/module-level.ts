// Modules are preloaded into read-only memory on a device: nothing at module level is ever written.

import type { Node } from "oxc-parser";
import { isPreloaded } from "./places.js";
import { type Finding, finding, isFunction, type Source, walk } from "./source.js";

const WRITTEN = /^(Map|Set|WeakMap|WeakSet|WeakRef|Date|ArrayBuffer|SharedArrayBuffer|DataView|RegExp)$/;
const TYPED_ARRAY = /^(Uint8|Int8|Uint8Clamped|Uint16|Int16|Uint32|Int32|Float32|Float64|BigInt64|BigUint64)Array$/;

/** `new Uint8Array(0)` cannot be written and `new Uint8Array([…])` is a table; any other is made to be written. */
function isBuffer(node: Node): boolean {
	if (node.type !== "NewExpression" || node.callee.type !== "Identifier") return false;
	if (WRITTEN.test(node.callee.name)) return true;
	if (!TYPED_ARRAY.test(node.callee.name)) return false;
	const [first] = node.arguments;
	return !(first?.type === "ArrayExpression" || (first?.type === "Literal" && first.value === 0));
}

/** A table for lookup, filled where it is made: the type says that nobody writes it. */
function isReadonlyTable(node: Node, parent: Node | undefined): boolean {
	if (parent?.type !== "VariableDeclarator" || node.type !== "NewExpression" || node.arguments.length === 0)
		return false;
	const type = parent.id.typeAnnotation?.typeAnnotation;
	const name = type?.type === "TSTypeReference" && type.typeName.type === "Identifier" ? type.typeName.name : "";
	return name === "ReadonlyMap" || name === "ReadonlySet";
}

function fault(node: Node): string | undefined {
	if (node.type === "VariableDeclaration" && node.kind !== "const") return `${node.kind} at module level`;
	if (isBuffer(node) && node.type === "NewExpression" && node.callee.type === "Identifier") {
		return `new ${node.callee.name} kept at module level`;
	}
	if (node.type === "Literal" && "regex" in node) return "a RegExp kept at module level";
	if (node.type === "AwaitExpression") return "await at module level";
	if (node.type === "PropertyDefinition" && node.static && !node.readonly) return "a static field that is not readonly";
	return undefined;
}

/** Only const at module level, and no Map, Set, buffer, RegExp or writable static field that lives there. */
export function moduleLevel(source: Source): Finding[] {
	const found: Finding[] = [];
	if (!isPreloaded(source.path)) return found;
	walk(source.program, (node, ancestors) => {
		if (node.type.startsWith("TS") && node.type !== "TSAsExpression" && node.type !== "TSSatisfiesExpression")
			return false;
		// An instance field is run for each instance, like a function's body.
		if (isReadonlyTable(node, ancestors.at(-1))) return false;
		if (isFunction(node) || (node.type === "PropertyDefinition" && !node.static)) return false;
		// A loop or a block at module level has variables of its own, which end with it.
		const inBlock = ancestors.some(
			({ type }) => type === "BlockStatement" || type === "StaticBlock" || /^For/.test(type),
		);
		const what = node.type === "VariableDeclaration" && inBlock ? undefined : fault(node);
		if (what !== undefined) found.push(finding(source, node, what));
		return undefined;
	});
	return found;
}
