// Datagrams that no CoAP endpoint makes: what strangers and fresh sockets are told, for whom nothing is kept.

import type { Datagram } from "./core.js";

/** More than this at once is lost, as a network would lose it. */
const DATAGRAM_COUNT = 4096;

export class Outbox {
	readonly #waiting: { readonly address: string; readonly bytes: Uint8Array }[] = [];

	/** The bytes are kept until they are sent. */
	add(address: string, bytes: Uint8Array): void {
		if (this.#waiting.length < DATAGRAM_COUNT) this.#waiting.push({ address, bytes });
	}

	pollTransmit(out: Datagram): boolean {
		const next = this.#waiting.shift();
		if (next === undefined) return false;
		out.bytes.set(next.bytes);
		out.length = next.bytes.length;
		out.address = next.address;
		return true;
	}
}
