// The log in one bank: records one after the other, of which the last of each key is live.

import { type BankHeader, confirmHeader, type Geometry, sealHeader, writeHeader } from "./bank.js";
import { BLANK_LOOKS, PIECE_LENGTH, RECORD_HEADER_LENGTH, SEAL_LENGTH, WORD_LENGTH } from "./constants.js";
import { Directory } from "./directory.js";
import type { Medium, Seal } from "./medium.js";
import { contentLength, isDeletion, isRecordHeader, keyLengthOf, recordHeader, recordLength } from "./record.js";

/** A key and its new value, undefined to delete it; `entry` is its live record, -1 for none. */
export interface Change {
	readonly entry: number;
	readonly key: Uint8Array;
	readonly value: Uint8Array | undefined;
}

export class Log {
	readonly bank: number;
	readonly generation: number;
	readonly directory: Directory;
	/** Records with wrong bytes that have good ones behind them, which no power cut leaves. */
	corruptCount = 0;
	readonly #medium: Medium;
	readonly #geometry: Geometry;
	/** Where the next record goes. */
	#end: number;

	/** A log without records. */
	constructor(medium: Medium, geometry: Geometry, bank: number, generation: number) {
		const origin = bank * geometry.stride;
		this.bank = bank;
		this.generation = generation;
		this.directory = new Directory(medium, origin);
		this.#medium = medium;
		this.#geometry = geometry;
		this.#end = origin + geometry.headerLength;
	}

	/** Nothing may be added any more. */
	close(): void {
		this.#end = Number.POSITIVE_INFINITY;
	}

	/** Whether a record of such a length may be added. */
	hasRoom(length: number): boolean {
		return this.#end + length <= this.limit();
	}

	/** Adds one record. Throws what the flash throws, and then nothing may be added any more. */
	append({ entry, key, value }: Change): void {
		const medium = this.#medium;
		const at = this.#end;
		this.close();
		medium.begin(at, this.generation);
		medium.putWord(recordHeader(key.length, value?.length));
		medium.put(key);
		if (value !== undefined) medium.put(value);
		medium.seal();
		this.directory.remove(entry);
		if (value !== undefined) this.directory.add(key, at, medium.offset - at);
		this.#end = medium.offset;
	}

	/**
	 * Fills an erased bank with what is live in another log, with a change; then vouches for it. Gives how many records
	 * had to be left behind as they have rotted. Throws what the flash throws.
	 */
	fill(source: Log | undefined, change: Change | undefined, eraseCounts: readonly number[]): number {
		writeHeader(this.#medium, this.#geometry, this.bank, this.generation, eraseCounts);
		let rottenCount = 0;
		for (let entry = 0; source !== undefined && entry < source.directory.count; entry++) {
			if (entry === change?.entry) continue;
			const at = source.directory.offsetOf(entry);
			const word = this.#medium.word(at);
			// A new checksum must not make right what went wrong since the start. The start itself has just read each seal,
			// and decided: one that a cut left weak may read otherwise now.
			if (!source.holds(at, word) || (change !== undefined && source.sealOf(at, word) === "wrong")) rottenCount++;
			else this.copy(at, word);
		}
		if (change?.value !== undefined) this.append({ ...change, entry: -1 });
		sealHeader(this.#medium, this.#geometry, this.bank, this.generation);
		return rottenCount;
	}

	private copy(at: number, word: number): void {
		const medium = this.#medium;
		medium.begin(this.#end, this.generation);
		medium.copy(at, contentLength(word));
		medium.seal();
		this.directory.add(this.keyAt(this.#end, word), this.#end, recordLength(word));
		this.#end = medium.offset;
	}

	/**
	 * Reads the log from front to back, as each start does, and confirms what a power cut left unconfirmed. False:
	 * nothing may be added, as a power cut or rot left its traces.
	 */
	open(header: BankHeader): boolean {
		const limit = this.limit();
		let isTorn = false;
		let seal: Seal = "whole";
		let last = 0;
		for (let at = this.next(this.#end); at < limit; at = this.next(at)) {
			const word = this.#medium.word(at);
			const isWhole = this.holds(at, word);
			const length = isWhole ? recordLength(word) : WORD_LENGTH;
			const found = isWhole ? this.sealOf(at, word) : "wrong";
			if (found === "wrong") {
				isTorn = true;
				at += length;
				continue;
			}
			if (isTorn) this.corruptCount++;
			isTorn = false;
			this.take(at, word);
			seal = found;
			last = at;
			at += length;
			this.#end = at;
		}
		const isClean = !isTorn && this.corruptCount === 0 && this.isBlankAtEnd();
		return isClean && this.confirmsRecord(seal, last) && this.confirmsHeader(header.seal);
	}

	/** A cut may have left bits that read as blank, but not always; it reached no further than one piece. */
	private isBlankAtEnd(): boolean {
		const end = Math.min(this.#end + PIECE_LENGTH, this.limit());
		for (let look = 0; look < BLANK_LOOKS; look++) if (this.#medium.programmed(this.#end, end) < end) return false;
		return true;
	}

	/** The next word that is not blank. */
	private next(at: number): number {
		return this.#medium.programmed(at, this.limit());
	}

	private limit(): number {
		return this.bank * this.#geometry.stride + this.#geometry.bankLength;
	}

	/** Whether a word can be the header of a record at this place. */
	private holds(at: number, word: number): boolean {
		return isRecordHeader(word) && at + recordLength(word) <= this.limit();
	}

	private take(at: number, word: number): void {
		const key = this.keyAt(at, word);
		this.directory.remove(this.directory.find(key));
		if (!isDeletion(word)) this.directory.add(key, at, recordLength(word));
	}

	private keyAt(at: number, word: number): Uint8Array {
		return this.#medium.bytes(at + RECORD_HEADER_LENGTH, keyLengthOf(word));
	}

	private checksumOf(at: number, word: number): number {
		return this.#medium.checksum(this.generation, at, contentLength(word));
	}

	private sealOf(at: number, word: number): Seal {
		return this.#medium.sealAt(at + recordLength(word) - SEAL_LENGTH, this.checksumOf(at, word));
	}

	private confirmsRecord(seal: Seal, at: number): boolean {
		if (seal !== "unconfirmed") return seal === "whole";
		const word = this.#medium.word(at);
		try {
			this.#medium.confirm(at + recordLength(word) - SEAL_LENGTH, this.checksumOf(at, word));
			return true;
		} catch {
			return false;
		}
	}

	private confirmsHeader(seal: Seal): boolean {
		if (seal !== "unconfirmed") return seal === "whole";
		try {
			confirmHeader(this.#medium, this.#geometry, this.bank, this.generation);
			return true;
		} catch {
			return false;
		}
	}
}
