// Responses and notifications on their way into bytes, and the one large representation that the peer may fetch.

import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import type { Association } from "./association.js";
import { blockLength, blockNumber, blockValue, Representation, spanOf } from "./blockwise.js";
import { Code, codeClass } from "./codes.js";
import { ENTITY_TAG_LENGTH, EXCHANGE_LIFETIME } from "./constants.js";
import type { Response } from "./endpoint.js";
import { asksForSame, type MessageType } from "./message.js";
import { Option } from "./options.js";
import { type TokenBearer, UNPROTECTED } from "./token.js";

const NOTHING: { readonly contentFormat: number | undefined } = Object.freeze({ contentFormat: undefined });

/** The response that is being made: set first, then sent or encoded. One instance serves for ever. */
export class Reply {
	readonly #association: Association;
	/** One, so that memory is bounded: a newer large response takes its place. */
	#representation: Representation | undefined = undefined;
	#code = 0;
	#token: TokenBearer | undefined = undefined;
	#observe: number | undefined = undefined;
	/** The application's; let go when it was sent, as is the payload. */
	#response: Response | undefined = undefined;
	#payload: Uint8Array | undefined = undefined;
	#entityTag: Uint8Array | number | undefined = undefined;
	/** The Block2 option of a block of the representation. */
	#block: number | undefined = undefined;
	/** The Block1 option that tells which block of the request is answered. */
	#block1: number | undefined = undefined;
	/** True for all responses to one request but at most one, in which it decides about their protection. */
	#isNotification = false;

	constructor(association: Association) {
		this.#association = association;
	}

	/** A code and nothing more. */
	setCode(code: number, token: TokenBearer): void {
		this.#code = code;
		this.#token = token;
		this.#observe = undefined;
		this.#response = undefined;
		this.#payload = undefined;
		this.#entityTag = undefined;
		this.#block = undefined;
		this.#block1 = undefined;
		this.#isNotification = false;
	}

	/** The response that was set is a notification. */
	setNotification(): void {
		this.#isNotification = true;
	}

	/** RFC 7959, 2.3: the response to a block says which one, and in which size the next ones are to come. */
	acknowledgeBlock(value: number | undefined): void {
		this.#block1 = value;
	}

