// All messages of ours towards one peer that await something, and how many of them may be under way (RFC 7252, 4.7).

import type { Instant, Random, Transmit } from "../contract.js";
import { NSTART } from "./constants.js";
import type { Exchange } from "./exchange.js";
import { removeItem, withHandle } from "./list.js";
import type { TokenBearer } from "./token.js";
import { transmit } from "./transmit.js";

/** Oldest first. */
export class Exchanges {
	readonly #random: Random;
	readonly #all: Exchange[] = [];

	constructor(random: Random) {
		this.#random = random;
	}

	get count(): number {
		return this.#all.length;
	}

	/** A number from 0 to below the given one, which nobody guesses. */
	draw(below: number): number {
		return this.#random.uint32() % below;
	}

	at(index: number): Exchange {
		return this.#all[index]!;
	}

	/** Something is to be sent, or to be waited for, but notifications of what we observe. */
	get isBusy(): boolean {
		const all = this.#all;
		for (let i = 0; i < all.length; i++) if (all[i]!.state !== "open") return true;
		return false;
	}

	add(exchange: Exchange): void {
		this.#all.push(exchange);
	}

	/** What was sent before goes ahead of all that was not. */
	addAgain(exchange: Exchange): void {
		const all = this.#all;
		let place = 0;
		while (place < all.length && (all[place]!.startedAt >= 0 || all[place]!.state !== "queued")) place++;
		all.splice(place, 0, exchange);
	}

	remove(exchange: Exchange): void {
		removeItem(this.#all, exchange);
	}

	/** The exchange that a received ACK or RST speaks of; what was never sent, or is answered, is not meant. */
	byMessageId(messageId: number): Exchange | undefined {
		const all = this.#all;
		for (let i = 0; i < all.length; i++) {
			const exchange = all[i]!;
			if (exchange.messageId === messageId && exchange.state !== "queued" && exchange.state !== "open") {
				return exchange;
			}
		}
		return undefined;
	}

	byHandle(handle: number): Exchange | undefined {
		return withHandle(this.#all, handle);
	}

	/** The request of ours that has the same token, other than the bearer itself. */
	byToken(of: TokenBearer): Exchange | undefined {
		const all = this.#all;
		for (let i = 0; i < all.length; i++) {
			const exchange = all[i]!;
			if (exchange.role === "request" && exchange !== of && exchange.hasTokenOf(of)) return exchange;
		}
		return undefined;
	}

	/**
	 * Begins what may begin: every NON, and CON up to NSTART. Call it after each input. RFC 7252, 4.7 limits against
	 * congestion, which an urgent CON, one small datagram per check of the way, does not make.
	 */
	promote(now: Instant): void {
		const all = this.#all;
		let underWay = 0;
		for (let i = 0; i < all.length; i++) {
			const { confirmable, state } = all[i]!;
			if (confirmable && (state === "sending" || state === "unacknowledged")) underWay++;
		}
		for (let i = 0; i < all.length; i++) {
			const exchange = all[i]!;
			if (exchange.state !== "queued") continue;
			if (exchange.confirmable && !exchange.urgent && underWay >= NSTART) continue;
			if (exchange.confirmable) underWay++;
			exchange.begin(now, this.#random);
		}
	}

	/** The first exchange that is due; it is for the caller to retransmit it or to give it up. */
	due(now: Instant): Exchange | undefined {
		const all = this.#all;
		for (let i = 0; i < all.length; i++) if (all[i]!.dueAt <= now) return all[i];
		return undefined;
	}

	/** The earliest deadline. */
	nextAt(): Instant {
		const all = this.#all;
		let at = Number.POSITIVE_INFINITY;
		for (let i = 0; i < all.length; i++) if (all[i]!.dueAt < at) at = all[i]!.dueAt;
		return at;
	}

	pollTransmit(out: Transmit): boolean {
		const all = this.#all;
		for (let i = 0; i < all.length; i++) {
			const exchange = all[i]!;
			if (exchange.state !== "sending") continue;
			exchange.state = exchange.confirmable ? "unacknowledged" : "waiting";
			return transmit(exchange.bytes!, out);
		}
		return false;
	}
}
