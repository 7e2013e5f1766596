// Log lines that wait for the UART, whole and in order; the oldest make room for the newest.

import { textLength, Writer } from "../bytes.js";
import type { Instant } from "../contract.js";
import { LOG_LENGTH, LOG_LINE_LENGTH } from "./constants.js";

const LF = 0x0a;
const SPACE = 0x20;

/** From silent to talkative; a log line begins with the first letter in upper case. */
export const LEVELS = Object.freeze(["error", "warn", "info", "debug"] as const);
const LETTERS = "EWID";

export type LogLevel = (typeof LEVELS)[number];

export class LogRing {
	/** The lines one behind the other, each with its LF, from 0 to `#writer.length`. */
	readonly #bytes = new Uint8Array(LOG_LENGTH);
	readonly #writer = new Writer(this.#bytes);
	/** Bytes of the first line that are out already. */
	#sentLength = 0;
	/** Lines that made room, and how many of them have been told. */
	droppedCount = 0;
	#toldCount = 0;

	get isEmpty(): boolean {
		return this.#writer.length === 0;
	}

	/** True in the midst of a line. */
	get isInLine(): boolean {
		return this.#sentLength > 0;
	}

	private get isFull(): boolean {
		return this.#writer.length > LOG_LENGTH - LOG_LINE_LENGTH;
	}

	push(now: Instant, level: LogLevel, topic: string, text: string): void {
		while (this.isFull) this.drop();
		const end = this.#writer.length + LOG_LINE_LENGTH - 1;
		this.write(LETTERS.charAt(LEVELS.indexOf(level)), end);
		this.write(seconds(now), end);
		this.write(topic, end);
		this.write(text, end);
		// In the place of the space behind the last word.
		this.#bytes[this.#writer.length - 1] = LF;
	}

	/** Once there is room again, a line tells how many made room since the last one. */
	tellDropped(now: Instant): void {
		const count = this.droppedCount - this.#toldCount;
		if (count === 0 || this.isFull) return;
		this.push(now, "warn", "console", `${count} lines dropped`);
		this.#toldCount += count;
	}

	/** One word and a space, as much of it as fits; a control character becomes a space, as it could end the line. */
	private write(text: string, end: number): void {
		const writer = this.#writer;
		const room = end - writer.length;
		const start = writer.length;
		writer.text(textLength(text) <= room ? text : cut(text, room));
		for (let i = start; i < writer.length; i++) if (this.#bytes[i]! < SPACE) this.#bytes[i] = SPACE;
		if (writer.length <= end) writer.u8(SPACE);
	}

	/** Drops the oldest line that is not half out. */
	private drop(): void {
		const bytes = this.#bytes;
		const start = this.#sentLength > 0 ? bytes.indexOf(LF) + 1 : 0;
		const end = bytes.indexOf(LF, start) + 1;
		bytes.copyWithin(start, end, this.#writer.length);
		this.#writer.length -= end - start;
		this.droppedCount++;
	}

	/** Moves bytes of the first line to the front of `into`; gives their count, at most `room`. */
	shift(into: Uint8Array, room: number): number {
		const bytes = this.#bytes;
		const lineLength = bytes.indexOf(LF) + 1;
		const length = Math.min(room, lineLength - this.#sentLength);
		for (let i = 0; i < length; i++) into[i] = bytes[this.#sentLength + i]!;
		this.#sentLength += length;
		if (this.#sentLength === lineLength) {
			bytes.copyWithin(0, lineLength, this.#writer.length);
			this.#writer.length -= lineLength;
			this.#sentLength = 0;
		}
		return length;
	}
}

/** Monotone time as in "12.345". */
function seconds(now: Instant): string {
	return (now / 1000).toFixed(3);
}

/** The beginning of a text in at most so many bytes of UTF-8. */
function cut(text: string, length: number): string {
	let at = 0;
	for (let left = length; at < text.length; ) {
		const code = text.codePointAt(at)!;
		left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		if (left < 0) break;
		at += code < 0x10000 ? 1 : 2;
	}
	return text.slice(0, at);
}
