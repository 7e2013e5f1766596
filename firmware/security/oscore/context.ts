// The security context of RFC 8613, 3: what both sides derive from one secret, and the numbers each side has used.

import { Writer } from "../../bytes.js";
import { hkdfSha256 } from "../hkdf.js";
import type { Primitives } from "../primitives.js";
import { ALGORITHM, IDENTIFIER_LENGTH, KEY_LENGTH, LAST_SEQUENCE_NUMBER, NONCE_LENGTH, NONE } from "./constants.js";
import type { ReplayWindow } from "./replay-window.js";

/** What both sides have agreed on (RFC 8613, 3.2). */
export interface SecurityParameters {
	readonly masterSecret: Uint8Array;
	readonly masterSalt: Uint8Array;
	readonly idContext: Uint8Array | undefined;
	/** 0 to 7 bytes; never the same as the recipient's. */
	readonly senderId: Uint8Array;
	readonly recipientId: Uint8Array;
}

/**
 * Sees to it that no number is used twice (RFC 8613, B.1.1): stores, safe from a power cut, that all numbers below
 * `until` may have been used. Throws when it cannot, and then none of them is.
 */
export type ReserveSequence = (until: number) => void;

export interface SequenceOptions {
	/** The first number that was surely never used: what was stored last, or 0 in a new context. */
	readonly first: number;
	/** Numbers that are reserved at once: a flash write for each so many. */
	readonly step: number;
	readonly reserve: ReserveSequence;
}

export class SecurityContext {
	readonly senderId: Uint8Array;
	readonly recipientId: Uint8Array;
	readonly idContext: Uint8Array | undefined;
	readonly senderKey: Uint8Array;
	readonly recipientKey: Uint8Array;
	readonly commonIv: Uint8Array;
	/** The peer's requests; undefined where it is not known any more which there were (RFC 8613, B.1.2). */
	window: ReplayWindow | undefined;
	readonly #sequence: SequenceOptions;
	#next: number;
	#reserved: number;

	/** Throws RangeError where the identifiers do not fit. */
	constructor(
		primitives: Primitives,
		parameters: SecurityParameters,
		sequence: SequenceOptions,
		window: ReplayWindow | undefined,
	) {
		const { senderId, recipientId, idContext } = parameters;
		if (senderId.length > IDENTIFIER_LENGTH || recipientId.length > IDENTIFIER_LENGTH)
			throw new RangeError(`an identifier has at most ${IDENTIFIER_LENGTH} bytes`);
		if (primitives.equal(senderId, recipientId)) throw new RangeError("the two identifiers are the same");
		this.senderId = senderId;
		this.recipientId = recipientId;
		this.idContext = idContext;
		this.senderKey = derive(primitives, parameters, senderId, "Key", KEY_LENGTH);
		this.recipientKey = derive(primitives, parameters, recipientId, "Key", KEY_LENGTH);
		this.commonIv = derive(primitives, parameters, NOTHING, "IV", NONCE_LENGTH);
		this.window = window;
		this.#sequence = sequence;
		this.#next = sequence.first;
		this.#reserved = sequence.first;
	}

	/** The number that the next message of ours would have. */
	get nextSequenceNumber(): number {
		return this.#next;
	}

	/** A number that is ours alone; NONE where the context is used up, or the number could not be reserved. */
	takeSequenceNumber(): number {
		if (this.#next > LAST_SEQUENCE_NUMBER) return NONE;
		if (this.#next >= this.#reserved) {
			const until = this.#next + this.#sequence.step;
			try {
				this.#sequence.reserve(until);
			} catch {
				return NONE;
			}
			this.#reserved = until;
		}
		return this.#next++;
	}
}

const NOTHING = new Uint8Array(0);

/** RFC 8613, 3.2.1; for the Common IV the identifier is empty. */
function derive(
	primitives: Primitives,
	{ masterSecret, masterSalt, idContext }: SecurityParameters,
	id: Uint8Array,
	type: "Key" | "IV",
	length: number,
): Uint8Array {
	const info = new Writer();
	writeInfo(info, id, idContext, type, length);
	info.reset(new Uint8Array(info.length));
	writeInfo(info, id, idContext, type, length);
	return hkdfSha256(primitives, masterSecret, masterSalt, info.bytes!, length);
}

/** CBOR: [id, id_context / null, algorithm, type, length]. */
function writeInfo(to: Writer, id: Uint8Array, idContext: Uint8Array | undefined, type: string, length: number): void {
	to.u8(0x85);
	writeByteString(to, id);
	if (idContext === undefined) to.u8(0xf6);
	else writeByteString(to, idContext);
	to.u8(ALGORITHM);
	to.u8(0x60 + type.length);
	to.text(type);
	to.u8(length);
}

function writeByteString(to: Writer, bytes: Uint8Array): void {
	if (bytes.length < 24) to.u8(0x40 + bytes.length);
	else {
		to.u8(0x58);
		to.u8(bytes.length);
	}
	to.copy(bytes);
}
