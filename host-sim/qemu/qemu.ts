// One virtual board as a child process: QEMU with an image in flash bank 0 and everything that must last in bank 1.
// It never outlives this process, and an end that nobody asked for is told apart from one that somebody did.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, copyFileSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eraseFlash } from "./flash-image.js";
import { beforeOf } from "./flash-trace.js";
import { Qmp } from "./qmp.js";

/** How the board is put together. */
export interface QemuOptions {
	/** The image of bank 0, raw, 32 MB (with a hole behind the firmware): executed in place, read-only. */
	readonly image: string;
	/** The file of bank 1; made, all erased, where it is missing. It outlives the board, as flash does. */
	readonly flash: string;
	/** Hard limit of RAM; 512 KB where it is left out. */
	readonly ramBytes?: number;
	/** The UDP port on 127.0.0.1 to which each Ethernet frame goes as a datagram (EthernetNat.port); none: no network. */
	readonly network?: number;
	/** The address of the network card, to be different for each board at one NAT. */
	readonly mac?: string;
	/** "pty" is what serialport opens; "socket" is for tests that need no serialport. */
	readonly serial?: "pty" | "socket";
	/** Program the flash word by word: QEMU brings a buffered page to its file as a whole, and a kill tears nothing. */
	readonly wordMode?: boolean;
	/** A file that gets every command to the flash before it is carried out: for FlashTrace and `tear`. */
	readonly flashTrace?: string;
	/** Loses its power where it would start anew by itself. */
	readonly endsAtRestart?: boolean;
	/** Where the randomness of the chip comes from; a test may give a bad one. */
	readonly randomness?: string;
}

/** How a board's process ended. */
export interface QemuEnd {
	/** True when stop or cutPower was called before. */
	readonly asked: boolean;
	/** The firmware's own exit code, or QEMU's; null after a signal. */
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	/** The last lines of QEMU on stderr. */
	readonly complaint: string;
}

const PROGRAM = "qemu-system-riscv32";
/** Ends QEMU with this process even when nobody is left to do so. */
const GUARD = ["setpriv", "--pdeathsig", "KILL"];
/** RV32IMC, as the ESP32-C3. */
const CPU = "rv32,a=false,f=false,d=false";
const RAM_BYTES = 512 * 1024;
const MAC = "52:54:00:12:34:56";
/** boards/qemu-riscv32/flash/straps.h: the scratch register of the serial port. */
const STRAPS_ADDRESS = 0x1000_0007;
const STRAP_FLASH_WORDS = 1;
/** From "quit" to SIGKILL. */
const QUIT_MS = 5000;
const COMPLAINT_COUNT = 8;

/** What this process started and has not ended, with the folder of its socket; none of it outlives this process. */
const running = new Map<ChildProcess, string | undefined>();
process.once("exit", () => {
	for (const [child, folder] of running) {
		child.kill("SIGKILL");
		removeFolder(folder);
	}
});

