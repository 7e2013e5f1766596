// The last minutes of a world, kept in memory and written as a capture file when something went wrong.

import { type CapturedDatagram, CaptureWriter } from "../nat/pcap.js";
import type { Peer } from "../nat/peer.js";

const CAPACITY = 5_000;
/** Any date does; captures of a world begin on the same one. */
const EPOCH_MS = Date.UTC(2020, 0, 1);

export class PcapRing {
	readonly #datagrams: (CapturedDatagram | undefined)[] = [];
	#next = 0;

	readonly add = (at: number, source: Peer, destination: Peer, payload: Uint8Array): void => {
		this.#datagrams[this.#next] = { unixMs: EPOCH_MS + at, source, destination, payload };
		this.#next = (this.#next + 1) % CAPACITY;
	};

	/** Oldest first. */
	write(path: string): void {
		const writer = new CaptureWriter(path);
		for (let i = 0; i < CAPACITY; i++) {
			const datagram = this.#datagrams[(this.#next + i) % CAPACITY];
			if (datagram !== undefined) writer.write(datagram);
		}
		writer.close();
	}
}
