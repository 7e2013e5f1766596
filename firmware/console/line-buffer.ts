// Bytes to lines, in one buffer for ever.

import { LINE_LENGTH } from "./constants.js";

const LF = 0x0a;
const CR = 0x0d;
const BACKSPACE = 0x08;
const DELETE = 0x7f;

/** What has come of the line under way. */
export class LineBuffer {
	readonly bytes = new Uint8Array(LINE_LENGTH);
	length = 0;
	/** It is longer than a line may be; only its beginning is here. */
	isTooLong = false;
	/** It holds a control character. */
	isNoise = false;

	/** Takes one byte; true when it ends the line. */
	take(code: number): boolean {
		if (code === LF || code === CR) return true;
		if (code === BACKSPACE || code === DELETE) {
			if (this.length > 0) this.length--;
		} else if (this.length === LINE_LENGTH) this.isTooLong = true;
		else this.bytes[this.length++] = code;
		if (code < 0x20 && code !== BACKSPACE) this.isNoise = true;
		return false;
	}

	/** Begins the next line, and leaves nothing of this one behind: it may have held a key. */
	reset(): void {
		this.bytes.fill(0);
		this.length = 0;
		this.isTooLong = false;
		this.isNoise = false;
	}
}
