// The flash as the journal needs it: words, checksums, and programming that is read back.

import type { Flash } from "../io/ecma-419.js";
import { crc32 } from "./checksum.js";
import { BLANK, PIECE_LENGTH, SEAL_LENGTH, WORD_LENGTH } from "./constants.js";

/** The flash did not do what it was told. Never leaves the store. */
export class FlashFault extends Error {}

/** How a seal reads. "unconfirmed": the commit is right and nothing of its confirmation is programmed. */
export type Seal = "whole" | "unconfirmed" | "damaged" | "wrong";

/** All offsets are the partition's. Programming goes front to back: `begin`, then bytes, then `seal` or `end`. */
export class Medium {
	readonly #flash: Flash;
	readonly #piece = new Uint8Array(PIECE_LENGTH);
	readonly #echo = new Uint8Array(PIECE_LENGTH);
	readonly #echoWords = new Int32Array(this.#echo.buffer);
	/** Bytes in #piece that are not programmed yet. */
	#filled = 0;
	#checksum = 0;
	/** Where the next piece goes. */
	offset = 0;

	constructor(flash: Flash) {
		this.#flash = flash;
	}

	/** A big-endian word. */
	word(offset: number): number {
		return this.wordOf(this.load(offset, WORD_LENGTH));
	}

	/** A fresh copy. */
	bytes(offset: number, length: number): Uint8Array {
		return new Uint8Array(this.#flash.read(length, offset));
	}

	/** Whether other bytes stand there than these. */
	differs(offset: number, bytes: Uint8Array): boolean {
		for (let done = 0; done < bytes.length; done += PIECE_LENGTH) {
			const length = Math.min(PIECE_LENGTH, bytes.length - done);
			const piece = this.load(offset + done, length);
			for (let i = 0; i < length; i++) if (piece[i] !== bytes[done + i]) return true;
		}
		return false;
	}

	/** The CRC-32 of what stands there. */
	checksum(seed: number, offset: number, length: number): number {
		let checksum = seed;
		for (let done = 0; done < length; done += PIECE_LENGTH) {
			const piece = Math.min(PIECE_LENGTH, length - done);
			checksum = crc32(checksum, this.load(offset + done, piece), 0, piece);
		}
		return checksum;
	}

	/** The first word from `offset` on that is not blank; `end` where all are. */
	programmed(offset: number, end: number): number {
		for (let at = offset; at < end; at += PIECE_LENGTH) {
			const length = Math.min(PIECE_LENGTH, end - at);
			this.load(at, length);
			for (let i = 0; i < length / WORD_LENGTH; i++) if (this.#echoWords[i] !== -1) return at + i * WORD_LENGTH;
		}
		return end;
	}

	/** How the seal for a checksum reads. */
	sealAt(offset: number, checksum: number): Seal {
		const piece = this.load(offset, SEAL_LENGTH);
		const isCommitted = this.wordOf(piece) === checksum;
		const second = this.wordOf(piece.subarray(WORD_LENGTH));
		const isConfirmed = second === ~checksum >>> 0;
		if (isCommitted && isConfirmed) return "whole";
		if (isCommitted && second === BLANK) return "unconfirmed";
		return isCommitted || isConfirmed ? "damaged" : "wrong";
	}

	/** Erases blocks, and makes sure of the first `length` bytes. */
	erase(block: number, count: number, offset: number, length: number): void {
		this.#flash.eraseBlock(block, block + count);
		if (this.programmed(offset, offset + length) < offset + length) throw new FlashFault();
	}

	/** Begins to program at a blank place; the checksum begins with the seed. */
	begin(offset: number, seed: number): void {
		this.offset = offset;
		this.#filled = 0;
		this.#checksum = seed;
	}

	putWord(value: number): void {
		if (this.#filled === PIECE_LENGTH) this.program();
		const piece = this.#piece;
		for (let shift = 24; shift >= 0; shift -= 8) piece[this.#filled++] = value >>> shift;
		this.#checksum = crc32(this.#checksum, piece, this.#filled - WORD_LENGTH, this.#filled);
	}

	put(bytes: Uint8Array): void {
		for (let done = 0; done < bytes.length; ) {
			const length = this.room(bytes.length - done);
			this.#piece.set(bytes.subarray(done, done + length), this.#filled);
			this.take(length);
			done += length;
		}
	}

	/** Puts what stands elsewhere. */
	copy(offset: number, length: number): void {
		for (let done = 0; done < length; ) {
			const count = this.room(length - done);
			this.#flash.read(this.#piece.subarray(this.#filled, this.#filled + count), offset + done);
			this.take(count);
			done += count;
		}
	}

	/** Programs what is left, up to a whole word, and gives the checksum. */
	end(): number {
		const checksum = this.#checksum;
		while (this.#filled % WORD_LENGTH > 0) this.#piece[this.#filled++] = 0xff;
		this.program();
		return checksum;
	}

	/** Programs what is left, then the commit, then its confirmation: each may be torn, but never two of them. */
	seal(): void {
		const checksum = this.end();
		this.putWord(checksum);
		this.program();
		this.putWord(~checksum);
		this.program();
	}

	/** Gives an unconfirmed seal its confirmation. */
	confirm(offset: number, checksum: number): void {
		this.begin(offset + WORD_LENGTH, 0);
		this.putWord(~checksum);
		this.program();
	}

	private room(length: number): number {
		if (this.#filled === PIECE_LENGTH) this.program();
		return Math.min(length, PIECE_LENGTH - this.#filled);
	}

	private take(length: number): void {
		this.#checksum = crc32(this.#checksum, this.#piece, this.#filled, this.#filled + length);
		this.#filled += length;
	}

	private program(): void {
		const length = this.#filled;
		if (length === 0) return;
		const piece = this.#piece.subarray(0, length);
		this.#flash.write(piece, this.offset);
		if (this.differs(this.offset, piece)) throw new FlashFault();
		this.offset += length;
		this.#filled = 0;
	}

	/** Up to a piece of the flash, borrowed until the next call. */
	private load(offset: number, length: number): Uint8Array {
		const echo = length === PIECE_LENGTH ? this.#echo : this.#echo.subarray(0, length);
		this.#flash.read(echo, offset);
		return echo;
	}

	private wordOf(bytes: Uint8Array): number {
		return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
	}
}
