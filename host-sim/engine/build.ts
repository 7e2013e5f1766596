// Builds the desktop XS engine and its compiler from the sources in npm @agoric/xsnap, pinned by hash and unpatched.
// Every product is named by the hash of what it is made from, so nothing is ever stale and a second build is instant.

import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "./lock.js";

/** 64-bit, or 32-bit with 16-byte slots as on the device. */
export type Variant = "xs64" | "xs32";

/** Where a built engine stands. */
export interface Engine {
	/** The host program that runs bytecode. */
	readonly host: string;
	/** The ahead-of-time compiler, JavaScript to bytecode. */
	readonly compiler: string;
}

/** The root of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** Everything the engine makes; git-ignored. */
export const OUT = join(ROOT, "out/engine");

const PACKAGE = "@agoric/xsnap@0.15.0";
const PACKAGE_FILE = "agoric-xsnap-0.15.0.tgz";
const PACKAGE_SHA256 = "ba82e67dc4bf31a4f0084cd7eb251d0a9c9a671c914494d1f6c2fe61272ceceb";
const SOURCES = join(OUT, "package/moddable/xs");
const OURS = join(ROOT, "host-sim/engine/c");

/** The parser group, which is all the compiler needs. */
const COMPILER_SOURCES = "BigInt Code Common dtoa Lexical re Scope Script SourceMap Syntaxical Tree"
	.split(" ")
	.map((name) => `xs${name}.c`);
/** Of our own C files, the one that is the compiler; the others are the host. */
const COMPILER_MAIN = "compile.c";

const COMMON_FLAGS = [
	"-O2",
	"-DINCLUDE_XSPLATFORM",
	'-DXSPLATFORM="platform.h"',
	"-DmxMinusZero=1",
	"-DmxCESU8=1",
	"-DmxRegExpUnicodePropertyEscapes=1",
	...["includes", "platforms", "sources"].map((folder) => `-I${join(SOURCES, folder)}`),
	`-I${OURS}`,
];
const COMPILER_FLAGS = [...COMMON_FLAGS, "-DmxCompile=1", "-DmxParse=1"];
const HOST_FLAGS = [
	...COMMON_FLAGS,
	...[
		"-DmxRun=1",
		"-DmxMetering=1",
		"-DmxInstrument=1",
		"-DmxNoConsole=1",
		"-DmxBoundsCheck=1",
		"-DmxStringNormalize=1",
	],
	...["-DmxParse=1", "-fno-common", "-ffunction-sections", "-fdata-sections"],
];
/** Doubles in SSE registers: x87 would round twice, and results would differ between the variants. */
const MACHINE_FLAGS: Record<Variant, string[]> = { xs64: [], xs32: ["-m32", "-msse2", "-mfpmath=sse"] };
const LINK_FLAGS = ["-Wl,--gc-sections", "-Wl,--wrap=fxCaptureErrorStack", "-lm", "-lpthread"];

const run = promisify(execFile);
const problems = new Map<Variant, string | undefined>();

function findProblem(variant: Variant): string | undefined {
	if (spawnSync("gcc", ["--version"]).error) return "gcc is not installed (Debian package gcc)";
	const program = "#include <stdio.h>\nint main(void) { return 0; }\n";
	const flags = [...MACHINE_FLAGS[variant], "-x", "c", "-o", "/dev/null", "-"];
	const failed = spawnSync("gcc", flags, { input: program }).status !== 0;
	if (!failed) return undefined;
	return variant === "xs32"
		? "gcc cannot make 32-bit programs (Debian package gcc-multilib)"
		: "gcc has no C library (Debian package libc6-dev)";
}

/** Why this variant cannot be built here, in one sentence; undefined when it can. */
export function missingFor(variant: Variant): string | undefined {
	if (!problems.has(variant)) problems.set(variant, findProblem(variant));
	return problems.get(variant);
}

function say(text: string): void {
	process.stderr.write(`engine: ${text}\n`);
}

/** A short name for what something is made from. */
export function fingerprint(...parts: (string | Uint8Array)[]): string {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part).update("\0");
	return hash.digest("hex").slice(0, 16);
}

