// C to object files and programs, for the desktop and for boards: every product is named by the hash of what it is made
// from, so nothing is ever stale and a second build is instant.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The root of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** Everything the engine makes; git-ignored. */
export const OUT = join(ROOT, "out/engine");

/** One C file to compile: its object's name holds the hash of its flags and sources. */
export interface Unit {
	readonly compiler: string;
	readonly source: string;
	readonly object: string;
	readonly flags: readonly string[];
}

const run = promisify(execFile);

export function say(text: string): void {
	process.stderr.write(`engine: ${text}\n`);
}

/** A short name for what something is made from. */
export function fingerprint(...parts: (string | Uint8Array)[]): string {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part).update("\0");
	return hash.digest("hex").slice(0, 16);
}

/** The units of these sources; `headers` is the fingerprint of all that they may include. */
export function units(compiler: string, sources: readonly string[], flags: readonly string[], headers: string): Unit[] {
	return sources.map((source) => {
		// Sources of others are compiled as they are.
		const warnings = source.startsWith(OUT) ? ["-w"] : ["-Wall", "-Wextra", "-Wno-unused-parameter"];
		const all = [...flags, ...warnings];
		const key = fingerprint(compiler, headers, all.join(" ").replaceAll(ROOT, ""), readFileSync(source));
		return { compiler, source, flags: all, object: join(OUT, "objects", `${basename(source, ".c")}-${key}.o`) };
	});
}

/** Compiles those that are not compiled yet. */
export async function compileUnits(all: readonly Unit[], what: string): Promise<void> {
	const waiting = all.filter((unit) => !existsSync(unit.object));
	if (waiting.length === 0) return;
	say(`compiling ${what} (${waiting.length} C files)`);
	mkdirSync(join(OUT, "objects"), { recursive: true });
	const worker = async () => {
		for (let unit = waiting.pop(); unit !== undefined; unit = waiting.pop()) {
			const fresh = `${unit.object}.${process.pid}`;
			try {
				await run(unit.compiler, [...unit.flags, "-c", unit.source, "-o", fresh]);
			} catch (error) {
				const why = (error as { stderr?: string }).stderr ?? error;
				throw new Error(`${unit.compiler} failed on ${unit.source}\n${why}`);
			}
			renameSync(fresh, unit.object);
		}
	};
	await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** Compiles what is needed and links it; returns the program's path. */
export async function link(all: readonly Unit[], name: string, flags: readonly string[]): Promise<string> {
	const compiler = all[0]!.compiler;
	const objects = all.map((unit) => unit.object);
	const words = flags.join(" ").replaceAll(ROOT, "");
	const program = join(OUT, `${name}-${fingerprint(compiler, words, ...objects.map((path) => basename(path)))}`);
	if (existsSync(program)) return program;
	await compileUnits(all, name);
	const fresh = `${program}.${process.pid}`;
	try {
		await run(compiler, ["-o", fresh, ...objects, ...flags]);
	} catch (error) {
		throw new Error(`${name} cannot be linked\n${(error as { stderr?: string }).stderr ?? error}`);
	}
	renameSync(fresh, program);
	return program;
}
