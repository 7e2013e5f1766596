import { assert, suite } from "#suite";
import { decodeText, encodeText } from "../../bytes.js";
import type { Console, ConsoleOutput } from "../../console/console.js";
import { Clock } from "../../io/clock.js";
import type { Serial, SerialOptions } from "../../io/ecma-419.js";
import { SerialConsole } from "../../io/serial-console.js";

const test = suite("io/serial-console");

/** A UART with room for so many bytes. */
class FakeUart implements Serial {
	readonly options: SerialOptions;
	readonly written: string[] = [];
	readonly waiting: string[] = [];
	room = 0;

	constructor(options: SerialOptions) {
		this.options = options;
	}

	read(count = 1_000): ArrayBuffer | undefined {
		const next = this.waiting.shift();
		if (next === undefined) return undefined;
		if (next.length > count) this.waiting.unshift(next.slice(count));
		return encodeText(next.slice(0, count)).slice().buffer;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): void {
		const bytes = buffer as Uint8Array;
		if (bytes.length > this.room) throw new Error("no room");
		this.room -= bytes.length;
		this.written.push(decodeText(bytes, 0, bytes.length)!);
	}

	close(): void {}

	/** Says how much room there is; `told` is what it says, should that be another. */
	become(room: number, told = room): void {
		this.room = room;
		this.options.onWritable?.call(this, told);
	}

	receive(...texts: string[]): void {
		this.waiting.push(...texts);
		this.options.onReadable?.call(this, 1);
	}
}

/** Answers each piece by its text in brackets, and takes no more until that has left. */
class EchoConsole {
	pending = "";
	/** Bytes at once. */
	takes = Number.POSITIVE_INFINITY;
	readonly received: string[] = [];
	onReceived = (): void => {};

	get isReady(): boolean {
		return this.pending === "";
	}

	handleReceived(_now: number, bytes: Uint8Array): number {
		const taken = Math.min(this.takes, bytes.length);
		const text = decodeText(bytes, 0, taken)!;
		this.received.push(text);
		this.pending += `[${text}`;
		this.onReceived();
		this.pending += "]";
		return taken;
	}

	pollTransmit(_now: number, room: number, out: ConsoleOutput): boolean {
		const piece = this.pending.slice(0, Math.min(room, out.bytes.length));
		this.pending = this.pending.slice(piece.length);
		out.bytes.set(encodeText(piece));
		out.length = piece.length;
		return piece !== "";
	}
}

function setUp() {
	let uart: FakeUart | undefined;
	const echo = new EchoConsole();
	const port = {
		io: class extends FakeUart {
			constructor(options: SerialOptions) {
				super(options);
				uart = this;
			}
		},
		port: 0,
		baud: 115_200,
	};
	const serial = new SerialConsole(port, echo as unknown as Console, new Clock({ ticks: 0 }));
	return { serial, echo, uart: uart! };
}

test("gives the board's own options to the port", () => {
	const { uart } = setUp();
	const { port, baud, format } = uart.options as SerialOptions & { port: number };
	assert.equal([port, baud, format], [0, 115_200, "buffer"]);
});

test("writes nothing before the UART says that it has room", () => {
	const { serial, echo, uart } = setUp();
	echo.pending = "banner";
	serial.drain();
	assert.equal(uart.written, []);
	uart.become(128);
	assert.equal(uart.written, ["banner"]);
});

test("writes as much as there is room for, and the rest when there is more", () => {
	const { serial, echo, uart } = setUp();
	uart.become(4);
	echo.pending = "0123456789";
	serial.drain();
	assert.equal(uart.written, ["0123"]);
	uart.become(128);
	assert.equal(uart.written, ["0123", "456789"]);
});

test("takes the next only when the answer before it has left", () => {
	const { echo, uart } = setUp();
	uart.become(2);
	uart.receive("a", "b");
	assert.equal(echo.received, ["a"]);
	uart.become(128);
	assert.equal(echo.received, ["a", "b"]);
	assert.is(uart.written.join(""), "[a][b]");
});

test("gives again what the console did not take", () => {
	const { echo, uart } = setUp();
	echo.takes = 2;
	uart.become(128);
	uart.receive("abcde", "f");
	assert.equal(echo.received, ["ab", "cd", "e", "f"]);
	assert.is(uart.written.join(""), "[ab][cd][e][f]");
});

test("a thousand waiting pieces are no deep stack", () => {
	const { echo, uart } = setUp();
	uart.become(1_000_000);
	uart.receive(...Array.from({ length: 1_000 }, (_, i) => String(i)));
	assert.is(echo.received.length, 1_000);
});

test("what a verb logs leaves after it, not in its midst", () => {
	const { serial, echo, uart } = setUp();
	uart.become(128);
	echo.onReceived = () => serial.drain();
	uart.receive("a");
	assert.equal(uart.written, ["[a]"]);
});

test("a UART that promised too much costs one piece", () => {
	const { serial, echo, uart } = setUp();
	uart.become(0, 128);
	echo.pending = "lost";
	serial.drain();
	assert.equal(uart.written, []);
	echo.pending = "next";
	uart.become(128);
	assert.equal(uart.written, ["next"]);
});

test.run();
