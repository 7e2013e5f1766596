// Rules about the manifests themselves: complete lists, equal options, sizes that the budget asks for.

import { isDeepStrictEqual } from "node:util";
import { typedModules } from "./code-rules.js";
import type { Findings } from "./finding.js";
import { complete, firmwareFiles, LEFT_OUT } from "./modules.js";
import { FFI, SPECIFIERS } from "./specifiers.js";
import { idfBoards, json, MANIFESTS, type Manifest, type Tree } from "./tree.js";

/** Options of tsconfig.json that mcconfig decides itself. */
const NOT_COMPARED = ["types", "noEmit"];
const SLOT_BYTES = 16;
/** The heap is measured without console, journal and start; and what is allocated needs room beside what lives. */
const HEAP_ROOM = 2;

export function checkLists(tree: Tree, found: Findings): void {
	for (const [path, wanted] of complete(tree)) {
		const actual = json<Manifest>(tree, path);
		const missing = (wanted.preload ?? []).filter((name) => !actual.preload?.includes(name));
		for (const name of missing) found.add(path, `does not preload ${name} (wildcards leave out TypeScript).`);
		const stale = (actual.preload ?? []).filter((name) => !wanted.preload?.includes(name));
		for (const name of stale) found.add(path, `preloads ${name}, which is no module of it.`);
		if (missing.length === 0 && stale.length === 0 && !isDeepStrictEqual(actual.modules, wanted.modules))
			found.add(path, "lists other folders in modules than there are.");
	}
	for (const path of Object.keys(LEFT_OUT))
		found.demand(tree.text(path) !== undefined, path, "is left out of every image, and is no file.");
	const main = json<Manifest>(tree, MANIFESTS.top).creation?.main ?? "main";
	found.demand(firmwareFiles(tree).includes(`${main}.ts`), MANIFESTS.top, `starts ${main}, which is no module.`);
}

export function checkOptions(tree: Tree, found: Findings): void {
	const ours = json<{ compilerOptions: Record<string, unknown> }>(tree, "tsconfig.json").compilerOptions;
	const theirs = json<Manifest>(tree, MANIFESTS.firmware).typescript?.tsconfig?.compilerOptions ?? {};
	for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
		if (NOT_COMPARED.includes(name)) continue;
		const same = isDeepStrictEqual(ours[name], theirs[name]);
		found.demand(same, MANIFESTS.firmware, `has the compiler option ${name} unlike tsconfig.json.`);
	}
}

/** Our typings take the place of the SDK's: both together would declare a module twice. */
export function checkTypings(tree: Tree, found: Findings): void {
	for (const [name, file] of typedModules(tree)) {
		if (name === FFI) continue;
		const path = file.startsWith("firmware/") ? MANIFESTS.firmware : MANIFESTS.idf;
		const modules = json<Manifest>(tree, path).modules ?? {};
		const wanted = `./typings/${file
			.split("/")
			.at(-1)!
			.replace(/\.d\.ts$/, "")}`;
		found.demand(modules[name] === wanted, path, `does not give ${name} the typing ${wanted}.`);
		const replaced = `$(TYPINGS)/${SPECIFIERS[name]?.typing}`;
		const listed = modules["~"]?.includes(replaced) === true;
		found.demand(listed, path, `does not leave out the SDK's typing ${replaced}.`);
	}
}

function budget(tree: Tree, row: string): number {
	const cells = new RegExp(`^\\| ${row} +\\|[^|]+\\| +([\\d,]+) \\|`, "m").exec(tree.text("docs/budget.md") ?? "");
	if (cells === null) throw new Error(`docs/budget.md has no ceiling for ${row}.`);
	return Number(cells[1]!.replaceAll(",", ""));
}

/** The heap is one block for stack, slots and chunks (`static`). */
export function checkCreation(tree: Tree, found: Findings): void {
	const { static: block = 0, stack = 0 } = json<Manifest>(tree, MANIFESTS.idf).creation ?? {};
	const heap = budget(tree, "heap") * HEAP_ROOM;
	found.demand(block >= heap, MANIFESTS.idf, `gives a heap of ${block} bytes; the budget asks for ${heap}.`);
	const slots = Math.ceil(budget(tree, "stack") / SLOT_BYTES);
	found.demand(stack >= slots, MANIFESTS.idf, `gives a stack of ${stack} slots; the budget asks for ${slots}.`);
}

/** mcconfig takes the first key that matches and no other. */
function checkPlatforms(path: string, platforms: Manifest["platforms"], found: Findings): void {
	const keys = Object.keys(platforms ?? {});
	keys.forEach((key, i) => {
		const before = keys.slice(0, i).find((other) => other.endsWith("/*") && key.startsWith(other.slice(0, -1)));
		if (before !== undefined) found.add(path, `has the platform ${key} after ${before}, which takes its place.`);
	});
}

export function checkBoards(tree: Tree, found: Findings): void {
	const top = json<Manifest>(tree, MANIFESTS.top);
	const { version } = json<{ version: string }>(tree, "package.json");
	found.demand(top.config?.version === version, MANIFESTS.top, `has another version than package.json: ${version}.`);
	found.demand(top.strip === "*", MANIFESTS.top, "does not strip built-ins that nothing uses.");
	const keys = Object.keys(top.platforms ?? {});
	found.demand(keys.includes("esp32/*"), MANIFESTS.top, 'has no platform "esp32/*".');
	found.demand(keys.at(-1) === "...", MANIFESTS.top, 'has no platform "..." with an error for all others.');
	for (const path of Object.values(MANIFESTS)) checkPlatforms(path, json<Manifest>(tree, path).platforms, found);
	for (const board of idfBoards(tree)) {
		const path = `boards/${board}/manifest.json`;
		const manifest = json<Manifest>(tree, path);
		found.demand(manifest.config?.board === board, path, `does not call its board ${board}.`);
		found.demand(manifest.build?.ESP32_SUBCLASS !== undefined, path, "names no chip (ESP32_SUBCLASS).");
		const includes = manifest.include?.includes("../esp-idf/manifest.json") === true;
		found.demand(includes, path, "does not include ../esp-idf/manifest.json.");
		checkPlatforms(path, manifest.platforms, found);
	}
}

/** The typing of IDF's functions, from which tsc checks the calls, says what the manifest says. */
export function checkFfi(tree: Tree, found: Findings): void {
	const functions = json<Manifest>(tree, MANIFESTS.idf).ffi?.functions ?? {};
	const typing = tree.text(typedModules(tree).get(FFI) ?? "") ?? "";
	const typed = [...typing.matchAll(/^\s*(\w+)\(([^)]*)\): \w+;$/gm)].map(
		([, name, parameters]) => `${name}/${parameters === "" ? 0 : parameters!.split(",").length}`,
	);
	const named = Object.entries(functions).map(([name, signature]) => `${name}/${signature.arguments.length}`);
	const same = isDeepStrictEqual(typed.sort(), named.sort());
	found.demand(same, MANIFESTS.idf, "has other functions in ffi than boards/esp-idf/typings declares.");
}
