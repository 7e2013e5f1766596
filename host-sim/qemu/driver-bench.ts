// The board's drivers alone, in a firmware without XS (c/drivers.c) that takes its commands from the serial port.

import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, truncateSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { missingForBoard } from "../../boards/qemu-riscv32/build.js";
import { fetchLwip } from "../../boards/qemu-riscv32/net/lwip.js";
import { withLock } from "../engine/lock.js";
import { fingerprint, link, OUT, ROOT, units } from "../engine/objects.js";
import { BANK_LENGTH } from "./flash-image.js";
import { Qemu, type QemuOptions } from "./qemu.js";

const PREFIX = "riscv64-unknown-elf-";
const BOARD = join(ROOT, "boards/qemu-riscv32");
const DRIVERS = ["flash/flash.c", "flash/update.c", "net/net.c", "net/random.c", "net/virtio.c"].map((name) =>
	join(BOARD, name),
);
const MAIN = join(ROOT, "host-sim/qemu/c/drivers.c");
const RAM = 0x8000_0000;
const RAM_LENGTH = 0x8_0000;
const STACK_LENGTH = 0x4000;
/** picolibc's own linker script and start code suffice. */
const PLACES = [
	["__flash", 0x2000_0000],
	["__flash_size", BANK_LENGTH],
	["__ram", RAM],
	["__ram_size", RAM_LENGTH],
	["__heap_end", RAM + RAM_LENGTH - STACK_LENGTH],
].map(([name, value]) => `-Wl,--defsym=${name}=${value}`);
const MACHINE_FLAGS = ["-march=rv32imc", "-mabi=ilp32", "-Os", "--specs=picolibc.specs"];
const ANSWER_MS = 10_000;

const run = promisify(execFile);

/** Why the drivers cannot be tried here, in one sentence; undefined when they can. */
export const whyNoDrivers = missingForBoard;

/** Builds the firmware of the drivers; gives the image of bank 0. */
export async function buildDrivers(): Promise<string> {
	const lwip = await fetchLwip();
	const folders = [join(BOARD, "net"), join(BOARD, "flash")];
	const flags = [...MACHINE_FLAGS, ...[lwip.include, ...folders].map((folder) => `-I${folder}`)];
	const headers = folders.flatMap((folder) => filesIn(folder, ".h")).map((path) => readFileSync(path));
	const all = units(`${PREFIX}gcc`, [MAIN, ...DRIVERS, ...lwip.sources], flags, fingerprint(lwip.hash, ...headers));
	return withLock(join(OUT, "drivers.lock"), async () => {
		const elf = await link(all, "board-drivers", [...MACHINE_FLAGS, "-Wl,--gc-sections", ...PLACES]);
		const image = `${elf}.img`;
		if (!existsSync(image)) {
			const fresh = `${image}.${process.pid}`;
			await run(`${PREFIX}objcopy`, ["-O", "binary", elf, fresh]);
			truncateSync(fresh, BANK_LENGTH);
			renameSync(fresh, image);
		}
		return image;
	});
}

function filesIn(folder: string, extension: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(extension))
		.sort()
		.map((name) => join(folder, name));
}

/** A board that runs the drivers, with its console open. */
export class DriverBench {
	readonly qemu: Qemu;
	readonly #console: Socket;
	readonly #lines: string[] = [];
	#wake = (): void => {};

	/** Powers a board on and waits until it is ready. */
	static async start(options: Omit<QemuOptions, "serial">): Promise<DriverBench> {
		const qemu = await Qemu.start({ ...options, serial: "socket" });
		const console = connect(qemu.console);
		const bench = new DriverBench(qemu, console);
		await new Promise((resolve, reject) => console.once("connect", resolve).once("error", reject));
		await qemu.powerOn();
		await bench.line(/^"?ready"?$/);
		return bench;
	}

	private constructor(qemu: Qemu, console: Socket) {
		this.qemu = qemu;
		this.#console = console;
		console.on("error", () => {});
		createInterface({ input: console }).on("line", (line) => {
			this.#lines.push(line);
			this.#wake();
		});
	}

	/** Lines said so far and not yet waited for. */
	get lines(): readonly string[] {
		return this.#lines;
	}

	say(command: string): void {
		this.#console.write(`${command}\n`);
	}

	/** Says a command and gives the next line. */
	ask(command: string): Promise<string> {
		this.say(command);
		return this.line(/(?:)/);
	}

	/** The next line that matches; lines before it are passed over. */
	async line(pattern: RegExp, withinMs = ANSWER_MS): Promise<string> {
		for (const endAt = performance.now() + withinMs; ; ) {
			for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
				if (pattern.test(line)) return line;
			}
			const leftMs = endAt - performance.now();
			if (leftMs <= 0) throw new Error(`the board does not say ${pattern}`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, leftMs);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	/** Ends the board in order. */
	async stop(): Promise<void> {
		this.#console.destroy();
		await this.qemu.stop();
	}
}
