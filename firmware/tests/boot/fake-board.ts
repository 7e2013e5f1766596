// A board that a test holds in its hand: its power, its console, its cable, its server. The flash outlives the power.

import type { Application } from "../../boot/application.js";
import { type Board, boot } from "../../boot/boot.js";
import type { System } from "../../boot/system.js";
import { decodeText, encodeText } from "../../bytes.js";
import type { BoardConfig, BoardDevice } from "../../io/board.js";
import type { Flash, ResolverConstructor, Serial, SerialOptions, UdpOptions } from "../../io/ecma-419.js";
import { Pressure } from "../../lwm2m/objects/pressure.js";
import type { Primitives } from "../../security/primitives.js";
import { TestSocket } from "../io/board.js";
import { FakeInterface } from "../io/fake-interface.js";
import { VirtualTime } from "../io/virtual-time.js";
import { SeededRandom } from "../random.js";

const BLOCK_LENGTH = 4096;
const BLOCKS = 8;

/** NOR flash: a write clears bits, an erase sets those of a block. */
class FakeFlash implements Flash {
	readonly #bytes: Uint8Array;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	status() {
		return { size: this.#bytes.length, blockLength: BLOCK_LENGTH, blocks: BLOCKS };
	}

	eraseBlock(start: number, end = start + 1): void {
		this.#bytes.fill(0xff, start * BLOCK_LENGTH, end * BLOCK_LENGTH);
	}

	read(count: number, offset: number): ArrayBuffer;
	read(into: Uint8Array, offset: number): void;
	read(what: number | Uint8Array, offset: number): ArrayBuffer | undefined {
		if (typeof what === "number") return this.#bytes.slice(offset, offset + what).buffer;
		what.set(this.#bytes.subarray(offset, offset + what.length));
		return undefined;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView, offset: number): void {
		const from = ArrayBuffer.isView(buffer)
			? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
			: new Uint8Array(buffer);
		for (let i = 0; i < from.length; i++) this.#bytes[offset + i]! &= from[i]!;
	}

	close(): void {}
}

/** The board's UART: it takes all at once, and a test types into it. */
class FakeSerial implements Serial {
	readonly #options: SerialOptions;
	readonly #board: FakeBoard;
	#input: Uint8Array[] = [];

	constructor(options: SerialOptions, board: FakeBoard) {
		this.#options = options;
		this.#board = board;
	}

	read(): ArrayBuffer | undefined {
		return this.#input.shift()?.slice().buffer;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): void {
		const bytes = buffer as Uint8Array;
		this.#board.output += decodeText(bytes, 0, bytes.length) ?? "?";
	}

	close(): void {}

	/** The FIFO is empty. */
	open(): void {
		this.#options.onWritable?.call(this, 1_000_000);
	}

	type(text: string): void {
		const bytes = encodeText(text);
		for (let at = 0; at < bytes.length; at += 100) this.#input.push(bytes.subarray(at, at + 100));
		this.#options.onReadable?.call(this, bytes.length);
	}
}

/** A machine with one object, whose steps are counted. */
export class FakeMachine implements Application {
	readonly identity = { manufacturer: "Maker", modelNumber: "Model" };
	readonly stepMs = 1_000;
	stepCount = 0;
	started = false;
	/** What became of its Sends: handle, and whether a server has it. */
	readonly ends: (readonly [handle: number, isSent: boolean])[] = [];

	createMachine(model: Parameters<Application["createMachine"]>[0]) {
		const pressure = model.add(Pressure, 0, { sensorValue: 0, applicationType: "Tank" });
		return {
			start: () => {
				this.started = true;
			},
			step: () => {
				pressure.set("sensorValue", ++this.stepCount);
			},
			handleSent: (...end: [handle: number, isSent: boolean]) => void this.ends.push(end),
		};
	}
}

export interface FakeBoardOptions {
	readonly kind?: "ethernet" | "wifi";
	readonly build?: BoardConfig["build"];
	/** By default its flash is one that never fails. */
	readonly journal?: Flash;
	/** The flash cannot be opened. */
	readonly flashIsBroken?: boolean;
	/** There is no network interface. */
	readonly networkIsBroken?: boolean;
	/** There is no serial port. */
	readonly consoleIsBroken?: boolean;
	readonly random?: BoardDevice["random"];
	/** By default it has no cryptography. */
	readonly primitives?: Primitives;
}

export class FakeBoard {
	readonly flash = new Uint8Array(BLOCK_LENGTH * BLOCKS).fill(0xff);
	readonly application = new FakeMachine();
	readonly #options: FakeBoardOptions;
	/** All that the console said since the power came. */
	output = "";
	sockets: TestSocket[] = [];
	time = new VirtualTime();
	system!: System;
	restartCount = 0;
	confirmCount = 0;
	#serial: FakeSerial | undefined;
	#interface: FakeInterface | undefined;
	#id = 0;

