// Whole CoAP messages into protected ones and back (RFC 8613, 4 to 8). Type, Message ID and token stay as they are, so
// that everything below sees ordinary messages, and everything above plain ones.

import { Code, isRequest } from "../../coap/codes.js";
import { HEADER_LENGTH } from "../../coap/constants.js";
import { Encoder } from "../../coap/encoder.js";
import { DatagramMessage } from "../../coap/message.js";
import { Option } from "../../coap/options.js";
import type { Instant, Protection, Random, Refusal } from "../../contract.js";
import type { Primitives } from "../primitives.js";
import { FORGERY_COUNT, LAST_SEQUENCE_NUMBER, NONCE_LENGTH, NONE, TAG_LENGTH } from "./constants.js";
import type { SecurityContext } from "./context.js";
import { writeAssociated, writeNonce } from "./cose.js";
import { Envelope } from "./envelope.js";
import { Freshness } from "./freshness.js";
import { encodeOption } from "./option.js";
import { ReplayWindow } from "./replay-window.js";

/** Above the Partial IV of a request number stands the generation; together they are a safe integer. */
const NUMBER_RANGE = LAST_SEQUENCE_NUMBER + 1;
const GENERATION_COUNT = 2 ** 12;
/** Header, the longest token, and an Echo of eight bytes. */
const UNAUTHORIZED_LENGTH = 24;
/** The associated data of the longest identifier and Partial IV. */
const ASSOCIATED_LENGTH = 31;
/** Where the code stands in the text that is encrypted, when it is written as a message without a token. */
const TEXT_OFFSET = HEADER_LENGTH - 1;
/** Where options are left out, the head of the next one may be longer. */
const TEXT_SLACK = 8;
const NOTHING = new Uint8Array(0);

/** What one side of an association runs on. */
export interface OscoreOptions {
	readonly primitives: Primitives;
	readonly random: Random;
	/** Whether a request with this code has to prove that it was not held up on its way (RFC 9175, 2.3). */
	mustBeFresh(code: number): boolean;
}

/**
 * One instance for one peer. Text in plain has a buffer as long as its message, and no longer. What binds a response
 * to its request is the request number: the Partial IV and the generation of the context, so that no nonce of an old
 * context is used with keys of a new one.
 */
export class Oscore implements Protection {
	readonly #primitives: Primitives;
	readonly #options: OscoreOptions;
	readonly #freshness: Freshness;
	#context: SecurityContext;
	#generation = 0;
	readonly #encoder = new Encoder();
	readonly #envelope = new Envelope();
	readonly #inner = new DatagramMessage();
	readonly #nonce = new Uint8Array(NONCE_LENGTH);
	readonly #associated = new Uint8Array(ASSOCIATED_LENGTH);
	#associatedLength = 0;
	/** The number of the request that was protected or accepted last. */
	requestNumber = NONE;
	/** Messages that the keys of this context did not open. */
	failureCount = 0;

	constructor(options: OscoreOptions, context: SecurityContext) {
		this.#options = options;
		this.#primitives = options.primitives;
		this.#freshness = new Freshness(options.primitives, options.random);
		this.#context = context;
	}

	get context(): SecurityContext {
		return this.#context;
	}

	/** So many have tried to forge a message of the peer that the keys are to be renewed. */
	get isWorn(): boolean {
		return this.failureCount >= FORGERY_COUNT;
	}

	/** Another context takes the place of this one: what was under way in the old one cannot be answered any more. */
	adopt(context: SecurityContext): void {
		this.#context = context;
		this.failureCount = 0;
		this.#generation = (this.#generation + 1) % GENERATION_COUNT;
	}

	/** The length of the protected request in `into`; 0 where it has no room, or no sequence number is left. */
	protectRequest(plain: Uint8Array, into: Uint8Array, kidContext?: Uint8Array): number {
		const context = this.#context;
		const { message } = this.#envelope;
		if (message.decode(plain) !== "ok") return 0;
		const partialIv = context.takeSequenceNumber();
		if (partialIv === NONE) return 0;
		this.requestNumber = this.numberOf(partialIv);
		this.bind(context.senderId, partialIv);
		this.number(context.senderId, partialIv);
		const code = message.has(Option.Observe) ? Code.Fetch : Code.Post;
		return this.write(into, code, encodeOption(partialIv, context.senderId, kidContext));
	}

	/**
	 * The same for a response to the peer's request with that number. `numbered`: it has a Partial IV of its own, as all
	 * but one response to a request must have, and those whose request might be a replay. `requestIv`: the Common IV of
	 * the request's context where that was another one, as then the nonce is of that (RFC 8613, 8.3).
	 */
	protectResponse(
		plain: Uint8Array,
		requestNumber: number,
		numbered: boolean,
		into: Uint8Array,
		kidContext?: Uint8Array,
		requestIv = this.#context.commonIv,
	): number {
		const context = this.#context;
		const { message } = this.#envelope;
		if (!this.isOfThisContext(requestNumber) || message.decode(plain) !== "ok") return 0;
		const requestPartialIv = partialIvOf(requestNumber);
		const partialIv = numbered ? context.takeSequenceNumber() : NONE;
		if (numbered && partialIv === NONE) return 0;
		this.bind(context.recipientId, requestPartialIv);
		if (numbered) this.number(context.senderId, partialIv);
		else this.number(context.recipientId, requestPartialIv, requestIv);
		const code = message.has(Option.Observe) ? Code.Content : Code.Changed;
		return this.write(into, code, encodeOption(partialIv, undefined, kidContext));
	}

