// The firmware of the boards, whole, as a process on the desktop: XS, a flash file, and a pty as its serial console.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { BoardConfig } from "../../firmware/io/board.js";
import { EXIT, Failure } from "../cli/shared.js";
import type { Variant } from "../engine/build.js";
import { revision, version } from "../engine/revision.js";
import { commandOnXs } from "../engine/run.js";

export interface XsBoardOptions {
	/** The file that is its flash; made where there is none. The path that leads to its console stands beside it. */
	readonly flash: string;
	/** Default: the 64-bit engine. */
	readonly variant?: Variant;
	/** Default: "test", so that its time can be moved on. */
	readonly build?: BoardConfig["build"];
	/** Stops before the first instruction, until `run`: a port that opens drops what was said before. */
	readonly hold?: boolean;
	/** A heap as small as a board's, stack included. */
	readonly arenaBytes?: number;
	readonly stackSlots?: number;
	/** Where the engine says what no console can: an abort and its place. Default: our stderr. */
	readonly onError?: (text: string) => void;
}

/** How long the process may take to open its console. */
const OPEN_MS = 20_000;
const LOOK_MS = 10;

/** A board that has power. A restart and an abort keep the process and the console. */
export class XsBoard {
	/** The serial port of its console, such as /dev/pts/4. */
	readonly port: string;
	/** The exit code once the process has ended; undefined after a signal. */
	readonly ended: Promise<number | undefined>;
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess, ended: Promise<number | undefined>, port: string) {
		this.#child = child;
		this.ended = ended;
		this.port = port;
	}

	/** Gives power, and waits until there is a console. */
	static async start(options: XsBoardOptions): Promise<XsBoard> {
		const flash = resolve(options.flash);
		const link = `${flash}.port`;
		rmSync(link, { force: true });
		const config = { board: "xs", version: version(), commit: revision(), build: options.build ?? "test" };
		const [program, ...words] = await commandOnXs(options.variant ?? "xs64", "host-sim/device/board-main.ts", {
			board: { flash, port: link, config, hold: options.hold ?? false },
			...(options.arenaBytes !== undefined && { arenaBytes: options.arenaBytes }),
			...(options.stackSlots !== undefined && { stackSlots: options.stackSlots }),
		}).catch((error: unknown) => {
			throw new Failure(error instanceof Error ? error.message : String(error), EXIT.usage);
		});
		const { onError } = options;
		const child = spawn(program!, words, { stdio: ["ignore", "inherit", onError === undefined ? "inherit" : "pipe"] });
		if (onError !== undefined) child.stderr!.setEncoding("utf8").on("data", onError);
		const kill = (): void => void child.kill("SIGKILL");
		process.once("exit", kill);
		const ended = once(child, "exit").then(([code]) => {
			process.off("exit", kill);
			rmSync(link, { force: true });
			return (code as number | null) ?? undefined;
		});
		const port = await Promise.race([consoleAt(link), ended]);
		if (typeof port === "string") return new XsBoard(child, ended, port);
		kill();
		throw new Failure("the board on the desktop did not open its console", EXIT.fault);
	}

	/** Lets a board that is held run. */
	run(): void {
		this.#child.kill("SIGCONT");
	}

	/** Pulls the network's cable, or plugs it in. */
	cable(plugged: boolean): void {
		this.#child.kill(plugged ? "SIGUSR2" : "SIGUSR1");
	}

	/** Carries out a command that somebody typed. */
	control(line: string): { readonly done: string } | { readonly error: string } {
		const word = line.trim();
		if (word !== "plug" && word !== "unplug") return { error: `There is no "${word}": say plug or unplug.` };
		this.cable(word === "plug");
		return { done: word };
	}

	/** Takes the power away, at once. */
	async cut(): Promise<void> {
		this.#child.kill("SIGKILL");
		await this.ended;
	}
}

/** The serial port that a path leads to, as soon as it does. */
async function consoleAt(link: string): Promise<string | undefined> {
	for (let waited = 0; waited < OPEN_MS; waited += LOOK_MS) {
		try {
			return readlinkSync(link);
		} catch {
			await wait(LOOK_MS);
		}
	}
	return undefined;
}
