// How the console's lines begin and end, by which they are told apart (docs/console.md).

import type { Writer } from "../bytes.js";
import { checksum, checksumText } from "./checksum.js";

export const BANNER_START = '{"boot":{';
export const ANSWER_START = '{"ok":';
export const ERROR_START = "error: ";
/** A space and four digits. */
export const CHECKSUM_LENGTH = 5;

/** Writes an answer's line up to its first member; gives where the JSON begins. */
export function beginFrame(writer: Writer, id: number, isDone: boolean): number {
	writer.text(`#${id} `);
	const start = writer.length;
	writer.text(`${ANSWER_START}${isDone}`);
	return start;
}

/** Writes the end of the JSON and of the line. */
export function endFrame(writer: Writer, start: number): void {
	writer.text("}");
	writer.text(` ${checksumText(checksum(writer.bytes!, start, writer.length))}\n`);
}

/**
 * True for a line that we have written ourselves and that came back, from a terminal that echoes or from wires that
 * touch. Answering it would never end.
 */
export function isEcho(text: string): boolean {
	const isLog = "EWID".includes(text.charAt(0)) && text.charAt(1) === " " && isDigit(text.charCodeAt(2));
	return isLog || text === "ok" || text.startsWith(ERROR_START) || text.startsWith(BANNER_START);
}

/** Whether ASCII text stands at an offset. */
export function startsWith(bytes: Uint8Array, offset: number, text: string): boolean {
	for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
	return true;
}

/** The offset behind the digits that stand at `start`, five at most: they say all numbers that there are here. */
export function endOfDigits(bytes: Uint8Array, start: number, end: number): number {
	let at = start;
	while (at < end && at < start + 5 && isDigit(bytes[at]!)) at++;
	return at;
}

/** The value of the digits between two offsets. */
export function decimal(bytes: Uint8Array, start: number, end: number): number {
	let value = 0;
	for (let i = start; i < end; i++) value = value * 10 + bytes[i]! - 0x30;
	return value;
}

function isDigit(code: number): boolean {
	return code >= 0x30 && code <= 0x39;
}
