// The memory of a receiver (RFC 7252, 4.2, 4.3 and 4.5): which Message IDs came, and what was said to each.

import type { Instant, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import { Code } from "./codes.js";
import { EXCHANGE_LIFETIME, HEADER_LENGTH, NON_LIFETIME, VERSION } from "./constants.js";
import { transmit } from "./exchange.js";

/** open: not answered yet. silent: nothing is ever said again. The others: what a repetition is told. */
type RowState = "open" | "silent" | "acknowledged" | "rejected" | "answered";

/** One received message. */
class Row {
	messageId = 0;
	expiresAt: Instant = Number.NEGATIVE_INFINITY;
	state: RowState = "silent";
	unsent = false;
	/** Meaningful where "answered", or once for a NON; else a buffer that the next answer of its length may reuse. */
	answer: Uint8Array | undefined = undefined;
}

/** Remembers the newest messages of one peer, bounded in number and in bytes of answers; oldest out first. */
export class Deduplicator {
	/** From the oldest to the newest. */
	readonly #rows: Row[] = [];
	#unsentCount = 0;

	/** True for a message that was here before: what it is told is then ready to be transmitted again. */
	handleRepeated(now: Instant, messageId: number): boolean {
		const row = this.find(messageId);
		if (row === undefined || row.expiresAt <= now) return false;
		// RFC 7252, 4.5: a repeated CON is acknowledged even while its request is still being worked on.
		if (row.state === "open") row.state = "acknowledged";
		if (row.state !== "silent") this.say(row);
		return true;
	}

	/** Notes a new message. A NON is told nothing when it repeats. */
	add(now: Instant, messageId: number, confirmable: boolean): void {
		const row = this.recycle(messageId);
		row.messageId = messageId;
		row.expiresAt = now + (confirmable ? EXCHANGE_LIFETIME : NON_LIFETIME);
		row.state = confirmable ? "open" : "silent";
	}

	/** True while a CON has neither been acknowledged nor answered, or is no longer remembered. */
	isOpen(messageId: number): boolean {
		const row = this.find(messageId);
		return row === undefined || row.state === "open";
	}

	/** Sends an Empty ACK. */
	acknowledge(messageId: number): void {
		this.state(messageId, "acknowledged");
	}

	/** Sends a Reset. */
	reject(messageId: number): void {
		this.state(messageId, "rejected");
	}

	/** Sends an answer, which the caller writes into the buffer of exactly this length. */
	answer(now: Instant, messageId: number, confirmable: boolean, length: number): Uint8Array {
		let row = this.find(messageId);
		if (row === undefined) {
			this.add(now, messageId, confirmable);
			row = this.find(messageId)!;
		}
		if (confirmable) row.state = "answered";
		if (row.answer?.length !== length) {
			row.answer = undefined;
			this.forgetAnswers(limits.deduplicatorLength - length);
			row.answer = new Uint8Array(length);
		}
		this.say(row);
		return row.answer;
	}

	/** The peer may be another one: nothing it sends is a repetition, and nothing old is sent. */
	clear(): void {
		this.#rows.length = 0;
		this.#unsentCount = 0;
	}

	pollTransmit(out: Transmit): boolean {
		if (this.#unsentCount === 0) return false;
		const rows = this.#rows;
		for (let i = 0; i < rows.length; i++) {
			const row = rows[i]!;
			if (!row.unsent) continue;
			this.withdraw(row);
			if (row.state === "acknowledged") return transmitEmpty(ACK, row.messageId, out);
			if (row.state === "rejected") return transmitEmpty(RST, row.messageId, out);
			return transmit(row.answer!, out);
		}
		return false;
	}

	private find(messageId: number): Row | undefined {
		const rows = this.#rows;
		for (let i = rows.length - 1; i >= 0; i--) if (rows[i]!.messageId === messageId) return rows[i];
		return undefined;
	}

	/** A row for a new message, now the newest: the one that held this Message ID, an additional one, or the oldest. */
	private recycle(messageId: number): Row {
		const rows = this.#rows;
		let row = this.find(messageId);
		if (row === undefined && rows.length < limits.deduplicatorCount) {
			row = new Row();
			rows.push(row);
			return row;
		}
		row ??= rows[0]!;
		rows.copyWithin(rows.indexOf(row), rows.indexOf(row) + 1);
		rows[rows.length - 1] = row;
		this.withdraw(row);
		return row;
	}

	private state(messageId: number, state: "acknowledged" | "rejected"): void {
		const row = this.find(messageId);
		if (row === undefined) return;
		row.state = state;
		this.say(row);
	}

	private say(row: Row): void {
		if (row.unsent) return;
		row.unsent = true;
		this.#unsentCount++;
	}

	private withdraw(row: Row): void {
		if (row.unsent) this.#unsentCount--;
		row.unsent = false;
	}

	/** Gives up the oldest answers until the others take no more than so many bytes; their repetitions meet silence. */
	private forgetAnswers(length: number): void {
		const rows = this.#rows;
		let sum = 0;
		for (let i = rows.length - 1; i >= 0; i--) {
			const row = rows[i]!;
			if (row.answer === undefined) continue;
			sum += row.answer.length;
			if (sum <= length) continue;
			row.answer = undefined;
			if (row.state !== "answered" && row.state !== "silent") continue;
			row.state = "silent";
			this.withdraw(row);
		}
	}
}

const ACK = 2;
const RST = 3;

/** Hands an Empty message of the given type to the drainer (RFC 7252, 4.1). */
function transmitEmpty(type: number, messageId: number, out: Transmit): boolean {
	out.bytes[0] = (VERSION << 6) | (type << 4);
	out.bytes[1] = Code.Empty;
	out.bytes[2] = messageId >> 8;
	out.bytes[3] = messageId;
	out.length = HEADER_LENGTH;
	return true;
}

/** Hands a Reset to the drainer. */
export function transmitReset(messageId: number, out: Transmit): boolean {
	return transmitEmpty(RST, messageId, out);
}
