// The journal: a power-safe store of small values in flash (docs/store.md).

import { encodeText } from "../bytes.js";
import type { Store } from "../contract.js";
import type { Flash } from "../io/ecma-419.js";
import { limits } from "../limits.js";
import { type BankHeader, type Geometry, geometryOf, readEraseCounts, readHeader } from "./bank.js";
import { RECORD_HEADER_LENGTH } from "./constants.js";
import { StoreFailed, StoreFull } from "./errors.js";
import { type Change, Log } from "./log.js";
import { Medium } from "./medium.js";
import { keyLengthOf, recordHeader, recordLength, valueLengthOf } from "./record.js";

/** What people and tests may know of a journal; the counts, but those of erasing, are since it was opened. */
export interface JournalStatistics {
	/** Keys that have a value. */
	readonly recordCount: number;
	/** Bytes for values that are still to come; each takes its key and 12 to 15 bytes beside. */
	readonly freeLength: number;
	/** How often each bank was erased in its life. */
	readonly eraseCounts: readonly number[];
	/** 1: this start found the traces of a power cut. */
	readonly recoveryCount: number;
	/** Records with wrong bytes that were passed over. */
	readonly corruptCount: number;
	/** Times that the flash did not take what it was told. */
	readonly faultCount: number;
}

export class Journal implements Store {
	readonly #medium: Medium;
	readonly #geometry: Geometry;
	/** Undefined: no bank holds anything yet. */
	#log: Log | undefined;
	readonly #eraseCounts: number[];
	/** The highest generation that any bank may claim. */
	#lastGeneration = 0;
	/** Bit i: bank i claims a higher generation than the log's, and a later start might find it sealed. */
	#doubtful = 0;
	#recoveryCount = 0;
	#corruptCount = 0;
	#faultCount = 0;

