// Rules about the code that goes into an image: what it imports, and what it takes from the global scope.

import { posix } from "node:path";
import type { Node } from "oxc-parser";
import { engine } from "../suite/rules/engine.js";
import { globalUses } from "../suite/rules/names.js";
import { imports, parse, type Source } from "../suite/rules/source.js";
import type { Findings } from "./finding.js";
import { imageModules, type Module } from "./modules.js";
import { FFI, SPECIFIERS } from "./specifiers.js";
import { idfBoards, json, MANIFESTS, type Manifest, type Tree } from "./tree.js";

/** What Node has and a device has not, beside what the engine lacks anywhere. */
const BANNED = new Set("setTimeout setInterval clearTimeout clearInterval eval Function WebSocket rng".split(" "));

/** Provided by the firmware's typings and by those of the ESP-IDF boards. */
export function typedModules(tree: Tree): ReadonlyMap<string, string> {
	const files = [...tree.files("firmware/typings"), ...tree.files("boards/esp-idf/typings")];
	const declared = files.map((file) => [/declare module "([^"]+)"/.exec(tree.text(file) ?? "")?.[1], file] as const);
	return new Map(declared.filter((row): row is readonly [string, string] => row[0] !== undefined));
}

/** With `verbatimModuleSyntax` only `import type` and `export type` vanish. */
function isErased(node: Node): boolean {
	if (node.type === "ImportDeclaration") return node.importKind === "type";
	if (node.type === "ExportNamedDeclaration" || node.type === "ExportAllDeclaration") return node.exportKind === "type";
	return node.type === "TSImportType";
}

function relativeImport(module: Module, from: string, erased: boolean, known: Known): string | undefined {
	const file = posix.join(posix.dirname(module.file), from).replace(/\.js$/, ".ts");
	if (known.tree.text(file) === undefined) return `imports "${from}", which is no file`;
	if (erased) return undefined;
	if (module.name.includes(":")) return `imports "${from}": XS resolves no relative import in ${module.name}`;
	const name = posix.join(posix.dirname(module.name), from).replace(/\.js$/, "");
	return known.names.has(name) ? undefined : `imports "${from}", which is no module of the image (${name})`;
}

function bareImport(from: string, known: Known): string | undefined {
	if (known.names.has(from)) return undefined;
	if (!known.typed.has(from)) return `imports "${from}", which no typing of ours declares`;
	if (from === FFI) return known.hasFfi ? undefined : `imports "${FFI}", and no manifest has ffi`;
	const specifier = SPECIFIERS[from];
	if (specifier === undefined) return `imports "${from}", which is not in host-sim/moddable/specifiers.ts`;
	const { manifest } = specifier;
	if (manifest === undefined || known.included.has(`$(MODDABLE)/${manifest}`)) return undefined;
	return `imports "${from}", and no manifest includes $(MODDABLE)/${manifest}`;
}

interface Known {
	readonly tree: Tree;
	readonly names: ReadonlySet<string>;
	readonly typed: ReadonlyMap<string, string>;
	readonly included: ReadonlySet<string>;
	readonly hasFfi: boolean;
}

function checkCode(module: Module, source: Source, known: Known, found: Findings): void {
	for (const { from, node } of imports(source)) {
		const fault = from.startsWith(".") ? relativeImport(module, from, isErased(node), known) : bareImport(from, known);
		if (fault !== undefined) found.add(module.file, `line ${source.line(node.start)} ${fault}.`);
	}
	for (const { line, message } of engine(source)) found.add(module.file, `line ${line}: ${message}.`);
	for (const { name, member, node } of globalUses(source)) {
		const used = name === "Math" && member === "random" ? "Math.random" : name;
		if (used === "Math.random" || BANNED.has(used))
			found.add(
				module.file,
				`line ${source.line(node.start)} uses the global ${used}, which no device has or may use.`,
			);
	}
}

/** Every import resolves on the device, and no global is used that it lacks or that would be no true randomness. */
export function checkModules(tree: Tree, found: Findings): void {
	const modules = imageModules(tree);
	const providers = idfBoards(tree).map((board) => ({
		file: `boards/${board}/host/provider.ts`,
		name: "embedded:provider/builtin",
	}));
	const manifests = Object.values(MANIFESTS).map((path) => json<Manifest>(tree, path));
	const known: Known = {
		tree,
		names: new Set(modules.map(({ name }) => name)),
		typed: typedModules(tree),
		included: new Set(manifests.flatMap(({ include }) => include ?? [])),
		hasFfi: manifests.some(({ ffi }) => ffi !== undefined),
	};
	for (const module of [...modules, ...providers]) {
		try {
			checkCode(module, parse(module.file, tree.text(module.file) ?? ""), known, found);
		} catch (error) {
			found.add(module.file, `cannot be parsed: ${(error as Error).message}`);
		}
	}
}
