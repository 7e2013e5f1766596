// What everybody can see of a protected message: its outer options, and by which context it is to be opened.

import { Reader } from "../../bytes.js";
import { DatagramMessage } from "../../coap/message.js";
import { Option } from "../../coap/options.js";
import type { Refusal } from "../../contract.js";
import { TAG_LENGTH } from "./constants.js";
import { OscoreOption } from "./option.js";

const NOTHING = new Uint8Array(0);

/** Whether a datagram is a CoAP message with an OSCORE option, whatever it says. */
export function isProtected(bytes: Uint8Array): boolean {
	const message = new DatagramMessage();
	return message.decode(bytes) === "ok" && message.has(Option.Oscore);
}

/** One instance serves for ever: each `read` borrows other bytes. */
export class Envelope {
	readonly message = new DatagramMessage();
	readonly option = new OscoreOption();
	readonly #reader = new Reader(NOTHING);

	/** Undefined, or why the message cannot be opened. */
	read(bytes: Uint8Array): Refusal | undefined {
		const { message } = this;
		if (message.decode(bytes) !== "ok") return "bad";
		const value = message.option(Option.Oscore);
		if (value === undefined) return "not-protected";
		this.#reader.reset(value, 0, value.length);
		// RFC 8613, 2: without a payload there is nothing that could be authentic.
		return this.option.read(this.#reader) && message.payloadLength > TAG_LENGTH ? undefined : "bad-option";
	}
}
