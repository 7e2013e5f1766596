// Runs one test file once on one engine, in a process of its own that ends with its time limit.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { buildEngine, missingFor } from "../engine/build.js";
import { runOnXs } from "../engine/run.js";
import type { EngineName, TestFile } from "./files.js";
import { type Ending, type FileOutcome, failed, readOutcome, withProblem } from "./outcome.js";

/** A test of real sockets or processes is tried so often before it counts as failed. */
const ATTEMPTS = 3;

/** Processes under way, so that an interrupt of the runner ends them and what they started. */
const running = new Set<number>();

/** Ends every process that this runner started. */
export function endAll(): void {
	for (const pid of running) endGroup(pid);
}

function endGroup(pid: number): void {
	try {
		process.kill(-pid, "SIGKILL");
	} catch {
		// It has ended by itself in the meantime.
	}
}

async function runOnNode(file: TestFile): Promise<Ending> {
	const startedAt = Date.now();
	const { FORCE_COLOR: _, ...environment } = process.env;
	const child = spawn(process.execPath, ["--import", "tsx", file.path], {
		env: { ...environment, PINHOLE_SUITE: "1", NO_COLOR: "1" },
		stdio: ["ignore", "pipe", "pipe"],
		detached: true, // a process group of its own, so that what the test started ends with it
	});
	const pid = child.pid;
	if (pid === undefined) throw new Error(`cannot start ${process.execPath}`);
	running.add(pid);
	let overdue = false;
	const limit = setTimeout(() => {
		overdue = true;
		endGroup(pid);
	}, file.limitMs);
	const output = Promise.all([text(child.stdout), text(child.stderr)]);
	const [exitCode] = (await once(child, "exit")) as [number | null];
	clearTimeout(limit);
	endGroup(pid); // what the test left behind would keep its pipes open
	running.delete(pid);
	const [stdout, stderr] = await output;
	return { stdout, stderr, exitCode: overdue ? undefined : (exitCode ?? -1), ms: Date.now() - startedAt };
}

/** The exit code by which the engine says that it killed a script at its time limit. */
const XS_OVERDUE = 124;

async function runOnce(file: TestFile, engine: EngineName): Promise<Ending> {
	if (engine === "node") return runOnNode(file);
	const startedAt = Date.now();
	const { exitCode, stdout, stderr } = await runOnXs(engine, file.path, { timeLimitMs: file.limitMs });
	return { stdout, stderr, exitCode: exitCode === XS_OVERDUE ? undefined : exitCode, ms: Date.now() - startedAt };
}

/** Why this machine has not that engine; undefined when it has. */
export function missing(engine: EngineName): string | undefined {
	return engine === "node" ? undefined : missingFor(engine);
}

/** Builds an engine once, before many files want it at the same time; rejects with the reason. */
export async function prepare(engine: EngineName): Promise<void> {
	if (engine !== "node") await buildEngine(engine);
}

/** Runs a file and, where it uses real sockets or processes, tries again what failed. Never rejects. */
export async function execute(file: TestFile, engine: EngineName): Promise<FileOutcome> {
	for (let attempt = 1; ; attempt++) {
		let outcome: FileOutcome;
		try {
			outcome = readOutcome(file.path, engine, await runOnce(file, engine), attempt);
		} catch (error) {
			outcome = withProblem(file.path, engine, error);
		}
		if (!failed(outcome) || !file.realNetwork || attempt === ATTEMPTS) return outcome;
	}
}
