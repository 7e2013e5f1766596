// The part of the repository that Moddable builds from, as rules see it: from the disk, or a variation of it by a test.

import { readdirSync, readFileSync } from "node:fs";

/** Paths are relative to the root of the repository. */
export interface Tree {
	/** Undefined: there is no such file. */
	text(path: string): string | undefined;
	/** All files below a folder, sorted; none where there is no such folder. */
	files(folder: string): readonly string[];
}

/** A manifest of mcconfig, as much of it as we use. */
export interface Manifest {
	readonly build?: Readonly<Record<string, string>>;
	readonly include?: readonly string[];
	readonly modules?: Readonly<Record<string, string | readonly string[]>>;
	readonly preload?: readonly string[];
	readonly strip?: string;
	readonly config?: Readonly<Record<string, unknown>>;
	readonly creation?: { readonly static?: number; readonly stack?: number; readonly main?: string };
	readonly ffi?: { readonly functions: Readonly<Record<string, { readonly arguments: readonly string[] }>> };
	readonly typescript?: { readonly tsconfig?: { readonly compilerOptions?: Readonly<Record<string, unknown>> } };
	readonly platforms?: Readonly<Record<string, Manifest & { readonly error?: string }>>;
}

/** The manifests of this repository, from what includes to what is included. */
export const MANIFESTS = Object.freeze({
	top: "manifest.json",
	firmware: "firmware/manifest.json",
	idf: "boards/esp-idf/manifest.json",
});

/** The repository on the disk. */
export function treeAt(root: string): Tree {
	return {
		text(path) {
			try {
				return readFileSync(`${root}/${path}`, "utf8");
			} catch {
				return undefined;
			}
		},
		files(folder) {
			try {
				return readdirSync(`${root}/${folder}`, { withFileTypes: true, recursive: true })
					.filter((entry) => entry.isFile())
					.map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1))
					.sort();
			} catch {
				return [];
			}
		},
	};
}

/** A JSON file of the tree; a missing or broken one is an Error of one sentence. */
export function json<T>(tree: Tree, path: string): T {
	const text = tree.text(path);
	if (text === undefined) throw new Error(`${path} is missing.`);
	try {
		return JSON.parse(text) as T;
	} catch (error) {
		throw new Error(`${path} is no JSON: ${(error as Error).message}`);
	}
}

/** The names of our boards for ESP-IDF: the folders with a provider. */
export function idfBoards(tree: Tree): string[] {
	return tree
		.files("boards")
		.map((path) => /^boards\/([^/]+)\/host\/provider\.ts$/.exec(path)?.[1])
		.filter((name) => name !== undefined);
}
