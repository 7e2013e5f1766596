// Bytes of the modem to lines, in one buffer for ever.

import { LINE_LENGTH } from "./constants.js";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TILDE = 0x7e;

/** The line under way. Characters that no answer contains make noise of it. */
export class Line {
	readonly bytes = new Uint8Array(LINE_LENGTH);
	length = 0;
	/** It is too long, or holds what is no printable ASCII. */
	isNoise = false;

	/** Takes one byte; true when it ends the line. */
	take(code: number): boolean {
		if (code === LF || code === CR) return true;
		if (code < SPACE || code > TILDE || this.length === LINE_LENGTH) this.isNoise = true;
		else this.bytes[this.length++] = code;
		return false;
	}

	reset(): void {
		this.length = 0;
		this.isNoise = false;
	}

	/** Its beginning as text: no answer but a PDU is longer. */
	text(): string {
		let text = "";
		for (let i = 0; i < this.length && i < TEXT_LENGTH; i++) text += String.fromCharCode(this.bytes[i]!);
		return text;
	}
}

/** Of a header with a name of the originator's in it (TS 27.005, 3.1), and some. */
const TEXT_LENGTH = 96;
