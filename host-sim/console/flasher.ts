// How an image gets onto a board: by Espressif's esptool as a child process, or, for a virtual board, into its file.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { ConsoleFailure } from "./failure.js";

/** What is to be written, and where in the flash. */
export interface FlashJob {
	readonly file: string;
	readonly length: number;
	readonly offset: number;
}

/** One way to flash; its failures are ConsoleFailure. */
export interface Flasher {
	flash(job: FlashJob, progress: (done: number, whole: number) => void): Promise<void>;
}

/** The file that is the flash of a virtual board. It is replaced at once, so that a running board keeps the old one. */
export class FileFlasher implements Flasher {
	readonly #flash: string;

	constructor(flash: string) {
		this.#flash = flash;
	}

	async flash({ file, length }: FlashJob, progress: (done: number, whole: number) => void): Promise<void> {
		const fresh = `${this.#flash}.${process.pid}`;
		let done = 0;
		const source = createReadStream(file, { highWaterMark: 1 << 20 });
		source.on("data", (piece) => {
			done += piece.length;
			progress(done, length);
		});
		try {
			await pipeline(source, createWriteStream(fresh));
			renameSync(fresh, this.#flash);
		} catch (error) {
			rmSync(fresh, { force: true });
			const why = error instanceof Error ? error.message : String(error);
			throw new ConsoleFailure("flash-failed", `${this.#flash} cannot be written (${why}).`);
		}
	}
}

/** The names under which esptool is installed, since 5.0 and before, and what each calls the command. */
const TOOLS: Readonly<Record<string, string>> = { esptool: "write-flash", "esptool.py": "write_flash" };
const PERCENT = /(\d+(?:\.\d+)?) ?%/g;

export interface EsptoolOptions {
	readonly port: string;
	/** As esptool calls it: esp32c3. */
	readonly chip: string;
	readonly baudRate: number;
}

export class EsptoolFlasher implements Flasher {
	readonly #options: EsptoolOptions;

	constructor(options: EsptoolOptions) {
		this.#options = options;
	}

	async flash({ file, offset }: FlashJob, progress: (done: number, whole: number) => void): Promise<void> {
		const { port, chip, baudRate } = this.#options;
		const program = findEsptool();
		const where = ["--chip", chip, "--port", port, "--baud", String(baudRate)];
		const words = [...where, TOOLS[program]!, `0x${offset.toString(16)}`, file];
		const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
		const kill = (): void => void child.kill("SIGKILL");
		process.once("exit", kill);
		let said = "";
		const hear = (text: string): void => {
			said += text;
			const percent = [...text.matchAll(PERCENT)].at(-1);
			if (percent !== undefined) progress(Number(percent[1]), 100);
		};
		child.stdout.setEncoding("utf8").on("data", hear);
		child.stderr.setEncoding("utf8").on("data", hear);
		const code = await once(child, "close").then(
			([exitCode]) => exitCode as number | null,
			() => null,
		);
		process.off("exit", kill);
		if (code !== 0) throw failureOf(this.#options, said);
	}
}

function findEsptool(): string {
	const folders = (process.env.PATH ?? "").split(":");
	const name = Object.keys(TOOLS).find((one) => folders.some((folder) => existsSync(`${folder}/${one}`)));
	if (name !== undefined) return name;
	throw new ConsoleFailure("tool-missing", "esptool is not installed; pip install esptool brings it.");
}

/** What esptool's words mean, as version 5.6 says them. */
function failureOf({ port, chip }: EsptoolOptions, said: string): ConsoleFailure {
	const other = /This chip is (ESP[\w-]+)/i.exec(said)?.[1];
	if (other !== undefined)
		return new ConsoleFailure("wrong-board", `The board on ${port} is an ${other}, not an ${chip}.`);
	// First, as the sentence around it says "busy or doesn't exist" of either.
	if (/No such file/i.test(said)) {
		return new ConsoleFailure("no-such-port", `There is no port ${port}; pinhole boards lists those that there are.`);
	}
	if (/busy|exclusively lock/i.test(said)) {
		return new ConsoleFailure("port-busy", `Another program uses ${port}; close it and try again.`);
	}
	if (/Failed to connect/i.test(said)) {
		const hint = "hold its BOOT button down, press RESET, and try again";
		return new ConsoleFailure("no-answer", `No chip answers esptool on ${port}; ${hint}.`);
	}
	const reason = /fatal error occurred: (.*)/i.exec(said)?.[1] ?? said.trim().split("\n").at(-1);
	return new ConsoleFailure("flash-failed", `esptool failed: ${reason === "" ? "it said nothing" : reason}`);
}
