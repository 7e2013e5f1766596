// SMS-DELIVER (3GPP TS 23.040, 9.2.2.1) as a modem hands it over in PDU mode: in hexadecimal digits, behind the address
// of the centre it came from. Of all that it may be, one thing is taken: 8-bit data in one piece.

import { Reader } from "../bytes.js";
import { PDU_LENGTH, USER_DATA_LENGTH } from "./constants.js";

/** "malformed": lost or damaged on the line, and worth another look; the others are what they are. */
export type DeliverFault = "malformed" | "not-data" | "concatenated";

/** First octet: message type, and whether a header stands before the data. */
const TYPE_MASK = 0x03;
const TYPE_DELIVER = 0;
const HAS_HEADER = 0x40;

/** Originators have at most so many digits. */
const DIGIT_COUNT = 20;
const TIME_LENGTH = 7;

/** Information elements of the header (9.2.3.24): one of several parts, with a reference of 8 or 16 bits. */
const CONCATENATED = 0x00;
const CONCATENATED_WIDE = 0x08;

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** One instance serves for ever: each `decode` forgets the message before. */
export class Deliver {
	readonly #bytes = new Uint8Array(PDU_LENGTH);
	readonly #reader = new Reader(this.#bytes);
	/** Tells messages apart: originator, the centre's time and the content. A message that comes twice has it twice. */
	identity = 0;
	/** The user data without a header; borrowed until the next `decode`. */
	data: Uint8Array = this.#bytes.subarray(0, 0);

	/** Reads a line of digits. `tpduLength`: bytes behind the centre's address, as the line before said. */
	decode(line: Uint8Array, length: number, tpduLength: number): DeliverFault | undefined {
		const end = this.readDigits(line, length);
		const reader = this.#reader;
		reader.reset(this.#bytes, 0, end);
		reader.skip(reader.u8());
		if (end === 0 || reader.remaining !== tpduLength) return "malformed";
		const first = reader.u8();
		const originAt = reader.offset;
		const digits = reader.u8();
		reader.skip(1 + ((digits + 1) >> 1));
		const protocol = reader.u8();
		const coding = reader.u8();
		reader.skip(TIME_LENGTH);
		const dataLength = reader.u8();
		if (reader.failed || digits > DIGIT_COUNT || (first & TYPE_MASK) !== TYPE_DELIVER) return "malformed";
		if (!isPlainProtocol(protocol) || !isEightBit(coding)) return "not-data";
		if (dataLength > USER_DATA_LENGTH || dataLength !== reader.remaining) return "malformed";
		this.identity = identify(this.#bytes, originAt, end);
		const fault = (first & HAS_HEADER) === 0 ? undefined : this.readHeader();
		this.data = reader.take(reader.remaining);
		return fault;
	}

	/** The number of bytes; 0 where the line is not pairs of digits. */
	private readDigits(line: Uint8Array, length: number): number {
		if (length % 2 > 0 || length > 2 * PDU_LENGTH) return 0;
		for (let i = 0; i < length; i += 2) {
			const value = digit(line[i]!) * 16 + digit(line[i + 1]!);
			if (!(value >= 0)) return 0;
			this.#bytes[i >> 1] = value;
		}
		return length >> 1;
	}

	/** Stands behind the header afterwards. Elements that say where the data belongs, such as ports, are passed over. */
	private readHeader(): DeliverFault | undefined {
		const reader = this.#reader;
		const length = reader.u8();
		const end = reader.offset + length;
		if (length > reader.remaining) return "malformed";
		let fault: DeliverFault | undefined;
		while (reader.offset < end) {
			const element = reader.u8();
			const elementLength = reader.u8();
			if (reader.offset + elementLength > end) return "malformed";
			const value = reader.take(elementLength);
			const countAt = element === CONCATENATED ? 1 : element === CONCATENATED_WIDE ? 2 : -1;
			if (countAt > 0 && value[countAt] !== 1) fault = "concatenated";
		}
		return fault;
	}
}

/** TP-PID (9.2.3.9): an ordinary message, or one that takes the place of the last of its kind (0x41 to 0x47). */
function isPlainProtocol(protocol: number): boolean {
	return protocol === 0 || (protocol > 0x40 && protocol < 0x48);
}

/** TP-DCS (3GPP TS 23.038, 4): 8-bit data, not compressed. */
function isEightBit(coding: number): boolean {
	if (coding < 0x80) return (coding & 0x2c) === 0x04;
	return (coding & 0xfc) === 0xf4;
}

/** The value of a hexadecimal digit; NaN where it is none. */
function digit(code: number): number {
	if (code >= 0x30 && code <= 0x39) return code - 0x30;
	const letter = code | 0x20;
	return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}

/** FNV-1a. */
function identify(bytes: Uint8Array, start: number, end: number): number {
	let hash = FNV_BASIS;
	for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
	return hash;
}
