// Writing the message format of RFC 7252, 3: counted first, so that the buffer is exact.

import { textLength, Writer } from "../bytes.js";
import { HEADER_LENGTH, PAYLOAD_MARKER, VERSION } from "./constants.js";
import { type MessageType, TYPES } from "./message.js";
import type { TokenBearer } from "./token.js";

/** Bytes that a value needs as option format uint: no leading zeros, zero is empty (RFC 7252, 3.2). */
export function uintLength(value: number): number {
	let length = 0;
	for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) length++;
	return length;
}

/** Writes one message front to back; options must come in ascending order. Without a buffer it counts: run it twice. */
export class Encoder {
	readonly #writer = new Writer();
	#number = 0;

	/** Where the next message is written; without a buffer it is only counted. */
	target(into: Uint8Array | undefined, offset = 0): void {
		this.#writer.reset(into);
		this.#writer.length = offset;
	}

	/** Where the message ends; its length, if it was written from offset 0 on. */
	get end(): number {
		return this.#writer.length;
	}

	/** Header and token; an Empty message has no token. */
	begin(type: MessageType, code: number, messageId: number, token?: TokenBearer): void {
		const writer = this.#writer;
		const tokenLength = token === undefined ? 0 : token.tokenLength;
		this.#number = 0;
		if (writer.bytes === undefined) {
			writer.length += HEADER_LENGTH + tokenLength;
			return;
		}
		writer.u8((VERSION << 6) | (TYPES.indexOf(type) << 4) | tokenLength);
		writer.u8(code);
		writer.u16(messageId);
		if (token !== undefined) token.writeToken(writer);
	}

	option(number: number, value: Uint8Array): void {
		this.header(number, value.length);
		this.#writer.copy(value);
	}

	uint(number: number, value: number): void {
		const length = uintLength(value);
		this.header(number, length);
		this.#writer.uint(value, length);
	}

	/** An unsigned integer in exactly so many bytes, as an ETag wants it. */
	fixed(number: number, value: number, length: number): void {
		this.header(number, length);
		this.#writer.uint(value, length);
	}

	text(number: number, value: string): void {
		this.header(number, textLength(value));
		this.#writer.text(value);
	}

	/** One option a text. */
	texts(number: number, values: readonly string[]): void {
		for (let i = 0; i < values.length; i++) this.text(number, values[i]!);
	}

	/** One option a segment of "/3/0/9"; none for "" and "/". */
	segments(number: number, path: string): void {
		const length = path.length;
		let start = path.startsWith("/") ? 1 : 0;
		while (start < length) {
			const slash = path.indexOf("/", start);
			const end = slash < 0 ? length : slash;
			this.text(number, path.slice(start, end));
			start = end + 1;
		}
	}

	/** RFC 7252, 3: an empty payload has no marker. */
	payload(payload: Uint8Array): void {
		if (payload.length === 0) return;
		this.#writer.u8(PAYLOAD_MARKER);
		this.#writer.copy(payload);
	}

	private header(number: number, length: number): void {
		const delta = number - this.#number;
		if (delta < 0) throw new RangeError(`option ${number} after ${this.#number}`);
		this.#number = number;
		// RFC 7252, 3.1: a nibble each; not by a function, as this is the deepest place of the stack.
		const first = delta < 13 ? delta : delta < 269 ? 13 : 14;
		const second = length < 13 ? length : length < 269 ? 13 : 14;
		this.#writer.u8((first << 4) | second);
		this.extend(delta);
		this.extend(length);
	}

	private extend(value: number): void {
		if (value >= 269) this.#writer.u16(value - 269);
		else if (value >= 13) this.#writer.u8(value - 13);
	}
}
