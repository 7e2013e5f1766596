// Our requests to the peer: sent, matched with their responses (RFC 7252, 5.3), observed (RFC 7641), joined (RFC 7959).

import type { Instant, Token } from "../contract.js";
import { limits } from "../limits.js";
import type { Association } from "./association.js";
import { blockLength, blockMore, blockNumber, blockSizeExponent } from "./blockwise.js";
import { Code, isSuccess } from "./codes.js";
import { BLOCK_RESTART_COUNT, HEADER_LENGTH, MAX_RETRANSMIT, RENEWAL_COUNT } from "./constants.js";
import type { ExchangeFailure, PendingRequest, Request } from "./endpoint.js";
import { Exchange } from "./exchange.js";
import type { DatagramMessage } from "./message.js";
import { NotificationOrder, TIMELESS } from "./observation.js";
import { Option } from "./options.js";
import { RequestExchange } from "./request-exchange.js";
import { UNPROTECTED } from "./token.js";
import { Transfer } from "./transfer.js";
import { Upload, type UploadStep } from "./upload.js";

/** Our side of our own requests. */
export class Requester {
	readonly #association: Association;
	readonly #responseLengthMax: number;

	constructor(association: Association, responseLengthMax: number) {
		this.#association = association;
		this.#responseLengthMax = responseLengthMax;
	}

