// CoAP over datagrams (RFC 7252, 7641, 7959, 7967, 8132) towards one peer, both roles on one path.

import type { Instant, Protection, Random, Token, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import { Association, type DatagramStatistics } from "./association.js";
import { sizeExponentOf } from "./blockwise.js";
import { Code, isRequest, isResponse } from "./codes.js";
import type { EndpointEvent, PendingRequest, Request, Response, ResumableEndpoint } from "./endpoint.js";
import type { Exchange } from "./exchange.js";
import { DatagramMessage, messageIdOf, typeOf } from "./message.js";
import { Requester } from "./requester.js";
import { Responder } from "./responder.js";
import { transmitEmpty } from "./transmit.js";

export type { DatagramStatistics } from "./association.js";

export interface DatagramOptions {
	readonly random: Random;
	/** Bytes of a response joined from blocks; a larger one fails as "rejected". limits.responseLength if not given. */
	readonly responseLengthMax?: number;
	/** Payload bytes of one block on this path, a power of two from 16 on; limits.blockLength if not given. */
	readonly blockLengthMax?: number;
	/**
	 * True where the application judges If-Match and If-None-Match itself. If not, as on a device, which has no
	 * entity-tags and creates nothing by a request to its own path, only an If-Match of whatever exists is met.
	 */
	readonly conditional?: boolean;
	/** True: what a notification's Reset means is asked by the next one, a CON, whose Reset ends the observation. */
	readonly doubtsResets?: boolean;
	/** Where it is given, nothing else than what it protects is said or believed but Empty messages. */
	readonly protection?: Protection | undefined;
}

const UNKNOWN: Instant = Number.NEGATIVE_INFINITY;

/**
 * The CoAP state towards one peer; it outlives its path. What it is given in a Request or Response (strings, query,
 * payload) it keeps until the exchange ends, or a large payload until its blocks were fetched: do not change it.
 */
export class DatagramEndpoint implements ResumableEndpoint {
	readonly #association: Association;
	readonly #requester: Requester;
	readonly #responder: Responder;
	readonly #message = new DatagramMessage();
	/** The Message ID to be reset, of a message that is not remembered; -1 for none. */
	#resetId = -1;
	/** The earliest deadline; sought when it is asked for, which is once for several inputs. */
	#timeoutAt: Instant = Number.POSITIVE_INFINITY;

	constructor(options: DatagramOptions) {
		const sizeExponentMax = sizeExponentOf(options.blockLengthMax ?? limits.blockLength);
		this.#association = new Association(options.random, sizeExponentMax, options.protection);
		this.#requester = new Requester(this.#association, options.responseLengthMax ?? limits.responseLength);
		this.#association.doubtsResets = options.doubtsResets ?? false;
		this.#responder = new Responder(this.#association, options.conditional ?? false);
	}

	/** What the path takes arrives, and in order (RFC 8323, 2): nothing needs to be acknowledged or put in order. */
	get isReliable(): boolean {
		return this.#association.isReliable;
	}

	set isReliable(isReliable: boolean) {
		this.#association.isReliable = isReliable;
	}

	/** What a message of ours may be long, and whether it may hold several blocks: see Association. */
	setMessageLength(lengthMax: number, hasBert: boolean): void {
		this.#association.setMessageLength(lengthMax, hasBert);
	}

	get statistics(): Readonly<DatagramStatistics> {
		return this.#association.statistics;
	}

	get isBusy(): boolean {
		return this.#association.exchanges.isBusy || this.#responder.isBusy;
	}

	handleReceived(now: Instant, bytes: Uint8Array): void {
		const { statistics } = this.#association;
		const message = this.#message;
		statistics.received++;
		this.#responder.release();
		const decoded = message.decode(bytes);
		if (decoded === "not-coap") statistics.notCoap++;
		else if (decoded === "format-error") {
			statistics.formatErrors++;
			// RFC 7252, 4.2 and 4.3: only a CON must be told; an ACK or RST must not, and a NON need not.
			if (message.type === "CON") this.#resetId = message.messageId;
		} else {
			this.#association.hear();
			if (message.type === "ACK") this.handleAcknowledgement(now, message);
			else if (message.type === "RST") this.handleReset(message);
			else this.handleMessage(now, message);
		}
		this.settle(now);
	}

	/** A CON or NON. */
	private handleMessage(now: Instant, message: DatagramMessage): void {
		const { statistics, deduplicator } = this.#association;
		const { code, messageId } = message;
		const confirmable = message.type === "CON";
		if (code === Code.Empty || !(isRequest(code) || isResponse(code))) {
			// RFC 7252, 4.2 and 4.3: a Reset answers a ping, and rejects what has no meaning.
			if (confirmable) this.#resetId = messageId;
			if (code !== Code.Empty || !confirmable) statistics.rejected++;
		} else if (deduplicator.handleRepeated(now, messageId, message.identity)) statistics.duplicates++;
		else if (isRequest(code)) this.#responder.handleRequest(now, message);
		else {
			const { identity } = message;
			const isMatched = this.#requester.handleResponse(now, message);
			// Anybody may have written it: the true one with the same Message ID is yet to come.
			if (isMatched === undefined) return;
			deduplicator.add(now, messageId, confirmable, identity);
			if (!isMatched) {
				statistics.unmatched++;
				deduplicator.reject(messageId);
			} else if (confirmable) deduplicator.acknowledge(messageId);
		}
	}

	private handleAcknowledgement(now: Instant, message: DatagramMessage): void {
		const exchange = this.#association.exchanges.byMessageId(message.messageId);
		const piggybacked = isResponse(message.code);
		if (exchange === undefined || !exchange.confirmable || (!piggybacked && message.code !== Code.Empty)) {
			this.#association.statistics.unmatched++;
		} else if (piggybacked) {
			// RFC 7252, 5.3.2: Message ID and token must both match.
			const matches = exchange.role === "request" && exchange.hasTokenOf(message);
			if (!matches || this.#requester.handleResponse(now, message) === false) this.#association.statistics.unmatched++;
		} else if (exchange.role === "request") {
			if (exchange.state !== "waiting") this.#association.alive(exchange, true);
			exchange.acknowledge(now);
		} else if (exchange.role === "ping") {
			// RFC 7252, 4.3 wants a Reset, but widespread clients answer a ping by an Empty ACK.
			this.#association.exchanges.remove(exchange);
			this.#association.alive(exchange, true);
		} else {
			this.#responder.handleAcknowledged(now, exchange);
			this.#association.alive(exchange, true);
		}
	}

	private handleReset(message: DatagramMessage): void {
		const { guard, statistics, exchanges } = this.#association;
		const exchange = exchanges.byMessageId(message.messageId);
		statistics.resetsReceived++;
		if (message.code !== Code.Empty) statistics.rejected++;
		else if (guard !== undefined && exchange?.role !== "ping") this.handleDoubtful(message.messageId, exchange);
		else if (exchange === undefined) {
			if (!this.#responder.handleReset(message.messageId)) statistics.unmatched++;
		} else if (exchange.role === "request") this.#requester.fail(exchange, "reset");
		else if (exchange.role === "ping") {
			exchanges.remove(exchange);
			this.#association.alive(exchange, false);
		} else this.#responder.handleRefused(exchange, "reset");
	}

	/**
	 * Anybody can write a Reset: what is protected is ended by silence, not by that. But a notification or a separate
	 * response that meets one at two of its transmissions counts as unanswered: to go on would only hold up others.
	 */
	private handleDoubtful(messageId: number, exchange: Exchange | undefined): void {
		this.#association.statistics.unauthentic++;
		if (exchange === undefined) this.#responder.handleDoubt(messageId);
		else if (exchange.role !== "request" && exchange.refuse()) this.#responder.handleRefused(exchange, "timeout");
	}

	handleTimeout(now: Instant): void {
		const { statistics, exchanges } = this.#association;
		for (let exchange = exchanges.due(now); exchange !== undefined; exchange = exchanges.due(now)) {
			if (exchange.retransmit(now)) {
				statistics.retransmitted++;
				continue;
			}
			statistics.timeouts++;
			if (exchange.role === "request" || exchange.role === "ping") this.#requester.fail(exchange, "timeout");
			else this.#responder.handleRefused(exchange, "timeout");
		}
		this.#responder.handleTimeout(now);
		this.settle(now);
	}

	handlePathChanged(now: Instant): void {
		this.#association.deduplicator.handlePathChanged();
		this.#resetId = -1;
		this.#requester.handlePathChanged();
		this.#responder.handlePathChanged();
		this.settle(now);
	}

	/** With Observe, what is observed already keeps its token, and its exchange gives way to this one without a word. */
	request(now: Instant, request: Request): number {
		const exchange = this.#requester.request(now, request);
		this.settle(now);
		return exchange;
	}

	ping(now: Instant, maxRetransmit: number | undefined): number {
		const exchange = this.#requester.ping(maxRetransmit);
		this.settle(now);
		return exchange;
	}

	resume(_now: Instant, token: Token, request?: Request, requestNumber?: number): number {
		return this.#requester.resume(token, request, requestNumber);
	}

	pending(exchange: number): PendingRequest | undefined {
		return this.#requester.pending(exchange);
	}

	repeat(now: Instant, exchange: number, maxRetransmit?: number): void {
		this.#requester.repeat(exchange, maxRetransmit);
		this.settle(now);
	}

	adopt(now: Instant, pending: PendingRequest, maxRetransmit?: number): number {
		const exchange = this.#requester.adopt(now, pending, maxRetransmit);
		this.settle(now);
		return exchange;
	}

	/** How many messages of ours were made after a request: a peer that remembers no more of them has forgotten it. */
	countSince(pending: PendingRequest): number {
		return this.#association.countSince(pending.messageId);
	}

	/** Goes on with the identifiers of a former endpoint: the peer may not tell the two apart. */
	succeed(former: DatagramEndpoint): void {
		this.#association.succeed(former.#association);
	}

	respond(now: Instant, exchange: number, response: Response): boolean {
		const answered = this.#responder.respond(now, exchange, response);
		this.settle(now);
		return answered;
	}

	cancel(now: Instant, exchange: number): void {
		this.#requester.cancel(exchange);
		this.#responder.cancel(exchange);
		this.settle(now);
	}

	/** After each input: whatever may begin begins, and there may be another deadline. */
	private settle(now: Instant): void {
		this.#association.exchanges.promote(now);
		this.#timeoutAt = UNKNOWN;
	}

	/** The field that the contract asks for, brought up to date once after each drain. */
	pollTimeout(): Instant {
		if (this.#timeoutAt === UNKNOWN) {
			// The last look of a drain: the bytes of the request are borrowed no longer than that.
			this.#responder.release();
			this.#timeoutAt = Math.min(this.#association.exchanges.nextAt(), this.#responder.nextAt());
		}
		return this.#timeoutAt;
	}

	pollTransmit(now: Instant, out: Transmit): boolean {
		if (!this.transmitNext(out)) return false;
		this.#association.statistics.sent++;
		if (this.isReliable && typeOf(out.bytes) === "CON") this.confirm(now, messageIdOf(out.bytes));
		return true;
	}

	/** What left is as good as acknowledged; a ping alone waits for its answer. */
	private confirm(now: Instant, messageId: number): void {
		const exchange = this.#association.exchanges.byMessageId(messageId);
		if (exchange === undefined || exchange.role === "ping") return;
		if (exchange.role === "request") exchange.acknowledge(now);
		else this.#responder.handleAcknowledged(now, exchange);
		this.settle(now);
	}

	/** What the peer waits for goes first, what it does not know of last. */
	private transmitNext(out: Transmit): boolean {
		const { deduplicator, exchanges, statistics } = this.#association;
		if (this.#resetId >= 0) {
			const messageId = this.#resetId;
			this.#resetId = -1;
			statistics.resetsSent++;
			return transmitEmpty("RST", messageId, out);
		}
		return deduplicator.pollTransmit(out) || exchanges.pollTransmit(out) || this.#responder.pollTransmit(out);
	}

	pollEvent(): EndpointEvent | undefined {
		return this.#association.events.shift();
	}
}
