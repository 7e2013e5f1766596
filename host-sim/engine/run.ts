// Runs one file on the desktop XS engine, in a clone of a read-only root that holds every firmware module.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { isAbsolute, relative } from "node:path";
import { text } from "node:stream/consumers";
import { buildEngine, type Variant } from "./build.js";
import { firmwareModules, prepare } from "./bytecode.js";
import { ROOT } from "./objects.js";

/**
 * How the engine's process ends; a script chooses any other code itself with `exit` of `pinhole/process`. From 65 on
 * the first line of stderr says what happened, and the next ones where.
 */
export const exitCodes = Object.freeze({
	/** Nothing is left that could happen: no timer, socket, name query or open standard input. */
	success: 0,
	/** The host was called wrongly. */
	usage: 64,
	unhandledException: 65,
	unhandledRejection: 66,
	/** The fixed heap, or the host's own limit, is used up. No script can catch it, as on the device. */
	memoryFull: 67,
	stackOverflow: 68,
	/** More property names than 16 bits can number. */
	keysFull: 69,
	/** What is preloaded was written. */
	writeToPreloaded: 70,
	/** A bytecode file cannot be loaded. */
	bytecodeUnfit: 71,
	/** The engine itself crashed or gave up. */
	engineFault: 72,
	/** Not of the engine: the run was ended at its time limit. */
	overdue: 124,
});

/** The desktop as a board: its flash, the path that leads to its console, and what `mc/config` says. */
export interface BoardOptions {
	readonly flash: string;
	readonly port: string;
	readonly config: Readonly<Record<string, string>>;
	/** It stops before its first instruction and goes on with SIGCONT. */
	readonly hold?: boolean;
}

/** How a run is bounded and what it gets. */
export interface RunOptions {
	/** The process is killed after this time; the exit code is then 124. */
	readonly timeLimitMs?: number;
	/** Words the script sees as program arguments. */
	readonly args?: readonly string[];
	/** Files to preload into the root instead of every firmware module. */
	readonly preload?: readonly string[];
	/** False leaves out the line numbers, as on the device. */
	readonly lines?: boolean;
	/** A fixed heap: slots, chunks and stack together must do with so many bytes. */
	readonly arenaBytes?: number;
	/** Slots of the script's stack. */
	readonly stackSlots?: number;
	readonly board?: BoardOptions;
	/** The last line of stderr is then a JSON object: slotBytes, chunkBytes, tableBytes. */
	readonly report?: boolean;
}

/** What one run of the engine gave. */
export interface RunResult {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** The program and its arguments that run a file on XS; for a caller that spawns it itself. */
export async function commandOnXs(variant: Variant, file: string, options: RunOptions = {}): Promise<string[]> {
	const { host } = await buildEngine(variant);
	const entry = isAbsolute(file) ? relative(ROOT, file) : file;
	const preload = options.preload ?? firmwareModules();
	const { list, main } = await prepare(variant, entry, preload, options.lines ?? true);
	const words = [host];
	if (options.arenaBytes !== undefined) words.push("--arena", String(options.arenaBytes));
	if (options.stackSlots !== undefined) words.push("--stack", String(options.stackSlots));
	if (options.report === true) words.push("--report");
	if (options.board !== undefined) {
		const { flash, port, config, hold } = options.board;
		words.push("--flash", flash, "--port", port);
		if (hold === true) words.push("--hold");
		for (const [name, value] of Object.entries(config)) words.push("--set", `${name}=${value}`);
	}
	return [...words, list, main, ...(options.args ?? [])];
}

/** Builds what is missing, then runs one file of the repository, a test for example, and waits for its end. */
export async function runOnXs(variant: Variant, file: string, options: RunOptions = {}): Promise<RunResult> {
	const [program, ...words] = await commandOnXs(variant, file, options);
	const child = spawn(program!, words, { stdio: ["ignore", "pipe", "pipe"] });
	const end = () => child.kill("SIGKILL");
	process.once("exit", end);
	let overdue = false;
	const limit = setTimeout(() => {
		overdue = true;
		end();
	}, options.timeLimitMs ?? 60_000);
	const output = Promise.all([text(child.stdout), text(child.stderr)]);
	const [code] = (await once(child, "exit")) as [number | null];
	clearTimeout(limit);
	process.off("exit", end);
	const [stdout, stderr] = await output;
	return { exitCode: overdue ? exitCodes.overdue : (code ?? exitCodes.engineFault), stdout, stderr };
}
