// Holds Moddable's manifests to the firmware without the SDK: `npm run check`; with --write completes their lists.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkModules } from "./code-rules.js";
import { type Finding, Findings } from "./finding.js";
import { checkPartitions, checkSdkconfig } from "./flash-rules.js";
import { checkBoards, checkCreation, checkFfi, checkLists, checkOptions, checkTypings } from "./manifest-rules.js";
import { complete } from "./modules.js";
import { type Tree, treeAt } from "./tree.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const COMMAND = "node --import tsx host-sim/moddable/check.ts --write";

const RULES: readonly ((tree: Tree, found: Findings) => void)[] = [
	checkLists,
	checkModules,
	checkOptions,
	checkTypings,
	checkCreation,
	checkBoards,
	checkFfi,
	checkPartitions,
	checkSdkconfig,
];

/** All that is wrong, in the order of the rules. */
export function check(tree: Tree): readonly Finding[] {
	const found = new Findings();
	for (const rule of RULES) {
		try {
			rule(tree, found);
		} catch (error) {
			const { message } = error as Error;
			// Several rules read the same file.
			if (!found.list.some((finding) => finding.message === message)) found.add("moddable", message);
		}
	}
	return found.list;
}

/** Writes the manifests with complete lists, in the formatter's style. */
function write(root: string): void {
	const manifests = complete(treeAt(root));
	for (const [path, manifest] of manifests)
		writeFileSync(join(root, path), `${JSON.stringify(manifest, null, "\t")}\n`);
	const words = ["biome", "format", "--write", ...manifests.keys()];
	const formatted = spawnSync("npx", words, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
	if (formatted.status !== 0) process.exitCode = 1;
}

function main(words: readonly string[]): void {
	if (words.includes("--write")) write(ROOT);
	const findings = check(treeAt(ROOT));
	for (const { path, message } of findings) process.stderr.write(`${path}: ${message}\n`);
	if (findings.length === 0) return;
	const lists = findings.some(({ message }) => /preload|folders in modules/.test(message));
	process.stderr.write(`moddable: ${findings.length} found${lists ? `; ${COMMAND} completes the lists` : ""}\n`);
	process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
