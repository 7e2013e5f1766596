// The peer's requests: checked, given to the application, answered at once or later, observed, served in blocks.

import type { Instant, Token, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import type { Association } from "./association.js";
import {
	blockLength,
	blockNumber,
	blockSizeExponent,
	Representation,
	SIZE_EXPONENT_MAX,
	SIZE_EXPONENT_RESERVED,
} from "./blockwise.js";
import { Code, isSuccess } from "./codes.js";
import { ACK_DELAY, CONFIRMABLE_NOTIFICATION_INTERVAL, EXCHANGE_LIFETIME, MAX_RETRANSMIT } from "./constants.js";
import type { Response } from "./endpoint.js";
import { Exchange, removeItem, transmit, withHandle } from "./exchange.js";
import type { DatagramMessage, MessageType } from "./message.js";
import { Observation } from "./observation.js";
import { Option } from "./options.js";
import { Reply } from "./reply.js";

/** A request of the peer that waits for our answer; its handle is 0 while it is free for the next one. */
class Serving {
	handle = 0;
	messageId = 0;
	token: Token = "";
	confirmable = false;
	/** It asks to be registered as an observer. */
	observe = false;
	key = 0;
	sizeExponent = 0;
	/** When the Empty ACK goes that promises a separate response; Infinity for a NON and once it went. */
	ackAt: Instant = Number.POSITIVE_INFINITY;
	/** When the peer has given up. */
	expiresAt: Instant = Number.POSITIVE_INFINITY;

	begin(now: Instant, handle: number, message: DatagramMessage, observe: boolean, sizeExponent: number): void {
		this.handle = handle;
		this.messageId = message.messageId;
		this.token = message.token;
		this.confirmable = message.type === "CON";
		this.observe = observe;
		this.key = message.cacheKey();
		this.sizeExponent = sizeExponent;
		this.ackAt = this.confirmable ? now + ACK_DELAY : Number.POSITIVE_INFINITY;
		this.expiresAt = now + EXCHANGE_LIFETIME;
	}

	end(): void {
		this.handle = 0;
		this.token = "";
		this.ackAt = Number.POSITIVE_INFINITY;
		this.expiresAt = Number.POSITIVE_INFINITY;
	}
}

export class Responder {
	readonly #association: Association;
	/** As many as were ever needed at once, used again and again. */
	readonly #serving: Serving[] = [];
	readonly #observations: Observation[] = [];
	readonly #reply = new Reply();
	/** The large response whose blocks the peer may fetch: one, so that memory is bounded. */
	#representation: Representation | undefined = undefined;
	/** RFC 7641, 4.4: one counter for all observations rises within each of them. */
	#observeValue = 0;
	#unsentCount = 0;

	constructor(association: Association) {
		this.#association = association;
	}

	/** A request that came for the first time. */
	handleRequest(now: Instant, message: DatagramMessage): void {
		const { statistics, deduplicator } = this.#association;
		const confirmable = message.type === "CON";
		deduplicator.add(now, message.messageId, confirmable);
		const bad = message.badOption();
		if (bad !== 0) {
			const proxy = bad === Option.ProxyUri || bad === Option.ProxyScheme;
			statistics.rejected++;
			// RFC 7252, 5.4.1 and 5.10.2: a CON is told why, a NON is rejected.
			if (confirmable) this.#answer(now, message, proxy ? Code.ProxyingNotSupported : Code.BadOption);
			else deduplicator.reject(message.messageId);
			return;
		}
		const block = message.uint(Option.Block2) ?? SIZE_EXPONENT_MAX;
		const sizeExponent = blockSizeExponent(block);
		if (sizeExponent === SIZE_EXPONENT_RESERVED) this.#answer(now, message, Code.BadRequest);
		else if (blockNumber(block) > 0) this.#serveBlock(now, message, blockNumber(block), sizeExponent);
		else this.#open(now, message, sizeExponent);
	}

	/** Gives the request to the application. */
	#open(now: Instant, message: DatagramMessage, sizeExponent: number): void {
		const { code, token } = message;
		const observe = code === Code.Get || code === Code.Fetch ? message.uint(Option.Observe) : undefined;
		const registered = observe === undefined ? undefined : this.#observer(token);
		if (registered !== undefined) this.#end(registered, observe === 0 ? "replaced" : "deregister");
		let serving = withHandle(this.#serving, 0);
		if (serving === undefined) {
			if (this.#serving.length >= limits.serveCount) {
				this.#association.statistics.rejected++;
				this.#answer(now, message, Code.ServiceUnavailable);
				return;
			}
			serving = new Serving();
			this.#serving.push(serving);
		}
		const handle = this.#association.nextHandle();
		serving.begin(now, handle, message, observe === 0, sizeExponent);
		this.#association.events.push({ kind: "request", exchange: handle, message });
	}

	/** RFC 7959, 2.4: later blocks come from the representation that the first one was cut from. */
	#serveBlock(now: Instant, message: DatagramMessage, number: number, sizeExponent: number): void {
		const representation = this.#representation;
		if (representation?.key !== message.cacheKey()) {
			this.#answer(now, message, Code.RequestEntityIncomplete);
			return;
		}
		if (number * blockLength(sizeExponent) >= representation.payload.length) {
			this.#answer(now, message, Code.BadRequest);
			return;
		}
		representation.expiresAt = now + EXCHANGE_LIFETIME;
		this.#reply.setBlock(representation, number, sizeExponent, message.token, undefined);
		this.#send(now, message.messageId, message.type === "CON");
	}

	/** Answers without the application. */
	#answer(now: Instant, message: DatagramMessage, code: number): void {
		this.#reply.setCode(code, message.token);
		this.#send(now, message.messageId, message.type === "CON");
	}

	/** Sends the reply to a request that was not acknowledged yet, and remembers it with the request. */
	#send(now: Instant, messageId: number, confirmable: boolean): void {
		const { encoder, deduplicator } = this.#association;
		const type = confirmable ? "ACK" : "NON";
		const replyId = confirmable ? messageId : this.#association.nextMessageId();
		this.#reply.write(encoder, undefined, type, replyId);
		const bytes = deduplicator.answer(now, messageId, confirmable, encoder.length);
		this.#reply.write(encoder, bytes, type, replyId);
		this.#reply.clear();
	}

	/** The reply as a message of its own. */
	#encode(type: MessageType, messageId: number): Uint8Array {
		const { encoder } = this.#association;
		this.#reply.write(encoder, undefined, type, messageId);
		const bytes = new Uint8Array(encoder.length);
		this.#reply.write(encoder, bytes, type, messageId);
		this.#reply.clear();
		return bytes;
	}

	/** Answers a request, or notifies an observer. False: that exchange is gone. */
	respond(now: Instant, handle: number, response: Response): boolean {
		if (handle === 0) return false;
		const serving = withHandle(this.#serving, handle);
		if (serving === undefined) return this.#notify(now, handle, response);
		const { token, key, sizeExponent, messageId, confirmable } = serving;
		const acknowledged =
			serving.ackAt === Number.POSITIVE_INFINITY || !this.#association.deduplicator.isOpen(messageId);
		const accepted =
			serving.observe &&
			response.observe === true &&
			isSuccess(response.code) &&
			this.#observations.length < limits.observationCount;
		if (accepted) this.#observations.push(new Observation(handle, token, key, sizeExponent, now));
		this.#compose(now, response, token, key, sizeExponent, accepted);
		serving.end();
		if (!confirmable || !acknowledged) {
			this.#send(now, messageId, confirmable);
			return true;
		}
		const separateId = this.#association.nextMessageId();
		const bytes = this.#encode("CON", separateId);
		const exchange = new Exchange(handle, "response", true, separateId, token, bytes, MAX_RETRANSMIT);
		this.#association.exchanges.add(exchange);
		return true;
	}

	#notify(now: Instant, handle: number, response: Response): boolean {
		const observation = withHandle(this.#observations, handle);
		if (observation === undefined) return false;
		const { token, key, sizeExponent } = observation;
		// RFC 7641, 4.2: an error is the last notification; as a CON it arrives, or its absence is noticed.
		const last = !isSuccess(response.code);
		this.#compose(now, response, token, key, sizeExponent, !last);
		const underWay = this.#association.exchanges.byHandle(handle);
		const overdue = now - observation.confirmedAt >= CONFIRMABLE_NOTIFICATION_INTERVAL;
		const confirmable = last || overdue || response.confirmable === true || underWay !== undefined;
		const messageId = this.#association.nextMessageId();
		const bytes = this.#encode(confirmable ? "CON" : "NON", messageId);
		this.#withdraw(observation);
		observation.messageId = messageId;
		if (underWay !== undefined) underWay.supersede(messageId, bytes);
		else if (confirmable) {
			const exchange = new Exchange(handle, "notification", true, messageId, token, bytes, MAX_RETRANSMIT);
			this.#association.exchanges.add(exchange);
		} else {
			observation.unsent = bytes;
			this.#unsentCount++;
		}
		if (last) removeItem(this.#observations, observation);
		return true;
	}

	/** Prepares the reply; cuts what is larger than a block, and keeps it for the peer to fetch. */
	#compose(now: Instant, response: Response, token: Token, key: number, sizeExponent: number, observed: boolean): void {
		const observe = observed ? this.#nextObserveValue() : undefined;
		const length = response.payload?.length ?? 0;
		if (this.#representation?.key === key) this.#representation = undefined;
		if (length > limits.responseLength) this.#reply.setCode(Code.InternalServerError, token);
		else if (length <= blockLength(sizeExponent)) this.#reply.setResponse(response, token, observe);
		else {
			const { code, contentFormat } = response;
			this.#representation = new Representation(key, code, contentFormat, response.payload!, now);
			this.#reply.setBlock(this.#representation, 0, sizeExponent, token, observe);
		}
	}

	#nextObserveValue(): number {
		this.#observeValue = (this.#observeValue + 1) & 0xff_ffff;
		return this.#observeValue;
	}

	/** Forgets a request without an answer, or an observation without a word. */
	cancel(handle: number): void {
		withHandle(this.#serving, handle)?.end();
		const observation = withHandle(this.#observations, handle);
		if (observation !== undefined) this.#drop(observation);
	}

	/** The peer has a notification or a separate response of ours. */
	handleAcknowledged(now: Instant, exchange: Exchange): void {
		const observation = withHandle(this.#observations, exchange.handle);
		if (observation !== undefined) observation.confirmedAt = now;
		if (!exchange.succeed()) this.#association.exchanges.remove(exchange);
		this.#association.alive(exchange);
	}

	/** The peer does not want, or does not answer, a notification or a separate response of ours. */
	handleRefused(exchange: Exchange, why: "reset" | "timeout"): void {
		const observation = withHandle(this.#observations, exchange.handle);
		if (observation !== undefined) this.#end(observation, why);
		else this.#association.fail(exchange, why);
	}

	/** A Reset to a NON notification (RFC 7641, 3.6). False: its Message ID is none of the newest. */
	handleReset(messageId: number): boolean {
		const observations = this.#observations;
		for (let i = 0; i < observations.length; i++) {
			const observation = observations[i]!;
			if (observation.messageId !== messageId) continue;
			this.#end(observation, "reset");
			return true;
		}
		return false;
	}

	handleTimeout(now: Instant): void {
		const serving = this.#serving;
		for (let i = 0; i < serving.length; i++) {
			const each = serving[i]!;
			if (each.ackAt <= now) {
				each.ackAt = Number.POSITIVE_INFINITY;
				// A repetition of the request may have drawn the Empty ACK before.
				if (this.#association.deduplicator.isOpen(each.messageId)) {
					this.#association.deduplicator.acknowledge(each.messageId);
				}
			}
			if (each.expiresAt <= now) each.end();
		}
		if (this.#representation !== undefined && this.#representation.expiresAt <= now) this.#representation = undefined;
	}

	/** The earliest deadline. */
	nextAt(): Instant {
		const serving = this.#serving;
		let at = this.#representation?.expiresAt ?? Number.POSITIVE_INFINITY;
		for (let i = 0; i < serving.length; i++) at = Math.min(at, serving[i]!.ackAt, serving[i]!.expiresAt);
		return at;
	}

	/** Observations stay; a CON notification under way goes out again as a new message. */
	handlePathChanged(): void {
		const { exchanges } = this.#association;
		this.#representation = undefined;
		for (let i = exchanges.count - 1; i >= 0; i--) {
			const exchange = exchanges.at(i);
			if (exchange.role === "response") exchanges.remove(exchange);
			if (exchange.role !== "notification" || exchange.state === "queued" || exchange.succeed()) continue;
			const messageId = this.#association.nextMessageId();
			exchange.bytes![2] = messageId >> 8;
			exchange.bytes![3] = messageId & 0xff;
			exchange.requeue(messageId, exchange.bytes!);
			const observation = withHandle(this.#observations, exchange.handle);
			if (observation !== undefined) observation.messageId = messageId;
		}
	}

	pollTransmit(out: Transmit): boolean {
		if (this.#unsentCount === 0) return false;
		const observations = this.#observations;
		for (let i = 0; i < observations.length; i++) {
			const bytes = observations[i]!.unsent;
			if (bytes === undefined) continue;
			this.#withdraw(observations[i]!);
			return transmit(bytes, out);
		}
		return false;
	}

	#observer(token: Token): Observation | undefined {
		const observations = this.#observations;
		for (let i = 0; i < observations.length; i++) if (observations[i]!.token === token) return observations[i];
		return undefined;
	}

	#end(observation: Observation, why: "reset" | "deregister" | "timeout" | "replaced"): void {
		this.#drop(observation);
		this.#association.events.push({ kind: "cancelled", exchange: observation.handle, why });
	}

	#drop(observation: Observation): void {
		this.#withdraw(observation);
		removeItem(this.#observations, observation);
		const exchange = this.#association.exchanges.byHandle(observation.handle);
		if (exchange !== undefined) this.#association.exchanges.remove(exchange);
	}

	#withdraw(observation: Observation): void {
		if (observation.unsent === undefined) return;
		observation.unsent = undefined;
		this.#unsentCount--;
	}
}
