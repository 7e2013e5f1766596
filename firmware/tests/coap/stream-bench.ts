// One end of a stream under test: fed with hex, read out as hex and as events in one line each.

import { DatagramEndpoint } from "../../coap/datagram.js";
import type { Request, Response } from "../../coap/endpoint.js";
import { Stream, type StreamOptions } from "../../coap/stream.js";
import type { Instant, Protection, Transmit } from "../../contract.js";
import { FixedRandom } from "../random.js";
import { content, describeEvent, get } from "./bench.js";
import { fromHex, toHex } from "./hex.js";

/** What each peer says first: 2304 bytes are taken, blocks are known. */
export const CSM = "40e1 220900 20";

export interface StreamBenchOptions extends Partial<StreamOptions> {
	/** Bytes that the connection takes at first. */
	readonly room?: number;
	/** Bytes that the drainer takes at once. */
	readonly pieceLength?: number;
	/** True: requests are answered at once, as an application does. */
	readonly answering?: boolean;
	/** False: the connection is new, and nobody has said anything. */
	readonly settled?: boolean;
	readonly protection?: Protection;
}

/** The stream, its endpoint, and their owner, who drains after each input. */
export class StreamBench {
	readonly stream: Stream;
	readonly endpoint: DatagramEndpoint;
	readonly #out: Transmit;
	readonly #isAnswering: boolean;
	#lines: string[] = [];

	constructor(options: StreamBenchOptions = {}) {
		const {
			room = 1 << 20,
			pieceLength = 1152,
			settled = true,
			answering = false,
			protection,
			...streamOptions
		} = options;
		this.#isAnswering = answering;
		const random = new FixedRandom(0);
		this.stream = new Stream({ random, ...streamOptions });
		this.endpoint = new DatagramEndpoint({ random, protection });
		this.endpoint.isReliable = true;
		this.#out = { bytes: new Uint8Array(pieceLength), length: 0, path: 0 };
		if (!settled) return;
		this.writable(0, room);
		this.receive(0, "00e1");
	}

	/** Events, then pieces of the stream, since the last input. */
	drain(now: Instant): string[] {
		this.#drain(now);
		while (!this.stream.isDone && Math.min(this.stream.pollTimeout(), this.endpoint.pollTimeout()) <= now) {
			this.stream.handleTimeout(now);
			this.endpoint.handleTimeout(now);
			this.#drain(now);
		}
		if (this.stream.isDone) this.#lines.push(`done: ${this.stream.ended}`);
		const lines = this.#lines;
		this.#lines = [];
		return lines;
	}

	#drain(now: Instant): void {
		const message = this.stream.pollReceived();
		if (message !== undefined) this.endpoint.handleReceived(now, message);
		for (let event = this.endpoint.pollEvent(); event !== undefined; event = this.endpoint.pollEvent()) {
			this.#lines.push(describeEvent(event));
			if (this.#isAnswering && event.kind === "request") this.endpoint.respond(now, event.exchange, content());
		}
		this.stream.keep();
		while (this.stream.pollTransmit(now, this.#out, this.endpoint))
			this.#lines.push(toHex(this.#out.bytes.subarray(0, this.#out.length)));
	}

	writable(now: Instant, room: number): string[] {
		this.stream.handleWritable(room);
		return this.drain(now);
	}

	receive(now: Instant, hex: string): string[] {
		this.stream.handleReceived(fromHex(hex));
		return this.drain(now);
	}

	request(now: Instant, request: Request = get()): string[] {
		this.endpoint.request(now, request);
		return this.drain(now);
	}

	respond(now: Instant, exchange: number, response: Response = content()): string[] {
		this.endpoint.respond(now, exchange, response);
		return this.drain(now);
	}

	/** Lets time pass, deadline by deadline; each line begins with its instant. */
	pass(until: Instant): string[] {
		const lines: string[] = [];
		const nextAt = (): Instant => Math.min(this.stream.pollTimeout(), this.endpoint.pollTimeout());
		for (let at = nextAt(); at <= until && !this.stream.isDone; at = nextAt()) {
			this.stream.handleTimeout(at);
			this.endpoint.handleTimeout(at);
			for (const line of this.drain(at)) lines.push(`${at} ${line}`);
		}
		return lines;
	}
}
