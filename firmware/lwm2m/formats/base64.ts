// RFC 4648: opaque values within plain text (4) and within JSON (5). XS has neither atob nor Uint8Array.fromBase64.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const STANDARD = `${LETTERS}+/`;
const URL_SAFE = `${LETTERS}-_`;

/** Bytes as base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
	const padding = (3 - (bytes.length % 3)) % 3;
	return digitsOf(bytes, STANDARD) + "==".slice(0, padding);
}

/** Bytes as base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
	return digitsOf(bytes, URL_SAFE);
}

function digitsOf(bytes: Uint8Array, alphabet: string): string {
	let text = "";
	for (let i = 0; i < bytes.length; i += 3) {
		const left = bytes.length - i;
		const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
		text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!;
		if (left > 1) text += alphabet[(group >> 6) & 63]!;
		if (left > 2) text += alphabet[group & 63]!;
	}
	return text;
}

/** The bytes of base64 with or without padding; undefined when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
	return bytesOf(text, STANDARD);
}

/** The bytes of base64url with or without padding; undefined when it is none. */
export function fromBase64Url(text: string): Uint8Array | undefined {
	return bytesOf(text, URL_SAFE);
}

function bytesOf(text: string, alphabet: string): Uint8Array | undefined {
	let end = text.length;
	while (end > 0 && text.length - end < 2 && text[end - 1] === "=") end--;
	if (end % 4 === 1 || (end !== text.length && text.length % 4 !== 0)) return undefined;
	const bytes = new Uint8Array(Math.floor((end * 3) / 4));
	let group = 0;
	let at = 0;
	for (let i = 0; i < end; i++) {
		const digit = alphabet.indexOf(text[i]!);
		if (digit < 0) return undefined;
		group = ((group << 6) | digit) & 0xffffff;
		if (i % 4 !== 0) bytes[at++] = group >> (6 - 2 * (i % 4));
	}
	return bytes;
}
