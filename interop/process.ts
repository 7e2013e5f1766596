// Foreign programs as child processes: started, ready, and ended for certain.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** From SIGTERM to SIGKILL. */
const KILL_MS = 4000;

export interface PeerOptions {
	/** Each line on stderr. */
	readonly onLog?: (line: string) => void;
	/** Each line on stdout after the ready line. */
	readonly onLine?: (line: string) => void;
	/** Where it runs; here if not said. */
	readonly folder?: string;
	/** How long the ready line may take. */
	readonly readyMs?: number;
	/** A first line for its standard input. */
	readonly said?: string;
}

const READY_MS = 30_000;

/** A running program that prints one JSON line when it is ready. */
export class PeerProcess {
	/** The members of the ready line. */
	readonly ready: Readonly<Record<string, unknown>>;
	readonly #child: ChildProcess;
	readonly #ended: Promise<number | null>;

	private constructor(child: ChildProcess, ended: Promise<number | null>, ready: string) {
		this.#child = child;
		this.#ended = ended;
		this.ready = JSON.parse(ready);
	}

	/** Starts a command line and waits for its ready line. */
	static async start(words: readonly string[], options: PeerOptions = {}): Promise<PeerProcess> {
		// Standard input stays open: that it ends tells the program that we are gone.
		const child = spawn(words[0]!, words.slice(1), { stdio: "pipe", ...(options.folder && { cwd: options.folder }) });
		const kill = (): void => void child.kill("SIGKILL");
		process.once("exit", kill);
		const complaints: string[] = [];
		createInterface({ input: child.stderr }).on("line", (line) => {
			complaints.push(line);
			if (complaints.length > 5) complaints.shift();
			options.onLog?.(line);
		});
		const ended = new Promise<number | null>((resolve) => {
			child.once("error", () => resolve(null));
			child.once("close", resolve);
		}).finally(() => process.off("exit", kill));
		child.stdin.on("error", () => {});
		if (options.said !== undefined) child.stdin.write(`${options.said}\n`);
		const ready = await firstLine(child, ended, options);
		if (ready === undefined) {
			kill();
			throw new Error(`${words[0]} did not become ready: ${complaints.join(" | ") || "no word on stderr"}`);
		}
		return new PeerProcess(child, ended, ready);
	}

	/** A member of the ready line that is text. */
	place(name: string): string {
		const place = this.ready[name];
		if (typeof place !== "string") throw new Error(`the ready line has no "${name}"`);
		return place;
	}

	/** Writes a line to its standard input. */
	say(line: string): void {
		this.#child.stdin?.write(`${line}\n`);
	}

	/** Asks it to end, and makes it end. */
	async stop(): Promise<void> {
		this.#child.kill("SIGTERM");
		const timer = setTimeout(() => this.#child.kill("SIGKILL"), KILL_MS);
		await this.#ended;
		clearTimeout(timer);
	}
}

/** The first line of stdout; undefined when none comes in time or none will. */
async function firstLine(
	child: ChildProcess,
	ended: Promise<unknown>,
	options: PeerOptions,
): Promise<string | undefined> {
	const lines = createInterface({ input: child.stdout! });
	let timer: NodeJS.Timeout | undefined;
	const line = new Promise<string>((resolve) => {
		lines.once("line", (first) => {
			resolve(first);
			lines.on("line", (next) => options.onLine?.(next));
		});
	});
	const late = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, options.readyMs ?? READY_MS);
	});
	const first = await Promise.race([line, ended.then(() => {}), late]);
	clearTimeout(timer);
	return first ?? undefined;
}
