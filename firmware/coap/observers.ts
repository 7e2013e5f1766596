// The observed side of RFC 7641: who observes, what each is told, and when an observation is over.

import type { Instant, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import type { Association } from "./association.js";
import { isSuccess } from "./codes.js";
import { CONFIRMABLE_NOTIFICATION_INTERVAL, MAX_RETRANSMIT, OBSERVE_MODULUS } from "./constants.js";
import type { Response } from "./endpoint.js";
import { Exchange } from "./exchange.js";
import { removeItem, withHandle } from "./list.js";
import { Column, ObserverList, Unsent } from "./observation.js";
import type { Reply } from "./reply.js";
import { TokenBearer } from "./token.js";
import { transmit } from "./transmit.js";

/** The peer's observations here, at most limits.observationCount. */
export class Observers {
	readonly #association: Association;
	readonly #reply: Reply;
	readonly #list = new ObserverList();
	readonly #unsent: Unsent[] = [];
	/** RFC 7641, 4.4: one counter for all observations rises within each of them. */
	#value = 0;
	/** Of the notification in hand. */
	readonly #token = new TokenBearer();

	constructor(association: Association, reply: Reply) {
		this.#association = association;
		this.#reply = reply;
	}

	/** The Observe value of the response that accepts a registration; undefined where there is no room. */
	register(now: Instant, handle: number, token: TokenBearer, key: number, sizeExponent: number): number | undefined {
		if (this.#list.count >= limits.observationCount) return undefined;
		this.#list.add(handle, token, key, sizeExponent, now);
		return this.nextValue();
	}

	private nextValue(): number {
		this.#value = (this.#value + 1) % OBSERVE_MODULUS;
		return this.#value;
	}

	/**
	 * A GET with this token and Observe (RFC 7641, 4.1): with 0 it takes the observation's place, with 1 it ends it.
	 * False: a newer one has overtaken it, to which, under protection, all notifications are bound.
	 */
	handleRequest(token: TokenBearer, observe: number): boolean {
		const index = this.#list.findToken(token);
		if (index < 0) return true;
		this.#list.loadToken(index, this.#token);
		if (token.requestNumber < this.#token.requestNumber) return false;
		this.end(index, observe === 0 ? "replaced" : "deregister");
		return true;
	}

	/** False: that observation is over. */
	notify(now: Instant, handle: number, response: Response): boolean {
		const list = this.#list;
		const index = list.find(Column.handle, handle);
		if (index < 0) return false;
		// RFC 7641, 4.2: an error is the last notification; as a CON it arrives, or its absence is noticed.
		const last = !isSuccess(response.code);
		const overdue = list.isOverdue(index, now, CONFIRMABLE_NOTIFICATION_INTERVAL);
		const underWay = this.#association.exchanges.byHandle(handle);
		const asked = last || overdue || response.confirmable === true || underWay !== undefined;
		const confirmable = asked || this.#association.mustProbe(now);
		const messageId = this.#association.nextMessageId();
		const observe = last ? undefined : this.nextValue();
		list.loadToken(index, this.#token);
		const sizeExponent = list.get(index, Column.sizeExponent);
		this.#reply.setResponse(now, response, this.#token, list.get(index, Column.key), sizeExponent, observe);
		this.#reply.setNotification();
		const bytes = this.#reply.encode(confirmable ? "CON" : "NON", messageId);
		if (bytes === undefined) {
			this.drop(index, handle);
			return false;
		}
		this.withdraw(handle);
		if (underWay !== undefined) underWay.supersede(bytes);
		else if (confirmable) {
			this.#association.exchanges.add(new Exchange(handle, "notification", true, messageId, bytes, MAX_RETRANSMIT));
		} else {
			list.set(index, Column.messageId, messageId);
			this.#unsent.push(new Unsent(handle, bytes));
			this.#association.spend(now, bytes.length);
		}
		if (last) list.remove(index);
		return true;
	}

	/** The peer has a message of this exchange. */
	handleAcknowledged(now: Instant, handle: number): void {
		const index = this.#list.find(Column.handle, handle);
		if (index >= 0) this.#list.confirm(index, now);
	}

	/** The peer does not want, or does not answer, a message of this exchange. False: it is no observation. */
	handleRefused(handle: number, why: "reset" | "timeout"): boolean {
		const index = this.#list.find(Column.handle, handle);
		if (index < 0) return false;
		if (why === "timeout" || !this.#association.doubtsResets || this.#list.isDoubted(index)) this.end(index, why);
		else this.doubt(index);
		return true;
	}

	/** A Reset to a NON notification (RFC 7641, 3.6). False: its Message ID is none of the newest. */
	handleReset(messageId: number): boolean {
		const index = this.#list.find(Column.messageId, messageId);
		if (index < 0) return false;
		if (!this.#association.doubtsResets) this.end(index, "reset");
		else if (!this.#list.isDoubted(index)) this.doubt(index);
		return true;
	}

	/** Is the observation over, or the observer ignorant of our address? */
	private doubt(index: number): void {
		const handle = this.#list.get(index, Column.handle);
		this.#list.doubt(index);
		this.silence(handle);
		this.#association.events.push({ kind: "doubted", exchange: handle });
	}

	/** A Reset to a NON notification that anybody may have written: the next one is a CON, to see whether it is true. */
	handleDoubt(messageId: number): void {
		const index = this.#list.find(Column.messageId, messageId);
		if (index >= 0) this.#list.doubt(index);
	}

	/** Observations stay; a CON notification under way goes out again as a new message. */
	handlePathChanged(): void {
		const { exchanges } = this.#association;
		for (let i = 0; i < exchanges.count; i++) {
			const exchange = exchanges.at(i);
			if (exchange.role !== "notification" || exchange.succeed()) continue;
			exchange.renew(this.#association.nextMessageId());
		}
	}

	/** Ends an observation without a word. */
	cancel(handle: number): void {
		const index = this.#list.find(Column.handle, handle);
		if (index >= 0) this.drop(index, handle);
	}

	pollTransmit(out: Transmit): boolean {
		const unsent = this.#unsent.shift();
		return unsent !== undefined && transmit(unsent.bytes, out);
	}

	private end(index: number, why: "reset" | "deregister" | "timeout" | "replaced"): void {
		const handle = this.#list.get(index, Column.handle);
		this.drop(index, handle);
		this.#association.events.push({ kind: "cancelled", exchange: handle, why });
	}

	private drop(index: number, handle: number): void {
		this.#list.remove(index);
		this.silence(handle);
	}

	/** Nothing that is under way goes out any more. */
	private silence(handle: number): void {
		this.withdraw(handle);
		const exchange = this.#association.exchanges.byHandle(handle);
		if (exchange !== undefined) this.#association.exchanges.remove(exchange);
	}

	private withdraw(handle: number): void {
		const unsent = withHandle(this.#unsent, handle);
		if (unsent !== undefined) removeItem(this.#unsent, unsent);
	}
}
