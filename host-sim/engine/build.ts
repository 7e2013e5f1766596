// Builds the desktop XS engine and its compiler.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { withLock } from "./lock.js";
import { fetchMbedtls } from "./mbedtls.js";
import { fingerprint, link, OUT, ROOT, units } from "./objects.js";
import { engineSources, fetchSources, LANGUAGE_FLAGS, PACKAGE_SHA256, SHARED, xsSource } from "./sources.js";

/** 64-bit, or 32-bit with 16-byte slots as on the device. */
export type Variant = "xs64" | "xs32";

/** Where a built engine stands. */
export interface Engine {
	/** The host program that runs bytecode. */
	readonly host: string;
	/** The ahead-of-time compiler, JavaScript to bytecode. */
	readonly compiler: string;
}

const OURS = join(ROOT, "host-sim/engine/c");

/** The parser group, which is all the compiler needs. */
const COMPILER_SOURCES = "BigInt Code Common dtoa Lexical re Scope Script SourceMap Syntaxical Tree"
	.split(" ")
	.map((name) => `xs${name}.c`);
/** Of our own C files, the one that is the compiler; the others are the host. */
const COMPILER_MAIN = "compile.c";

const COMMON_FLAGS = ["-O2", ...LANGUAGE_FLAGS, `-I${OURS}`];
const COMPILER_FLAGS = [...COMMON_FLAGS, "-DmxCompile=1", "-DmxParse=1"];
const LIBRARY_FLAGS = ["-O2", "-ffunction-sections", "-fdata-sections"];
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

const problems = new Map<Variant, string | undefined>();

function findProblem(variant: Variant): string | undefined {
	if (spawnSync("gcc", ["--version"]).error) return "gcc is not installed (Debian package gcc)";
	const program = "#include <stdio.h>\nint main(void) { return 0; }\n";
	const folder = mkdtempSync(join(tmpdir(), "pinhole-"));
	const flags = [...MACHINE_FLAGS[variant], "-x", "c", "-o", join(folder, "program"), "-"];
	const failed = spawnSync("gcc", flags, { input: program }).status !== 0;
	rmSync(folder, { recursive: true });
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

function filesIn(folder: string, extension: string): string[] {
	return readdirSync(folder)
		.filter((name) => name.endsWith(extension))
		.sort()
		.map((name) => join(folder, name));
}

function ourFiles(extension: string): string[] {
	return [...filesIn(OURS, extension), ...filesIn(SHARED, extension)];
}

interface Headers {
	/** All that a file of XS may include. */
	readonly platform: string;
	/** All that one of ours may. */
	readonly all: string;
}

async function headers(): Promise<Headers> {
	await fetchSources();
	const platform = fingerprint(PACKAGE_SHA256, readFileSync(join(OURS, "platform.h")));
	return { platform, all: fingerprint(platform, ...ourFiles(".h").map((path) => readFileSync(path))) };
}

async function linkCompiler({ platform, all }: Headers): Promise<string> {
	const parts = [
		...units("gcc", COMPILER_SOURCES.map(xsSource), COMPILER_FLAGS, platform),
		...units("gcc", [join(OURS, COMPILER_MAIN)], COMPILER_FLAGS, all),
	];
	return await link(parts, "xs-compile", ["-lm"]);
}

async function build(variant: Variant): Promise<Engine> {
	const found = await headers();
	const mbedtls = await fetchMbedtls();
	const hostFlags = [...HOST_FLAGS, ...MACHINE_FLAGS[variant]];
	const hostSources = ourFiles(".c").filter((path) => basename(path) !== COMPILER_MAIN);
	const host = [
		...units("gcc", engineSources(), hostFlags, found.platform),
		...units("gcc", hostSources, [...hostFlags, ...mbedtls.flags], fingerprint(found.all, mbedtls.hash)),
		...mbedtls.units("gcc", [...LIBRARY_FLAGS, ...MACHINE_FLAGS[variant]]),
	];
	const atomics = variant === "xs32" ? ["-latomic"] : [];
	return {
		host: await link(host, `xs-host-${variant}`, [...MACHINE_FLAGS[variant], ...LINK_FLAGS, ...atomics]),
		compiler: await linkCompiler(found),
	};
}

/** Builds the compiler alone, which is all that images of boards need. */
export async function buildCompiler(): Promise<string> {
	const problem = missingFor("xs64");
	if (problem !== undefined) throw new Error(`the compiler of XS cannot be built: ${problem}; run ./setup`);
	mkdirSync(OUT, { recursive: true });
	return await withLock(join(OUT, "lock"), async () => await linkCompiler(await headers()));
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
