// The other side of the frozen scenario: a server that speaks in prepared datagrams and a board without any hardware.
// It is lean, because what it allocates counts in the smallest heap.

import type { Protect } from "../../../firmware/agent/oscore-account.js";
import { Writer } from "../../../firmware/bytes.js";
import { Code } from "../../../firmware/coap/codes.js";
import type { Datagram, TimerId, Udp, UdpConstructor, UdpOptions } from "../../../firmware/io/ecma-419.js";
import type { Provider } from "../../../firmware/main.js";

const ADDRESS = "192.0.2.1";
const PORT = 5683;
const TOKEN_LENGTH = 4;

/** First byte of a header: version 1, type, token length (RFC 7252, 3). */
const CONFIRMABLE = 0x40;
const ACKNOWLEDGEMENT = 0x60;
/** Option numbers (RFC 7252, 5.10; RFC 7641, 2). */
const OBSERVE = 6;
const LOCATION_PATH = 8;
const URI_PATH = 11;
const CONTENT_FORMAT = 12;
const ACCEPT = 17;

/** The longest request of this server, with room. */
const LONGEST = 64;

/** The scenario's server has an address. */
class NoResolver {
	resolve(): void {}
	close(): void {}
}

const NO_NAMES = Object.freeze({ io: NoResolver });

export interface Command {
	readonly code: number;
	/** Segments of Uri-Path. */
	readonly path: readonly string[];
	readonly observe?: number;
	readonly accept?: number;
	/** Text, sent with Content-Format 0. */
	readonly payload?: string;
}

/** Virtual time, one timer, one socket, one server; each of them is the board itself, because closures cost heap. */
export class Board {
	/** Codes of the answers and notifications that came since the last command. */
	readonly codes: number[] = [];
	answerCount = 0;
	notificationCount = 0;
	registered = false;
	ticks = 0;
	readonly provider: Provider;
	/** What the server says, in plain. */
	readonly writer = new Writer(new Uint8Array(LONGEST));
	/** What of it is on the wire. */
	readonly outgoing: Writer;
	#socket: Socket | undefined;
	#callback: (() => void) | undefined;
	#callbackAt = 0;
	#messageId = 0x1000;
	#random = 1;

	constructor(outgoing?: Writer) {
		const board = this;
		this.outgoing = outgoing ?? this.writer;
		// Called with `new`, it gives the object that it returns.
		function open(options: UdpOptions): Udp {
			return board.#open(options);
		}
		this.provider = {
			udp: { io: open as unknown as UdpConstructor },
			dns: NO_NAMES,
			timer: this,
			time: this,
			random: this,
		};
	}

