// Handing messages to the drainer: copies into its buffer, which must hold limits.messageLength.

import type { Transmit } from "../contract.js";
import { Code } from "./codes.js";
import { HEADER_LENGTH, VERSION } from "./constants.js";
import { type MessageType, TYPES } from "./message.js";

/** A message that was made before. */
export function transmit(bytes: Uint8Array, out: Transmit): boolean {
	out.bytes.set(bytes);
	out.length = bytes.length;
	return true;
}

/** One of the messages that lie in a buffer no larger than the drainer's: two copies are cheaper than a view. */
export function transmitPart(bytes: Uint8Array, start: number, end: number, out: Transmit): boolean {
	out.bytes.set(bytes);
	out.bytes.copyWithin(0, start, end);
	out.length = end - start;
	return true;
}

/** An Empty message (RFC 7252, 4.1). */
export function transmitEmpty(type: MessageType, messageId: number, out: Transmit): boolean {
	const { bytes } = out;
	bytes[0] = (VERSION << 6) | (TYPES.indexOf(type) << 4);
	bytes[1] = Code.Empty;
	bytes[2] = messageId >> 8;
	bytes[3] = messageId;
	out.length = HEADER_LENGTH;
	return true;
}
