// Two Endpoints on a wire in virtual time: what one sends arrives at the other after a delay, or not at all.

import type { Endpoint, EndpointEvent } from "../../coap/endpoint.js";
import type { Instant, Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { toHex } from "./hex.js";

export type Side = "left" | "right";

/** One datagram as the wire saw it. */
export interface Passage {
	readonly at: Instant;
	readonly from: Side;
	readonly hex: string;
	readonly lost: boolean;
}

export interface WireOptions {
	readonly delayMs?: number;
	/** True loses this datagram; `count` numbers those of its side from 0. */
	readonly lose?: (from: Side, count: number, at: Instant) => boolean;
	/** What the owner of a side does with an event, while the message in it is borrowed. */
	readonly onEvent?: (side: Side, event: EndpointEvent, at: Instant) => void;
}

interface Flight {
	readonly to: Side;
	readonly at: Instant;
	readonly bytes: Uint8Array;
}

export class Wire {
	now: Instant = 0;
	/** Every datagram that was sent, lost or not. */
	readonly passages: Passage[] = [];
	readonly #ends: Readonly<Record<Side, Endpoint>>;
	readonly #options: WireOptions;
	readonly #counts: Record<Side, number> = { left: 0, right: 0 };
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	#flights: Flight[] = [];

	constructor(left: Endpoint, right: Endpoint, options: WireOptions = {}) {
		this.#ends = { left, right };
		this.#options = options;
	}

	/** Drains both sides; call it after each use of an endpoint from outside. */
	drain(): void {
		for (const side of ["left", "right"] as const) {
			const endpoint = this.#ends[side];
			for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
				this.#options.onEvent?.(side, event, this.now);
			}
			while (endpoint.pollTransmit(this.now, this.#out)) this.#send(side, this.#out.bytes.slice(0, this.#out.length));
		}
	}

	#send(from: Side, bytes: Uint8Array): void {
		const { delayMs = 0, lose } = this.#options;
		const lost = lose?.(from, this.#counts[from]++, this.now) ?? false;
		this.passages.push({ at: this.now, from, hex: toHex(bytes), lost });
		if (!lost) this.#flights.push({ to: from === "left" ? "right" : "left", at: this.now + delayMs, bytes });
	}

	/** The next instant at which anything happens. */
	nextAt(): Instant {
		const { left, right } = this.#ends;
		let at = Math.min(left.pollTimeout(), right.pollTimeout());
		for (const flight of this.#flights) at = Math.min(at, flight.at);
		return at;
	}

	/** Plays everything that happens until an instant, which is then now. */
	run(until: Instant): void {
		this.drain();
		for (let at = this.nextAt(); at <= until; at = this.nextAt()) {
			this.now = Math.max(this.now, at);
			this.#step();
		}
		this.now = until;
	}

	/** Plays until nothing is under way any more; returns when that was. */
	runUntilIdle(limit: Instant = 7 * 24 * 3_600_000): Instant {
		this.drain();
		for (let at = this.nextAt(); at <= limit; at = this.nextAt()) {
			this.now = Math.max(this.now, at);
			this.#step();
		}
		return this.now;
	}

	/** A datagram from nowhere, as if the other side had sent it. */
	inject(to: Side, bytes: Uint8Array): void {
		this.#ends[to].handleReceived(this.now, bytes);
		this.drain();
	}

	#step(): void {
		const due = this.#flights.filter((flight) => flight.at <= this.now);
		this.#flights = this.#flights.filter((flight) => flight.at > this.now);
		for (const flight of due) {
			this.#ends[flight.to].handleReceived(this.now, flight.bytes);
			this.drain();
		}
		for (const side of ["left", "right"] as const) {
			if (this.#ends[side].pollTimeout() > this.now) continue;
			this.#ends[side].handleTimeout(this.now);
			this.drain();
		}
	}
}
