// The journal's checksums. Each start reads a whole bank with them: a step for each byte more is a millisecond more.

/** CRC-32 (ISO 3309) of each octet, as signed words: those are the numbers that cost XS least. */
const TABLE = makeTable();

function makeTable(): Int32Array {
	const table = new Int32Array(256);
	for (let octet = 0; octet < 256; octet++) {
		let rest = octet;
		for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb8_8320 : rest >>> 1;
		table[octet] = rest;
	}
	return table;
}

/** Goes on with a CRC-32 over more octets; the first call takes 0, or a seed. The result is unsigned. */
export function crc32(checksum: number, bytes: Uint8Array, start: number, end: number): number {
	const table = TABLE;
	let rest = ~checksum;
	for (let i = start; i < end; i++) rest = (rest >>> 8) ^ table[(rest ^ bytes[i]!) & 0xff]!;
	return ~rest >>> 0;
}

/** Eight bits of the CRC-32 of the upper three octets of a word: they find each wrong bit. */
export function check24(word: number): number {
	const table = TABLE;
	let rest = -1;
	rest = (rest >>> 8) ^ table[(rest ^ (word >>> 24)) & 0xff]!;
	rest = (rest >>> 8) ^ table[(rest ^ (word >>> 16)) & 0xff]!;
	rest = (rest >>> 8) ^ table[(rest ^ (word >>> 8)) & 0xff]!;
	return rest & 0xff;
}
