// Two ends of one connection in virtual time: what one writes the other reads, in pieces cut anywhere.

import { DatagramEndpoint } from "../../coap/datagram.js";
import type { EndpointEvent } from "../../coap/endpoint.js";
import { Stream } from "../../coap/stream.js";
import type { Instant, Protection, Random, Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { SeededRandom } from "../random.js";
import { toHex } from "./hex.js";

export interface StreamEndOptions {
	readonly messageLengthMax?: number;
	readonly protection?: Protection | undefined;
	readonly onEvent: (event: EndpointEvent, endpoint: DatagramEndpoint, now: Instant) => void;
}

/** One side, and the bytes on their way to it. */
class End {
	readonly stream: Stream;
	readonly endpoint: DatagramEndpoint;
	readonly onEvent: StreamEndOptions["onEvent"];
	/** All that it wrote, in hex. */
	written = "";
	incoming: number[] = [];
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };

	constructor(
		{ messageLengthMax = limits.streamMessageLength, protection, onEvent }: StreamEndOptions,
		random: Random,
	) {
		this.stream = new Stream({ random, messageLengthMax });
		this.endpoint = new DatagramEndpoint({ random, protection });
		this.endpoint.isReliable = true;
		this.onEvent = onEvent;
		this.stream.handleWritable(1 << 30);
	}

	receive(now: Instant, length: number): void {
		this.stream.handleReceived(Uint8Array.from(this.incoming.splice(0, length)));
		this.#take(now);
	}

	#take(now: Instant): void {
		const message = this.stream.pollReceived();
		if (message !== undefined) this.endpoint.handleReceived(now, message);
		for (let event = this.endpoint.pollEvent(); event !== undefined; event = this.endpoint.pollEvent())
			this.onEvent(event, this.endpoint, now);
		this.stream.keep();
	}

	/** What it writes now; after each message the next one that has come. */
	drain(now: Instant, to: End): void {
		for (;;) {
			this.#take(now);
			while (this.stream.pollTransmit(now, this.#out, this.endpoint)) {
				const bytes = this.#out.bytes.subarray(0, this.#out.length);
				this.written += toHex(bytes);
				to.incoming.push(...bytes);
			}
			if (this.stream.isDone || this.stream.pollTimeout() > now) return;
		}
	}
}

export class StreamWire {
	readonly left: End;
	readonly right: End;
	readonly #random: SeededRandom;

	constructor(left: StreamEndOptions, right: StreamEndOptions, seed: number) {
		this.#random = new SeededRandom(seed);
		this.left = new End(left, this.#random);
		this.right = new End(right, this.#random);
	}

	/** Lets pieces of at most so many bytes go to and fro until nobody has anything to say. */
	run(now: Instant, pieceLengthMax: number): void {
		for (;;) {
			this.left.drain(now, this.right);
			this.right.drain(now, this.left);
			if (this.left.incoming.length + this.right.incoming.length === 0) return;
			this.#pass(now, this.left, pieceLengthMax);
			this.#pass(now, this.right, pieceLengthMax);
		}
	}

	#pass(now: Instant, to: End, pieceLengthMax: number): void {
		if (to.incoming.length > 0) to.receive(now, 1 + (this.#random.uint32() % pieceLengthMax));
	}
}
