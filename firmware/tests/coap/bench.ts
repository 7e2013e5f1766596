// One DatagramEndpoint under test: fed with hex, read out as hex and as events in one line each.

import type { DatagramOptions } from "../../coap/datagram.js";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { EndpointEvent, Message, Request, Response } from "../../coap/endpoint.js";
import { Option } from "../../coap/options.js";
import type { Instant, Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { FixedRandom } from "../random.js";
import { ascii, fromHex, toHex } from "./hex.js";

/** A GET of /a; rows of a test override what they are about. */
export function get(overrides: Partial<Request> = {}): Request {
	return {
		code: 0x01,
		confirmable: true,
		path: "/a",
		query: [],
		contentFormat: undefined,
		accept: undefined,
		observe: undefined,
		payload: undefined,
		maxRetransmit: undefined,
		urgent: undefined,
		...overrides,
	};
}

/** A 2.05 without payload; rows of a test override what they are about. */
export function content(overrides: Partial<Response> = {}): Response {
	return {
		code: 0x45,
		contentFormat: undefined,
		payload: undefined,
		locationPath: undefined,
		observe: undefined,
		confirmable: undefined,
		...overrides,
	};
}

/** Text as payload bytes. */
export function text(value: string): Uint8Array {
	return fromHex(ascii(value));
}

function describeMessage(message: Message): string {
	let line = message.code.toString(16);
	for (let i = 0; i < message.count(Option.UriPath); i++) line += `/${message.text(Option.UriPath, i)}`;
	const observe = message.uint(Option.Observe);
	if (observe !== undefined) line += ` observe=${observe}`;
	if (message.payload !== undefined) line += ` ${toHex(message.payload)}`;
	return line;
}

/** An event in one line: "request 1 1/a", "failed 1 timeout". */
export function describeEvent(event: EndpointEvent): string {
	switch (event.kind) {
		case "request":
			return `request ${event.exchange} ${describeMessage(event.message)}`;
		case "response":
			return `response ${event.exchange} ${describeMessage(event.message)}`;
		case "failed":
		case "cancelled":
			return `${event.kind} ${event.exchange} ${event.why}`;
		case "alive":
		case "doubted":
			return `${event.kind} ${event.exchange}`;
		default:
			return event satisfies never;
	}
}

/** The endpoint and its owner, who drains after each input. Message IDs and tokens begin at 0001. */
export class Bench {
	readonly endpoint: DatagramEndpoint;
	/** What was said since it was last taken. */
	#lines: string[] = [];
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };

	constructor(options: Partial<DatagramOptions> = {}) {
		this.endpoint = new DatagramEndpoint({ random: new FixedRandom(0), ...options });
	}

	/** Events, then datagrams, since the last input. */
	drain(now: Instant): string[] {
		for (let event = this.endpoint.pollEvent(); event !== undefined; event = this.endpoint.pollEvent()) {
			this.#lines.push(describeEvent(event));
		}
		while (this.endpoint.pollTransmit(now, this.#out)) {
			this.#lines.push(toHex(this.#out.bytes.subarray(0, this.#out.length)));
		}
		const lines = this.#lines;
		this.#lines = [];
		return lines;
	}

	receive(now: Instant, hex: string): string[] {
		this.endpoint.handleReceived(now, fromHex(hex));
		return this.drain(now);
	}

	request(now: Instant, request: Request = get()): string[] {
		this.endpoint.request(now, request);
		return this.drain(now);
	}

	ping(now: Instant, maxRetransmit?: number): string[] {
		this.endpoint.ping(now, maxRetransmit);
		return this.drain(now);
	}

	respond(now: Instant, exchange: number, response: Response = content()): string[] {
		const answered = this.endpoint.respond(now, exchange, response);
		const lines = this.drain(now);
		return answered ? lines : [...lines, "gone"];
	}

	/** Lets time pass, deadline by deadline; each line begins with its instant. */
	pass(until: Instant): string[] {
		const lines: string[] = [];
		for (let at = this.endpoint.pollTimeout(); at <= until; at = this.endpoint.pollTimeout()) {
			this.endpoint.handleTimeout(at);
			for (const line of this.drain(at)) lines.push(`${at} ${line}`);
		}
		return lines;
	}
}
