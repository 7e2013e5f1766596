// Which modules an image holds, and which manifest has to name them: made from the folders, never by hand.

import { posix } from "node:path";
import { json, MANIFESTS, type Manifest, type Tree } from "./tree.js";

/** A module of an image: its file, and the specifier by which XS knows it. */
export interface Module {
	readonly file: string;
	readonly name: string;
}

/** Files of firmware/ that no image holds, each with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = Object.freeze({});

const EXAMPLES = "firmware/examples/";

/** The firmware's modules as their folders have them: no tests, no typings, nothing that is left out. */
export function firmwareFiles(tree: Tree): string[] {
	return tree
		.files("firmware")
		.filter((path) => path.endsWith(".ts") && !/^firmware\/(tests|typings)\//.test(path) && !(path in LEFT_OUT));
}

function folderRows(files: readonly string[], base: string): Record<string, string> {
	const folders = [...new Set(files.map((file) => posix.dirname(file)))].sort();
	return Object.fromEntries(
		folders.map((folder) => [`${folder}/*`, `./${posix.join(posix.relative(base, folder), "*")}`]),
	);
}

/** Rows of `modules` that stand for a folder of ours are made anew, all others stay. */
function withLists(manifest: Manifest, files: readonly string[], base: string): Manifest {
	const kept = Object.entries(manifest.modules ?? {}).filter(([target]) => !/^firmware\/.*\*$/.test(target));
	return {
		...manifest,
		modules: { ...folderRows(files, base), ...Object.fromEntries(kept) },
		preload: files.map((file) => file.replace(/\.ts$/, "")),
	};
}

/** What the two manifests of the firmware should be: the library's, and the application's with its examples. */
export function complete(tree: Tree): ReadonlyMap<string, Manifest> {
	const files = firmwareFiles(tree);
	const library = files.filter((file) => !file.startsWith(EXAMPLES));
	const application = files.filter((file) => file.startsWith(EXAMPLES));
	return new Map([
		[MANIFESTS.firmware, withLists(json<Manifest>(tree, MANIFESTS.firmware), library, "firmware")],
		[MANIFESTS.top, withLists(json<Manifest>(tree, MANIFESTS.top), application, ".")],
	]);
}

/** Every TypeScript module of ours in the image of an ESP-IDF board, as the manifests name it. */
export function imageModules(tree: Tree): Module[] {
	const modules = firmwareFiles(tree).map((file) => ({ file, name: file.replace(/\.ts$/, "") }));
	for (const [name, source] of Object.entries(json<Manifest>(tree, MANIFESTS.idf).modules ?? {})) {
		const file = typeof source === "string" ? `${posix.join("boards/esp-idf", source)}.ts` : "";
		if (tree.text(file) !== undefined) modules.push({ file, name });
	}
	return modules;
}
