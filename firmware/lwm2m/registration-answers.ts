// What a server's answer to a Register means beside its class.

import { Code } from "../coap/codes.js";
import type { Message } from "../coap/endpoint.js";
import { Option } from "../coap/options.js";

/** The answers by which servers say that they do not speak this version: 4.12 by the book, 4.00 and 4.02 by habit. */
export function isVersionRefusal(code: number): boolean {
	return code === Code.PreconditionFailed || code === Code.BadRequest || code === Code.BadOption;
}

/** Location-Path joined; kept as opaque as the server made it. */
export function locationPath(message: Message): string {
	let location = "";
	const count = message.count(Option.LocationPath);
	for (let i = 0; i < count; i++) location += `/${message.text(Option.LocationPath, i) ?? ""}`;
	return location;
}
