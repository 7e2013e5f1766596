// The only way to read and write bytes: both sides are bounded and never throw; a fault is a sticky flag.

/** Reads a byte range once, front to back. Past the end it returns zeros and sets `failed`. */
export class Reader {
	bytes: Uint8Array;
	offset: number;
	end: number;
	failed: boolean;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
		this.offset = 0;
		this.end = bytes.length;
		this.failed = false;
	}

	/** Starts over on other bytes, so that one Reader serves for ever. */
	reset(bytes: Uint8Array, offset: number, end: number): void {
		this.bytes = bytes;
		this.offset = offset;
		this.end = end;
		this.failed = offset > end || end > bytes.length;
	}

	get remaining(): number {
		return this.end - this.offset;
	}

	private claim(length: number): number {
		if (this.failed || length > this.end - this.offset) {
			this.failed = true;
			return -1;
		}
		const at = this.offset;
		this.offset = at + length;
		return at;
	}

	u8(): number {
		const at = this.claim(1);
		return at < 0 ? 0 : this.bytes[at]!;
	}

	u16(): number {
		return this.uint(2);
	}

	u32(): number {
		return this.uint(4);
	}

	/** Unsigned big-endian integer of 0 to 8 bytes; above 2^53 it is rounded, as doubles are. */
	uint(length: number): number {
		const at = this.claim(length);
		if (at < 0) return 0;
		let value = 0;
		for (let i = 0; i < length; i++) value = value * 256 + this.bytes[at + i]!;
		return value;
	}

	/** Two's complement big-endian integer of 1 to 8 bytes. */
	int(length: number): number {
		const at = this.claim(length);
		if (at < 0) return 0;
		let value = (this.bytes[at]! << 24) >> 24;
		for (let i = 1; i < length; i++) value = value * 256 + this.bytes[at + i]!;
		return value;
	}

	f32(): number {
		const at = this.claim(4);
		return at < 0 ? 0 : this.view(at, 4).getFloat32(0);
	}

	f64(): number {
		const at = this.claim(8);
		return at < 0 ? 0 : this.view(at, 8).getFloat64(0);
	}

	private view(at: number, length: number): DataView {
		return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, length);
	}

	/** A view of the next bytes, not a copy. */
	take(length: number): Uint8Array {
		const at = this.claim(length);
		return at < 0 ? this.bytes.subarray(0, 0) : this.bytes.subarray(at, at + length);
	}

	skip(length: number): void {
		this.claim(length);
	}

	/** UTF-8 text; ill-formed bytes set `failed`. */
	text(length: number): string {
		const at = this.claim(length);
		if (at < 0) return "";
		const text = decodeText(this.bytes, at, at + length);
		if (text === undefined) {
			this.failed = true;
			return "";
		}
		return text;
	}
}

/** Writes front to back. Without a buffer, or past its end, it only counts: `length` is then what would be needed. */
export class Writer {
	bytes: Uint8Array | undefined;
	length: number;

	constructor(bytes?: Uint8Array) {
		this.bytes = bytes;
		this.length = 0;
	}

	/** Starts over on another buffer, or on none to count. */
	reset(bytes: Uint8Array | undefined): void {
		this.bytes = bytes;
		this.length = 0;
	}

	/** True when the buffer was too small: its content is then not to be used. */
	get overflowed(): boolean {
		return this.bytes === undefined || this.length > this.bytes.length;
	}

	u8(value: number): void {
		const bytes = this.bytes;
		if (bytes !== undefined && this.length < bytes.length) bytes[this.length] = value;
		this.length++;
	}

	u16(value: number): void {
		this.u8(value >>> 8);
		this.u8(value);
	}

	u32(value: number): void {
		this.u16(value >>> 16);
		this.u16(value);
	}

	/** Unsigned big-endian integer of 0 to 8 bytes. */
	uint(value: number, length: number): void {
		for (let shift = length - 1; shift >= 0; shift--) this.u8(Math.floor(value / 2 ** (8 * shift)) % 256);
	}

