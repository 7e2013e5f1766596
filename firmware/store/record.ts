// One record of the journal: a header word, the key, the value, padding to a whole word, and a seal.

import { limits } from "../limits.js";
import { check24 } from "./checksum.js";
import { DELETED, RECORD_HEADER_LENGTH, SEAL_LENGTH, WORD_LENGTH } from "./constants.js";

/** The header word of a record; without a value it says that the key has none any more. */
export function recordHeader(keyLength: number, valueLength: number | undefined): number {
	const kind = valueLength === undefined ? DELETED : 0;
	const word = (((valueLength ?? 0) << 16) | ((kind | keyLength) << 8)) >>> 0;
	return (word | check24(word)) >>> 0;
}

/** Whether a word can be the header of a record. */
export function isRecordHeader(word: number): boolean {
	const keyLength = keyLengthOf(word);
	if (keyLength === 0 || keyLength > limits.storeKeyLength || valueLengthOf(word) > limits.storeValueLength)
		return false;
	return (word & 0xff) === check24(word);
}

export function isDeletion(word: number): boolean {
	return ((word >>> 8) & DELETED) !== 0;
}

export function keyLengthOf(word: number): number {
	return (word >>> 8) & ~DELETED & 0xff;
}

export function valueLengthOf(word: number): number {
	return word >>> 16;
}

/** Header, key and value: what the seal vouches for. */
export function contentLength(word: number): number {
	return RECORD_HEADER_LENGTH + keyLengthOf(word) + valueLengthOf(word);
}

/** The whole record, with padding and seal. */
export function recordLength(word: number): number {
	return Math.ceil(contentLength(word) / WORD_LENGTH) * WORD_LENGTH + SEAL_LENGTH;
}
