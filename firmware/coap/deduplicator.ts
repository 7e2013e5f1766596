// The memory of a receiver (RFC 7252, 4.2, 4.3 and 4.5): which Message IDs came, and what was said to each.

import type { Instant, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import { EXCHANGE_LIFETIME, NON_LIFETIME } from "./constants.js";
import { transmitEmpty, transmitPart } from "./transmit.js";

const COUNT = limits.deduplicatorCount;
const NO_MESSAGE = -1;

/** Columns of a row. All rows are one array of numbers: on XS a row object with its answer would cost 250 bytes. */
const EXPIRES_AT = 0;
const STATE = 1;
/** 1 while there is something to be sent. */
const UNSENT = 2;
/** Where the answer lies among all answers. */
const START = 3;
const END = 4;
const COLUMNS = 5;

/** States: what a repetition of the message is told. */
const OPEN = 0;
/** Nothing: a NON, or a CON whose answer had to give way. */
const SILENT = 1;
const ACKNOWLEDGED = 2;
const REJECTED = 3;
const ANSWERED = 4;

/** Bytes of answers at first, and at least so many more when they are needed, up to one message of full length. */
const ANSWERS_LENGTH = 64;

/** Remembers the newest messages of one peer, bounded in number and in bytes of answers; oldest out first. */
export class Deduplicator {
	/** The Message ID of each row. */
	readonly #messageIds = new Int32Array(COUNT).fill(NO_MESSAGE);
	readonly #rows = new Float64Array(COLUMNS * COUNT);
	/** The index of the newest message; behind it lies the oldest, whose place the next one takes. */
	#newest = 0;
	/** The answers, one behind the other, and from the front again. */
	#answers = new Uint8Array(ANSWERS_LENGTH);
	#answersEnd = 0;
	#unsentCount = 0;

	/** True for a message that was here before: what it is told is then ready to be transmitted again. */
	handleRepeated(now: Instant, messageId: number): boolean {
		const rows = this.#rows;
		const index = this.#messageIds.indexOf(messageId);
		if (index < 0) return false;
		const row = COLUMNS * index;
		if (rows[row + EXPIRES_AT]! <= now) {
			this.forget(index);
			return false;
		}
		// RFC 7252, 4.5: a repeated CON is acknowledged even while its request is still being worked on.
		if (rows[row + STATE] === OPEN) rows[row + STATE] = ACKNOWLEDGED;
		if (rows[row + STATE] !== SILENT) this.say(row);
		return true;
	}

	/** Notes a message that is no repetition. A NON is told nothing when it repeats. */
	add(now: Instant, messageId: number, confirmable: boolean): void {
		const index = (this.#newest + 1) % COUNT;
		const row = COLUMNS * index;
		this.forget(index);
		this.#newest = index;
		this.#messageIds[index] = messageId;
		this.#rows[row + EXPIRES_AT] = now + (confirmable ? EXCHANGE_LIFETIME : NON_LIFETIME);
		this.#rows[row + STATE] = confirmable ? OPEN : SILENT;
	}

	/** True while a CON has neither been acknowledged nor answered, or is no longer remembered. */
	isOpen(messageId: number): boolean {
		const index = this.#messageIds.indexOf(messageId);
		return index < 0 || this.#rows[COLUMNS * index + STATE] === OPEN;
	}

	/** Sends an Empty ACK. */
	acknowledge(messageId: number): void {
		this.tell(messageId, ACKNOWLEDGED);
	}

	/** Sends a Reset. */
	reject(messageId: number): void {
		this.tell(messageId, REJECTED);
	}

	/** Sends an answer of so many bytes, which the caller writes into `answers` from the returned offset on. */
	answer(now: Instant, messageId: number, confirmable: boolean, length: number): number {
		let index = this.#messageIds.indexOf(messageId);
		if (index < 0) {
			this.add(now, messageId, confirmable);
			index = this.#newest;
		}
		const rows = this.#rows;
		const row = COLUMNS * index;
		const start = this.allocate(length);
		rows[row + START] = start;
		rows[row + END] = start + length;
		if (confirmable) rows[row + STATE] = ANSWERED;
		this.say(row);
		return start;
	}

	/** Where answers are written; another array after the next answer. */
	get answers(): Uint8Array {
		return this.#answers;
	}

	/** The peer may be another one: nothing it sends is a repetition, and nothing old is sent. */
	clear(): void {
		this.#messageIds.fill(NO_MESSAGE);
		this.#rows.fill(0);
		this.#unsentCount = 0;
	}

	/** Newest first: mostly it is the only one. */
	pollTransmit(out: Transmit): boolean {
		if (this.#unsentCount === 0) return false;
		const rows = this.#rows;
		let index = this.#newest;
		while (rows[COLUMNS * index + UNSENT] === 0) index = (index + COUNT - 1) % COUNT;
		const row = COLUMNS * index;
		const messageId = this.#messageIds[index]!;
		this.withdraw(row);
		if (rows[row + STATE] === ACKNOWLEDGED) return transmitEmpty("ACK", messageId, out);
		if (rows[row + STATE] === REJECTED) return transmitEmpty("RST", messageId, out);
		return transmitPart(this.#answers, rows[row + START]!, rows[row + END]!, out);
	}

	private tell(messageId: number, state: number): void {
		const index = this.#messageIds.indexOf(messageId);
		if (index < 0) return;
		this.#rows[COLUMNS * index + STATE] = state;
		this.say(COLUMNS * index);
	}

	private say(row: number): void {
		if (this.#rows[row + UNSENT] === 0) this.#unsentCount++;
		this.#rows[row + UNSENT] = 1;
	}

	private withdraw(row: number): void {
		if (this.#rows[row + UNSENT] === 1) this.#unsentCount--;
		this.#rows[row + UNSENT] = 0;
	}

	private forget(index: number): void {
		this.#messageIds[index] = NO_MESSAGE;
		this.silence(COLUMNS * index);
	}

	/** Nothing is said to this message any more, and its answer needs no room. */
	private silence(row: number): void {
		this.withdraw(row);
		this.#rows[row + STATE] = SILENT;
		this.#rows[row + START] = 0;
		this.#rows[row + END] = 0;
	}

	/** Room for an answer: what is in its way gives way, once there can be no more room. */
	private allocate(length: number): number {
		let start = this.place(length);
		let holder = this.holder(start, start + length);
		while (this.#answers.length < limits.messageLength && (holder >= 0 || length > this.#answers.length)) {
			this.grow(length);
			start = this.place(length);
			holder = this.holder(start, start + length);
		}
		while (holder >= 0) {
			this.silence(holder);
			holder = this.holder(start, start + length);
		}
		this.#answersEnd = start + length;
		return start;
	}

	/** Behind the newest answer, or at the front where that is too near the end. */
	private place(length: number): number {
		return this.#answersEnd + length <= this.#answers.length ? this.#answersEnd : 0;
	}

	/** The next answer is then placed behind all that are there. */
	private grow(length: number): void {
		const rows = this.#rows;
		const room = this.#answers.length + Math.max(length, ANSWERS_LENGTH);
		const answers = new Uint8Array(Math.min(room, limits.messageLength));
		answers.set(this.#answers);
		this.#answers = answers;
		this.#answersEnd = 0;
		for (let row = 0; row < rows.length; row += COLUMNS) {
			this.#answersEnd = Math.max(this.#answersEnd, rows[row + END]!);
		}
	}

	/** The row of an answer that lies there, at least in part; -1 for none. */
	private holder(start: number, end: number): number {
		const rows = this.#rows;
		for (let row = 0; row < rows.length; row += COLUMNS) {
			if (rows[row + START]! < end && rows[row + END]! > start) return row;
		}
		return -1;
	}
}
