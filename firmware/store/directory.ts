// Where the live record of each key stands: one number a key, as memory is scarce and reading flash is cheap.

import { decodeText } from "../bytes.js";
import { limits } from "../limits.js";
import { crc32 } from "./checksum.js";
import { RECORD_HEADER_LENGTH, WORD_LENGTH } from "./constants.js";
import type { Medium } from "./medium.js";
import { isRecordHeader, keyLengthOf, recordLength } from "./record.js";

/** The lower bits of an entry count words within the bank; above them stands a hash of the key. */
const HASH_SHIFT = 16;
const WORD_MASK = 0xffff;

if (limits.storeBankLength / WORD_LENGTH > WORD_MASK) throw new RangeError("a bank has too many words to be numbered");

export class Directory {
	readonly #medium: Medium;
	/** Where the bank begins. */
	readonly #origin: number;
	/** In the order in which the records stand. */
	readonly #entries: number[] = [];
	/** Bytes of all live records. */
	liveLength = 0;

	constructor(medium: Medium, origin: number) {
		this.#medium = medium;
		this.#origin = origin;
	}

	get count(): number {
		return this.#entries.length;
	}

	/** The offset in the partition of a live record. */
	offsetOf(entry: number): number {
		return this.#origin + (this.#entries[entry]! & WORD_MASK) * WORD_LENGTH;
	}

	/** The header word of a live record. */
	headerOf(entry: number): number {
		return this.#medium.word(this.offsetOf(entry));
	}

	/** The length of the key's record, 0 for entry -1. */
	lengthOf(entry: number): number {
		return entry < 0 ? 0 : recordLength(this.headerOf(entry));
	}

	/** The entry of a key, -1 for none. */
	find(key: Uint8Array): number {
		const hash = hashOf(key);
		for (let entry = 0; entry < this.#entries.length; entry++) {
			if (this.#entries[entry]! >>> HASH_SHIFT !== hash) continue;
			const word = this.headerOf(entry);
			if (!isRecordHeader(word) || keyLengthOf(word) !== key.length) continue;
			if (!this.#medium.differs(this.offsetOf(entry) + RECORD_HEADER_LENGTH, key)) return entry;
		}
		return -1;
	}

	/** Undefined where the record's header has rotted. */
	keyAt(entry: number): string | undefined {
		const word = this.headerOf(entry);
		if (!isRecordHeader(word)) return undefined;
		const length = keyLengthOf(word);
		return decodeText(this.#medium.bytes(this.offsetOf(entry) + RECORD_HEADER_LENGTH, length), 0, length);
	}

	/** Takes a record that stands behind all others. */
	add(key: Uint8Array, offset: number, length: number): void {
		this.#entries.push((hashOf(key) << HASH_SHIFT) | ((offset - this.#origin) / WORD_LENGTH));
		this.liveLength += length;
	}

	/** Forgets a record; entry -1 is none. */
	remove(entry: number): void {
		if (entry < 0) return;
		this.liveLength -= this.lengthOf(entry);
		this.#entries.splice(entry, 1);
	}
}

/** 15 bits, so that an entry is a small integer. */
function hashOf(key: Uint8Array): number {
	return crc32(0, key, 0, key.length) & 0x7fff;
}