	#open(options: UdpOptions): Udp {
		this.#socket = new Socket(options, this);
		return this.#socket;
	}

	/** Of the device's account. */
	get serverUri(): string {
		return `coap://${ADDRESS}:${PORT}`;
	}

	/** What there is to do before the device can register; of datagrams nothing. */
	accept(): void {}

	/** For the options of a device with keys. */
	get protect(): Protect | undefined {
		return undefined;
	}

	/** Moddable's timer; the shell has one at a time. */
	set(callback: () => void, delayMs = 0): TimerId {
		this.#callback = callback;
		this.#callbackAt = this.ticks + delayMs;
		return 1;
	}

	clear(): void {
		this.#callback = undefined;
	}

	fill(into: Uint8Array): void {
		for (let i = 0; i < into.length; i++) into[i] = this.uint32() >>> 24;
	}

	/** Random enough for one device alone, and the same in every run. */
	uint32(): number {
		this.#random = (Math.imul(this.#random, 0x0019_660d) + 0x3c6e_f35f) >>> 0;
		return this.#random;
	}

	/** Lets time pass: a timer that is due runs once, and what the device sent is acknowledged. */
	pass(milliseconds: number): void {
		this.ticks += milliseconds;
		this.fire();
		this.deliver();
	}

	/** Runs the timer if it is due. */
	fire(): void {
		const callback = this.#callback;
		if (callback === undefined || this.#callbackAt > this.ticks) return;
		this.#callback = undefined;
		callback();
	}

	/** Puts a request on the wire; it arrives with `deliver`. */
	prepare(command: Command): void {
		this.codes.length = 0;
		const writer = this.#begin(CONFIRMABLE | TOKEN_LENGTH, command.code, ++this.#messageId);
		writer.u32(0x7000_0000 + this.#messageId);
		let previous = 0;
		if (command.observe !== undefined) previous = this.#option(previous, OBSERVE, command.observe);
		for (let i = 0; i < command.path.length; i++) {
			const segment = command.path[i]!;
			writer.u8(((URI_PATH - previous) << 4) | segment.length);
			writer.text(segment);
			previous = URI_PATH;
		}
		if (command.payload !== undefined) previous = this.#option(previous, CONTENT_FORMAT, 0);
		if (command.accept !== undefined) this.#option(previous, ACCEPT, command.accept);
		if (command.payload === undefined) return;
		writer.u8(0xff);
		writer.text(command.payload);
	}

	/** Hands the prepared datagram to the device, then what it acknowledges; few calls deep, as the board's loop is. */
	deliver(): void {
		const socket = this.#socket!;
		while (this.hasMail()) {
			socket.receive(this.outgoing);
			socket.onReadable(1);
		}
	}

	/** The same for one datagram that is there. */
	deliverOne(): void {
		this.#socket!.receive(this.outgoing);
		this.#socket!.onReadable(1);
	}

	/** Whether there is a datagram for the device. */
	hasMail(): boolean {
		return this.outgoing.length > 0;
	}

	/** Takes the prepared datagram off the wire as the SDK's read() does, and no more: what that costs is not ours. */
	readOnly(): void {
		this.#socket!.receive(this.outgoing);
		this.#socket!.read();
	}

	/** A datagram of the device, read no further than this server needs. */
	handleSent(bytes: Uint8Array): void {
		const code = bytes[1]!;
		const messageId = (bytes[2]! << 8) | bytes[3]!;
		const confirmable = (bytes[0]! & 0x30) === 0;
		if (code === Code.Post) return this.#created(messageId, bytes);
		if (code === 0) return;
		this.codes.push(code);
		if ((bytes[0]! & 0x30) === 0x20) this.answerCount++;
		else this.notificationCount++;
		if (confirmable) this.#begin(ACKNOWLEDGEMENT, 0, messageId);
	}

	#created(messageId: number, request: Uint8Array): void {
		const tokenLength = request[0]! & 0x0f;
		const writer = this.#begin(ACKNOWLEDGEMENT | tokenLength, Code.Created, messageId);
		for (let i = 0; i < tokenLength; i++) writer.u8(request[4 + i]!);
		writer.u8((LOCATION_PATH << 4) | 2);
		writer.text("rd");
		writer.u8(1);
		writer.text("1");
		this.registered = true;
	}

	#begin(first: number, code: number, messageId: number): Writer {
		const writer = this.writer;
		writer.length = 0;
		writer.u8(first);
		writer.u8(code);
		writer.u16(messageId);
		return writer;
	}

	/** An option with an unsigned value of one byte or, for 0, none. */
	#option(previous: number, number: number, value: number): number {
		this.writer.u8(((number - previous) << 4) | (value === 0 ? 0 : 1));
		if (value !== 0) this.writer.u8(value);
		return number;
	}
}

/** A socket whose peer is the board; read() allocates what the SDK's does. */
class Socket implements Udp {
	readonly onReadable: (count: number) => void;
	readonly #board: Board;
	#waiting: ArrayBuffer | undefined;

	constructor(options: UdpOptions, board: Board) {
		this.onReadable = options.onReadable as (count: number) => void;
		this.#board = board;
	}

	receive(writer: Writer): void {
		this.#waiting = (writer.bytes!.buffer as ArrayBuffer).slice(0, writer.length);
		writer.length = 0;
	}

	read(): Datagram | undefined {
		const datagram = this.#waiting as (ArrayBuffer & { address?: string; port?: number }) | undefined;
		if (datagram === undefined) return undefined;
		this.#waiting = undefined;
		datagram.address = ADDRESS;
		datagram.port = PORT;
		return datagram as Datagram;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): void {
		this.#board.handleSent(buffer as Uint8Array);
	}

	close(): void {}
}
