// What a datagram of CoAP is for, read from its header as somebody on the wire would.

import { Code } from "../../firmware/coap/codes.js";
import { Option } from "../../firmware/coap/options.js";
import { FIN, RST, SYN } from "../nat/tcp-flags.js";
import type { Purpose } from "./meter.js";
import type { VirtualSegment } from "./tcp-end.js";

const HEADER_LENGTH = 4;
const TOKEN_LENGTH_MASK = 0x0f;
const RESPONSE_CLASS = 0x40;
/** Under OSCORE the path is hidden. A Register names objects, an Update that only says "I live" is shorter. */
const REGISTER_LENGTH = 64;

/** Answers are told by what they answer: the last message of the other direction at the same port. */
export class Purposes {
	/** By port: what the device last asked there. */
	readonly #asked = new Map<number, Purpose>();
	/** Of the last request that came down, and of the last response that went up. */
	#requestId = -1;
	#responseId = -1;

	of(bytes: Uint8Array, isUp: boolean, port: number): Purpose {
		if (bytes.length < HEADER_LENGTH) return "keepalive";
		const code = bytes[1]!;
		const messageId = bytes[2]! * 0x100 + bytes[3]!;
		if (isUp) return this.#ofUp(bytes, code, messageId, port);
		if (code > 0 && code < RESPONSE_CLASS) {
			this.#requestId = messageId;
			return "command";
		}
		return code === 0 && messageId === this.#responseId ? "command" : (this.#asked.get(port) ?? "keepalive");
	}

	#ofUp(bytes: Uint8Array, code: number, messageId: number, port: number): Purpose {
		if (code >= RESPONSE_CLASS) {
			this.#responseId = messageId;
			return "command";
		}
		if (code === 0 && messageId === this.#requestId) return "command";
		const purpose = code === 0 ? "keepalive" : purposeOfRequest(bytes, code, HEADER_LENGTH);
		this.#asked.set(port, purpose);
		return purpose;
	}
}

/** RFC 8323, 3.2: bytes of the length, by what the first four bits say. */
const EXTENDED_LENGTHS: Readonly<Record<number, number>> = { 13: 1, 14: 2, 15: 4 };
const SIGNAL_CLASS = 0xe0;
const CSM = 0xe1;

/** The same for CoAP over TCP: a segment without data is for what its connection last carried. */
export class StreamPurposes {
	#last: Purpose = "registration";
	/** What the device last asked. */
	#asked: Purpose = "registration";

	of({ flags, payload }: VirtualSegment, isUp: boolean): Purpose {
		if ((flags & (SYN | FIN | RST)) !== 0) this.#last = "registration";
		else if (payload.length >= 2) this.#last = this.#ofMessage(payload, isUp);
		return this.#last;
	}

	#ofMessage(bytes: Uint8Array, isUp: boolean): Purpose {
		const codeAt = 1 + (EXTENDED_LENGTHS[bytes[0]! >> 4] ?? 0);
		const code = bytes[codeAt]!;
		if (code === CSM) return "registration";
		if (code === 0 || code >= SIGNAL_CLASS) return "keepalive";
		if (isUp === code >= RESPONSE_CLASS) return "command";
		if (isUp) this.#asked = purposeOfRequest(bytes, code, codeAt + 1);
		return this.#asked;
	}
}

/** `begin` is where the token is. */
function purposeOfRequest(bytes: Uint8Array, code: number, begin: number): Purpose {
	let number = 0;
	let segments = 0;
	for (let at = begin + (bytes[0]! & TOKEN_LENGTH_MASK); at < bytes.length && number <= Option.UriPath; ) {
		const delta = bytes[at]! >> 4;
		const length = bytes[at]! & 0x0f;
		number += delta;
		if (number === Option.Oscore) return bytes.length > REGISTER_LENGTH ? "registration" : "keepalive";
		// Extended deltas and lengths come only after what is looked for here.
		if (delta > 12 || length > 12) break;
		if (number === Option.UriPath && segments++ === 0) {
			const first = String.fromCharCode(bytes[at + 1]!, bytes[at + 2]!);
			if (first === "np") return "probe";
			if (first !== "rd") return "command";
		}
		at += 1 + length;
	}
	return segments === 1 && code === Code.Post ? "registration" : "keepalive";
}