	/** The handle of a new exchange; 0 at a limit, or where the message would not fit a datagram. */
	request(now: Instant, request: Request): number {
		const { exchanges } = this.#association;
		// RFC 7641, 3.1 and 3.6: registering again and cancelling are told from a new registration by the token.
		const registered = request.observe === undefined ? undefined : this.registration(request);
		if (this.isFull(request.observe === 0 && registered === undefined)) return 0;
		const confirmable = request.confirmable || this.#association.mustProbe(now);
		const exchange = new RequestExchange(this.#association.nextHandle(), request, undefined, confirmable);
		if (registered !== undefined) exchange.takeToken(registered);
		else this.giveToken(exchange, request.token);
		if (!exchange.ask(this.#association, this.tagFor(exchange))) return 0;
		if (!confirmable) this.#association.spend(now, exchange.bytes!.length);
		if (registered !== undefined) this.forget(registered);
		exchanges.add(exchange);
		return exchange.handle;
	}

	private giveToken(exchange: RequestExchange, wanted: Token | undefined): void {
		if (wanted !== undefined) exchange.token = wanted;
		if (wanted === undefined || this.#association.exchanges.byToken(exchange) !== undefined)
			this.#association.giveToken(exchange);
	}

	/** An Empty CON, whose Reset nobody can forge who does not see it. */
	ping(maxRetransmit: number | undefined): number {
		if (this.isFull(false)) return 0;
		const { encoder, exchanges } = this.#association;
		const messageId = this.#association.drawMessageId();
		const bytes = new Uint8Array(HEADER_LENGTH);
		const handle = this.#association.nextHandle();
		const retransmissions = maxRetransmit ?? MAX_RETRANSMIT;
		encoder.target(bytes);
		encoder.begin("CON", Code.Empty, messageId);
		exchanges.add(new Exchange(handle, "ping", true, messageId, bytes, retransmissions));
		return handle;
	}

	/** An observation that was registered before we were started, or from another address of the peer. */
	resume(token: Token, request: Request | undefined, requestNumber: number | undefined): number {
		const { exchanges } = this.#association;
		const exchange = new RequestExchange(this.#association.nextHandle(), request, undefined);
		exchange.token = token;
		exchange.requestNumber = requestNumber ?? UNPROTECTED;
		if (this.isFull(true) || exchanges.byToken(exchange) !== undefined) return 0;
		exchange.delivered = true;
		exchange.open();
		exchanges.add(exchange);
		return exchange.handle;
	}

	/** A request as it is under way now, for `adopt`. */
	pending(handle: number): RequestExchange | undefined {
		const exchange = this.#association.exchanges.byHandle(handle);
		return exchange instanceof RequestExchange ? exchange : undefined;
	}

	/** Begins again with a request that is under way and not acknowledged; it keeps its place before later ones. */
	repeat(handle: number, maxRetransmit = MAX_RETRANSMIT): void {
		const exchange = this.pending(handle);
		if (exchange?.bytes === undefined) return;
		exchange.limit(maxRetransmit);
		exchange.requeue(exchange.messageId, exchange.bytes);
	}

	/** Goes on with a request of another endpoint, or one that was given up here. */
	adopt(now: Instant, pending: PendingRequest, maxRetransmit = MAX_RETRANSMIT): number {
		if (!(pending instanceof RequestExchange) || this.isFull(false)) return 0;
		pending.limit(maxRetransmit);
		pending.handle = this.#association.nextHandle();
		if (pending.bytes === undefined) pending.acknowledge(now);
		else pending.requeue(pending.messageId, pending.bytes);
		this.#association.exchanges.addAgain(pending);
		return pending.handle;
	}

	/** Forgets a request or a ping, or an observation of ours: its next notification meets a Reset. */
	cancel(handle: number): void {
		const exchange = this.#association.exchanges.byHandle(handle);
		if (exchange?.role === "request" || exchange?.role === "ping") this.forget(exchange);
	}

	/**
	 * A response, piggybacked or separate, or a notification. False: no request of ours has its token; undefined: it was
	 * not protected as it must be.
	 */
	handleResponse(now: Instant, message: DatagramMessage): boolean | undefined {
		const exchange = this.#association.exchanges.byToken(message);
		if (!(exchange instanceof RequestExchange)) return false;
		// Its request has the token of an observation and has yet to be sent: the answer will tell what is newer.
		if (exchange.state === "queued") return exchange.request?.observe !== undefined;
		if (exchange.requestNumber !== UNPROTECTED) {
			const opened = this.unseal(now, exchange, message);
			if (opened !== "opened") return opened === "again" ? true : undefined;
		}
		if (message.badOption !== 0) {
			this.#association.statistics.rejected++;
			if (exchange.state !== "open") this.fail(exchange, "rejected");
			return false;
		}
		if (exchange.state === "open") return this.handleNotification(now, exchange, message);
		if (this.echoes(exchange, message)) return true;
		if (exchange.transfer !== undefined) this.handleBlock(now, exchange, message);
		else if (!this.tellsMore(exchange, message)) this.handleFirst(now, exchange, message);
		return true;
	}

	/**
	 * Where the response was not opened, it is asked for once more, or still waited for. RFC 8613, 8.4 and D.4: anybody
	 * can write an answer without protection, so it ends nothing.
	 */
	private unseal(
		now: Instant,
		exchange: RequestExchange,
		message: DatagramMessage,
	): "opened" | "again" | "unauthentic" {
		const result = this.#association.guard?.openResponse(now, message, exchange.requestNumber);
		if (result === undefined) return "opened";
		// Over a connection nothing is repeated by itself, and no other answer follows this one.
		const renews = this.#association.guard!.renews;
		const isFinal = this.#association.isReliable && renews;
		if ((result !== "again" && !isFinal) || exchange.renewals++ >= RENEWAL_COUNT) {
			this.#association.statistics.unauthentic++;
			// Where keys are renewed after some refusals, it takes some repetitions to draw them.
			if (renews) exchange.insist();
			return "unauthentic";
		}
		if (exchange.state !== "open" && !exchange.proceed(this.#association)) this.fail(exchange, "rejected");
		return "again";
	}

	/** RFC 9175, 2.3: a peer that wants to know us reachable and the request fresh gets its Echo back, once. */
	private echoes(exchange: RequestExchange, message: DatagramMessage): boolean {
		if (message.code !== Code.Unauthorized || exchange.echo !== undefined) return false;
		const echo = message.option(Option.Echo);
		if (echo === undefined) return false;
		exchange.echo = new Uint8Array(echo);
		return exchange.proceed(this.#association);
	}

	/** True where the answer is one to a block of our payload, and dealt with; false for a response. */
	private tellsMore(exchange: RequestExchange, message: DatagramMessage): boolean {
		const step = exchange.upload === undefined ? this.takeToWhole(exchange, message) : exchange.upload.take(message);
		if (step === "rejected") this.fail(exchange, "rejected");
		else if (step === "more" || (step === "again" && exchange.restarts++ < BLOCK_RESTART_COUNT)) {
			return exchange.proceed(this.#association);
		}
		return step === "rejected";
	}

	/** What the answer means to a request that went whole: the peer may want it in blocks (RFC 7959, 2.9.3). */
	private takeToWhole(exchange: RequestExchange, message: DatagramMessage): UploadStep {
		const { payload } = exchange.request!;
		if (message.code === Code.Continue) return "rejected";
		const block = message.code === Code.RequestEntityTooLarge ? message.uint(Option.Block1) : undefined;
		if (block === undefined || payload === undefined) return "final";
		const sizeExponent = blockSizeExponent(block);
		if (payload.length <= blockLength(sizeExponent)) return "final";
		exchange.upload = new Upload(payload, sizeExponent, this.#association.bertLength, this.tagFor(exchange));
		return "more";
	}

	/** RFC 9175, 3.3: a transfer that starts while another to the same resource is under way needs a tag of its own. */
	private tagFor(starting: RequestExchange): number | undefined {
		const { exchanges } = this.#association;
		for (let i = 0; i < exchanges.count; i++) {
			const exchange = exchanges.at(i);
			if (exchange === starting || !(exchange instanceof RequestExchange) || !exchange.isTelling) continue;
			if (isSameResource(exchange.request!, starting.request!)) return starting.handle;
		}
		return undefined;
	}

	private handleNotification(now: Instant, exchange: RequestExchange, message: DatagramMessage): boolean {
		const value = isSuccess(message.code) ? message.uint(Option.Observe) : undefined;
		// RFC 8323, 7.1: over a connection the order is that of arrival; what is sealed may be a copy of an older one.
		const isInOrder = this.#association.isReliable && exchange.requestNumber === UNPROTECTED;
		if (value !== undefined && !isInOrder) {
			const at = exchange.requestNumber === UNPROTECTED ? now : TIMELESS;
			exchange.order ??= new NotificationOrder(value - 1, at);
			// RFC 7641, 3.4: an older notification that was overtaken is acknowledged and forgotten.
			if (!exchange.order.accept(value, at)) return true;
		}
		this.dropTransferOf(exchange);
		this.handleFirst(now, exchange, message);
		return true;
	}

	/** A response that continues nothing: whole, or the first of several blocks. */
	private handleFirst(now: Instant, exchange: RequestExchange, message: DatagramMessage): void {
		const { request } = exchange;
		const value = isSuccess(message.code) ? message.uint(Option.Observe) : undefined;
		const observed = value !== undefined && (exchange.state === "open" || request?.observe === 0);
		const block = message.uint(Option.Block2);
		if (block === undefined || (blockNumber(block) === 0 && !blockMore(block))) {
			if (observed) this.open(exchange, value, now);
			this.deliver(now, exchange, message, observed);
			return;
		}
		const transfer = new Transfer(message, this.#responseLengthMax, this.#association.isReliable);
		if (request === undefined || transfer.add(message) !== "more") {
			this.#association.statistics.rejected++;
			if (exchange.state !== "open") this.fail(exchange, "rejected");
			return;
		}
		if (!observed) {
			this.fetch(exchange, transfer);
			return;
		}
		this.open(exchange, value, now);
		const rest: Request = { ...request, observe: undefined };
		const follower = new RequestExchange(this.#association.nextHandle(), rest, exchange);
		follower.upload = exchange.upload;
		this.#association.exchanges.add(follower);
		this.fetch(follower, transfer);
	}

	private handleBlock(now: Instant, exchange: RequestExchange, message: DatagramMessage): void {
		const transfer = exchange.transfer!;
		const step = message.code === Code.RequestEntityIncomplete ? "changed" : transfer.add(message);
		switch (step) {
			case "more":
				this.fetch(exchange, transfer);
				return;
			case "done":
				transfer.finish(message);
				this.deliver(now, exchange, message, false);
				return;
			case "changed":
				// RFC 7959, 2.4: blocks of two representations are not joined; the newer one is fetched from its start.
				if (this.mayRestart(exchange)) this.fetch(exchange, undefined);
				else this.fail(exchange, "rejected");
				return;
			case "rejected":
				if (isSuccess(message.code) || exchange.notified !== undefined) this.fail(exchange, "rejected");
				else this.deliver(now, exchange, message, false);
				return;
			default:
				step satisfies never;
		}
	}

	/** What only asks may be asked again; anything else has been carried out. */
	private mayRestart(exchange: RequestExchange): boolean {
		const { code } = exchange.request!;
		exchange.upload?.restart();
		return (code === Code.Get || code === Code.Fetch) && exchange.restarts++ < BLOCK_RESTART_COUNT;
	}

	private fetch(exchange: RequestExchange, transfer: Transfer | undefined): void {
		exchange.transfer = transfer;
		if (!exchange.askAgain(this.#association)) this.fail(exchange, "rejected");
	}

	private open(exchange: RequestExchange, value: number, now: Instant): void {
		exchange.order ??= new NotificationOrder(value, now);
		exchange.open();
	}

	private deliver(now: Instant, exchange: RequestExchange, message: DatagramMessage, observed: boolean): void {
		if (!observed) this.#association.exchanges.remove(exchange);
		const target = exchange.notified ?? exchange;
		const roundTripMs = target.delivered ? 0 : now - target.startedAt;
		target.delivered = true;
		this.#association.events.push({ kind: "response", exchange: target.handle, message, roundTripMs });
	}

	/** Ends an exchange of ours. What completes a notification fails unseen, unless it was the first one. */
	fail(exchange: Exchange, why: ExchangeFailure): void {
		const { exchanges } = this.#association;
		const notified = exchange instanceof RequestExchange ? exchange.notified : undefined;
		exchanges.remove(exchange);
		if (notified === undefined) this.#association.fail(exchange, why);
		else if (!notified.delivered) this.#association.fail(notified, why);
	}

	/** Open observations stay, what was never sent stays, the rest has failed. */
	handlePathChanged(): void {
		const { exchanges } = this.#association;
		for (let i = exchanges.count - 1; i >= 0; i--) {
			const exchange = exchanges.at(i);
			if (exchange.role !== "request" && exchange.role !== "ping") continue;
			const begun = exchange instanceof RequestExchange && exchange.isPartlyTold;
			if (exchange.state !== "open" && (begun || exchange.state !== "queued")) this.fail(exchange, "path-changed");
		}
	}

	private forget(exchange: Exchange): void {
		if (exchange instanceof RequestExchange) this.dropTransferOf(exchange);
		this.#association.exchanges.remove(exchange);
	}

	private dropTransferOf(notified: RequestExchange): void {
		const { exchanges } = this.#association;
		for (let i = exchanges.count - 1; i >= 0; i--) {
			const exchange = exchanges.at(i);
			if (exchange instanceof RequestExchange && exchange.notified === notified) exchanges.remove(exchange);
		}
	}

	/** Bounded: what is under way or waits for it, and observations besides. */
	private isFull(observing: boolean): boolean {
		const { exchanges } = this.#association;
		let pending = 0;
		let open = observing ? 1 : 0;
		for (let i = 0; i < exchanges.count; i++) {
			const exchange = exchanges.at(i);
			if (exchange.state === "open") open++;
			else if (exchange.role === "request" || exchange.role === "ping") pending++;
		}
		return pending >= limits.requestCount || open > limits.observationCount;
	}

	/** The observation of ours that has the same target. */
	private registration(request: Request): RequestExchange | undefined {
		const { exchanges } = this.#association;
		for (let i = 0; i < exchanges.count; i++) {
			const exchange = exchanges.at(i);
			if (!(exchange instanceof RequestExchange) || exchange.request?.observe !== 0) continue;
			const { accept, code, payload } = exchange.request;
			if (accept !== request.accept || code !== request.code) continue;
			// RFC 8132, 2.1: of a FETCH the payload tells what is asked for, too.
			if (!isSame(payload, request.payload)) continue;
			if (isSameResource(exchange.request, request)) return exchange;
		}
		return undefined;
	}
}

function isSameResource(left: Request, right: Request): boolean {
	return left.path === right.path && left.query.join("&") === right.query.join("&");
}

function isSame(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
	if (left === undefined || right === undefined) return left === right;
	if (left.length !== right.length) return false;
	for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
	return true;
}