function removeFolder(folder: string | undefined): void {
	if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** A running virtual board. */
export class Qemu {
	/** The serial console: a path for serialport ("pty"), or of a Unix socket ("socket"). */
	readonly console: string;
	/** Settles when the process is gone, whoever ended it. */
	readonly ended: Promise<QemuEnd>;
	/** Milliseconds from the start of QEMU until the board could run its first instruction. */
	readonly startMs: number;
	readonly #child: ChildProcess;
	readonly #qmp: Qmp;
	readonly #asked: { value: boolean };
	/** The console's pty, held open. */
	#held: number | undefined;

	/** Starts a board that waits: nothing runs before `powerOn`, so that no line of the console is missed. */
	static async start(options: QemuOptions): Promise<Qemu> {
		const startedAt = performance.now();
		if (!existsSync(options.image)) throw new Error(`there is no image ${options.image}`);
		if (!existsSync(options.flash)) eraseFlash(options.flash);
		if (options.flashTrace !== undefined) beginTrace(options.flash, options.flashTrace);
		const folder = options.serial === "socket" ? mkdtempSync(join(tmpdir(), "pinhole-qemu-")) : undefined;
		const socket = folder === undefined ? undefined : join(folder, "console");
		const child = spawn(GUARD[0]!, [...GUARD.slice(1), PROGRAM, ...wordsOf(options, socket)], { stdio: "pipe" });
		running.set(child, folder);
		const asked = { value: false };
		const ended = watch(child, asked);
		const qmp = new Qmp(child.stdin, child.stdout);
		try {
			await qmp.open();
			const console = socket ?? qmp.pty!;
			// QEMU looks only once a second whether a pty was opened, but also when the serial port is made, now: so it
			// is opened before, and stays so until whoever wants it has it.
			const held = socket === undefined ? openSync(console, constants.O_RDWR | constants.O_NOCTTY) : undefined;
			await qmp.execute("x-exit-preconfig");
			return new Qemu(child, qmp, asked, console, ended, held, performance.now() - startedAt);
		} catch (error) {
			child.kill("SIGKILL");
			throw new Error(`QEMU did not start: ${(await ended).complaint || (error as Error).message}`);
		}
	}

	private constructor(
		child: ChildProcess,
		qmp: Qmp,
		asked: { value: boolean },
		console: string,
		ended: Promise<QemuEnd>,
		held: number | undefined,
		startMs: number,
	) {
		this.#child = child;
		this.#qmp = qmp;
		this.#asked = asked;
		this.console = console;
		this.ended = ended;
		this.#held = held;
		void ended.then(() => this.release());
		this.startMs = startMs;
	}

	/** The number of the process. */
	get pid(): number {
		return this.#child.pid!;
	}

	/** Lets the first instruction run; to be called once, when the console is open. */
	async powerOn(): Promise<void> {
		await this.#qmp.execute("cont");
		this.release();
	}

	/** The reset button. The flash keeps its contents, the console stays open. */
	async reset(): Promise<void> {
		await this.#qmp.execute("system_reset");
	}

	/** The cable of the network. */
	async setLink(up: boolean): Promise<void> {
		await this.#qmp.execute("set_link", { name: "n0", up });
	}

	/** Ends the process in order. */
	async stop(): Promise<QemuEnd> {
		this.#asked.value = true;
		const timer = setTimeout(() => this.#child.kill("SIGKILL"), QUIT_MS);
		this.#qmp.execute("quit").catch(() => {});
		const end = await this.ended;
		clearTimeout(timer);
		return end;
	}

	/** SIGKILL: what was not in the flash yet is lost. Start another board on the same flash to power on again. */
	cutPower(): Promise<QemuEnd> {
		this.#asked.value = true;
		this.#child.kill("SIGKILL");
		return this.ended;
	}

	private release(): void {
		if (this.#held !== undefined) closeSync(this.#held);
		this.#held = undefined;
	}
}

function beginTrace(flash: string, trace: string): void {
	rmSync(trace, { force: true });
	copyFileSync(flash, beforeOf(trace));
}

function wordsOf(options: QemuOptions, socket: string | undefined): string[] {
	const serial = socket === undefined ? "pty,id=serial0" : `socket,id=serial0,path=${socket},server=on,wait=off`;
	const random = options.randomness ?? "/dev/urandom";
	return [
		...["-machine", "virt", "-cpu", CPU, "-m", `size=${options.ramBytes ?? RAM_BYTES}B`, "-bios", "none"],
		...["-preconfig", "-S", "-qmp", "stdio", "-nodefaults", "-display", "none"],
		...["-chardev", serial, "-serial", "chardev:serial0"],
		...["-drive", `if=pflash,unit=0,format=raw,readonly=on,file=${options.image}`],
		...["-drive", `if=pflash,unit=1,format=raw,file=${options.flash}`],
		...["-global", "virtio-mmio.force-legacy=false"],
		...["-object", `rng-random,id=rng0,filename=${random}`, "-device", "virtio-rng-device,rng=rng0"],
		...(options.network === undefined ? [] : networkOf(options.network, options.mac ?? MAC)),
		...(options.wordMode === true
			? ["-device", `loader,addr=${STRAPS_ADDRESS},data=${STRAP_FLASH_WORDS},data-len=1`]
			: []),
		...(options.endsAtRestart === true ? ["-no-reboot"] : []),
		...(options.flashTrace === undefined ? [] : ["-trace", "enable=pflash_io_write", "-D", options.flashTrace]),
	];
}

/** Port 0 is any free one: the NAT answers to where the last frame came from. */
function networkOf(port: number, mac: string): string[] {
	const end = (which: string, number: number) => `${which}.type=inet,${which}.host=127.0.0.1,${which}.port=${number}`;
	return [
		...["-netdev", `dgram,id=n0,${end("local", 0)},${end("remote", port)}`],
		...["-device", `virtio-net-device,netdev=n0,mac=${mac}`],
	];
}

async function watch(child: ChildProcess, asked: { readonly value: boolean }): Promise<QemuEnd> {
	const complaints: string[] = [];
	createInterface({ input: child.stderr! }).on("line", (line) => {
		complaints.push(line);
		if (complaints.length > COMPLAINT_COUNT) complaints.shift();
	});
	try {
		const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
		return { asked: asked.value, code, signal, complaint: complaints.join("\n") };
	} catch (error) {
		return { asked: asked.value, code: null, signal: null, complaint: (error as Error).message };
	} finally {
		removeFolder(running.get(child));
		running.delete(child);
	}
}