	/** The length of the plain request in `into`, and its number in `requestNumber`; or why there is none. */
	openRequest(now: Instant, outer: Uint8Array, into: Uint8Array, mayBeLate = false): number | Refusal | "challenge" {
		const context = this.#context;
		const refusal = this.#envelope.read(outer);
		if (refusal !== undefined) return refusal;
		const { kid, partialIv } = this.#envelope.option;
		if (kid === undefined || partialIv === NONE) return "bad-option";
		if (!this.#primitives.equal(kid, context.recipientId)) return "no-context";
		if (context.window?.isNew(partialIv) === false) return "replay";
		this.bind(context.recipientId, partialIv);
		this.number(context.recipientId, partialIv);
		const length = this.open(into, NONE, context.recipientKey);
		if (typeof length !== "number") return length;
		this.requestNumber = this.numberOf(partialIv);
		// RFC 8613, 7.4: the window moves for authentic messages alone.
		context.window?.take(partialIv);
		if (context.window !== undefined && (mayBeLate || !this.#options.mustBeFresh(this.#inner.code))) return length;
		if (!this.#freshness.isFresh(now, this.#inner.option(Option.Echo))) return "challenge";
		context.window ??= new ReplayWindow(partialIv);
		return length;
	}

	/** A 4.01 with Echo. As the request may be a replay, its nonce may have been used: the answer has its own. */
	challenge(now: Instant, into: Uint8Array): number {
		const plain = writeUnauthorized(this.#envelope.message, this.#freshness.issue(now));
		return this.protectResponse(plain, this.requestNumber, true, into);
	}

	/**
	 * The same for a response to our request with that number. A notification gets its Partial IV as its order.
	 * `context`: of the response, where it is another one than that of the request (RFC 8613, B.2).
	 */
	openResponse(
		_now: Instant,
		outer: Uint8Array,
		requestNumber: number,
		into: Uint8Array,
		context = this.#context,
	): number | Refusal {
		const refusal = this.#envelope.read(outer);
		if (refusal !== undefined) return refusal;
		if (!this.isOfThisContext(requestNumber)) return "no-context";
		const requestPartialIv = partialIvOf(requestNumber);
		const { partialIv } = this.#envelope.option;
		this.bind(context.senderId, requestPartialIv);
		if (partialIv === NONE) this.number(context.senderId, requestPartialIv);
		else this.number(context.recipientId, partialIv, context.commonIv);
		return this.open(into, partialIv, context.recipientKey);
	}

	private numberOf(partialIv: number): number {
		return this.#generation * NUMBER_RANGE + partialIv;
	}

	private isOfThisContext(requestNumber: number): boolean {
		return Math.floor(requestNumber / NUMBER_RANGE) === this.#generation;
	}

	private bind(requestKid: Uint8Array, requestPartialIv: number): void {
		this.#associatedLength = writeAssociated(this.#associated, requestKid, requestPartialIv);
	}

	private number(id: Uint8Array, partialIv: number, commonIv = this.#context.commonIv): void {
		writeNonce(this.#nonce, commonIv, id, partialIv);
	}

	/** The outer message of the plain one in hand. */
	private write(into: Uint8Array, code: number, option: Uint8Array): number {
		const { senderKey } = this.#context;
		const plain = this.#envelope.message;
		const encoder = this.#encoder;
		const text = this.writeText();
		if (text === undefined) return 0;
		encoder.target(into);
		encoder.begin(plain.type, code, plain.messageId, plain);
		let isWritten = false;
		plain.rewind();
		while (plain.next()) {
			const number = plain.optionNumber;
			if (!isOuter(number)) continue;
			if (number > Option.Oscore && !isWritten) {
				encoder.option(Option.Oscore, option);
				isWritten = true;
			}
			encoder.option(number, plain.value);
		}
		if (!isWritten) encoder.option(Option.Oscore, option);
		const start = encoder.end + 1;
		if (start + text.length + TAG_LENGTH > into.length) return 0;
		into[encoder.end] = 0xff;
		const sealed = into.subarray(start);
		return start + this.#primitives.seal(senderKey, this.#nonce, this.associated, text, TAG_LENGTH, sealed);
	}

	private get associated(): Uint8Array {
		return this.#associated.subarray(0, this.#associatedLength);
	}

	/** Code, inner options and payload of the plain message in hand; undefined where there is no room. */
	private writeText(): Uint8Array | undefined {
		const plain = this.#envelope.message;
		const encoder = this.#encoder;
		const bytes = new Uint8Array(plain.bytes.length + TEXT_SLACK);
		encoder.target(bytes);
		encoder.begin("CON", plain.code, 0);
		plain.rewind();
		while (plain.next()) {
			const number = plain.optionNumber;
			if (isUnprotected(number)) continue;
			// RFC 8613, 4.1.3.5.2: in a notification the order is the Partial IV's, and the inner Observe is empty.
			if (number === Option.Observe && !isRequest(plain.code)) encoder.option(number, NOTHING);
			else encoder.option(number, plain.value);
		}
		const { payload } = plain;
		if (payload !== undefined) encoder.payload(payload);
		if (encoder.end > bytes.length) return undefined;
		bytes[TEXT_OFFSET] = plain.code;
		return bytes.subarray(TEXT_OFFSET, encoder.end);
	}

	/** Decrypts the outer message in hand and writes the plain one. */
	private open(into: Uint8Array, partialIv: number, recipientKey: Uint8Array): number | Refusal {
		const outer = this.#envelope.message;
		const sealed = outer.payload!;
		// The text begins with the code: it comes to stand where a token would end, and the header goes before it.
		const start = HEADER_LENGTH + outer.tokenLength;
		const text = new Uint8Array(start - 1 + sealed.length - TAG_LENGTH);
		const room = text.subarray(start - 1);
		const length = this.#primitives.open(recipientKey, this.#nonce, this.associated, sealed, TAG_LENGTH, room);
		if (length < 0) this.failureCount++;
		if (length < 1) return "bad";
		const code = room[0]!;
		this.#encoder.target(text);
		this.#encoder.begin(outer.type, code, outer.messageId, outer);
		const inner = this.#inner;
		if (inner.decode(text.subarray(0, start - 1 + length)) !== "ok") return "bad";
		if (code === Code.Empty || isRequest(code) !== isRequest(outer.code)) return "bad";
		return this.merge(into, partialIv);
	}

	/** The inner message with what only the outer one may say. */
	private merge(into: Uint8Array, partialIv: number): number | Refusal {
		const outer = this.#envelope.message;
		const inner = this.#inner;
		const encoder = this.#encoder;
		encoder.target(into);
		encoder.begin(inner.type, inner.code, inner.messageId, inner);
		// The first response to an Observe may have no Partial IV; then it comes before all that have one.
		const order = partialIv === NONE ? 0 : (partialIv + 1) % OBSERVE_RANGE;
		const isNotification = !isRequest(inner.code) && outer.has(Option.Observe);
		inner.rewind();
		outer.rewind();
		let more = inner.next();
		let outerNumber = nextUnprotected(outer);
		while (more || outerNumber > 0) {
			const number = more ? inner.optionNumber : Number.POSITIVE_INFINITY;
			if (outerNumber > 0 && outerNumber <= number) {
				encoder.option(outerNumber, outer.value);
				outerNumber = nextUnprotected(outer);
				continue;
			}
			// What is class U alone has no meaning inside (RFC 8613, 4.1).
			if (number === Option.Observe && isNotification) encoder.uint(number, order);
			else if (!isUnprotected(number)) encoder.option(number, inner.value);
			more = inner.next();
		}
		const { payload } = inner;
		if (payload !== undefined) encoder.payload(payload);
		return encoder.end > into.length ? "bad" : encoder.end;
	}
}

/** A piggybacked 4.01 to a request, without protection yet. */
export function writeUnauthorized(request: DatagramMessage, echo: Uint8Array | undefined): Uint8Array {
	const encoder = new Encoder();
	const bytes = new Uint8Array(UNAUTHORIZED_LENGTH);
	encoder.target(bytes);
	encoder.begin("ACK", Code.Unauthorized, request.messageId, request);
	if (echo !== undefined) encoder.option(Option.Echo, echo);
	return bytes.subarray(0, encoder.end);
}

/** The Partial IV in a request number. */
export function partialIvOf(requestNumber: number): number {
	return requestNumber % NUMBER_RANGE;
}

/** RFC 7641, 3.4: an Observe value has 24 bits. */
const OBSERVE_RANGE = 2 ** 24;

/** Moves the cursor to the next option that is not protected; 0 at the end. */
function nextUnprotected(message: DatagramMessage): number {
	while (message.next()) if (isUnprotected(message.optionNumber)) return message.optionNumber;
	return 0;
}

/** RFC 8613, 4.1, class U alone: what proxies need; the OSCORE option is dealt with on its own. */
function isUnprotected(number: number): boolean {
	return (
		number === Option.UriHost ||
		number === Option.UriPort ||
		number === Option.ProxyUri ||
		number === Option.ProxyScheme ||
		number === Option.HopLimit
	);
}

/** What the outer message shows: class U, and Observe for those who only pass it on. */
function isOuter(number: number): boolean {
	return number === Option.Observe || isUnprotected(number);
}