	/** The application's response; what is larger than a block is kept, and its first block is the response. */
	setResponse(
		now: Instant,
		response: Response,
		token: TokenBearer,
		key: number,
		sizeExponent: number,
		observe: number | undefined,
	): void {
		const { code, payload } = response;
		this.setCode(code, token);
		if (this.#representation?.key === key) this.#representation = undefined;
		if (payload !== undefined && payload.length > spanOf(sizeExponent, this.#association.bertLength)) {
			if (payload.length > limits.responseLength) {
				this.#code = Code.InternalServerError;
				return;
			}
			this.#representation = new Representation(key, response, payload, now);
			this.cut(this.#representation, 0, sizeExponent);
		} else {
			this.#payload = payload;
			this.#entityTag = response.entityTag;
		}
		this.#observe = observe;
		this.#response = response;
	}

	/** RFC 7959, 2.4: a later block of the representation that the first one was cut from, if it is still here. */
	setBlock(now: Instant, token: TokenBearer, key: number, number: number, sizeExponent: number): void {
		const representation = this.#representation;
		if (representation === undefined || !asksForSame(key, representation.key))
			this.setCode(Code.RequestEntityIncomplete, token);
		else if (number * blockLength(sizeExponent) >= representation.payload.length) this.setCode(Code.BadRequest, token);
		else {
			this.setCode(representation.code, token);
			this.cut(representation, number, sizeExponent);
			representation.expiresAt = now + EXCHANGE_LIFETIME;
		}
	}

	private cut(representation: Representation, number: number, sizeExponent: number): void {
		const { entityTag, payload } = representation;
		const start = number * blockLength(sizeExponent);
		const end = start + spanOf(sizeExponent, this.#association.bertLength);
		this.#entityTag = entityTag;
		this.#payload = payload.subarray(start, end);
		this.#block = blockValue(number, end < payload.length, sizeExponent);
	}

	/**
	 * Sends the response with the request's own Message ID (CON), or as a NON, and remembers it with the request. Of what
	 * the peer does not want to hear, a CON is told no more than that it came (RFC 7967, 2.1).
	 */
	send(now: Instant, requestId: number, confirmable: boolean, unwanted: number): void {
		const { deduplicator } = this.#association;
		if (this.isUnwanted(unwanted)) {
			if (confirmable) deduplicator.acknowledge(requestId);
			this.letGo();
			return;
		}
		const type = confirmable ? "ACK" : "NON";
		const messageId = confirmable ? requestId : this.#association.nextMessageId();
		if (this.isSealed) {
			const sealed = this.seal(type, messageId);
			if (sealed !== undefined) this.sendSealed(now, requestId, confirmable, sealed);
			else if (confirmable) deduplicator.acknowledge(requestId);
			return;
		}
		const offset = deduplicator.answer(now, requestId, confirmable, this.count(type, messageId));
		this.#association.encoder.target(deduplicator.answers, offset);
		this.write(type, messageId);
		this.letGo();
	}

	/** Sends an answer that is made already, and remembers it with the request. */
	sendSealed(now: Instant, requestId: number, confirmable: boolean, sealed: Uint8Array): void {
		const { deduplicator } = this.#association;
		const offset = deduplicator.answer(now, requestId, confirmable, sealed.length);
		deduplicator.answers.set(sealed, offset);
	}

	/** Whether No-Response names the class of this response; but without a Continue no further block would come. */
	isUnwanted(unwanted: number): boolean {
		return unwanted !== 0 && this.#code !== Code.Continue && (unwanted & (1 << (codeClass(this.#code) - 1))) !== 0;
	}

	/** True where a representation may have to give way to a response with the same key. */
	get hasRepresentation(): boolean {
		return this.#representation !== undefined;
	}

	/** The response as a message of its own; undefined where the keys of its request are gone. */
	encode(type: MessageType, messageId: number): Uint8Array | undefined {
		if (this.isSealed) return this.seal(type, messageId);
		const bytes = new Uint8Array(this.count(type, messageId));
		this.#association.encoder.target(bytes);
		this.write(type, messageId);
		this.letGo();
		return bytes;
	}

	/** A request that was protected gets a protected response; why one was not accepted is said without. */
	private get isSealed(): boolean {
		return this.#token!.requestNumber !== UNPROTECTED;
	}

	private seal(type: MessageType, messageId: number): Uint8Array | undefined {
		const { encoder } = this.#association;
		const guard = this.#association.guard!;
		do {
			encoder.target(guard.draft);
			this.write(type, messageId);
		} while (guard.makeRoom(encoder.end));
		this.letGo();
		const numbered = this.#isNotification || this.#observe !== undefined;
		return guard.sealResponse(encoder.end, this.#token!, numbered);
	}

	private letGo(): void {
		this.#response = undefined;
		this.#payload = undefined;
	}

	/** The length of the message. */
	private count(type: MessageType, messageId: number): number {
		this.#association.encoder.target(undefined);
		this.write(type, messageId);
		return this.#association.encoder.end;
	}

	private write(type: MessageType, messageId: number): void {
		const to = this.#association.encoder;
		const block = this.#block;
		const response = this.#response;
		const { contentFormat } = response ?? (block === undefined ? NOTHING : this.#representation!);
		to.begin(type, this.#code, messageId, this.#token);
		if (typeof this.#entityTag === "number") to.fixed(Option.ETag, this.#entityTag, ENTITY_TAG_LENGTH);
		else if (this.#entityTag !== undefined) to.option(Option.ETag, this.#entityTag);
		if (this.#observe !== undefined) to.uint(Option.Observe, this.#observe);
		if (response?.locationPath !== undefined) to.segments(Option.LocationPath, response.locationPath);
		if (contentFormat !== undefined) to.uint(Option.ContentFormat, contentFormat);
		if (response?.locationQuery !== undefined) to.texts(Option.LocationQuery, response.locationQuery);
		if (block !== undefined) to.uint(Option.Block2, block);
		if (this.#block1 !== undefined) to.uint(Option.Block1, this.#block1);
		// RFC 7959, 4: with the first block the peer learns how much is to come.
		if (block !== undefined && blockNumber(block) === 0) to.uint(Option.Size2, this.#representation!.payload.length);
		// RFC 7959, 2.9.3 and 4: whoever sent too much is told how much would do.
		if (this.#code === Code.RequestEntityTooLarge) to.uint(Option.Size1, limits.requestLength);
		if (response?.reach !== undefined) to.option(Option.Reach, response.reach);
		if (this.#payload !== undefined) to.payload(this.#payload);
	}

	/** When the representation is dropped. */
	nextAt(): Instant {
		return this.#representation?.expiresAt ?? Number.POSITIVE_INFINITY;
	}

	handleTimeout(now: Instant): void {
		if (this.nextAt() <= now) this.forget();
	}

	/** Drops the representation: the peer has to begin again. */
	forget(): void {
		this.#representation = undefined;
	}
}
