// Framing of messages in a stream (RFC 8323, 3.2): a length where RFC 7252 has type and Message ID.

import { limits } from "../limits.js";
import { HEADER_LENGTH } from "./constants.js";

/** From these values of the nibble on, so many further bytes tell the length of options and payload. */
const EXTENDED = 13;
const EXTENSION_LENGTHS: readonly number[] = Object.freeze([1, 2, 4]);
/** What the length is more than the value of those bytes. */
const EXTENSION_OFFSETS: readonly number[] = Object.freeze([13, 269, 65805]);

/**
 * Turns a message in the form of RFC 7252 into a frame, in place: it then begins at the returned offset. Its options
 * and payload have less than 65805 bytes together, so that the new header is no longer than the old one.
 */
export function frame(bytes: Uint8Array, length: number): number {
	const tokenLength = bytes[0]! & 0x0f;
	const code = bytes[1]!;
	const body = length - HEADER_LENGTH - tokenLength;
	let start = HEADER_LENGTH - 1;
	bytes[start] = code;
	let nibble = body;
	if (body >= EXTENSION_OFFSETS[1]!) {
		nibble = EXTENDED + 1;
		bytes[--start] = body - EXTENSION_OFFSETS[1]!;
		bytes[--start] = (body - EXTENSION_OFFSETS[1]!) >> 8;
	} else if (body >= EXTENDED) {
		nibble = EXTENDED;
		bytes[--start] = body - EXTENDED;
	}
	bytes[--start] = (nibble << 4) | tokenLength;
	return start;
}

/** more: the piece is used up. message: one is whole. long: above the bound. malformed: a reserved token length. */
export type FrameStep = "more" | "message" | "long" | "malformed";

const NOTHING = new Uint8Array(0);

/** Pieces cut anywhere go in, one message after the other comes out, in the form of RFC 7252. */
export class FrameReader {
	readonly #lengthMax: number;
	#expected: "first" | "length" | "code" | "body" = "first";
	#headerLength = 0;
	#tokenLength = 0;
	/** Bytes of options and payload. */
	#length = 0;
	#lengthOffset = 0;
	#lengthBytesLeft = 0;
	/** Of the message as it is, its header last. */
	#message: Uint8Array = NOTHING;
	#end = 0;
	/** The piece in hand, and how much of it is used. */
	#piece: Uint8Array = NOTHING;
	#offset = 0;
	/** The code of the message. */
	code = 0;

	/** A message longer than that, its header included, is refused before any memory is given to it. */
	constructor(lengthMax: number) {
		this.#lengthMax = lengthMax;
	}

	/** Bytes that are not used yet. */
	get left(): number {
		return this.#piece.length - this.#offset;
	}

	/** Takes the next piece, behind what is left; borrowed until `keep`. */
	take(bytes: Uint8Array): void {
		const left = this.left;
		if (left === 0) this.#piece = bytes;
		else {
			const joined = new Uint8Array(left + bytes.length);
			joined.set(this.#piece.subarray(this.#offset));
			joined.set(bytes, left);
			this.#piece = joined;
		}
		this.#offset = 0;
	}

	/** The borrowed piece goes: what is left of it is copied. */
	keep(): void {
		this.#piece = this.left === 0 ? NOTHING : new Uint8Array(this.#piece.subarray(this.#offset));
		this.#offset = 0;
	}

	/** Goes on to the end of one message, or of the piece. After "long" and "malformed" there is no going on. */
	next(): FrameStep {
		while (this.left > 0) {
			const step = this.#expected === "body" ? this.copy() : this.takeHeader(this.#piece[this.#offset++]!);
			if (step !== "more") return step;
		}
		return "more";
	}

	/** The message in the form of RFC 7252, borrowed until `next`. There is no type and no Message ID in a stream. */
	message(typeBits: number, messageId: number): Uint8Array {
		const message = this.#message;
		message[0] = typeBits | this.#tokenLength;
		message[1] = this.code;
		message[2] = messageId >> 8;
		message[3] = messageId;
		return message.subarray(0, this.#end);
	}

	private takeHeader(byte: number): FrameStep {
		this.#headerLength++;
		if (this.#expected === "first") return this.begin(byte);
		if (this.#expected === "code") {
			this.code = byte;
			return this.beginBody();
		}
		this.#length = this.#length * 256 + byte;
		if (--this.#lengthBytesLeft > 0) return "more";
		this.#length += this.#lengthOffset;
		this.#expected = "code";
		const lengthMax = this.#lengthMax - this.#headerLength - 1 - this.#tokenLength;
		return this.#length > lengthMax ? "long" : "more";
	}

	private begin(byte: number): FrameStep {
		const nibble = byte >> 4;
		this.#headerLength = 1;
		this.#tokenLength = byte & 0x0f;
		if (this.#tokenLength > limits.tokenLength) return "malformed";
		if (nibble < EXTENDED) {
			this.#length = nibble;
			this.#expected = "code";
			return "more";
		}
		this.#length = 0;
		this.#lengthBytesLeft = EXTENSION_LENGTHS[nibble - EXTENDED]!;
		this.#lengthOffset = EXTENSION_OFFSETS[nibble - EXTENDED]!;
		this.#expected = "length";
		return "more";
	}

	private beginBody(): FrameStep {
		const length = HEADER_LENGTH + this.#tokenLength + this.#length;
		if (this.#message.length < length) this.#message = new Uint8Array(length);
		this.#end = HEADER_LENGTH;
		this.#expected = "body";
		return this.copy();
	}

	/** Copies what there is of the body. */
	private copy(): FrameStep {
		const missing = HEADER_LENGTH + this.#tokenLength + this.#length - this.#end;
		const length = Math.min(missing, this.left);
		const start = this.#offset;
		this.#message.set(this.#piece.subarray(start, start + length), this.#end);
		this.#offset = start + length;
		this.#end += length;
		if (length < missing) return "more";
		this.#expected = "first";
		return "message";
	}
}
