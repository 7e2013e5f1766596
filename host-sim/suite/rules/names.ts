// The names that a file takes from its global scope.

import type { Node } from "oxc-parser";
import { type Source, walk } from "./source.js";

/** A use of a global: `Date`, or `Math.random` for a member of one. */
export interface GlobalUse {
	readonly name: string;
	readonly member: string | undefined;
	readonly node: Node;
}

function collectBindings(pattern: Node | null, into: Set<string>): void {
	if (pattern === null) return;
	if (pattern.type === "Identifier") into.add(pattern.name);
	else if (pattern.type === "AssignmentPattern") collectBindings(pattern.left, into);
	else if (pattern.type === "RestElement") collectBindings(pattern.argument, into);
	else if (pattern.type === "TSParameterProperty") collectBindings(pattern.parameter, into);
	else if (pattern.type === "ArrayPattern") for (const element of pattern.elements) collectBindings(element, into);
	else if (pattern.type === "ObjectPattern") {
		for (const property of pattern.properties)
			collectBindings(property.type === "Property" ? property.value : property, into);
	}
}

/** `declare const …` gives a type to a global and binds nothing. */
function isDeclared(node: Node): boolean {
	return "declare" in node && node.declare === true;
}

/** Names that the file itself binds anywhere. */
function boundNames(source: Source): Set<string> {
	const names = new Set<string>();
	walk(source.program, (node) => {
		if (isDeclared(node)) return false;
		if (node.type === "VariableDeclarator") collectBindings(node.id, names);
		else if (node.type === "CatchClause") collectBindings(node.param, names);
		else if (node.type === "ClassDeclaration") collectBindings(node.id, names);
		else if (node.type === "ImportDeclaration") for (const each of node.specifiers) names.add(each.local.name);
		else if (
			node.type === "FunctionDeclaration" ||
			node.type === "FunctionExpression" ||
			node.type === "ArrowFunctionExpression"
		) {
			collectBindings(node.id, names);
			for (const parameter of node.params) collectBindings(parameter, names);
		}
		return undefined;
	});
	return names;
}

/** TypeScript's nodes that hold an expression; all others are types and vanish. */
const EXPRESSIONS = new Set(["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression", "TSParameterProperty"]);

function isName(node: Node, parent: Node | undefined): boolean {
	if (parent === undefined) return false;
	if (parent.type === "MemberExpression") return parent.property === node && !parent.computed;
	if (parent.type === "Property" || parent.type === "MethodDefinition" || parent.type === "PropertyDefinition") {
		return parent.key === node && !parent.computed && !("shorthand" in parent && parent.shorthand);
	}
	return /^(Import|Export)\w*Specifier$|^(Labeled|Break|Continue)Statement$|^MetaProperty$/.test(parent.type);
}

/** Every use of a name that the file does not bind itself. */
export function globalUses(source: Source): GlobalUse[] {
	const bound = boundNames(source);
	const uses: GlobalUse[] = [];
	walk(source.program, (node, ancestors) => {
		if (node.type.startsWith("TS") && !EXPRESSIONS.has(node.type)) return false;
		if (isDeclared(node)) return false;
		if (node.type !== "Identifier" || bound.has(node.name)) return undefined;
		const parent = ancestors.at(-1);
		if (isName(node, parent)) return undefined;
		const property = parent?.type === "MemberExpression" && parent.object === node ? parent.property : undefined;
		const member = property?.type === "Identifier" ? property.name : undefined;
		uses.push({ name: node.name, member, node });
		return undefined;
	});
	return uses;
}
