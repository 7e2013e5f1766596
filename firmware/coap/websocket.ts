// CoAP over WebSockets (RFC 8323, 4; RFC 6455): each message in a frame of its own, without its length. Here it gets
// the length back, so that above nobody sees what the connection is wrapped in.

import { encodeText } from "../bytes.js";
import type { Random } from "../contract.js";
import { limits } from "../limits.js";
import { HEADER_LENGTH } from "./constants.js";
import { FrameReader, frame } from "./frame.js";
import { firstByte } from "./message.js";
import {
	base64,
	clientHead,
	HEAD_LENGTH_MAX,
	headLength,
	headText,
	isServerHead,
	NONCE_LENGTH,
	serverHead,
} from "./websocket-handshake.js";

/** RFC 6455, 5.2. */
const Opcode = Object.freeze({ Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 });
const FINAL = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const MASK_LENGTH = 4;
/** RFC 6455, 5.5. */
const CONTROL_LENGTH_MAX = 125;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** RFC 6455, 7.4.1. */
const CloseCode = Object.freeze({ Normal: 1000, ProtocolError: 1002, Unacceptable: 1003, TooLong: 1009 });

/** Bytes that a frame has more than the message in it has in a stream, at most. */
export const FRAME_OVERHEAD = 16;

/** What stands before the token in a message over WebSockets: a first byte without length, and the code. */
const SHORT_HEADER_LENGTH = 2;

const NOTHING = new Uint8Array(0);

export interface WebSocketOptions {
	readonly random: Random;
	/** Of a client: the host as the URI has it. Undefined: a server. */
	readonly host?: string | undefined;
	/** Bytes of the longest message; limits.streamMessageLength if not given. */
	readonly messageLengthMax?: number;
}

/** One end of a connection. */
export class WebSocketEnd {
	readonly #random: Random;
	readonly #isClient: boolean;
	readonly #lengthMax: number;
	readonly #key: string = "";
	/** What is to be sent is cut into messages again: a piece may hold half of one. */
	readonly #sending: FrameReader;
	#state: "opening" | "open" | "closed" = "opening";
	/** What has come and is not understood yet. */
	#received: Uint8Array = NOTHING;
	/** The fragments of a message that has begun; undefined: none has. */
	#begun: Uint8Array | undefined = undefined;
	readonly #outgoing: Uint8Array[] = [];

	constructor({ random, host, messageLengthMax }: WebSocketOptions) {
		this.#random = random;
		this.#isClient = host !== undefined;
		this.#lengthMax = messageLengthMax ?? limits.streamMessageLength;
		this.#sending = new FrameReader(this.#lengthMax);
		if (host === undefined) return;
		const nonce = new Uint8Array(NONCE_LENGTH);
		random.fill(nonce);
		this.#key = base64(nonce);
		this.#outgoing.push(encodeText(clientHead(host, this.#key)));
	}

	/** The handshake is done. */
	get isOpen(): boolean {
		return this.#state === "open";
	}

	/** To be closed once all is sent. */
	get isClosed(): boolean {
		return this.#state === "closed";
	}

	/** The next bytes for the connection. */
	pollTransmit(): Uint8Array | undefined {
		return this.#outgoing.shift();
	}

	/** A piece of the stream of messages (RFC 8323, 3.2), for the other side. */
	send(bytes: Uint8Array): void {
		const reader = this.#sending;
		reader.take(bytes);
		while (reader.next() === "message") {
			const message = reader.message(0, 0);
			const payload = message.subarray(HEADER_LENGTH - SHORT_HEADER_LENGTH);
			payload[0] = message[0]!;
			payload[1] = reader.code;
			this.sendFrame(Opcode.Binary, payload);
		}
		reader.keep();
	}

