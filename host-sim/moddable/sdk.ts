// The Moddable SDK on this machine, which is found by $MODDABLE.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Versions that the manifests were written for. */
const KNOWN = /^8\.2\./;
const RECIPE = "docs/recipes/flash-an-esp32.md says how to install it";

/** Where the SDK is, and what is on this machine to make whole images. */
export interface Sdk {
	readonly folder: string;
	readonly version: string;
	/** The folder of the tools that run on this machine. */
	readonly tools: string;
	/** Undefined: no ESP-IDF here, so that images end at the link of the bytecode. */
	readonly idf: string | undefined;
	/** What should be said about it, in one sentence. */
	readonly warning: string | undefined;
}

/** Finds the SDK; throws with one sentence that says what to do. */
export function findSdk(environment: Readonly<Record<string, string | undefined>>): Sdk {
	const folder = environment.MODDABLE;
	if (folder === undefined || folder === "")
		throw new Error(`The Moddable SDK is not here: MODDABLE is not set; ${RECIPE}.`);
	if (!existsSync(join(folder, "tools/mcconfig.js")))
		throw new Error(`MODDABLE is ${folder}, which is no Moddable SDK; ${RECIPE}.`);
	const platform = process.platform === "darwin" ? "mac" : "lin";
	const tools = ["release", "debug"]
		.map((kind) => join(folder, "build/bin", platform, kind))
		.find((path) => existsSync(join(path, "mcconfig")));
	if (tools === undefined)
		throw new Error(`The tools of the Moddable SDK in ${folder} have not been built; ${RECIPE}.`);
	const version = readVersion(folder);
	const idf = environment.IDF_PATH === "" ? undefined : environment.IDF_PATH;
	const warning = KNOWN.test(version) ? undefined : `The manifests were written for SDK 8.2, and this is ${version}.`;
	return { folder, version, tools, idf, warning };
}

function readVersion(folder: string): string {
	try {
		return readFileSync(join(folder, "tools/VERSION"), "utf8").trim();
	} catch {
		return "unknown";
	}
}
