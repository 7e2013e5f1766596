// The other side of the frozen scenario over TCP (RFC 8323): the same server, whose datagrams become frames on their
// way and frames datagrams. As lean as the other one, because what it allocates counts in the smallest heap.

import { Code } from "../../../firmware/coap/codes.js";
import { frame } from "../../../firmware/coap/frame.js";
import { isSignal, Signal } from "../../../firmware/coap/signal.js";
import type { Tcp, TcpConstructor, TcpOptions } from "../../../firmware/io/ecma-419.js";
import { Board, type Command } from "./server.js";

/** What the socket takes at once. */
const ROOM = 5744;
/** Of a datagram's first byte: the version, and the types of what asks and of what answers (RFC 7252, 3). */
const CONFIRMABLE = 0x40;
const NON_CONFIRMABLE = 0x50;
const ACKNOWLEDGEMENT = 0x60;
const HEADER_LENGTH = 4;
/** Lengths of RFC 8323, 3.2, whose further bytes are so many. */
const ONE_BYTE = 13;
const TWO_BYTES = 14;

export class StreamBoard extends Board {
	#socket: StreamSocket | undefined;
	/** The device's answers that are still to come. */
	#asked = 0;
	/** The frame of the device as a datagram: header, token and the first options, of which no more is read. */
	readonly #datagram = new Uint8Array(HEADER_LENGTH + 8);

	constructor() {
		super();
		const board = this;
		function open(options: TcpOptions): Tcp {
			board.#socket = new StreamSocket(options, board);
			return board.#socket;
		}
		Object.assign(this.provider, { tcp: { io: open as unknown as TcpConstructor } });
	}

	override get serverUri(): string {
		return "coap+tcp://192.0.2.1:5683";
	}

	/** The device has asked for the connection: it is there. */
	override accept(): void {
		this.writer.u32(((CONFIRMABLE << 24) | (Signal.Csm << 16)) >>> 0);
		this.#send(this.#socket!);
		this.#socket!.onWritable(ROOM);
		this.deliver();
	}

	override prepare(command: Command): void {
		super.prepare(command);
		this.#asked++;
	}

	override deliver(): void {
		while (this.hasMail()) this.deliverOne();
	}

	override deliverOne(): void {
		this.#send(this.#socket!);
		this.#socket!.onReadable(1);
		this.#socket!.onWritable(ROOM);
	}

	/** What is prepared is in the socket's hands. */
	#send(socket: StreamSocket): void {
		const { bytes, length } = this.writer;
		this.writer.length = 0;
		socket.receive(bytes!, length);
	}

	handleFrame(bytes: Uint8Array): void {
		const nibble = bytes[0]! >> 4;
		const at = nibble === TWO_BYTES ? 3 : nibble === ONE_BYTE ? 2 : 1;
		const code = bytes[at]!;
		if (isSignal(code)) return;
		const datagram = this.#datagram;
		const isAnswer = code >= Code.Created && this.#asked > 0;
		if (isAnswer) this.#asked--;
		const type = code < Code.Created ? CONFIRMABLE : isAnswer ? ACKNOWLEDGEMENT : NON_CONFIRMABLE;
		datagram[0] = type | (bytes[0]! & 0x0f);
		datagram[1] = code;
		for (let i = HEADER_LENGTH; i < datagram.length; i++) datagram[i] = bytes[at + 1 + i - HEADER_LENGTH] ?? 0;
		this.handleSent(datagram);
	}
}

/** A connection whose peer is the board; read() allocates what the SDK's does. */
class StreamSocket implements Tcp {
	readonly onReadable: (count: number) => void;
	readonly onWritable: (count: number) => void;
	readonly #board: StreamBoard;
	#waiting: ArrayBuffer | undefined;

	constructor({ onReadable, onWritable }: TcpOptions, board: StreamBoard) {
		this.onReadable = onReadable as (count: number) => void;
		this.onWritable = onWritable as (count: number) => void;
		this.#board = board;
	}

	receive(datagram: Uint8Array, length: number): void {
		const start = frame(datagram, length);
		this.#waiting = (datagram.buffer as ArrayBuffer).slice(start, length);
	}

	read(): ArrayBuffer | undefined {
		const bytes = this.#waiting;
		this.#waiting = undefined;
		return bytes;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): number {
		this.#board.handleFrame(buffer as Uint8Array);
		return ROOM;
	}

	close(): void {}
}