	/** Any piece of what the connection gave. */
	handleReceived(bytes: Uint8Array): void {
		if (this.isClosed) return;
		const joined = new Uint8Array(this.#received.length + bytes.length);
		joined.set(this.#received);
		joined.set(bytes, this.#received.length);
		this.#received = joined;
		if (this.#state === "opening") this.shakeHands();
	}

	private shakeHands(): void {
		const length = headLength(this.#received);
		if (length === 0) {
			if (this.#received.length > HEAD_LENGTH_MAX) this.#state = "closed";
			return;
		}
		const head = headText(this.#received, length);
		this.#received = this.#received.subarray(length);
		if (this.#isClient) {
			this.#state = isServerHead(head, this.#key) ? "open" : "closed";
			return;
		}
		const answer = serverHead(head);
		this.#outgoing.push(encodeText(answer.text));
		this.#state = answer.isOpen ? "open" : "closed";
	}

	/** The next message as it stands in a stream; undefined when there is none yet. */
	pollReceived(): Uint8Array | undefined {
		while (this.isOpen) {
			const bytes = this.#received;
			const header = this.headerLength(bytes);
			if (header === 0) return undefined;
			const length = this.payloadLength(bytes);
			if (!this.isAcceptable(bytes, length)) return undefined;
			if (bytes.length < header + length) return undefined;
			const payload = new Uint8Array(bytes.subarray(header, header + length));
			if (!this.#isClient) applyMask(payload, bytes.subarray(header - MASK_LENGTH, header));
			this.#received = bytes.subarray(header + length);
			const message = this.take(bytes[0]! & 0x0f, (bytes[0]! & FINAL) !== 0, payload);
			if (message !== undefined) return message;
		}
		return undefined;
	}

	/** Bytes before the payload; 0: they are not all here. */
	private headerLength(bytes: Uint8Array): number {
		if (bytes.length < 2) return 0;
		const short = bytes[1]! & 0x7f;
		const extended = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
		const length = 2 + extended + (this.#isClient ? 0 : MASK_LENGTH);
		return bytes.length < length ? 0 : length;
	}

	private payloadLength(bytes: Uint8Array): number {
		const short = bytes[1]! & 0x7f;
		if (short < LENGTH_16) return short;
		let length = 0;
		const end = short === LENGTH_16 ? 4 : 10;
		for (let i = 2; i < end; i++) length = length * 256 + bytes[i]!;
		return length;
	}

	/** RFC 6455, 5.1 and 5.2: who masks, and what is reserved. What may not be ends the connection. */
	private isAcceptable(bytes: Uint8Array, length: number): boolean {
		const opcode = bytes[0]! & 0x0f;
		const isMasked = (bytes[1]! & MASKED) !== 0;
		const isControl = opcode >= Opcode.Close;
		const isLame = isControl && ((bytes[0]! & FINAL) === 0 || length > CONTROL_LENGTH_MAX);
		if ((bytes[0]! & RESERVED) !== 0 || isMasked === this.#isClient || isLame) this.close(CloseCode.ProtocolError);
		else if ((this.#begun?.length ?? 0) + length > this.#lengthMax) this.close(CloseCode.TooLong);
		return this.isOpen;
	}

	/** What a frame brings: a message, once it is whole. */
	private take(opcode: number, isFinal: boolean, payload: Uint8Array): Uint8Array | undefined {
		switch (opcode) {
			case Opcode.Binary:
			case Opcode.Continuation:
				if ((this.#begun === undefined) !== (opcode === Opcode.Binary)) this.close(CloseCode.ProtocolError);
				else return this.join(isFinal, payload);
				return undefined;
			case Opcode.Ping:
				this.sendFrame(Opcode.Pong, payload);
				return undefined;
			case Opcode.Pong:
				return undefined;
			case Opcode.Close:
				this.close(CloseCode.Normal);
				return undefined;
			default:
				this.close(opcode === Opcode.Text ? CloseCode.Unacceptable : CloseCode.ProtocolError);
				return undefined;
		}
	}

	private join(isFinal: boolean, payload: Uint8Array): Uint8Array | undefined {
		const begun = this.#begun ?? NOTHING;
		const joined = new Uint8Array(begun.length + payload.length);
		joined.set(begun);
		joined.set(payload, begun.length);
		this.#begun = isFinal ? undefined : joined;
		if (!isFinal) return undefined;
		// RFC 8323, 4.2: the length is told by the frame, and 0 in the message.
		if (joined.length < SHORT_HEADER_LENGTH || joined[0]! > limits.tokenLength) this.close(CloseCode.ProtocolError);
		else return withLength(joined);
		return undefined;
	}

	/** Says good-bye; whoever is told so closes the connection. */
	private close(code: number): void {
		this.sendFrame(Opcode.Close, new Uint8Array([code >> 8, code & 0xff]));
		this.#state = "closed";
	}

	private sendFrame(opcode: number, payload: Uint8Array): void {
		const { length } = payload;
		const extended = length < LENGTH_16 ? 0 : 2;
		const header = 2 + extended + (this.#isClient ? MASK_LENGTH : 0);
		const bytes = new Uint8Array(header + length);
		bytes[0] = FINAL | opcode;
		bytes[1] = (this.#isClient ? MASKED : 0) | (extended === 0 ? length : LENGTH_16);
		if (extended > 0) {
			bytes[2] = length >> 8;
			bytes[3] = length;
		}
		bytes.set(payload, header);
		if (this.#isClient) {
			const mask = bytes.subarray(header - MASK_LENGTH, header);
			this.#random.fill(mask);
			applyMask(bytes.subarray(header), mask);
		}
		this.#outgoing.push(bytes);
	}
}

/** RFC 6455, 5.3. */
function applyMask(payload: Uint8Array, mask: Uint8Array): void {
	for (let i = 0; i < payload.length; i++) payload[i]! ^= mask[i % MASK_LENGTH]!;
}

/** A message without its length as it stands in a stream. */
function withLength(short: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(HEADER_LENGTH - SHORT_HEADER_LENGTH + short.length);
	bytes.set(short.subarray(SHORT_HEADER_LENGTH), HEADER_LENGTH);
	bytes[0] = firstByte("NON") | short[0]!;
	bytes[1] = short[1]!;
	return bytes.subarray(frame(bytes, bytes.length));
}
