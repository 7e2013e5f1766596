// Reading the message format of RFC 7252, 3: a cursor over borrowed bytes, checked once when they arrive.

import { decodeText, Reader } from "../bytes.js";
import type { Token } from "../contract.js";
import { limits } from "../limits.js";
import { Code, isRequest } from "./codes.js";
import { HEADER_LENGTH, PAYLOAD_MARKER, VERSION } from "./constants.js";
import type { Message } from "./endpoint.js";
import { HASH_START, hashByte, hashBytes } from "./hash.js";
import { isCritical, isNoCacheKey, Option, type OptionRow, optionRow } from "./options.js";

export type MessageType = "CON" | "NON" | "ACK" | "RST";

/** Message types by their two bits on the wire. */
export const TYPES: readonly MessageType[] = Object.freeze(["CON", "NON", "ACK", "RST"]);
const NOTHING = new Uint8Array(0);
const HEX: readonly string[] = Object.freeze(Array.from({ length: 256 }, (_, i) => (i + 256).toString(16).slice(1)));

/** A number as a token of so many bytes. */
export function numberToken(value: number, length: number): Token {
	let token = "";
	for (let shift = 8 * (length - 1); shift >= 0; shift -= 8) token += HEX[(value >> shift) & 0xff]!;
	return token;
}

/** Bytes as lower-case hex, the form of a Token. */
export function hexText(bytes: Uint8Array, offset: number, length: number): Token {
	if (length === 0) return "";
	let text = HEX[bytes[offset]!]!;
	for (let i = 1; i < length; i++) text += HEX[bytes[offset + i]!]!;
	return text;
}

/** "format-error" leaves type and messageId valid, so that the message can be rejected; "not-coap" leaves nothing. */
export type Decoded = "ok" | "not-coap" | "format-error";

/** A received message. One instance serves for ever: each `decode` borrows other bytes. */
export class DatagramMessage implements Message {
	type: MessageType = "CON";
	code = 0;
	messageId = 0;
	token: Token = "";
	/** The option that the cursor stands on, and where its value lies. */
	optionNumber = 0;
	valueOffset = 0;
	valueLength = 0;
	#bytes: Uint8Array = NOTHING;
	#optionsOffset = 0;
	#optionsEnd = 0;
	#joined: Uint8Array | undefined = undefined;
	readonly #reader = new Reader(NOTHING);

	/** Never throws, reads nothing outside the bytes and allocates nothing but the token. */
	decode(bytes: Uint8Array): Decoded {
		this.#bytes = bytes;
		this.#joined = undefined;
		if (bytes.length < HEADER_LENGTH || bytes[0]! >> 6 !== VERSION) return "not-coap";
		const tokenLength = bytes[0]! & 0x0f;
		this.type = TYPES[(bytes[0]! >> 4) & 3]!;
		this.code = bytes[1]!;
		this.messageId = (bytes[2]! << 8) | bytes[3]!;
		this.token = "";
		this.#optionsOffset = HEADER_LENGTH + tokenLength;
		this.#optionsEnd = bytes.length;
		// RFC 7252, 4.1: an Empty message is the four header bytes and nothing else.
		if (this.code === Code.Empty && (bytes.length > HEADER_LENGTH || tokenLength > 0)) return "format-error";
		if (tokenLength > limits.tokenLength || this.#optionsOffset > bytes.length) return "format-error";
		this.token = hexText(bytes, HEADER_LENGTH, tokenLength);
		this.rewind();
		while (this.next());
		const reader = this.#reader;
		if (reader.failed) return "format-error";
		this.#optionsEnd = reader.offset;
		// RFC 7252, 3: a payload marker followed by nothing is a format error.
		return reader.offset === bytes.length - 1 ? "format-error" : "ok";
	}

	/** Puts the cursor before the first option. */
	rewind(): void {
		this.#reader.reset(this.#bytes, this.#optionsOffset, this.#optionsEnd);
		this.optionNumber = 0;
	}

	/** Moves the cursor to the next option, of whatever number; false at the end. */
	next(): boolean {
		const reader = this.#reader;
		if (reader.failed || reader.remaining === 0) return false;
		const head = reader.u8();
		if (head === PAYLOAD_MARKER) {
			reader.offset--;
			reader.end = reader.offset;
			return false;
		}
		this.optionNumber += this.#extended(head >> 4);
		this.valueLength = this.#extended(head & 0x0f);
		this.valueOffset = reader.offset;
		reader.skip(this.valueLength);
		if (this.optionNumber > 0xffff) reader.failed = true;
		return !reader.failed;
	}

	/** RFC 7252, 3.1: 13 and 14 announce one and two further bytes, 15 is reserved. */
	#extended(nibble: number): number {
		if (nibble < 13) return nibble;
		if (nibble === 13) return this.#reader.u8() + 13;
		if (nibble === 14) return this.#reader.u16() + 269;
		this.#reader.failed = true;
		return 0;
	}