	constructor(options: FakeBoardOptions = {}) {
		this.#options = options;
	}

	/** The board starts, for this reason. */
	start(reason: BoardDevice["reset"]["reason"] = "power-on", cause?: string): this {
		this.time = new VirtualTime();
		this.output = "";
		this.sockets = [];
		this.application.stepCount = 0;
		this.system = boot(this.describe({ reason, cause }), this.application);
		this.#serial?.open();
		return this;
	}

	get interface(): FakeInterface {
		return this.#interface!;
	}

	get socket(): TestSocket {
		return this.sockets.at(-1)!;
	}

	get lines(): string[] {
		return this.output.split("\n").filter((line) => line !== "");
	}

	/** What the banner says. */
	get banner(): Record<string, unknown> {
		return (JSON.parse(this.lines[0]!) as { boot: Record<string, unknown> }).boot;
	}

	pass(milliseconds: number): void {
		this.time.pass(milliseconds);
	}

	type(text: string): void {
		this.#serial!.type(`${text}\n`);
	}

	/** Asks as a program does, in pieces where it is long. */
	ask(verb: string, members: Record<string, unknown> = {}): Record<string, unknown> {
		const id = ++this.#id;
		const request = encodeText(JSON.stringify({ verb, ...members }));
		const piece = 80;
		let at = 0;
		for (; at + piece < request.length; at += piece) this.type(`#${id}+${at} ${decodeText(request, at, at + piece)!}`);
		this.type(`#${id} ${decodeText(request, at, request.length)!}`);
		const answer = this.lines.find((line) => line.startsWith(`#${id} {`));
		if (answer === undefined) throw new Error(`no answer to ${verb}:\n${this.output}`);
		return JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1)) as Record<string, unknown>;
	}

	private describe(reset: BoardDevice["reset"]): Board {
		const { kind = "ethernet", build = "test", flashIsBroken, networkIsBroken, consoleIsBroken } = this.#options;
		const { random = new SeededRandom(7), primitives, journal = new FakeFlash(this.flash) } = this.#options;
		const board = this;
		const device: BoardDevice = {
			serial: {
				console: {
					io: class extends FakeSerial {
						constructor(options: SerialOptions) {
							if (consoleIsBroken) throw new Error("port in use");
							super(options, board);
							board.#serial = this;
						}
					},
				},
			},
			network: {
				udp: {
					io: class extends TestSocket {
						constructor(options: UdpOptions) {
							super(options);
							board.sockets.push(this);
						}
					},
				},
				dns: { io: NoResolver },
				interface: {
					io: class extends FakeInterface {
						constructor(options: ConstructorParameters<typeof FakeInterface>[0]) {
							super(options);
							if (networkIsBroken) throw new Error("no such interface");
							board.#interface = this;
						}
					},
					kind,
				},
			},
			storage: {
				journal: {
					io: {
						open() {
							if (flashIsBroken) throw new Error("no such partition");
							return journal;
						},
					},
					path: "journal",
				},
			},
			random,
			...(primitives !== undefined && { primitives }),
			reset,
			image: {
				confirm() {
					board.confirmCount++;
				},
			},
			heap: { usedBytes: 12_345 },
			restart() {
				board.restartCount++;
				board.system.close();
			},
		};
		const config = { board: "fake", version: "1.2.3", commit: "abc1234", build };
		return { device, config, timer: this.time.timer, time: this.time.time };
	}
}

const NoResolver: ResolverConstructor = class {
	resolve({ host, onError }: Parameters<InstanceType<ResolverConstructor>["resolve"]>[0]): void {
		onError(new Error(host));
	}
	close(): void {}
};
