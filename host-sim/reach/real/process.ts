// A foreign program beside ours: started in a namespace, listened to, and ended for certain.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

/** From SIGTERM to SIGKILL. */
const KILL_MS = 2000;
/** Of what a program said, the end; enough for a complaint. */
const HEARD_LENGTH = 4096;

const running = new Set<ChildProcess>();
process.once("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

/** Whether a program is on this machine. */
export function isThere(program: string): boolean {
	try {
		execFileSync("which", [program], { stdio: "ignore" });
		return true;
	} catch {
		return false;
	}
}

/** A program that runs until it is stopped; all that it says, on stdout or stderr, is one text. */
export class Program {
	readonly #child: ChildProcess;
	readonly #waiting = new Set<(heard: string) => void>();
	#heard = "";

	constructor(prefix: readonly string[], argv: readonly string[]) {
		const words = [...prefix, ...argv];
		this.#child = spawn(words[0]!, words.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
		running.add(this.#child);
		for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
			stream.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
		}
		this.#child.once("close", () => running.delete(this.#child));
		this.#child.once("error", () => running.delete(this.#child));
	}

	/** True when it says the text, from now on, in time. */
	says(text: string, timeoutMs: number): Promise<boolean> {
		this.#heard = "";
		return new Promise((resolve) => {
			const end = (said: boolean): void => {
				clearTimeout(timer);
				this.#waiting.delete(look);
				resolve(said);
			};
			const look = (heard: string): void => {
				if (heard.includes(text)) end(true);
			};
			const timer = setTimeout(() => end(false), timeoutMs);
			this.#waiting.add(look);
		});
	}

	async stop(): Promise<void> {
		if (!running.has(this.#child)) return;
		const timer = setTimeout(() => this.#child.kill("SIGKILL"), KILL_MS);
		this.#child.kill("SIGTERM");
		await once(this.#child, "close");
		clearTimeout(timer);
	}

	#hear(text: string): void {
		this.#heard = (this.#heard + text).slice(-HEARD_LENGTH);
		for (const look of this.#waiting) look(this.#heard);
	}
}

/** Runs a program to its end; true when it says that all went well. */
export async function runProgram(prefix: readonly string[], argv: readonly string[]): Promise<boolean> {
	const words = [...prefix, ...argv];
	const child = spawn(words[0]!, words.slice(1), { stdio: "ignore" });
	running.add(child);
	const [code] = await once(child, "close");
	running.delete(child);
	return code === 0;
}
