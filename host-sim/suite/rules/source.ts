// A source file as the rules see it: text, lines and the syntax tree of a real parser.

import { type Node, type Program, parseSync, visitorKeys } from "oxc-parser";

/** One TypeScript or JavaScript file. */
export interface Source {
	/** Relative to the repository's root. */
	readonly path: string;
	readonly text: string;
	readonly program: Program;
	/** The line, from 1, of an offset in the text. */
	line(offset: number): number;
}

/** What a rule found, at a line of a file. */
export interface Finding {
	readonly path: string;
	readonly line: number;
	readonly message: string;
}

/** Looks at one source; an empty list is a clean source. */
export type Rule = (source: Source) => Finding[];

/** Parses TypeScript; a syntax error is an exception. */
export function parse(path: string, text: string): Source {
	const { program, errors } = parseSync(path, text);
	if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map((error) => error.message).join("; ")}`);
	return { path, text, program, line: (offset) => text.slice(0, offset).split("\n").length };
}

/** A finding at a node of a source. */
export function finding(source: Source, node: Node, message: string): Finding {
	return { path: source.path, line: source.line(node.start), message };
}

/** Calls `visit` for each node with its ancestors, outermost first; what it returns false for is not entered. */
export function walk(root: Node, visit: (node: Node, ancestors: readonly Node[]) => boolean | undefined): void {
	const ancestors: Node[] = [];
	const enter = (node: Node) => {
		if (visit(node, ancestors) === false) return;
		ancestors.push(node);
		for (const key of visitorKeys[node.type] ?? []) {
			const child = (node as unknown as Record<string, Node | (Node | null)[] | null | undefined>)[key];
			if (Array.isArray(child)) for (const each of child) each && enter(each);
			else if (child) enter(child);
		}
		ancestors.pop();
	};
	enter(root);
}

/** All nodes for which the test holds. */
export function select(root: Node, test: (node: Node, ancestors: readonly Node[]) => boolean): Node[] {
	const found: Node[] = [];
	walk(root, (node, ancestors) => {
		if (test(node, ancestors)) found.push(node);
		return undefined;
	});
	return found;
}

/** Functions of every form; a method holds one. */
export function isFunction(node: Node): boolean {
	return (
		node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
	);
}

/** The module specifiers that a file imports or re-exports from, each with its node. */
export function imports(source: Source): { readonly from: string; readonly node: Node }[] {
	const found: { from: string; node: Node }[] = [];
	walk(source.program, (node) => {
		const specifier =
			node.type === "ImportDeclaration" ||
			node.type === "ExportAllDeclaration" ||
			node.type === "ExportNamedDeclaration" ||
			node.type === "ImportExpression" ||
			node.type === "TSImportType"
				? node.source
				: null;
		if (specifier?.type === "Literal" && typeof specifier.value === "string")
			found.push({ from: specifier.value, node });
		return undefined;
	});
	return found;
}