	/** Two's complement big-endian integer of 1, 2, 4 or 8 bytes; 8 bytes hold safe integers only. */
	int(value: number, length: number): void {
		if (length <= 4) {
			for (let shift = length - 1; shift >= 0; shift--) this.u8(value >> (8 * shift));
			return;
		}
		const high = Math.floor(value / 0x1_0000_0000);
		this.u32(high);
		this.u32(value - high * 0x1_0000_0000);
	}

	f32(value: number): void {
		this.float(value, 4);
	}

	f64(value: number): void {
		this.float(value, 8);
	}

	private float(value: number, length: number): void {
		const bytes = this.bytes;
		if (bytes !== undefined && this.length + length <= bytes.length) {
			const view = new DataView(bytes.buffer, bytes.byteOffset + this.length, length);
			if (length === 4) view.setFloat32(0, value);
			else view.setFloat64(0, value);
		}
		this.length += length;
	}

	copy(source: Uint8Array): void {
		const bytes = this.bytes;
		if (bytes !== undefined && this.length + source.length <= bytes.length) bytes.set(source, this.length);
		this.length += source.length;
	}

	/** UTF-8; an unpaired surrogate becomes U+FFFD. */
	text(text: string): void {
		const string = boxed(text);
		const end = string.length;
		for (let i = 0; i < end; i++) {
			const code = string.codePointAt(i)!;
			if (code < 0x80) this.u8(code);
			else if (code < 0x800) {
				this.u8(0xc0 | (code >> 6));
				this.u8(0x80 | (code & 0x3f));
			} else if (code >= 0xd800 && code < 0xe000) this.replacement();
			else if (code < 0x10000) {
				this.u8(0xe0 | (code >> 12));
				this.u8(0x80 | ((code >> 6) & 0x3f));
				this.u8(0x80 | (code & 0x3f));
			} else {
				i++;
				this.u8(0xf0 | (code >> 18));
				this.u8(0x80 | ((code >> 12) & 0x3f));
				this.u8(0x80 | ((code >> 6) & 0x3f));
				this.u8(0x80 | (code & 0x3f));
			}
		}
	}

	private replacement(): void {
		this.u8(0xef);
		this.u8(0xbf);
		this.u8(0xbd);
	}
}

/** A text as an object: on XS each look into a primitive string makes one, 32 bytes of garbage; this is one for all. */
export function boxed(text: string): string {
	return Object(text) as string;
}

/** Bytes that UTF-8 needs for a text. */
export function textLength(text: string): number {
	const string = boxed(text);
	const end = string.length;
	let length = 0;
	for (let i = 0; i < end; i++) {
		const code = string.codePointAt(i)!;
		if (code >= 0x10000) i++;
		length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	}
	return length;
}

/** A text as fresh UTF-8 bytes. */
export function encodeText(text: string): Uint8Array {
	const writer = new Writer(new Uint8Array(textLength(text)));
	writer.text(text);
	return writer.bytes!;
}

/** The UTF-8 text between two offsets; undefined where it is ill-formed (RFC 3629, 3 and 4). */
export function decodeText(bytes: Uint8Array, start: number, end: number): string | undefined {
	let text = "";
	let at = start;
	while (at < end) {
		const first = bytes[at++]!;
		if (first < 0x80) {
			text += String.fromCharCode(first);
			continue;
		}
		const more =
			first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
		if (more === 0 || at + more > end) return undefined;
		let code = first & (0x3f >> more);
		for (let i = 0; i < more; i++) {
			const next = bytes[at++]!;
			if ((next & 0xc0) !== 0x80) return undefined;
			code = (code << 6) | (next & 0x3f);
		}
		if (code < MINIMUM[more]! || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
		text += String.fromCodePoint(code);
	}
	return text;
}

/** The least code point that needs so many continuation bytes; anything below is overlong. */
const MINIMUM = Object.freeze([0, 0x80, 0x800, 0x10000]);
