// Reading the message format of RFC 7252, 3: a cursor over borrowed bytes, checked once when they arrive.

import { decodeText, Reader } from "../bytes.js";
import { limits } from "../limits.js";
import { Code, isRequest } from "./codes.js";
import { HEADER_LENGTH, PAYLOAD_MARKER, VERSION } from "./constants.js";
import type { Message } from "./endpoint.js";
import { hashBytes } from "./hash.js";
import { isCritical, isNoCacheKey, Option, type OptionRow, optionRow } from "./options.js";
import { HEX, TokenBearer, UNPROTECTED } from "./token.js";

export type MessageType = "CON" | "NON" | "ACK" | "RST";

/** Message types by their two bits on the wire. */
export const TYPES: readonly MessageType[] = Object.freeze(["CON", "NON", "ACK", "RST"]);
/** The first byte of a message with an empty token. */
export function firstByte(type: MessageType): number {
	return (VERSION << 6) | (TYPES.indexOf(type) << 4);
}

/** The type of a message by its first byte. */
export function typeOf(bytes: Uint8Array): MessageType {
	return TYPES[(bytes[0]! >> 4) & 3]!;
}

/** The Message ID of a message in the form of RFC 7252. */
export function messageIdOf(bytes: Uint8Array): number {
	return bytes[2]! * 256 + bytes[3]!;
}

const NOTHING = new Uint8Array(0);
/** The two parts of the 32 bits of a FETCH's cache key: below, of code and options; above, of its payload, or 0. */
const PAYLOAD_KEY = 2 ** 20;
const PAYLOAD_KEYS = 2 ** 12;

/** Whether a request for a further block is for the same as the one for the first: its payload may be left out. */
export function asksForSame(key: number, first: number): boolean {
	return key === first || key === first % PAYLOAD_KEY;
}

/** Option numbers whose presence is noted in one bit each. */
const NOTED = 32;

/** The bit of an option number; all from NOTED on share that of number 0, which is reserved. */
function noteOf(number: number): number {
	return number < NOTED ? 1 << number : 1;
}

/** "format-error" leaves type and messageId valid, so that the message can be rejected; "not-coap" leaves nothing. */
export type Decoded = "ok" | "not-coap" | "format-error";

/** A received message. One instance serves for ever: each `decode` borrows other bytes. */
export class DatagramMessage extends TokenBearer implements Message {
	type: MessageType = "CON";
	code = 0;
	messageId = 0;
	/** The first critical option that we cannot honour in this message (RFC 7252, 5.4.1, 5.4.3, 5.4.5); 0 for none. */
	badOption = 0;
	/** The option that the cursor stands on, and where its value lies. */
	optionNumber = 0;
	valueOffset = 0;
	valueLength = 0;
	#bytes: Uint8Array = NOTHING;
	#optionsEnd = 0;
	/** One bit for each option number below NOTED that occurs: most questions are for options that do not. See noteOf. */
	#present = 0;
	#joined: Uint8Array | undefined = undefined;
	readonly #reader = new Reader(NOTHING);

	/** Never throws, reads nothing outside the bytes and allocates nothing. */
	decode(bytes: Uint8Array): Decoded {
		const reader = this.#reader;
		reader.reset(bytes, 0, bytes.length);
		const first = reader.u8();
		if (bytes.length < HEADER_LENGTH || first >> 6 !== VERSION) return "not-coap";
		const tokenLength = first & 0x0f;
		this.type = typeOf(bytes);
		this.code = reader.u8();
		this.messageId = reader.u16();
		this.#bytes = bytes;
		this.#joined = undefined;
		this.#optionsEnd = bytes.length;
		// RFC 7252, 4.1: an Empty message is the four header bytes and nothing else.
		if (this.code === Code.Empty && bytes.length > HEADER_LENGTH) return "format-error";
		if (tokenLength > limits.tokenLength || HEADER_LENGTH + tokenLength > bytes.length) return "format-error";
		this.readToken(reader, tokenLength);
		this.requestNumber = UNPROTECTED;
		this.check();
		if (reader.failed) return "format-error";
		this.#optionsEnd = reader.offset;
		// RFC 7252, 3: a payload marker followed by nothing is a format error.
		return reader.offset === bytes.length - 1 ? "format-error" : "ok";
	}

	/** Goes through all options once, to the marker or to the first that is out of form. */
	private check(): void {
		const place = isRequest(this.code) ? "requests" : "responses";
		let previous = 0;
		this.badOption = 0;
		this.#present = 0;
		this.rewind();
		while (this.next()) {
			const number = this.optionNumber;
			this.#present |= noteOf(number);
			if (this.badOption === 0 && isCritical(number) && !this.isGood(number === previous, place))
				this.badOption = number;
			previous = number;
		}
	}

	/** Whether we can honour the critical option at the cursor. */
	private isGood(repeated: boolean, place: OptionRow["understood"]): boolean {
		const row = optionRow(this.optionNumber);
		if (row === undefined || (row.understood !== "both" && row.understood !== place)) return false;
		return this.fits(row) && (row.repeatable || !repeated);
	}

	/** Puts the cursor before the first option. */
	rewind(): void {
		this.#reader.reset(this.#bytes, HEADER_LENGTH + this.tokenLength, this.#optionsEnd);
		this.optionNumber = 0;
	}

