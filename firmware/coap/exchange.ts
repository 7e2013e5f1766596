// A message of ours that awaits something (RFC 7252, 4.2 and 5.3): what to send, when again, and when to give up.

import type { Instant, Random } from "../contract.js";
import { ACK_RANDOM_FACTOR, ACK_TIMEOUT, MAX_RETRANSMIT, RESPONSE_TIMEOUT } from "./constants.js";
import { TokenBearer } from "./token.js";

/** What a message of ours is; the endpoint decides by it what an answer, a Reset or silence means. */
export type ExchangeRole = "request" | "ping" | "response" | "notification";

/**
 * queued: a CON waits until fewer than NSTART are under way. sending: to be handed to pollTransmit.
 * unacknowledged: a CON is out, its retransmission is due at dueAt. waiting: for the response to a request.
 * open: an observation of ours, for which responses may come at any time.
 */
export type ExchangeState = "queued" | "sending" | "unacknowledged" | "waiting" | "open";

const NOT_YET: Instant = -1;
const NOT_REFUSED = -1;

/** One message and its retransmissions. */
export class Exchange extends TokenBearer {
	/** Another one in each endpoint that the exchange goes through. */
	handle: number;
	readonly role: ExchangeRole;
	readonly confirmable: boolean;
	/** It waits for no other CON. */
	readonly urgent: boolean;
	messageId: number;
	/** The whole message; released when it need not be sent again. */
	bytes: Uint8Array | undefined;
	state: ExchangeState = "queued";
	dueAt: Instant = Number.POSITIVE_INFINITY;
	/** When it was first sent; below 0: it was not. */
	startedAt: Instant = NOT_YET;
	/** RFC 7641, 4.5.2: a newer notification, which takes the place of this one at its next retransmission. */
	#newer: Uint8Array | undefined = undefined;
	#timeoutMs = 0;
	#maxRetransmit: number;
	#retransmissions = 0;
	/** How many retransmissions were left when a Reset first came that anybody may have written. */
	#refusedAt = NOT_REFUSED;

	constructor(
		handle: number,
		role: ExchangeRole,
		confirmable: boolean,
		messageId: number,
		bytes: Uint8Array,
		maxRetransmit: number,
		urgent = false,
	) {
		super();
		this.handle = handle;
		this.role = role;
		this.confirmable = confirmable;
		this.urgent = urgent;
		this.messageId = messageId;
		this.bytes = bytes;
		this.#maxRetransmit = maxRetransmit;
	}

	/** The first transmission: draws the initial timeout (RFC 7252, 4.2). */
	begin(now: Instant, random: Random): void {
		this.#timeoutMs = ACK_TIMEOUT * (1 + ((ACK_RANDOM_FACTOR - 1) * random.uint32()) / 2 ** 32);
		this.#retransmissions = this.#maxRetransmit;
		this.#refusedAt = NOT_REFUSED;
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

	/** A Reset came that anybody may have written. True for the second one, where it answers another transmission. */
	refuse(): boolean {
		if (this.#refusedAt === NOT_REFUSED) this.#refusedAt = this.#retransmissions;
		return this.#refusedAt !== this.#retransmissions;
	}

	/** When its repetitions began; Infinity while it waits for its turn. */
	get begunAt(): Instant {
		return this.dueAt === Number.POSITIVE_INFINITY ? this.dueAt : this.startedAt;
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

	/** How often it may be repeated once it begins anew. */
	limit(maxRetransmit: number): void {
		this.#maxRetransmit = maxRetransmit;
	}

	/** Somebody answers, if not as it should be: it is repeated as often as any message. */
	insist(): void {
		this.#retransmissions += Math.max(0, MAX_RETRANSMIT - this.#maxRetransmit);
		this.#maxRetransmit = Math.max(MAX_RETRANSMIT, this.#maxRetransmit);
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
	supersede(bytes: Uint8Array): void {
		this.#newer = bytes;
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
		const newer = this.#newer;
		if (newer === undefined) return;
		this.bytes = newer;
		this.messageId = newer[2]! * 256 + newer[3]!;
		this.#newer = undefined;
	}
}
