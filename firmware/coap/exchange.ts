// Messages of ours that await something (RFC 7252, 4.2, 4.7 and 5.3): what to send, when again, and when to give up.

import type { Instant, Random, Transmit } from "../contract.js";
import { ACK_RANDOM_FACTOR, ACK_TIMEOUT, NSTART, RESPONSE_TIMEOUT } from "./constants.js";
import { TokenBearer } from "./token.js";

/** What a message of ours is; the endpoint decides by it what an answer, a Reset or silence means. */
export type ExchangeRole = "request" | "ping" | "response" | "notification";

/**
 * queued: a CON waits until fewer than NSTART are under way. sending: to be handed to pollTransmit.
 * unacknowledged: a CON is out, its retransmission is due at dueAt. waiting: for the response to a request.
 * open: an observation of ours, for which responses may come at any time.
 */
export type ExchangeState = "queued" | "sending" | "unacknowledged" | "waiting" | "open";

/** One message and its retransmissions. */
export class Exchange extends TokenBearer {
	readonly handle: number;
	readonly role: ExchangeRole;
	readonly confirmable: boolean;
	messageId: number;
	/** The whole message; released when it need not be sent again. */
	bytes: Uint8Array | undefined;
	state: ExchangeState = "queued";
	dueAt: Instant = Number.POSITIVE_INFINITY;
	startedAt: Instant = 0;
	/** RFC 7641, 4.5.2: a newer notification, which takes the place of this one at its next retransmission. */
	#newer: Uint8Array | undefined = undefined;
	#newerMessageId = 0;
	#timeoutMs = 0;
	readonly #maxRetransmit: number;
	#retransmissions = 0;

	constructor(
		handle: number,
		role: ExchangeRole,
		confirmable: boolean,
		messageId: number,
		bytes: Uint8Array,
		maxRetransmit: number,
	) {
		super();
		this.handle = handle;
		this.role = role;
		this.confirmable = confirmable;
		this.messageId = messageId;
		this.bytes = bytes;
		this.#maxRetransmit = maxRetransmit;
	}

	/** The first transmission: draws the initial timeout (RFC 7252, 4.2). */
	begin(now: Instant, random: Random): void {
		this.#timeoutMs = ACK_TIMEOUT * (1 + ((ACK_RANDOM_FACTOR - 1) * random.uint32()) / 2 ** 32);
		this.#retransmissions = this.#maxRetransmit;
		this.state = "sending";
		this.dueAt = now + (this.confirmable ? this.#timeoutMs : RESPONSE_TIMEOUT);
		this.startedAt = now;
	}

	/** What is due: another transmission (true), or nothing more (false). */
	retransmit(now: Instant): boolean {
		if (this.bytes === undefined || !this.confirmable || this.#retransmissions === 0) return false;
		this.adoptNewer();
		this.#retransmissions--;
		this.#timeoutMs *= 2;
		this.state = "sending";
		this.dueAt = now + this.#timeoutMs;
		return true;
	}

	/** The peer has it: what remains is to wait for the response. */
	acknowledge(now: Instant): void {
		this.bytes = undefined;
		this.state = "waiting";
		this.dueAt = now + RESPONSE_TIMEOUT;
	}

	/** An observation of ours was accepted: nothing is due any more. */
	open(): void {
		this.bytes = undefined;
		this.state = "open";
		this.dueAt = Number.POSITIVE_INFINITY;
	}

	/** The same message with another Message ID, to be sent as a new one. */
	renew(messageId: number): void {
		const bytes = this.bytes!;
		bytes[2] = messageId >> 8;
		bytes[3] = messageId & 0xff;
		this.requeue(messageId, bytes);
	}

	/** Another message in the same exchange, to be sent when its turn comes. */
	requeue(messageId: number, bytes: Uint8Array): void {
		this.messageId = messageId;
		this.bytes = bytes;
		this.state = "queued";
		this.dueAt = Number.POSITIVE_INFINITY;
	}

	/** Takes a newer notification: at once where the older was never sent, else at the next retransmission. */
	supersede(messageId: number, bytes: Uint8Array): void {
		this.#newer = bytes;
		this.#newerMessageId = messageId;
		if (this.state === "queued") this.adoptNewer();
	}

	/** True when a newer notification waits behind this one, which then takes its place as a new message. */
	succeed(): boolean {
		if (this.#newer === undefined) return false;
		this.adoptNewer();
		this.requeue(this.messageId, this.bytes!);
		return true;
	}

	private adoptNewer(): void {
		if (this.#newer === undefined) return;
		this.bytes = this.#newer;
		this.messageId = this.#newerMessageId;
		this.#newer = undefined;
	}
}

/** All exchanges of ours towards one peer, oldest first. At most NSTART of the CON among them are under way. */
export class Exchanges {
	readonly #random: Random;
	readonly #all: Exchange[] = [];

	constructor(random: Random) {
		this.#random = random;
	}

	get count(): number {
		return this.#all.length;
	}

	at(index: number): Exchange {
		return this.#all[index]!;
	}

	add(exchange: Exchange): void {
		this.#all.push(exchange);
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

	/** Begins what may begin: every NON, and CON up to NSTART (RFC 7252, 4.7). Call it after each input. */
	promote(now: Instant): void {
		const all = this.#all;
		let underWay = 0;
		for (let i = 0; i < all.length; i++) {
			const { confirmable, state } = all[i]!;
			if (confirmable && (state === "sending" || state === "unacknowledged")) underWay++;
		}
		for (let i = 0; i < all.length; i++) {
			const exchange = all[i]!;
			if (exchange.state !== "queued" || (exchange.confirmable && underWay >= NSTART)) continue;
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

/** Hands a message to the drainer, whose buffer must hold limits.messageLength. */
export function transmit(bytes: Uint8Array, out: Transmit): boolean {
	out.bytes.set(bytes);
	out.length = bytes.length;
	return true;
}

/** The item of a list that has this handle. */
export function withHandle<T extends { readonly handle: number }>(list: readonly T[], handle: number): T | undefined {
	for (let i = 0; i < list.length; i++) if (list[i]!.handle === handle) return list[i];
	return undefined;
}

/** Takes an item out of a list in place. */
export function removeItem<T>(list: T[], item: T): void {
	const index = list.indexOf(item);
	if (index < 0) return;
	list.copyWithin(index, index + 1);
	list.pop();
}
