// What both roles towards one peer share: identifiers, the list of exchanges, the memory of received messages, events.

import type { Instant, Protection, Random } from "../contract.js";
import { limits } from "../limits.js";
import { SIZE_EXPONENT_BERT, sizeExponentOf } from "./blockwise.js";
import { PROBING_BURST, PROBING_RATE, TOKEN_LENGTH } from "./constants.js";
import { Deduplicator } from "./deduplicator.js";
import { Encoder } from "./encoder.js";
import type { EndpointEvent } from "./endpoint.js";
import type { Exchange } from "./exchange.js";
import { Exchanges } from "./exchanges.js";
import { Guard } from "./guard.js";
import type { TokenBearer } from "./token.js";

/** What happened on this path, as counters that only grow. */
export interface DatagramStatistics {
	/** Datagrams handed out, and those of them that repeat a CON. */
	sent: number;
	retransmitted: number;
	received: number;
	/** Received again, and told again what they were told. */
	duplicates: number;
	/** Too short, or of another version: silence. */
	notCoap: number;
	formatErrors: number;
	/** Well-formed messages that the peer should not have sent, or that we cannot serve. */
	rejected: number;
	/** Acknowledgements, Resets and responses to nothing we know. */
	unmatched: number;
	resetsSent: number;
	resetsReceived: number;
	/** Messages that were not protected as they must be. */
	unauthentic: number;
	/** Exchanges of ours that were given up. */
	timeouts: number;
	/** What would have been a NON, and went as a CON because the peer had been silent for too much of it. */
	probes: number;
}

/** Bytes of a message beside its payload, as limits.messageLength leaves them beside a block. */
const OPTIONS_LENGTH = limits.messageLength - limits.blockLength;

/** So many Message IDs before and after the newest are the counter's alone. */
const DRAWN_DISTANCE = 0x1000;

export class Association {
	readonly encoder = new Encoder();
	/** Undefined where messages go as they are. */
	readonly guard: Guard | undefined;
	readonly exchanges: Exchanges;
	readonly deduplicator = new Deduplicator();
	readonly events: EndpointEvent[] = [];
	readonly statistics: DatagramStatistics = {
		sent: 0,
		retransmitted: 0,
		received: 0,
		duplicates: 0,
		notCoap: 0,
		formatErrors: 0,
		rejected: 0,
		unmatched: 0,
		resetsSent: 0,
		resetsReceived: 0,
		unauthentic: 0,
		timeouts: 0,
		probes: 0,
	};
	/** SZX of the largest block that is to be sent to us, or by us. */
	sizeExponentMax: number;
	/** What it is on datagrams. */
	readonly #sizeExponentUsual: number;
	/** Bytes of a message of ours; where that may hold several blocks, they are so long together. */
	messageLengthMax: number = limits.messageLength;
	bertLength = 0;
	/** What the path takes arrives, and in order. */
	isReliable = false;
	/** A notification's Reset may come from a peer that does not know our address. */
	doubtsResets = false;
	#handle = 0;
	#messageId: number;
	#token: number;
	/** When the rate will have made up for all NON that were sent since the peer was last heard. */
	#madeUpAt: Instant = 0;

	constructor(random: Random, sizeExponentMax: number, protection: Protection | undefined) {
		this.guard = protection === undefined ? undefined : new Guard(protection);
		this.sizeExponentMax = sizeExponentMax;
		this.#sizeExponentUsual = sizeExponentMax;
		this.exchanges = new Exchanges(random);
		this.#messageId = random.uint32() & 0xffff;
		this.#token = random.uint32() % 2 ** (8 * TOKEN_LENGTH);
	}

	/**
	 * A message of ours may have so many bytes. Over a connection whose peer understands BERT it holds as many blocks as
	 * it can, and what is no longer than those goes whole (RFC 8323, 6).
	 */
	setMessageLength(lengthMax: number, hasBert: boolean): void {
		this.messageLengthMax = lengthMax;
		this.guard?.setMessageLength(lengthMax);
		this.deduplicator.setAnswerLength(lengthMax);
		this.bertLength = lengthMax - OPTIONS_LENGTH - ((lengthMax - OPTIONS_LENGTH) % limits.blockLength);
		if (hasBert && this.bertLength > limits.blockLength) this.sizeExponentMax = SIZE_EXPONENT_BERT;
		else this.sizeExponentMax = Math.min(this.#sizeExponentUsual, sizeExponentOf(lengthMax - OPTIONS_LENGTH));
	}

	/** A handle for an exchange of either role, not used again within 2^31 - 1 of them. */
	nextHandle(): number {
		this.#handle = this.#handle === 0x7fff_ffff ? 1 : this.#handle + 1;
		return this.#handle;
	}

	/** RFC 7252, 4.4: a counter from a random start does not repeat within EXCHANGE_LIFETIME. */
	nextMessageId(): number {
		this.#messageId = (this.#messageId + 1) & 0xffff;
		return this.#messageId;
	}

	/** A Message ID far from those of the counter: whoever gives it back has seen it. */
	drawMessageId(): number {
		return (this.#messageId + DRAWN_DISTANCE + this.exchanges.draw(0x10000 - 2 * DRAWN_DISTANCE)) & 0xffff;
	}

	/** How many Message IDs were given after this one. */
	countSince(messageId: number): number {
		return (this.#messageId - messageId) & 0xffff;
	}

	/** RFC 7252, 5.3.1 and RFC 9175, 4.2: a counter from a random start, past every token still in use. */
	giveToken(to: TokenBearer): void {
		do {
			this.#token = (this.#token + 1) % 2 ** (8 * TOKEN_LENGTH);
			to.numberToken(this.#token, TOKEN_LENGTH);
		} while (this.exchanges.byToken(to) !== undefined);
	}

	/** Goes on with the identifiers of a former association: the peer may not tell the two apart. */
	succeed(former: Association): void {
		this.#messageId = former.#messageId;
		this.#token = former.#token;
	}

	/** The peer is there. */
	hear(): void {
		this.#madeUpAt = 0;
	}

	/** A NON of so many bytes is sent that the peer did not ask for. */
	spend(now: Instant, length: number): void {
		this.#madeUpAt = Math.max(this.#madeUpAt, now) + (1000 * length) / PROBING_RATE;
	}

	/** RFC 7252, 4.7 and RFC 7641, 4.5.1: true where the next must be a CON, as too many NON drew no sign of life. */
	mustProbe(now: Instant): boolean {
		const silent = this.#madeUpAt > now + (1000 * PROBING_BURST) / PROBING_RATE;
		if (silent) this.statistics.probes++;
		return silent;
	}

	/** Ends an exchange of ours, and tells the owner why. */
	fail(exchange: Exchange, why: "timeout" | "reset" | "path-changed" | "rejected"): void {
		this.exchanges.remove(exchange);
		this.events.push({ kind: "failed", exchange: exchange.handle, why });
	}

	/** Something answers: by an Empty ACK, or else by a Reset. */
	alive(exchange: Exchange, acknowledged: boolean): void {
		this.events.push({ kind: "alive", exchange: exchange.handle, acknowledged });
	}
}
