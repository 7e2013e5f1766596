import { assert, suite } from "#suite";
import { decodeText, encodeText } from "../../bytes.js";
import { Clock } from "../../io/clock.js";
import type { Serial, SerialOptions } from "../../io/ecma-419.js";
import { SerialModem } from "../../io/serial-modem.js";
import { FixedRandom } from "../random.js";
import { VirtualTime } from "./virtual-time.js";

const test = suite("io/serial-modem");

const PDU = "0004039121430004621132210000000201";
const MESSAGE = (data: string): string => `+CMT: ,17\r\n${PDU}${data}`;

/** A UART with room for so many bytes, and with somebody at its other end. */
class FakeUart implements Serial {
	readonly options: SerialOptions;
	written = "";
	waiting: Uint8Array | undefined;
	room = 0;
	isOpen = true;

	constructor(options: SerialOptions) {
		this.options = options;
	}

	read(count = 1_000): ArrayBuffer | undefined {
		const { waiting } = this;
		if (waiting === undefined) return undefined;
		this.waiting = waiting.length > count ? waiting.subarray(count) : undefined;
		return waiting.slice(0, count).buffer;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): void {
		const bytes = buffer as Uint8Array;
		if (bytes.length > this.room) throw new Error("no room");
		this.room -= bytes.length;
		this.written += decodeText(bytes, 0, bytes.length)!;
	}

	close(): void {
		this.isOpen = false;
	}

	become(room: number, told = room): void {
		this.room = room;
		this.options.onWritable?.call(this, told);
	}

	say(...lines: string[]): void {
		this.waiting = encodeText(lines.map((line) => `\r\n${line}\r\n`).join(""));
		this.options.onReadable?.call(this, this.waiting.length);
	}
}

function setUp() {
	const time = new VirtualTime();
	const said: string[] = [];
	let uart: FakeUart | undefined;
	const port = {
		io: class extends FakeUart {
			constructor(options: SerialOptions) {
				super(options);
				uart = this;
			}
		},
		port: 2,
		baud: 115_200,
	};
	const modem = new SerialModem(port, {
		clock: new Clock(time.time),
		timer: time.timer,
		random: new FixedRandom(),
		onReceived: (data) => said.push(`data ${data.join(" ")}`),
		onState: (state) => said.push(state),
	});
	return { modem, time, said, uart: uart! };
}

test("gives the board's own options to the port", () => {
	const { port, baud, format } = setUp().uart.options as SerialOptions & { port: number };
	assert.equal([port, baud, format], [2, 115_200, "buffer"]);
});

test("writes when the UART says that it has room, and as much", () => {
	const { uart } = setUp();
	assert.is(uart.written, "");
	uart.become(2);
	assert.is(uart.written, "\rA");
	uart.become(128);
	assert.is(uart.written, "\rAT\r");
});

test("asks again in its own time, and says how the modem stands", () => {
	const { uart, time, said } = setUp();
	uart.become(1_000);
	time.pass(60_000);
	assert.is(uart.written, "\rAT\r".repeat(6));
	assert.equal(said, ["starting", "silent"]);
	assert.is(time.waits.length, 1);
});

test("hands over the data of all messages that come at once, in pieces of any length", () => {
	const { uart, said } = setUp();
	uart.become(1_000);
	uart.say(MESSAGE("07"), MESSAGE("08"), MESSAGE("09"));
	assert.equal(said, ["starting", "data 1 7", "data 1 8", "data 1 9"]);
});

test("a UART that promised too much costs one command", () => {
	const { uart, time } = setUp();
	uart.become(0, 128);
	time.pass(5_000);
	uart.become(128);
	time.pass(1_000);
	assert.is(uart.written, "\rAT\r");
});

test("closed, it waits for nothing", () => {
	const { modem, uart, time, said } = setUp();
	uart.become(128);
	modem.close();
	uart.say(MESSAGE("07"));
	time.pass(100_000);
	assert.equal([uart.isOpen, uart.written, time.waits, said], [false, "\rAT\r", [], ["starting"]]);
});

test.run();