async function fetchSources(): Promise<void> {
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

/** One C file to compile: its object's name holds the hash of its flags and sources. */
interface Unit {
	readonly source: string;
	readonly object: string;
	readonly flags: readonly string[];
}

function units(sources: readonly string[], flags: readonly string[], headers: string): Unit[] {
	return sources.map((source) => {
		const warnings = source.startsWith(OURS) ? ["-Wall", "-Wextra", "-Wno-unused-parameter"] : ["-w"];
		const all = [...flags, ...warnings];
		const key = fingerprint(headers, all.join(" ").replaceAll(ROOT, ""), readFileSync(source));
		return { source, flags: all, object: join(OUT, "objects", `${basename(source, ".c")}-${key}.o`) };
	});
}

async function compileUnits(all: readonly Unit[], what: string): Promise<void> {
	const waiting = all.filter((unit) => !existsSync(unit.object));
	if (waiting.length === 0) return;
	say(`compiling ${what} (${waiting.length} C files)`);
	mkdirSync(join(OUT, "objects"), { recursive: true });
	const worker = async () => {
		for (let unit = waiting.pop(); unit !== undefined; unit = waiting.pop()) {
			const fresh = `${unit.object}.${process.pid}`;
			try {
				await run("gcc", [...unit.flags, "-c", unit.source, "-o", fresh]);
			} catch (error) {
				throw new Error(`gcc failed on ${unit.source}\n${(error as { stderr?: string }).stderr ?? error}`);
			}
			renameSync(fresh, unit.object);
		}
	};
	await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

async function link(all: readonly Unit[], name: string, flags: readonly string[]): Promise<string> {
	const objects = all.map((unit) => unit.object);
	const program = join(OUT, `${name}-${fingerprint(...objects.map((path) => basename(path)), ...flags)}`);
	if (existsSync(program)) return program;
	await compileUnits(all, name);
	const fresh = `${program}.${process.pid}`;
	await run("gcc", ["-o", fresh, ...objects, ...flags]);
	renameSync(fresh, program);
	return program;
}

function ourFiles(extension: string): string[] {
	return readdirSync(OURS)
		.filter((name) => name.endsWith(extension))
		.sort()
		.map((name) => join(OURS, name));
}

async function build(variant: Variant): Promise<Engine> {
	await fetchSources();
	const xs = (name: string) => join(SOURCES, "sources", name);
	const platform = fingerprint(PACKAGE_SHA256, readFileSync(join(OURS, "platform.h")));
	const ourHeaders = fingerprint(platform, ...ourFiles(".h").map((path) => readFileSync(path)));
	const hostFlags = [...HOST_FLAGS, ...MACHINE_FLAGS[variant]];
	const engineSources = readdirSync(join(SOURCES, "sources")).filter(
		(name) => /\.c$/.test(name) && name !== "xsSnapshot.c",
	);
	const hostSources = ourFiles(".c").filter((path) => basename(path) !== COMPILER_MAIN);
	const host = [
		...units(engineSources.sort().map(xs), hostFlags, platform),
		...units(hostSources, hostFlags, ourHeaders),
	];
	const compiler = [
		...units(COMPILER_SOURCES.map(xs), COMPILER_FLAGS, platform),
		...units([join(OURS, COMPILER_MAIN)], COMPILER_FLAGS, ourHeaders),
	];
	const atomics = variant === "xs32" ? ["-latomic"] : [];
	return {
		host: await link(host, `xs-host-${variant}`, [...MACHINE_FLAGS[variant], ...LINK_FLAGS, ...atomics]),
		compiler: await link(compiler, "xs-compile", ["-lm"]),
	};
}

const built = new Map<Variant, Promise<Engine>>();

/** Builds what changed and returns the paths; throws an Error of one sentence when something is missing. */
export function buildEngine(variant: Variant): Promise<Engine> {
	let engine = built.get(variant);
	if (engine === undefined) {
		const problem = missingFor(variant);
		if (problem !== undefined)
			return Promise.reject(new Error(`the XS engine cannot be built: ${problem}; run ./setup`));
		mkdirSync(OUT, { recursive: true });
		engine = withLock(join(OUT, "lock"), () => build(variant));
		built.set(variant, engine);
		engine.catch(() => built.delete(variant));
	}
	return engine;
}