	/** Moves the cursor to the next option, of whatever number; false at the end. */
	next(): boolean {
		const reader = this.#reader;
		// This runs over every option several times a message: the bytes are read here, the Reader keeps the bounds.
		if (reader.offset >= reader.end || reader.failed) return false;
		const head = reader.bytes[reader.offset]!;
		if (head === PAYLOAD_MARKER) return false;
		reader.offset++;
		const delta = head >> 4;
		const length = head & 0x0f;
		this.optionNumber += delta < 13 ? delta : this.extended(delta);
		this.valueLength = length < 13 ? length : this.extended(length);
		this.valueOffset = reader.offset;
		reader.offset += this.valueLength;
		if (reader.offset > reader.end || this.optionNumber > 0xffff) reader.failed = true;
		return !reader.failed;
	}

	/** RFC 7252, 3.1: 13 and 14 announce one and two further bytes, 15 is reserved. */
	private extended(nibble: number): number {
		if (nibble === 13) return this.#reader.u8() + 13;
		if (nibble === 14) return this.#reader.u16() + 269;
		this.#reader.failed = true;
		return 0;
	}

	/**
	 * Moves the cursor to the n-th acceptable value of an option. RFC 7252, 5.4.3 and 5.4.5: an elective option of wrong
	 * length, and the repetition of one that may not be repeated, count as not present.
	 */
	private find(number: number, occurrence: number): boolean {
		if (!this.has(number)) return false;
		const row = optionRow(number);
		if (occurrence > 0 && row !== undefined && !row.repeatable) return false;
		let before = occurrence;
		this.rewind();
		while (this.next()) {
			if (this.optionNumber > number) return false;
			if (this.optionNumber === number && this.fits(row) && before-- === 0) return true;
		}
		return false;
	}

	private fits(row: OptionRow | undefined): boolean {
		return row === undefined || (this.valueLength >= row.minimum && this.valueLength <= row.maximum);
	}

	/**
	 * A 32-bit number that two requests share when they ask for blocks of one representation (RFC 7252, 5.6; RFC 7959,
	 * 2.4); asksForSame compares two of them.
	 */
	cacheKey(): number {
		let key = this.code;
		this.rewind();
		while (this.next()) {
			const number = this.optionNumber;
			if (number === Option.Block2 || number === Option.Block1 || number === Option.Observe || isNoCacheKey(number))
				continue;
			key = hashBytes(key ^ number, this.#bytes, this.valueOffset, this.valueOffset + this.valueLength);
		}
		// RFC 8132, 2.1: a FETCH asks by its payload; if it came by Block1, whoever asks for further blocks leaves it out.
		if (this.code !== Code.Fetch) return key;
		const options = key % PAYLOAD_KEY;
		if (this.has(Option.Block1) || this.payloadLength === 0) return options;
		const payload = hashBytes(key, this.#bytes, this.#optionsEnd + 1, this.#bytes.length);
		return options + PAYLOAD_KEY * (1 + (payload % (PAYLOAD_KEYS - 1)));
	}

	/** True where an option occurs, fit or not; options above the noted ones share one answer. */
	has(number: number): boolean {
		return (this.#present & noteOf(number)) !== 0;
	}

	option(number: number, occurrence = 0): Uint8Array | undefined {
		return this.find(number, occurrence) ? this.value : undefined;
	}

	/** The value at the cursor, as a view of the borrowed bytes. */
	get value(): Uint8Array {
		return this.#bytes.subarray(this.valueOffset, this.valueOffset + this.valueLength);
	}

	/** The first value of an option as lower-case hex. */
	hex(number: number): string | undefined {
		if (!this.find(number, 0)) return undefined;
		let text = "";
		for (let i = 0; i < this.valueLength; i++) text += HEX[this.#bytes[this.valueOffset + i]!]!;
		return text;
	}

	uint(number: number): number | undefined {
		if (!this.find(number, 0)) return undefined;
		const reader = this.#reader;
		reader.offset = this.valueOffset;
		return reader.uint(this.valueLength);
	}

	count(number: number): number {
		const row = optionRow(number);
		let count = 0;
		this.rewind();
		while (this.next()) if (this.optionNumber === number && this.fits(row)) count++;
		return count > 1 && row !== undefined && !row.repeatable ? 1 : count;
	}

	text(number: number, occurrence = 0): string | undefined {
		if (!this.find(number, occurrence)) return undefined;
		return decodeText(this.#bytes, this.valueOffset, this.valueOffset + this.valueLength);
	}

	decimal(number: number, occurrence: number): number {
		if (!this.find(number, occurrence)) return -1;
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

	/** The whole message, as it was given to decode. */
	get bytes(): Uint8Array {
		return this.#bytes;
	}

	/** A copy of everything before the payload: what is kept of the first block while the others are fetched. */
	copyHead(): Uint8Array {
		// Not slice: that of Node's Buffer is no copy.
		return new Uint8Array(this.#bytes.subarray(0, this.#optionsEnd));
	}

	/** Presents a payload that was joined from blocks as if it had come in this message. */
	joinPayload(payload: Uint8Array): void {
		this.#joined = payload;
	}
}
