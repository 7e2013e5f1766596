// RFC 4648, 4: opaque values within plain text. XS has neither atob nor Uint8Array.fromBase64.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes as base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
	let text = "";
	for (let i = 0; i < bytes.length; i += 3) {
		const left = bytes.length - i;
		const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
		text += ALPHABET[group >> 18]! + ALPHABET[(group >> 12) & 63]!;
		text += left > 1 ? ALPHABET[(group >> 6) & 63]! : "=";
		text += left > 2 ? ALPHABET[group & 63]! : "=";
	}
	return text;
}

/** The bytes of base64 with or without padding; undefined when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
	let end = text.length;
	while (end > 0 && text.length - end < 2 && text[end - 1] === "=") end--;
	if (end % 4 === 1 || (end !== text.length && text.length % 4 !== 0)) return undefined;
	const bytes = new Uint8Array(Math.floor((end * 3) / 4));
	let group = 0;
	let at = 0;
	for (let i = 0; i < end; i++) {
		const digit = ALPHABET.indexOf(text[i]!);
		if (digit < 0) return undefined;
		group = ((group << 6) | digit) & 0xffffff;
		if (i % 4 !== 0) bytes[at++] = group >> (6 - 2 * (i % 4));
	}
	return bytes;
}
