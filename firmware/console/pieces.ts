// A request that comes in pieces: there only while one is under way.

import type { Instant } from "../contract.js";
import { REQUEST_LENGTH, REQUEST_MS } from "./constants.js";

export class Pieces {
	readonly id: number;
	readonly #bytes = new Uint8Array(REQUEST_LENGTH);
	readonly #staleAt: Instant;
	length = 0;

	constructor(id: number, now: Instant) {
		this.id = id;
		this.#staleAt = now + REQUEST_MS;
	}

	/** Whoever sent the beginning has had time enough for the end. */
	isStale(now: Instant): boolean {
		return now >= this.#staleAt;
	}

	/** False when it does not fit. */
	add(piece: Uint8Array): boolean {
		if (this.length + piece.length > REQUEST_LENGTH) return false;
		this.#bytes.set(piece, this.length);
		this.length += piece.length;
		return true;
	}

	/** All that has come, borrowed. */
	all(): Uint8Array {
		return this.#bytes.subarray(0, this.length);
	}

	/** Leaves nothing behind: there may be a key in it. */
	wipe(): void {
		this.#bytes.fill(0);
	}
}
