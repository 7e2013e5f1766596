// A tool of the board's maker as a child process: its output in a log, its time bounded, its end certain.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, createWriteStream } from "node:fs";
import { delimiter, join } from "node:path";

export interface ToolOptions {
	readonly limitMs: number;
	/** Where its output is appended. */
	readonly log: string;
	readonly environment?: Readonly<Record<string, string>>;
	readonly folder?: string;
}

/** Undefined when it ended well, else one sentence. Never rejects. */
export async function runTool(words: readonly string[], options: ToolOptions): Promise<string | undefined> {
	const { limitMs, log, environment = {}, folder } = options;
	const [program = "", ...rest] = words;
	if (findTool(program) === undefined) return `${program} is not in PATH.`;
	const file = createWriteStream(log, { flags: "a" });
	file.write(`$ ${words.join(" ")}\n`);
	const child = spawn(program, rest, {
		stdio: ["ignore", "pipe", "pipe"],
		env: { ...process.env, ...environment },
		...(folder === undefined ? {} : { cwd: folder }),
		// A process group of its own: what the tool starts ends with it.
		detached: true,
	});
	child.stdout.pipe(file, { end: false });
	child.stderr.pipe(file, { end: false });
	const end = () => endGroup(child.pid);
	process.once("exit", end);
	let overdue = false;
	const timer = setTimeout(() => {
		overdue = true;
		end();
	}, limitMs);
	const [code] = (await once(child, "close").catch(() => [null])) as [number | null];
	clearTimeout(timer);
	process.off("exit", end);
	file.end();
	await once(file, "finish");
	if (overdue) return `${program} was not done within ${limitMs / 1000} s; its output is in ${log}.`;
	return code === 0 ? undefined : `${program} ended with exit code ${code}; its output is in ${log}.`;
}

/** Where a program is in PATH; undefined: nowhere. */
export function findTool(program: string): string | undefined {
	for (const folder of (process.env.PATH ?? "").split(delimiter)) {
		const path = join(folder, program);
		try {
			accessSync(path, constants.X_OK);
			return path;
		} catch {
			// The next folder.
		}
	}
	return undefined;
}

function endGroup(pid: number | undefined): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, "SIGKILL");
	} catch {
		// It has ended by itself in the meantime.
	}
}
