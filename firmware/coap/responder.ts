// The peer's requests: checked, given to the application, answered at once or later.

import type { Instant, Refusal, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import { Assemblies } from "./assembly.js";
import type { Association } from "./association.js";
import { blockNumber, blockSizeExponent, limitSize, SIZE_EXPONENT_BERT, spanOf } from "./blockwise.js";
import { Code, isSuccess } from "./codes.js";
import { ACK_DELAY, EXCHANGE_LIFETIME, MAX_RETRANSMIT } from "./constants.js";
import type { Response } from "./endpoint.js";
import { Exchange } from "./exchange.js";
import { withHandle } from "./list.js";
import type { DatagramMessage } from "./message.js";
import { Observers } from "./observers.js";
import { Option } from "./options.js";
import { Reply } from "./reply.js";
import { TokenBearer } from "./token.js";
import { transmit } from "./transmit.js";

/** What an unprotected answer says (RFC 8613, 8.2). */
const REFUSALS: Readonly<Record<Refusal, number>> = Object.freeze({
	"not-protected": Code.Unauthorized,
	"bad-option": Code.BadOption,
	"no-context": Code.Unauthorized,
	replay: Code.Unauthorized,
	bad: Code.BadRequest,
});

/** No request has it. */
const NO_KEY = -1;

/** A request of the peer that waits for our answer; its handle is 0 while it is free for the next one. */
class Serving extends TokenBearer {
	handle = 0;
	messageId = 0;
	confirmable = false;
	/** It asks to be registered as an observer. */
	observe = false;
	/** The cache key, or the request to make it of: most are answered, and at once, without it. */
	key: number | DatagramMessage = NO_KEY;
	sizeExponent = 0;
	/** Classes of responses that the peer does not want, as bits of No-Response. */
	unwanted = 0;
	/** The Block1 option of a request that came in blocks. */
	block1: number | undefined = undefined;
	/** When the Empty ACK goes that promises a separate response; Infinity for a NON and once it went. */
	ackAt: Instant = Number.POSITIVE_INFINITY;
	/** When the peer has given up. */
	expiresAt: Instant = Number.POSITIVE_INFINITY;

	begin(now: Instant, handle: number, message: DatagramMessage, observe: boolean, sizeExponent: number): void {
		this.handle = handle;
		this.messageId = message.messageId;
		this.takeToken(message);
		this.confirmable = message.type === "CON";
		this.observe = observe;
		this.key = message;
		this.unwanted = message.uint(Option.NoResponse) ?? 0;
		this.sizeExponent = sizeExponent;
		this.block1 = message.uint(Option.Block1);
		this.ackAt = this.confirmable ? now + ACK_DELAY : Number.POSITIVE_INFINITY;
		this.expiresAt = now + EXCHANGE_LIFETIME;
	}

	/** The cache key, made while the request is still in hand. */
	makeKey(): number {
		if (typeof this.key !== "number") this.key = this.key.cacheKey();
		return this.key;
	}

	end(): void {
		this.handle = 0;
		this.key = NO_KEY;
		this.ackAt = Number.POSITIVE_INFINITY;
		this.expiresAt = Number.POSITIVE_INFINITY;
	}
}

/** Our side of the peer's exchanges. */
export class Responder {
	readonly #association: Association;
	/** The application knows entity-tags, and judges conditions itself. */
	readonly #conditional: boolean;
	readonly #reply: Reply;
	readonly #observers: Observers;
	/** As many as were ever needed at once, used again and again. */
	readonly #serving: Serving[] = [];
	/** Made for the first request that comes in blocks. */
	#assemblies: Assemblies | undefined = undefined;
	/** What is said to a request that was not protected as it must be. */
	#refusal: Uint8Array | undefined = undefined;

	constructor(association: Association, conditional: boolean) {
		this.#association = association;
		this.#conditional = conditional;
		this.#reply = new Reply(association);
		this.#observers = new Observers(association, this.#reply);
	}

	/** A request that came for the first time. */
	handleRequest(now: Instant, message: DatagramMessage): void {
		const confirmable = message.type === "CON";
		if (!this.isOpened(now, message, confirmable)) return;
		this.#association.deduplicator.add(now, message.messageId, confirmable, message.identity);
		const bad = message.badOption;
		if (bad !== 0) {
			this.refuse(now, message, bad);
			return;
		}
		const { sizeExponentMax } = this.#association;
		const block = message.uint(Option.Block2) ?? sizeExponentMax;
		const sizeExponent = blockSizeExponent(block);
		const isBad = sizeExponent === SIZE_EXPONENT_BERT && !this.#association.isReliable;
		if (isBad) this.#reply.setCode(Code.BadRequest, message);
		else if (blockNumber(block) > 0) {
			this.#reply.setBlock(now, message, message.cacheKey(), blockNumber(block), sizeExponent);
		} else if (this.isWhole(now, message) && this.open(now, message, Math.min(sizeExponent, sizeExponentMax))) return;
		this.#reply.send(now, message.messageId, confirmable, message.uint(Option.NoResponse) ?? 0);
	}

	/**
	 * False: a CON is answered, without protection where it had none that holds (RFC 8613, 8.2), and a NON is not. Of
	 * what anybody may have written nothing is remembered: it must not stand for the true message with its Message ID.
	 */
	private isOpened(now: Instant, message: DatagramMessage, confirmable: boolean): boolean {
		const { deduplicator, guard, statistics } = this.#association;
		const result = guard?.openRequest(now, message);
		if (result === undefined) {
			if (guard?.hasOtherSpeaker === true) this.forgetSpeaker();
			return true;
		}
		if (result === "challenge") {
			deduplicator.add(now, message.messageId, confirmable, message.identity);
			const sealed = confirmable ? guard!.challenge(now) : undefined;
			if (sealed !== undefined) this.#reply.sendSealed(now, message.messageId, true, sealed);
			return false;
		}
		statistics.unauthentic++;
		if (!confirmable) return false;
		this.#reply.setCode(REFUSALS[result], message);
		this.#refusal = this.#reply.encode("ACK", message.messageId);
		return false;
	}

	/** RFC 9175, 3.3: what one has begun to say or to fetch another one does not go on with. */
	private forgetSpeaker(): void {
		this.#assemblies?.forget();
		this.#reply.forget();
	}

	/**
	 * RFC 7252, 5.10.8, for an application without entity-tags, where no request brings its own target into being: what
	 * must not exist does, or will not be found; and what must exist will be found, or not.
	 */
	private meetsConditions(message: DatagramMessage): boolean {
		if (message.has(Option.IfNoneMatch)) return false;
		if (!message.has(Option.IfMatch)) return true;
		for (let i = message.count(Option.IfMatch) - 1; i >= 0; i--) {
			if (message.option(Option.IfMatch, i)!.length === 0) return true;
		}
		return false;
	}

	/** True for a request that came whole, if in several blocks; false with a reply. */
	private isWhole(now: Instant, message: DatagramMessage): boolean {
		if (!this.#conditional && !this.meetsConditions(message)) {
			this.#reply.setCode(Code.PreconditionFailed, message);
			return false;
		}
		const block = message.uint(Option.Block1);
		if (block === undefined) return true;
		this.#assemblies ??= new Assemblies();
		const code = this.#assemblies.add(now, message, block, this.#association.isReliable);
		if (code === Code.Empty) return true;
		this.#reply.setCode(code, message);
		if (code === Code.Continue) this.#reply.acknowledgeBlock(limitSize(block, this.#association.sizeExponentMax));
		else this.#association.statistics.rejected++;
		return false;
	}

	/** RFC 7252, 5.4.1 and 5.10.2: a CON is told why, a NON is rejected. */
	private refuse(now: Instant, message: DatagramMessage, option: number): void {
		const proxy = option === Option.ProxyUri || option === Option.ProxyScheme;
		this.#association.statistics.rejected++;
		if (message.type !== "CON") {
			this.#association.deduplicator.reject(message.messageId);
			return;
		}
		this.#reply.setCode(proxy ? Code.ProxyingNotSupported : Code.BadOption, message);
		this.#reply.send(now, message.messageId, true, message.uint(Option.NoResponse) ?? 0);
	}

	/** Gives the request to the application; false with a reply where too many wait for it already. */
	private open(now: Instant, message: DatagramMessage, sizeExponent: number): boolean {
		const { code } = message;
		let observe = code === Code.Get || code === Code.Fetch ? message.uint(Option.Observe) : undefined;
		if (observe !== undefined && !this.#observers.handleRequest(message, observe)) observe = undefined;
		const serving = this.freeServing();
		if (serving === undefined) {
			this.#association.statistics.rejected++;
			this.#reply.setCode(Code.ServiceUnavailable, message);
			return false;
		}
		const handle = this.#association.nextHandle();
		serving.begin(now, handle, message, observe === 0, sizeExponent);
		this.#association.events.push({ kind: "request", exchange: handle, message });
		return true;
	}

	private freeServing(): Serving | undefined {
		const free = withHandle(this.#serving, 0);
		if (free !== undefined || this.#serving.length >= limits.serveCount) return free;
		const serving = new Serving();
		this.#serving.push(serving);
		return serving;
	}

	/** Answers a request, or notifies an observer. False: that exchange is gone. */
	respond(now: Instant, handle: number, response: Response): boolean {
		if (handle === 0) return false;
		const serving = withHandle(this.#serving, handle);
		if (serving === undefined) return this.#observers.notify(now, handle, response);
		const { messageId, confirmable, sizeExponent, block1, observe, ackAt, unwanted } = serving;
		const accepted = observe && response.observe === true && isSuccess(response.code);
		const large =
			response.payload !== undefined && response.payload.length > spanOf(sizeExponent, this.#association.bertLength);
		const key = accepted || large || this.#reply.hasRepresentation ? serving.makeKey() : NO_KEY;
		const value = accepted ? this.#observers.register(now, handle, serving, key, sizeExponent) : undefined;
		serving.end();
		this.#reply.setResponse(now, response, serving, key, sizeExponent, value);
		this.#reply.acknowledgeBlock(block1);
		const promised = ackAt === Number.POSITIVE_INFINITY || !this.#association.deduplicator.isOpen(messageId);
		if (!confirmable || !promised) this.#reply.send(now, messageId, confirmable, unwanted);
		else if (!this.#reply.isUnwanted(unwanted)) this.sendSeparately(handle);
		return true;
	}

	/** The peer waits for an answer. */
	get isBusy(): boolean {
		for (let i = 0; i < this.#serving.length; i++) if (this.#serving[i]!.handle !== 0) return true;
		return false;
	}

	/** The request in hand goes: what its answer may yet need of it is kept. Call it before another one is decoded. */
	release(): void {
		for (let i = 0; i < this.#serving.length; i++) this.#serving[i]!.makeKey();
	}

	/** RFC 7252, 5.2.2: after an Empty ACK the response is a CON of its own. */
	private sendSeparately(handle: number): void {
		const messageId = this.#association.nextMessageId();
		const bytes = this.#reply.encode("CON", messageId);
		if (bytes === undefined) return;
		this.#association.exchanges.add(new Exchange(handle, "response", true, messageId, bytes, MAX_RETRANSMIT));
	}

	/** Forgets a request without an answer, or an observation without a word. */
	cancel(handle: number): void {
		withHandle(this.#serving, handle)?.end();
		this.#observers.cancel(handle);
	}

	/** The peer has a notification or a separate response of ours. */
	handleAcknowledged(now: Instant, exchange: Exchange): void {
		this.#observers.handleAcknowledged(now, exchange.handle);
		if (!exchange.succeed()) this.#association.exchanges.remove(exchange);
	}

	/** The peer does not want, or does not answer, a notification or a separate response of ours. */
	handleRefused(exchange: Exchange, why: "reset" | "timeout"): void {
		if (!this.#observers.handleRefused(exchange.handle, why)) this.#association.fail(exchange, why);
	}

	/** A Reset to a message that no exchange remembers. False: nor do we. */
	handleReset(messageId: number): boolean {
		return this.#observers.handleReset(messageId);
	}

	/** The same, from anybody. */
	handleDoubt(messageId: number): void {
		this.#observers.handleDoubt(messageId);
	}

	/** Observations stay, and separate responses: they go out again as new messages. */
	handlePathChanged(): void {
		const { exchanges } = this.#association;
		for (let i = 0; i < exchanges.count; i++) {
			const exchange = exchanges.at(i);
			if (exchange.role === "response") exchange.renew(this.#association.nextMessageId());
		}
		this.#reply.forget();
		this.#assemblies?.forget();
		this.#observers.handlePathChanged();
	}

	handleTimeout(now: Instant): void {
		const { deduplicator } = this.#association;
		for (let i = 0; i < this.#serving.length; i++) {
			const serving = this.#serving[i]!;
			if (serving.ackAt <= now) {
				serving.ackAt = Number.POSITIVE_INFINITY;
				// A repetition of the request may have drawn the Empty ACK before.
				if (deduplicator.isOpen(serving.messageId)) deduplicator.acknowledge(serving.messageId);
			}
			if (serving.expiresAt <= now) serving.end();
		}
		this.#reply.handleTimeout(now);
		this.#assemblies?.handleTimeout(now);
	}

	/** The earliest deadline. */
	nextAt(): Instant {
		let at = Math.min(this.#reply.nextAt(), this.#assemblies?.nextAt() ?? Number.POSITIVE_INFINITY);
		for (let i = 0; i < this.#serving.length; i++) {
			const { ackAt, expiresAt } = this.#serving[i]!;
			if (ackAt < at) at = ackAt;
			if (expiresAt < at) at = expiresAt;
		}
		return at;
	}

	pollTransmit(out: Transmit): boolean {
		const refusal = this.#refusal;
		this.#refusal = undefined;
		return refusal === undefined ? this.#observers.pollTransmit(out) : transmit(refusal, out);
	}
}
