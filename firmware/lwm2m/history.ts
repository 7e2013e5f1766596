// What would have been notified while the server was out of reach (LwM2M Core, /1/x/6 and the attribute hqmax, 7.3.2).

import { Reader, Writer } from "../bytes.js";
import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import type { TimedPack } from "./formats/senml-history.js";

/** Exchange, instant and length of the payload that follows. */
const EXCHANGE_LENGTH = 4;
const INSTANT_LENGTH = 6;
const HEAD_LENGTH = EXCHANGE_LENGTH + INSTANT_LENGTH + 2;

/** One server's stored notifications of all its observations in one buffer, oldest first; the oldest makes room. */
export class History {
	readonly #bytes = new Uint8Array(limits.historyLength);
	#length = 0;
	/** The head of the entry that was read last, and where the next one begins. */
	readonly #reader = new Reader(this.#bytes);
	#exchange = 0;
	#at: Instant = 0;
	#start = 0;
	#end = 0;

	get isEmpty(): boolean {
		return this.#length === 0;
	}

	/** Keeps a notification, and of this observation the newest `most`. False: it is longer than all the room. */
	add(exchange: number, now: Instant, payload: Uint8Array, most: number): boolean {
		const length = HEAD_LENGTH + payload.length;
		if (length > limits.historyLength) return false;
		for (let surplus = this.count(exchange) + 1 - most; surplus > 0; surplus--) this.removeOldest(exchange);
		while (this.#length + length > limits.historyLength) this.remove(0);
		const writer = new Writer(this.#bytes);
		writer.length = this.#length;
		writer.u32(exchange);
		writer.uint(now, INSTANT_LENGTH);
		writer.u16(payload.length);
		writer.copy(payload);
		this.#length = writer.length;
		return true;
	}

	/** How many notifications of an observation are kept. */
	count(exchange: number): number {
		let count = 0;
		for (let at = 0; at < this.#length; at = this.#end) {
			this.readHead(at);
			if (this.#exchange === exchange) count++;
		}
		return count;
	}

	/** Copies of what is kept of an observation, oldest first; each time is an instant. */
	packs(exchange: number): TimedPack[] {
		const packs: TimedPack[] = [];
		for (let at = 0; at < this.#length; at = this.#end) {
			this.readHead(at);
			if (this.#exchange !== exchange) continue;
			packs.push({ time: this.#at, bytes: this.#bytes.slice(this.#start, this.#end) });
		}
		return packs;
	}

	/** Forgets what is kept of an observation. */
	drop(exchange: number): void {
		while (this.removeOldest(exchange));
	}

	private removeOldest(exchange: number): boolean {
		for (let at = 0; at < this.#length; at = this.#end) {
			this.readHead(at);
			if (this.#exchange !== exchange) continue;
			this.remove(at);
			return true;
		}
		return false;
	}

	private remove(at: number): void {
		this.readHead(at);
		this.#bytes.copyWithin(at, this.#end, this.#length);
		this.#length -= this.#end - at;
	}

	private readHead(at: number): void {
		const reader = this.#reader;
		reader.reset(this.#bytes, at, this.#length);
		this.#exchange = reader.u32();
		this.#at = reader.uint(INSTANT_LENGTH);
		const length = reader.u16();
		this.#start = reader.offset;
		this.#end = reader.offset + length;
	}
}