	/**
	 * Moves the cursor to the n-th acceptable value of an option. RFC 7252, 5.4.3 and 5.4.5: an elective option of wrong
	 * length, and the repetition of one that may not be repeated, count as not present.
	 */
	#find(number: number, occurrence: number): boolean {
		const row = optionRow(number);
		if (occurrence > 0 && row !== undefined && !row.repeatable) return false;
		let before = occurrence;
		this.rewind();
		while (this.next()) {
			if (this.optionNumber > number) return false;
			if (this.optionNumber === number && this.#fits(row) && before-- === 0) return true;
		}
		return false;
	}

	#fits(row: OptionRow | undefined): boolean {
		return row === undefined || (this.valueLength >= row.minimum && this.valueLength <= row.maximum);
	}

	/** The first critical option that we cannot honour in this message (RFC 7252, 5.4.1, 5.4.3, 5.4.5); 0 for none. */
	badOption(): number {
		const place = isRequest(this.code) ? "requests" : "responses";
		let previous = 0;
		this.rewind();
		while (this.next()) {
			const number = this.optionNumber;
			const repeated = number === previous;
			previous = number;
			if (!isCritical(number)) continue;
			const row = optionRow(number);
			if (row === undefined || (row.understood !== "both" && row.understood !== place)) return number;
			if (!this.#fits(row) || (repeated && !row.repeatable)) return number;
		}
		return 0;
	}

	/** A number that two requests share when they ask for blocks of one representation (RFC 7252, 5.6; RFC 7959, 2.4). */
	cacheKey(): number {
		let hash = hashByte(HASH_START, this.code);
		this.rewind();
		while (this.next()) {
			const number = this.optionNumber;
			if (number === Option.Block2 || number === Option.Observe || isNoCacheKey(number)) continue;
			hash = hashByte(hash, number);
			hash = hashBytes(hash, this.#bytes, this.valueOffset, this.valueOffset + this.valueLength);
		}
		return hash;
	}

	option(number: number, occurrence = 0): Uint8Array | undefined {
		if (!this.#find(number, occurrence)) return undefined;
		return this.#bytes.subarray(this.valueOffset, this.valueOffset + this.valueLength);
	}

	/** The first value of an option as lower-case hex. */
	hex(number: number): string | undefined {
		return this.#find(number, 0) ? hexText(this.#bytes, this.valueOffset, this.valueLength) : undefined;
	}

	uint(number: number): number | undefined {
		if (!this.#find(number, 0)) return undefined;
		const reader = this.#reader;
		reader.offset = this.valueOffset;
		return reader.uint(this.valueLength);
	}

	count(number: number): number {
		const row = optionRow(number);
		let count = 0;
		this.rewind();
		while (this.next()) if (this.optionNumber === number && this.#fits(row)) count++;
		return count > 1 && row !== undefined && !row.repeatable ? 1 : count;
	}

	text(number: number, occurrence = 0): string | undefined {
		if (!this.#find(number, occurrence)) return undefined;
		return decodeText(this.#bytes, this.valueOffset, this.valueOffset + this.valueLength);
	}

	decimal(number: number, occurrence: number): number {
		if (!this.#find(number, occurrence)) return -1;
		const length = this.valueLength;
		const bytes = this.#bytes;
		const first = bytes[this.valueOffset];
		if (length === 0 || length > 5 || (length > 1 && first === 0x30)) return -1;
		let value = 0;
		for (let i = 0; i < length; i++) {
			const digit = bytes[this.valueOffset + i]! - 0x30;
			if (digit < 0 || digit > 9) return -1;
			value = value * 10 + digit;
		}
		return value > 0xffff ? -1 : value;
	}

	get payload(): Uint8Array | undefined {
		if (this.#joined !== undefined) return this.#joined;
		return this.#optionsEnd === this.#bytes.length ? undefined : this.#bytes.subarray(this.#optionsEnd + 1);
	}

	/** Bytes of the payload, without a view of it. */
	get payloadLength(): number {
		if (this.#joined !== undefined) return this.#joined.length;
		return Math.max(0, this.#bytes.length - this.#optionsEnd - 1);
	}

	/** A copy of everything before the payload: what is kept of the first block while the others are fetched. */
	copyHead(): Uint8Array {
		return this.#bytes.slice(0, this.#optionsEnd);
	}

	/** Presents a payload that was joined from blocks as if it had come in this message. */
	joinPayload(payload: Uint8Array): void {
		this.#joined = payload;
	}
}