	/** Opens a partition and repairs what a power cut left; whatever is in it, this does not throw. */
	constructor(flash: Flash) {
		this.#medium = new Medium(flash);
		this.#geometry = geometryOf(flash.status());
		const isClean = this.open();
		const isOurs = this.#log !== undefined;
		this.#eraseCounts = readEraseCounts(this.#medium, this.#geometry, this.#log?.bank);
		if (!isClean && this.#lastGeneration > 0) this.#recoveryCount = 1;
		try {
			if (!isClean) this.compact(this.#log, undefined);
			// Not where no bank could be read: the next start may read them.
			if (isOurs && this.recordCount() === 0) this.eraseOldCopies();
		} catch {
			// What can be read can be read; each write will try again.
		}
	}

	read(key: string): Uint8Array | undefined {
		const directory = this.#log?.directory;
		const entry = directory?.find(keyBytes(key)) ?? -1;
		if (directory === undefined || entry < 0) return undefined;
		const word = directory.headerOf(entry);
		return this.#medium.bytes(valueOffset(directory.offsetOf(entry), word), valueLengthOf(word));
	}

	/**
	 * Throws StoreFull or StoreFailed; the old value is then kept. A longer value than before leaves `spareLength` bytes
	 * for others.
	 */
	write(key: string, value: Uint8Array, spareLength = 0): void {
		const bytes = keyBytes(key);
		const entry = this.find(bytes);
		if (entry >= 0 && this.holds(entry, value)) return;
		if (value.length > limits.storeValueLength) throw new StoreFull(`a value of ${value.length} bytes`);
		if (entry < 0 && this.recordCount() >= limits.storeKeyCount) throw new StoreFull("too many keys");
		const oldLength = this.#log?.directory.lengthOf(entry) ?? 0;
		const growth = recordLength(recordHeader(bytes.length, value.length)) - oldLength;
		if (growth > 0 && growth > this.freeLength() - spareLength) throw new StoreFull("no room left");
		this.change({ entry, key: bytes, value });
	}

	/** Deletes the value where there is one; needs no room. Throws StoreFailed. */
	delete(key: string): void {
		const bytes = keyBytes(key);
		const entry = this.find(bytes);
		if (entry >= 0) this.change({ entry, key: bytes, value: undefined });
	}

	/** The keys that have a value, oldest value first. */
	keys(): string[] {
		const keys: string[] = [];
		for (let entry = 0; entry < this.recordCount(); entry++) {
			const key = this.#log!.directory.keyAt(entry);
			if (key !== undefined) keys.push(key);
		}
		return keys;
	}

	/** Factory reset: deletes all, and erases the copies that older generations left. Throws StoreFailed. */
	clear(): void {
		this.compact(undefined, undefined);
		if (!this.eraseOldCopies()) throw new StoreFailed("an old copy could not be erased");
	}

	statistics(): JournalStatistics {
		return {
			recordCount: this.recordCount(),
			freeLength: this.freeLength(),
			eraseCounts: this.#eraseCounts.slice(),
			recoveryCount: this.#recoveryCount,
			corruptCount: this.#corruptCount,
			faultCount: this.#faultCount,
		};
	}

	/** Takes the newest bank that was sealed. False: a fresh bank is needed before anything is acknowledged. */
	private open(): boolean {
		const generations: number[] = [];
		let header: BankHeader | undefined;
		let newest = -1;
		for (let bank = 0; bank < this.#geometry.bankCount; bank++) {
			const found = readHeader(this.#medium, this.#geometry, bank);
			generations.push(found?.generation ?? 0);
			if (found === undefined || found.seal === "wrong" || found.generation < (header?.generation ?? 0)) continue;
			header = found;
			newest = bank;
		}
		for (let bank = 0; bank < generations.length; bank++) {
			this.#lastGeneration = Math.max(this.#lastGeneration, generations[bank]!);
			if (generations[bank]! > (header?.generation ?? 0)) this.#doubtful |= 1 << bank;
		}
		if (header === undefined) return false;
		const log = new Log(this.#medium, this.#geometry, newest, header.generation);
		this.#log = log;
		const isClean = log.open(header);
		this.#corruptCount = log.corruptCount;
		return isClean && this.#doubtful === 0;
	}

	private change(change: Change): void {
		const log = this.#log;
		const length = recordLength(recordHeader(change.key.length, change.value?.length));
		if (log?.hasRoom(length)) {
			try {
				log.append(change);
				return;
			} catch {
				this.#faultCount++;
			}
		}
		this.compact(log, change);
	}

	/** Writes all that is live, with a change, into a fresh bank: until that is sealed, the old one is what counts. */
	private compact(source: Log | undefined, change: Change | undefined): void {
		// What a failed try leaves behind must not overtake later records of the old bank.
		this.#log?.close();
		const { bankCount } = this.#geometry;
		const used = this.#log?.bank ?? -1;
		// Banks in doubt come last: a cut while one is erased could make it look sealed. So do those that just failed.
		for (let round = 0; round < 2; round++)
			for (let step = 1; step <= bankCount; step++) {
				const bank = (used + step) % bankCount;
				if (bank === used || ((this.#doubtful >>> bank) & 1) !== round) continue;
				if (this.fill(bank, source, change)) return;
			}
		throw new StoreFailed("no bank takes what is written");
	}

	private fill(bank: number, source: Log | undefined, change: Change | undefined): boolean {
		const log = new Log(this.#medium, this.#geometry, bank, ++this.#lastGeneration);
		this.#doubtful |= 1 << bank;
		if (!this.erase(bank)) return false;
		try {
			this.#corruptCount += log.fill(source, change, this.#eraseCounts);
		} catch {
			this.#faultCount++;
			return false;
		}
		this.#log = log;
		this.#doubtful = 0;
		return true;
	}

	/** Also what is left of `clear` after a power cut in it. False: not all of them could be erased. */
	private eraseOldCopies(): boolean {
		const { bankCount, stride, bankLength } = this.#geometry;
		let areErased = true;
		for (let bank = 0; bank < bankCount; bank++) {
			const end = bank * stride + bankLength;
			if (bank === this.#log!.bank || this.#medium.programmed(bank * stride, end) === end) continue;
			areErased = this.erase(bank) && areErased;
		}
		return areErased;
	}

	private erase(bank: number): boolean {
		const { stride, blocksPerBank, bankLength } = this.#geometry;
		this.#eraseCounts[bank]!++;
		try {
			this.#medium.erase(bank * blocksPerBank, blocksPerBank, bank * stride, bankLength);
			return true;
		} catch {
			this.#faultCount++;
			return false;
		}
	}

	private find(key: Uint8Array): number {
		return this.#log?.directory.find(key) ?? -1;
	}

	private recordCount(): number {
		return this.#log?.directory.count ?? 0;
	}

	private freeLength(): number {
		return this.#geometry.bankLength - this.#geometry.headerLength - (this.#log?.directory.liveLength ?? 0);
	}

	/** Whether a record has this very value already: then the flash is spared. */
	private holds(entry: number, value: Uint8Array): boolean {
		const directory = this.#log!.directory;
		const word = directory.headerOf(entry);
		if (valueLengthOf(word) !== value.length) return false;
		return !this.#medium.differs(valueOffset(directory.offsetOf(entry), word), value);
	}
}

function valueOffset(offset: number, word: number): number {
	return offset + RECORD_HEADER_LENGTH + keyLengthOf(word);
}

/** Throws RangeError for what can be no key: that is a fault of the program. */
function keyBytes(key: string): Uint8Array {
	const bytes = encodeText(key);
	let isKey = bytes.length > 0 && bytes.length <= limits.storeKeyLength;
	for (let i = 0; i < bytes.length; i++) isKey &&= bytes[i]! > 0x20 && bytes[i]! < 0x7f;
	if (!isKey) throw new RangeError(`"${key}" is no key`);
	return bytes;
}
