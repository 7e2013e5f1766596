// Bytes as people write them in tables of tests.

/** "40 01 04d2" as bytes; spaces are for the reader. */
export function fromHex(text: string): Uint8Array {
	const digits = text.replaceAll(" ", "");
	const bytes = new Uint8Array(digits.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}

/** Bytes as hex without spaces. */
export function toHex(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) text += (byte + 256).toString(16).slice(1);
	return text;
}

/** ASCII text as hex, to be joined with other hex. */
export function ascii(text: string): string {
	let digits = "";
	for (let i = 0; i < text.length; i++) digits += (text.charCodeAt(i) + 256).toString(16).slice(1);
	return digits;
}
