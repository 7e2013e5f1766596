// Messages as bytes, written by hand: any type, code, Message ID, token and options.

import { Encoder } from "../../coap/encoder.js";
import type { MessageType } from "../../coap/message.js";
import { Option } from "../../coap/options.js";
import { TokenBearer } from "../../coap/token.js";
import { limits } from "../../limits.js";

/** One option with its value: a number, a text, or bytes. */
export type OptionValue = readonly [number: number, value: number | string | Uint8Array];

export interface Parts {
	readonly type?: MessageType;
	readonly code: number;
	readonly messageId?: number;
	/** The token in hex. */
	readonly token?: string;
	/** Uri-Path as "/3/0". */
	readonly path?: string;
	readonly options?: readonly OptionValue[];
	readonly payload?: Uint8Array;
}

/** A message as bytes, its options in any order. */
export function message(parts: Parts): Uint8Array {
	const { type = "CON", code, messageId = 1, token = "", path = "", options = [], payload } = parts;
	const segments = path.split("/").slice(1);
	const all = [...segments.map((segment): OptionValue => [Option.UriPath, segment]), ...options];
	all.sort(([left], [right]) => left - right);
	const bearer = new TokenBearer();
	bearer.token = token;
	const bytes = new Uint8Array(limits.messageLength);
	const encoder = new Encoder();
	encoder.target(bytes);
	encoder.begin(type, code, messageId, bearer);
	for (const [number, value] of all) {
		if (typeof value === "string") encoder.text(number, value);
		else if (typeof value !== "number") encoder.option(number, value);
		else encoder.uint(number, value);
	}
	if (payload !== undefined) encoder.payload(payload);
	return bytes.slice(0, encoder.end);
}
