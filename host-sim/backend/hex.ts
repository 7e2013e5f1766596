// Bytes as text.

import { HEX } from "../../firmware/coap/token.js";

/** Bytes as lower-case hex. */
export function hex(bytes: Uint8Array): string {
	let text = "";
	for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i]!]!;
	return text;
}
