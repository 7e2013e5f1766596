// CRC-16/IBM-3740: polynomial 0x1021, start 0xFFFF, not reflected. Without a table: a request is short and rare.

/** The checksum of a byte range. */
export function checksum(bytes: Uint8Array, start: number, end: number): number {
	let sum = 0xffff;
	for (let i = start; i < end; i++) {
		sum ^= bytes[i]! << 8;
		for (let bit = 0; bit < 8; bit++) sum = (sum & 0x8000) === 0 ? sum << 1 : (sum << 1) ^ 0x1021;
		sum &= 0xffff;
	}
	return sum;
}

/** Four digits in lower case. */
export function checksumText(sum: number): string {
	let text = "";
	for (let shift = 12; shift >= 0; shift -= 4) text += DIGITS.charAt((sum >> shift) & 15);
	return text;
}

const DIGITS = "0123456789abcdef";

/** The value of `checksumText` at an offset; -1 where there is none. */
export function readChecksum(bytes: Uint8Array, offset: number): number {
	let sum = 0;
	for (let i = offset; i < offset + 4; i++) {
		const code = bytes[i] ?? 0;
		const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
		if (digit < 0) return -1;
		sum = (sum << 4) | digit;
	}
	return sum;
}
