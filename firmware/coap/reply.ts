// One response on its way into bytes: set once, then written twice, to count and to fill.

import type { Token } from "../contract.js";
import { blockLength, blockValue, type Representation } from "./blockwise.js";
import { Code } from "./codes.js";
import type { Encoder } from "./encoder.js";
import type { Response } from "./endpoint.js";
import type { MessageType } from "./message.js";
import { Option } from "./options.js";

/** Bytes of our ETags: a hash of the representation. */
const ENTITY_TAG_LENGTH = 4;

/** A response or notification; one instance serves for ever. */
export class Reply {
	#code = 0;
	#token: Token = "";
	#observe: number | undefined = undefined;
	#locationPath = "";
	#contentFormat: number | undefined = undefined;
	#payload: Uint8Array | undefined = undefined;
	/** Set for a block: it is cut from this at the given number. */
	#representation: Representation | undefined = undefined;
	#number = 0;
	#sizeExponent = 0;

	/** Holds on to no payload. */
	clear(): void {
		this.setCode(Code.Empty, "");
	}

	/** A code and nothing more. */
	setCode(code: number, token: Token): void {
		this.#code = code;
		this.#token = token;
		this.#observe = undefined;
		this.#locationPath = "";
		this.#contentFormat = undefined;
		this.#payload = undefined;
		this.#representation = undefined;
	}

	/** A response that fits one message. */
	setResponse(response: Response, token: Token, observe: number | undefined): void {
		this.setCode(response.code, token);
		this.#observe = observe;
		this.#locationPath = response.locationPath ?? "";
		this.#contentFormat = response.contentFormat;
		this.#payload = response.payload;
	}

	/** A block of a representation; the caller has checked that the representation reaches so far. */
	setBlock(
		representation: Representation,
		number: number,
		sizeExponent: number,
		token: Token,
		observe: number | undefined,
	): void {
		this.setCode(representation.code, token);
		const start = number * blockLength(sizeExponent);
		this.#observe = observe;
		this.#contentFormat = representation.contentFormat;
		this.#payload = representation.payload.subarray(start, start + blockLength(sizeExponent));
		this.#representation = representation;
		this.#number = number;
		this.#sizeExponent = sizeExponent;
	}

	/** Writes the message, or counts it where there is no buffer. */
	write(to: Encoder, into: Uint8Array | undefined, type: MessageType, messageId: number): void {
		const representation = this.#representation;
		to.begin(into, type, this.#code, messageId, this.#token);
		if (representation !== undefined) to.fixed(Option.ETag, representation.entityTag, ENTITY_TAG_LENGTH);
		if (this.#observe !== undefined) to.uint(Option.Observe, this.#observe);
		to.segments(Option.LocationPath, this.#locationPath);
		if (this.#contentFormat !== undefined) to.uint(Option.ContentFormat, this.#contentFormat);
		if (representation !== undefined) {
			const end = (this.#number + 1) * blockLength(this.#sizeExponent);
			const more = end < representation.payload.length;
			to.uint(Option.Block2, blockValue(this.#number, more, this.#sizeExponent));
			// RFC 7959, 4: with the first block the peer learns how much is to come.
			if (this.#number === 0) to.uint(Option.Size2, representation.payload.length);
		}
		if (this.#payload !== undefined) to.payload(this.#payload);
	}
}
