// Observe (RFC 7641): what the observed side keeps of each observer, and how an observer tells new from old.

import type { Instant } from "../contract.js";
import { OBSERVE_FRESHNESS, OBSERVE_MODULUS } from "./constants.js";
import type { TokenBearer } from "./token.js";

/** Columns of an entry in the list of observers (RFC 7641, 4.1), which is known by the peer and its token. */
export const Column = Object.freeze({
	handle: 0,
	/** The cache key of the registration: later blocks of a notification are asked for by it. */
	key: 1,
	/** The block size that the observer asked for. */
	sizeExponent: 2,
	/** Of the newest NON notification: a Reset that carries it ends the observation. */
	messageId: 3,
	/** The second in which the observer last proved its interest: by registering, or by acknowledging a notification. */
	confirmedAt: 4,
	/** What TokenBearer.saveToken puts there. */
	token: 5,
});
const COLUMNS = 10;
/** Above all Message IDs. */
const NO_MESSAGE = 0x10000;
/** No second that a device counts to. */
const NEVER = 0xffff_ffff;

/** Rows that there is room for at first, and so many more each time. */
const ROWS = 4;

/** The list, oldest first. All entries are one array of words, 40 bytes each: an object would cost 192 on XS. */
export class ObserverList {
	#rows = new Uint32Array(0);
	#count = 0;

	get count(): number {
		return this.#count;
	}

	add(handle: number, token: TokenBearer, key: number, sizeExponent: number, now: Instant): void {
		const at = COLUMNS * this.#count++;
		if (at === this.#rows.length) {
			const rows = new Uint32Array(at + COLUMNS * ROWS);
			rows.set(this.#rows);
			this.#rows = rows;
		}
		const rows = this.#rows;
		rows[at + Column.handle] = handle;
		rows[at + Column.key] = key;
		rows[at + Column.sizeExponent] = sizeExponent;
		rows[at + Column.messageId] = NO_MESSAGE;
		rows[at + Column.confirmedAt] = seconds(now);
		token.saveToken(rows, at + Column.token);
	}

	remove(index: number): void {
		this.#rows.copyWithin(COLUMNS * index, COLUMNS * (index + 1));
		this.#count--;
	}

	get(index: number, column: number): number {
		return this.#rows[COLUMNS * index + column]!;
	}

	set(index: number, column: number, value: number): void {
		this.#rows[COLUMNS * index + column] = value;
	}

	/** The index of the entry that has a value in a column; -1 for none. */
	find(column: number, value: number): number {
		for (let i = 0; i < this.#count; i++) if (this.#rows[COLUMNS * i + column] === value) return i;
		return -1;
	}

	/** The index of the entry that has this token; -1 for none. */
	findToken(token: TokenBearer): number {
		for (let i = 0; i < this.#count; i++) if (token.isTokenAt(this.#rows, COLUMNS * i + Column.token)) return i;
		return -1;
	}

	/** The observer of an entry proves its interest. */
	confirm(index: number, now: Instant): void {
		this.set(index, Column.confirmedAt, seconds(now));
	}

	/** The observer of an entry may have lost its interest. */
	doubt(index: number): void {
		this.set(index, Column.confirmedAt, NEVER);
	}

	isDoubted(index: number): boolean {
		return this.get(index, Column.confirmedAt) === NEVER;
	}

	/** Whether the observer has proved nothing for so many milliseconds. */
	isOverdue(index: number, now: Instant, interval: number): boolean {
		return this.isDoubted(index) || now - 1000 * this.get(index, Column.confirmedAt) >= interval;
	}

	/** Gives an entry's token to a bearer. */
	loadToken(index: number, into: TokenBearer): void {
		into.loadToken(this.#rows, COLUMNS * index + Column.token);
	}
}

/** Rounded down: a CON that is due goes a second early rather than late. */
function seconds(now: Instant): number {
	return Math.floor(now / 1000);
}

/** A NON notification to be sent; a newer one takes its place (RFC 7641, 4.5.2). */
export class Unsent {
	readonly handle: number;
	readonly bytes: Uint8Array;

	constructor(handle: number, bytes: Uint8Array) {
		this.handle = handle;
		this.bytes = bytes;
	}
}

/**
 * In place of the instant where notifications are protected: their order is that of their Partial IV alone, and no time
 * makes an old one new (RFC 8613, 7.4.1).
 */
export const TIMELESS: Instant = Number.NEGATIVE_INFINITY;

/** The order of notifications as their observer sees it (RFC 7641, 3.4). */
export class NotificationOrder {
	#value: number;
	#at: Instant;

	constructor(value: number, now: Instant) {
		this.#value = value;
		this.#at = now;
	}

	/** True for a notification that is newer than all accepted before; it then is the newest. */
	accept(value: number, now: Instant): boolean {
		const ahead = (value - this.#value + OBSERVE_MODULUS) % OBSERVE_MODULUS;
		const newer = (ahead > 0 && ahead < OBSERVE_MODULUS / 2) || now > this.#at + OBSERVE_FRESHNESS;
		if (!newer) return false;
		this.#value = value;
		this.#at = now;
		return true;
	}
}
