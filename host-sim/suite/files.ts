// Which test files there are, on which engines each one runs, and what its marker comment asks for.

import { readdirSync, readFileSync } from "node:fs";

/** What a test can run on: Node, or XS with 32-byte and with 16-byte slots. */
export type EngineName = "node" | "xs64" | "xs32";

/** A test file and how it wants to be run: `// suite: real-network serial limit=120` as a line of its own. */
export interface TestFile {
	readonly path: string;
	readonly engines: readonly EngineName[];
	/** It uses real sockets or processes: a failure is tried again and, when it then passes, shown as flaky. */
	readonly realNetwork: boolean;
	/** It must have the machine for itself. */
	readonly serial: boolean;
	readonly limitMs: number;
}

const DEFAULT_LIMIT_SECONDS = 60;

/** Reads the marker of a test file; an unknown word is an error, so that no typing mistake goes unseen. */
export function readMarker(text: string): Pick<TestFile, "realNetwork" | "serial" | "limitMs"> {
	const words = /^\/\/ suite: (.+)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
	let limitSeconds = DEFAULT_LIMIT_SECONDS;
	for (const word of words) {
		const limit = /^limit=(\d+)$/.exec(word);
		if (limit) limitSeconds = Number(limit[1]);
		else if (word !== "real-network" && word !== "serial") throw new Error(`unknown word in a suite marker: ${word}`);
	}
	return {
		realNetwork: words.includes("real-network"),
		serial: words.includes("serial"),
		limitMs: limitSeconds * 1000,
	};
}

function enginesFor(path: string): readonly EngineName[] {
	return path.endsWith(".node.test.ts") ? ["node"] : ["node", "xs64", "xs32"];
}

/** Paths of all files below a folder, relative to the root, sorted; what is fetched or built is left out. */
export function walk(root: string, folder: string): string[] {
	return readdirSync(`${root}/${folder}`, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile())
		.map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1).replace(/^\.\//, ""))
		.filter((path) => !/(^|\/)(node_modules|out|\.git)\//.test(path))
		.sort();
}

/** What runs on XS, too, of what is not the firmware. */
const ON_XS_TOO = /^host-sim\/(crypto|flash|machines|world)\/.*\.test\.ts$/;

/** All test files of the project whose path contains the filter. */
export function findTestFiles(root: string, filter: string): TestFile[] {
	const tests = walk(root, "firmware/tests").filter((path) => path.endsWith(".test.ts"));
	const hostTests = ["boards", "hil-tests", "host-sim"]
		.flatMap((folder) => walk(root, folder))
		.filter((path) => path.endsWith(".node.test.ts") || ON_XS_TOO.test(path));
	return [...tests, ...hostTests]
		.filter((path) => path.includes(filter))
		.map((path) => ({ path, engines: enginesFor(path), ...readMarker(readFileSync(`${root}/${path}`, "utf8")) }));
}
