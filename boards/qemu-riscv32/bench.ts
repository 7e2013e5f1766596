// A virtual board for tests of the board itself: asked by lines over its serial port, it answers by lines.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Qemu, type QemuOptions } from "../../host-sim/qemu/qemu.js";
import { buildImage } from "./build.js";

/** The program that the bench runs. */
const PROGRAM = "boards/qemu-riscv32/fixtures/bench.ts";
const ANSWER_MS = 30_000;

/** A board on the bench; its program is fixtures/bench.ts unless it gets an image. */
export class Bench {
	readonly qemu: Qemu;
	/** Flash bank 1. */
	readonly flash: string;
	readonly #socket: Socket;
	#lines: string[] = [];
	#wake: (() => void) | undefined;

	/** Power is on; the first line tells how it started. A flash that is given is to stand in a folder of its own. */
	static async start(options: Partial<QemuOptions> = {}): Promise<Bench> {
		const image = options.image ?? (await buildImage({ main: PROGRAM })).image;
		const flash = options.flash ?? join(mkdtempSync(join(tmpdir(), "pinhole-bench-")), "flash");
		const qemu = await Qemu.start({ serial: "socket", ...options, image, flash });
		const socket = connect(qemu.console);
		await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
		const bench = new Bench(qemu, socket, flash);
		await qemu.powerOn();
		return bench;
	}

	private constructor(qemu: Qemu, socket: Socket, flash: string) {
		this.qemu = qemu;
		this.#socket = socket;
		this.flash = flash;
		createInterface({ input: socket }).on("line", (line) => {
			if (line !== "") this.#lines.push(line);
			this.#wake?.();
		});
	}

	/** The next line that says something. */
	async line(): Promise<string> {
		while (this.#lines.length === 0) await this.more();
		return this.#lines.shift()!;
	}

	/** What it answers to this line; what was said before is forgotten. */
	async ask(line: string): Promise<string> {
		this.#lines = [];
		this.#socket.write(`${line}\n`);
		return await this.line();
	}

	/** All lines until the board is off. */
	async rest(): Promise<string> {
		await once(this.#socket, "close");
		return `${this.#lines.join("\n")}\n`;
	}

	async stop(): Promise<void> {
		this.#socket.destroy();
		await this.qemu.stop();
		rmSync(dirname(this.flash), { recursive: true, force: true });
	}

	private more(): Promise<void> {
		return new Promise((resolve, reject) => {
			const overdue = () => reject(new Error(`the board said nothing for ${ANSWER_MS / 1000} s`));
			const timer = setTimeout(overdue, ANSWER_MS);
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}
