// The memory of a receiver (RFC 7252, 4.2, 4.3 and 4.5): which Message IDs came, and what was said to each.

import type { Instant, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import { EXCHANGE_LIFETIME, NON_LIFETIME } from "./constants.js";
import { transmitEmpty, transmitPart } from "./transmit.js";

const COUNT = limits.deduplicatorCount;
/** Above all Message IDs. */
const NO_MESSAGE = 0x10000;

/**
 * Where the columns of the table begin; what belongs to one message has one index in each. The table is one array of
 * words, and the instants one of doubles: on XS an object each with its answer would cost 250 bytes.
 */
const MESSAGE_ID = 0;
const LAST_ID = COUNT - 1;
const STATE = COUNT;
/** 1 while there is something to be sent. */
const UNSENT = 2 * COUNT;
/** Where the answer lies among all answers. */
const START = 3 * COUNT;
const END = 4 * COUNT;
/** What the token adds to the Message ID (TokenBearer.identity); 0: nothing. */
const IDENTITY = 5 * COUNT;
const TABLE_LENGTH = 6 * COUNT;

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
	readonly #table = new Uint32Array(TABLE_LENGTH).fill(NO_MESSAGE, MESSAGE_ID, MESSAGE_ID + COUNT);
	readonly #expiresAt = new Float64Array(COUNT);
	/** The index of the newest message; behind it lies the oldest, whose place the next one takes. */
	#newest = 0;
	/** The answers, one behind the other, and from the front again. */
	#answers = new Uint8Array(ANSWERS_LENGTH);
	#answersEnd = 0;
	#unsentCount = 0;
	/** Bytes of all answers together: as many as those of the longest one. */
	#answerLengthMax: number = limits.messageLength;

	/**
	 * True for a message that was here before: what it is told is then ready to be transmitted again. Beyond the letter
	 * of RFC 7252, 4.5 the token decides, too: the same Message ID with another one is another message, and with the same
	 * one it is the same message also after EXCHANGE_LIFETIME and from another path. So a server may repeat a request to
	 * a device that has moved, and it is carried out once.
	 */
	handleRepeated(now: Instant, messageId: number, identity = 0): boolean {
		const table = this.#table;
		const index = this.#table.lastIndexOf(messageId, LAST_ID);
		if (index < 0) return false;
		const isSame = table[IDENTITY + index] === identity && (identity !== 0 || this.#expiresAt[index]! > now);
		if (!isSame) {
			this.forget(index);
			return false;
		}
		// RFC 7252, 4.5: a repeated CON is acknowledged even while its request is still being worked on.
		if (table[STATE + index] === OPEN) table[STATE + index] = ACKNOWLEDGED;
		if (table[STATE + index] !== SILENT) this.say(index);
		return true;
	}

	/** Notes a message that is no repetition. A NON is told nothing when it repeats. */
	add(now: Instant, messageId: number, confirmable: boolean, identity = 0): void {
		const index = (this.#newest + 1) % COUNT;
		const table = this.#table;
		this.forget(index);
		this.#newest = index;
		table[MESSAGE_ID + index] = messageId;
		this.#expiresAt[index] = now + (confirmable ? EXCHANGE_LIFETIME : NON_LIFETIME);
		table[STATE + index] = confirmable ? OPEN : SILENT;
		table[IDENTITY + index] = identity;
	}

	/** True while a CON has neither been acknowledged nor answered, or is no longer remembered. */
	isOpen(messageId: number): boolean {
		const index = this.#table.lastIndexOf(messageId, LAST_ID);
		return index < 0 || this.#table[STATE + index] === OPEN;
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
		let index = this.#table.lastIndexOf(messageId, LAST_ID);
		if (index < 0) {
			this.add(now, messageId, confirmable);
			index = this.#newest;
		}
		const table = this.#table;
		const start = this.allocate(length);
		table[START + index] = start;
		table[END + index] = start + length;
		if (confirmable) table[STATE + index] = ANSWERED;
		this.say(index);
		return start;
	}

	/** Where answers are written; another array after the next answer. */
	get answers(): Uint8Array {
		return this.#answers;
	}

	/** Answers may be so long from now on; where there is more room than that, those in it give way. */
	setAnswerLength(lengthMax: number): void {
		this.#answerLengthMax = lengthMax;
		if (this.#answers.length <= lengthMax) return;
		for (let i = 0; i < COUNT; i++) if (this.#table[END + i]! > 0) this.silence(i);
		this.#answers = new Uint8Array(ANSWERS_LENGTH);
		this.#answersEnd = 0;
	}

	/** Another path: nothing old is sent, and what a Message ID alone tells is not known there. */
	handlePathChanged(): void {
		for (let i = 0; i < COUNT; i++) {
			this.withdraw(i);
			if (this.#table[IDENTITY + i] === 0) this.forget(i);
		}
	}

	/** Newest first: mostly it is the only one. */
	pollTransmit(out: Transmit): boolean {
		if (this.#unsentCount === 0) return false;
		const table = this.#table;
		let index = this.#newest;
		while (table[UNSENT + index] === 0) index = (index + COUNT - 1) % COUNT;
		const messageId = table[MESSAGE_ID + index]!;
		this.withdraw(index);
		if (table[STATE + index] === ACKNOWLEDGED) return transmitEmpty("ACK", messageId, out);
		if (table[STATE + index] === REJECTED) return transmitEmpty("RST", messageId, out);
		return transmitPart(this.#answers, table[START + index]!, table[END + index]!, out);
	}

	private tell(messageId: number, state: number): void {
		const index = this.#table.lastIndexOf(messageId, LAST_ID);
		if (index < 0) return;
		this.#table[STATE + index] = state;
		this.say(index);
	}

	private say(index: number): void {
		if (this.#table[UNSENT + index] === 0) this.#unsentCount++;
		this.#table[UNSENT + index] = 1;
	}

	private withdraw(index: number): void {
		if (this.#table[UNSENT + index] === 1) this.#unsentCount--;
		this.#table[UNSENT + index] = 0;
	}

	private forget(index: number): void {
		this.#table[MESSAGE_ID + index] = NO_MESSAGE;
		this.silence(index);
	}

	/** Nothing is said to this message any more, and its answer needs no room. */
	private silence(index: number): void {
		const table = this.#table;
		this.withdraw(index);
		table[STATE + index] = SILENT;
		table[START + index] = 0;
		table[END + index] = 0;
	}

	/** Room for an answer: what is in its way gives way, once there can be no more room. */
	private allocate(length: number): number {
		let start = this.place(length);
		let holder = this.holder(start, start + length);
		while (this.#answers.length < this.#answerLengthMax && (holder >= 0 || length > this.#answers.length)) {
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
		const table = this.#table;
		const room = this.#answers.length + Math.max(length, ANSWERS_LENGTH);
		const answers = new Uint8Array(Math.min(room, this.#answerLengthMax));
		answers.set(this.#answers);
		this.#answers = answers;
		this.#answersEnd = 0;
		for (let i = 0; i < COUNT; i++) this.#answersEnd = Math.max(this.#answersEnd, table[END + i]!);
	}

	/** The index of an answer that lies there, at least in part; -1 for none. */
	private holder(start: number, end: number): number {
		const table = this.#table;
		for (let i = 0; i < COUNT; i++) if (table[START + i]! < end && table[END + i]! > start) return i;
		return -1;
	}
}
