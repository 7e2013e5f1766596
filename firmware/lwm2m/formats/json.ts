// JSON (RFC 8259) over bytes, as far as SenML needs it. JSON.parse is no choice on the device: a kilobyte of "["
// overflows the stack there, and one of "{}," becomes 16 KB of objects; neither can be caught. This reader takes 400
// bytes for either.

import { boxed, decodeText, type Writer } from "../../bytes.js";

const QUOTE = 0x22;
const PLUS = 0x2b;
export const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
export const CLOSE_ARRAY = 0x5d;
const LETTER_E = 0x65;
const LETTER_F = 0x66;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const LETTER_U = 0x75;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** What follows a backslash, and what it stands for at the same place. */
const ESCAPES = '"\\/bfnrt';
const ESCAPED = '"\\/\b\f\n\r\t';
const HEX = "0123456789abcdef";

/** Brackets that may be open at once in a value that is stepped over, as one bit each below a leading 1. */
const DEEPEST = 2 ** 16;

/** Reads a text front to back, item by item; makes nothing but the values it is asked for. */
export class JsonReader {
	readonly bytes: Uint8Array;
	offset = 0;
	/** Sticky: a fault was met, and what was given since is not to be used. */
	failed = false;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	/** The next byte behind white space, not taken; -1 at the end. */
	peek(): number {
		const { bytes } = this;
		while (this.offset < bytes.length) {
			const code = bytes[this.offset]!;
			if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
			this.offset++;
		}
		return -1;
	}

	/** Takes a punctuation mark, if it is what comes next. */
	takes(code: number): boolean {
		if (this.failed || this.peek() !== code) return false;
		this.offset++;
		return true;
	}

	/** Takes a punctuation mark that must come next. */
	expect(code: number): void {
		if (!this.takes(code)) this.failed = true;
	}

	/** Reads one string; "" where there is none. */
	string(): string {
		this.expect(QUOTE);
		let text = "";
		let start = this.offset;
		while (!this.failed) {
			const code = this.bytes[this.offset] ?? 0;
			if (code < 0x20) break;
			if (code === QUOTE || code === BACKSLASH) {
				const piece = decodeText(this.bytes, start, this.offset++);
				if (piece === undefined) break;
				text = text === "" ? piece : text + piece;
				if (code === QUOTE) return text;
				text += this.escape();
				start = this.offset;
			} else this.offset++;
		}
		this.failed = true;
		return "";
	}

	/** Reads what follows a backslash. */
	private escape(): string {
		const code = this.bytes[this.offset++] ?? 0;
		if (code !== LETTER_U) {
			const index = ESCAPES.indexOf(String.fromCharCode(code));
			if (index < 0) this.failed = true;
			return ESCAPED.charAt(index);
		}
		const unit = this.unit();
		if (unit < 0xd800 || unit >= 0xe000) return String.fromCharCode(unit);
		// RFC 8259, 7: what lies beyond the first plane is a pair of surrogates; one alone is no character.
		const follows = this.bytes[this.offset] === BACKSLASH && this.bytes[this.offset + 1] === LETTER_U;
		this.offset += 2;
		const low = follows ? this.unit() : 0;
		if (unit >= 0xdc00 || low < 0xdc00 || low >= 0xe000) this.failed = true;
		return String.fromCharCode(unit, low);
	}

	/** Reads four hexadecimal digits. */
	private unit(): number {
		let value = 0;
		for (let i = 0; i < 4; i++) {
			const code = this.bytes[this.offset++] ?? 0;
			const digit = hexDigit(code);
			if (digit < 0) this.failed = true;
			value = value * 16 + digit;
		}
		return value;
	}

	/** Reads one string, number, boolean or null; undefined for anything else. */
	scalar(): string | number | boolean | null | undefined {
		const value = this.readScalar();
		return this.failed ? undefined : value;
	}

	private readScalar(): string | number | boolean | null {
		switch (this.peek()) {
			case QUOTE:
				return this.string();
			case LETTER_T:
				return this.literal("true", true);
			case LETTER_F:
				return this.literal("false", false);
			case LETTER_N:
				return this.literal("null", null);
			default:
				return this.number();
		}
	}

	private literal<T>(text: string, value: T): T {
		for (let i = 0; i < text.length; i++) if (this.bytes[this.offset++] !== text.charCodeAt(i)) this.failed = true;
		return value;
	}

	/** RFC 8259, 6: digits, without a leading zero; then perhaps a fraction, then perhaps an exponent. */
	private number(): number {
		const { bytes } = this;
		const start = this.offset;
		if (bytes[this.offset] === MINUS) this.offset++;
		if (bytes[this.offset] === ZERO) this.offset++;
		else this.digits();
		if (bytes[this.offset] === DOT) {
			this.offset++;
			this.digits();
		}
		if (((bytes[this.offset] ?? 0) | 0x20) === LETTER_E) {
			this.offset++;
			if (bytes[this.offset] === MINUS || bytes[this.offset] === PLUS) this.offset++;
			this.digits();
		}
		const value = this.failed ? 0 : Number(decodeText(bytes, start, this.offset));
		if (!Number.isFinite(value)) this.failed = true;
		return value;
	}

	private digits(): void {
		const start = this.offset;
		while (isDigit(this.bytes[this.offset] ?? 0)) this.offset++;
		if (this.offset === start) this.failed = true;
	}

	/** Steps over one value of any kind, by its strings, brackets and scalars; what stands between them is not judged. */
	skip(): void {
		let open = 1;
		do {
			const code = this.peek();
			if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
				open = open * 2 + (code === OPEN_OBJECT ? 1 : 0);
				if (open >= DEEPEST) this.failed = true;
				this.offset++;
			} else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
				if (open === 1 || (open & 1) !== (code === CLOSE_OBJECT ? 1 : 0)) this.failed = true;
				open >>= 1;
				this.offset++;
			} else if (open > 1 && (code === COMMA || code === COLON)) this.offset++;
			else this.scalar();
		} while (open > 1 && !this.failed);
	}
}

function isDigit(code: number): boolean {
	return code >= ZERO && code <= 0x39;
}

/** The value of a hexadecimal digit; -1 for any other character. */
function hexDigit(code: number): number {
	if (isDigit(code)) return code - ZERO;
	// In lower case; bit 0x20 makes an upper case letter one.
	const letter = (code | 0x20) - 0x61;
	return letter >= 0 && letter < 6 ? 10 + letter : -1;
}

/** Writes a string with its quotes. */
export function writeJsonString(writer: Writer, text: string): void {
	const string = boxed(text);
	const end = string.length;
	let start = 0;
	writer.u8(QUOTE);
	for (let i = 0; i < end; i++) {
		const code = string.charCodeAt(i);
		if (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) continue;
		writer.text(text.slice(start, i));
		start = i + 1;
		writeEscape(writer, code);
	}
	writer.text(start === 0 ? text : text.slice(start));
	writer.u8(QUOTE);
}

function writeEscape(writer: Writer, code: number): void {
	const index = ESCAPED.indexOf(String.fromCharCode(code));
	writer.u8(BACKSLASH);
	if (index >= 0) writer.u8(ESCAPES.charCodeAt(index));
	else writer.text(`u00${HEX.charAt(code >> 4)}${HEX.charAt(code & 15)}`);
}
