// Where message security meets the exchange of messages: what we make is sealed once, what comes is opened first.

import type { Instant, Protection, Refusal } from "../contract.js";
import { limits } from "../limits.js";
import type { DatagramMessage } from "./message.js";
import type { TokenBearer } from "./token.js";

/** What protection adds at most: option, inner code, marker and tag. */
const OVERHEAD = 64;

/** Nearly all that we say is shorter; the buffer for it is kept. */
const DRAFT_LENGTH = 320;

/** Of an endpoint whose messages are all protected. */
export class Guard {
	readonly #protection: Protection;
	#speaker: object | undefined = undefined;
	/** The request that was opened last has another author than the one before it. */
	hasOtherSpeaker = false;
	readonly #short = new Uint8Array(DRAFT_LENGTH);
	/** Where a message of ours is written before it is sealed. */
	draft: Uint8Array = this.#short;
	#lengthMax: number = limits.messageLength;

	constructor(protection: Protection) {
		this.#protection = protection;
	}

	/** Answers that cannot be opened lead to new keys, if there are enough of them. */
	get renews(): boolean {
		return this.#protection.renews === true;
	}

	/** Messages may be so long from now on. */
	setMessageLength(lengthMax: number): void {
		this.#lengthMax = lengthMax;
	}

	/** True where a message of that length was cut off in the draft, and now has room there: it must be written again. */
	makeRoom(length: number): boolean {
		if (length <= this.draft.length || length > this.#lengthMax) return false;
		this.draft = new Uint8Array(length);
		return true;
	}

	/** The request that stands in the draft, sealed; its bearer learns by what its responses are bound to it. */
	sealRequest(length: number, bearer: TokenBearer): Uint8Array | undefined {
		const plain = this.takeDraft(length);
		if (plain === undefined) return undefined;
		const sealed = new Uint8Array(length + OVERHEAD);
		const end = this.#protection.protectRequest(plain, sealed);
		bearer.requestNumber = this.#protection.requestNumber;
		return fitting(sealed, end, this.#lengthMax);
	}

	/** The response that stands in the draft, sealed. */
	sealResponse(length: number, bearer: TokenBearer, numbered: boolean): Uint8Array | undefined {
		const plain = this.takeDraft(length);
		if (plain === undefined) return undefined;
		const sealed = new Uint8Array(length + OVERHEAD);
		const end = this.#protection.protectResponse(plain, bearer.requestNumber, numbered, sealed);
		return fitting(sealed, end, this.#lengthMax);
	}

	/** What stands in the draft; a long one is let go. */
	private takeDraft(length: number): Uint8Array | undefined {
		const { draft } = this;
		this.draft = this.#short;
		return length > draft.length ? undefined : draft.subarray(0, length);
	}

	/** Turns a received request into the plain one, where nothing else is returned. */
	openRequest(now: Instant, message: DatagramMessage): undefined | Refusal | "challenge" {
		const opened = bufferFor(message);
		const result = this.#protection.openRequest(now, message.bytes, opened);
		if (typeof result !== "number") return result;
		const { speaker } = this.#protection;
		this.hasOtherSpeaker = speaker !== this.#speaker;
		this.#speaker = speaker;
		return take(message, opened.subarray(0, result), this.#protection.requestNumber);
	}

	/** The sealed answer to a request that drew "challenge". */
	challenge(now: Instant): Uint8Array | undefined {
		const sealed = new Uint8Array(2 * OVERHEAD);
		return fitting(sealed, this.#protection.challenge(now, sealed), this.#lengthMax);
	}

	/** Turns a received response into the plain one, where nothing else is returned. */
	openResponse(now: Instant, message: DatagramMessage, requestNumber: number): undefined | Refusal | "again" {
		const opened = bufferFor(message);
		const result = this.#protection.openResponse(now, message.bytes, requestNumber, opened);
		return typeof result === "number" ? take(message, opened.subarray(0, result), requestNumber) : result;
	}
}

/** A plain message is never longer than the sealed one. */
function bufferFor(sealed: DatagramMessage): Uint8Array {
	return new Uint8Array(sealed.bytes.length);
}

function take(message: DatagramMessage, opened: Uint8Array, requestNumber: number): undefined | "bad" {
	if (message.decode(opened) !== "ok") return "bad";
	message.requestNumber = requestNumber;
	return undefined;
}

function fitting(sealed: Uint8Array, length: number, lengthMax: number): Uint8Array | undefined {
	return length > 0 && length <= lengthMax ? sealed.subarray(0, length) : undefined;
}
