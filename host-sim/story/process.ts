// `pinhole` commands as child processes: started, ready, spoken to, and ended for certain.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The `pinhole` command of this clone. */
export const PINHOLE = fileURLToPath(new URL("../cli/pinhole.js", import.meta.url));

/** From SIGTERM to SIGKILL: commands promise to end within 2 s. */
const KILL_MS = 4000;

export interface StartOptions {
	/** What the command line begins with instead of Node alone, such as "ip netns exec NAME". */
	readonly prefix?: readonly string[];
	/** Each line on stderr. */
	readonly onLog?: (line: string) => void;
	/** In a process group of its own, so that Ctrl-C in the terminal reaches only its parent. */
	readonly ownGroup?: boolean;
	/** How long the ready line may take. */
	readonly readyMs?: number;
}

const READY_MS = 20_000;
/** Lines on stderr that explain why a command did not become ready. */
const COMPLAINT_COUNT = 8;

/** What this process started and has not ended; none of it outlives this process. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

/** How a command that ends by itself went. */
export interface Outcome {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs a command of `pinhole` to its end. */
export async function runPinhole(argv: readonly string[], prefix: readonly string[] = []): Promise<Outcome> {
	const words = [...prefix, process.execPath, PINHOLE, ...argv];
	const child = spawn(words[0]!, words.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
	const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	return { code, stdout, stderr };
}

/** A running command that printed its ready line. */
export class PinholeProcess {
	/** The members of the ready line. */
	readonly ready: Readonly<Record<string, unknown>>;
	/** The exit code, once it has ended. */
	readonly ended: Promise<number | null>;
	readonly #child: ChildProcess;
	readonly #lines: Lines;

	private constructor(child: ChildProcess, lines: Lines, ended: Promise<number | null>, ready: string) {
		this.#child = child;
		this.#lines = lines;
		this.ended = ended;
		this.ready = JSON.parse(ready);
	}

	/** Starts `pinhole ARGUMENTS --json` and waits for its ready line. */
	static async start(argv: readonly string[], options: StartOptions = {}): Promise<PinholeProcess> {
		const words = [...(options.prefix ?? []), process.execPath, PINHOLE, ...argv, "--json"];
		const child = spawn(words[0]!, words.slice(1), { stdio: "pipe", detached: options.ownGroup === true });
		const complaints: string[] = [];
		createInterface({ input: child.stderr }).on("line", (line) => {
			if (complaints.length < COMPLAINT_COUNT) complaints.push(line.trim());
			options.onLog?.(line);
		});
		running.add(child);
		const ended = new Promise<number | null>((resolve) => {
			child.once("error", () => resolve(null));
			child.once("close", resolve);
		}).finally(() => running.delete(child));
		child.stdin.on("error", () => {});
		const lines = new Lines(child.stdout, ended);
		const ready = await lines.next(options.readyMs ?? READY_MS);
		if (ready === undefined) {
			child.kill("SIGKILL");
			throw new Error(`pinhole ${argv[0]} did not become ready: ${complaints.join(" ") || "no word on stderr"}`);
		}
		return new PinholeProcess(child, lines, ended, ready);
	}

	/** A member of the ready line that is text. */
	place(name: string): string {
		const place = this.ready[name];
		if (typeof place !== "string") throw new Error(`the ready line has no "${name}"`);
		return place;
	}

	/** Writes one line to stdin and gives the JSON line that answers it. */
	async ask<Reply>(line: string): Promise<Reply> {
		this.#child.stdin!.write(`${line}\n`);
		const reply = await this.#lines.next(KILL_MS);
		if (reply === undefined) throw new Error(`no answer to "${line}"`);
		return JSON.parse(reply);
	}

	/** Ends it at once, as a power cut does. */
	async cut(): Promise<void> {
		this.#child.kill("SIGKILL");
		await this.ended;
	}

	/** Asks it to end, makes it end, and gives its exit code: null when it had to be killed. */
	async stop(): Promise<number | null> {
		this.#child.kill("SIGTERM");
		const timer = setTimeout(() => {
			this.#child.kill("SIGKILL");
			// What it started itself may hold on to its pipes.
			for (const pipe of [this.#child.stdout, this.#child.stderr]) pipe?.destroy();
		}, KILL_MS);
		const code = await this.ended;
		clearTimeout(timer);
		return code;
	}
}

/** The lines of a stream, one at a time, in order. */
class Lines {
	readonly #arrived: string[] = [];
	#wake: (() => void) | undefined;
	#ended = false;

	constructor(stream: NodeJS.ReadableStream, ended: Promise<unknown>) {
		createInterface({ input: stream }).on("line", (line) => {
			this.#arrived.push(line);
			this.#wake?.();
		});
		void ended.then(() => {
			this.#ended = true;
			this.#wake?.();
		});
	}

	/** Undefined when none comes in time or none will. */
	async next(timeoutMs: number): Promise<string | undefined> {
		if (this.#arrived.length === 0 && !this.#ended) {
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, timeoutMs);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
			this.#wake = undefined;
		}
		return this.#arrived.shift();
	}
}
