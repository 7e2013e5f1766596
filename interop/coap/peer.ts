// Our CoAP by itself on a UDP socket, server and client: what foreign CoAP is tested against.

import { randomFillSync } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { DatagramEndpoint } from "../../firmware/coap/datagram.js";
import type { EndpointEvent, Message, Request, Response } from "../../firmware/coap/endpoint.js";
import type { Protection, Random } from "../../firmware/contract.js";
import { limits } from "../../firmware/limits.js";
import { get } from "../../firmware/tests/coap/bench.js";

/** What a resource answers; a promise makes it a separate response. Undefined members need not be written. */
export type Answer = Partial<Response> & { readonly code: number };
export type Resource = (request: Message) => Answer | Promise<Answer>;

/** A response, copied from the borrowed message. */
export interface Reply {
	readonly code: number;
	readonly contentFormat: number | undefined;
	readonly payload: Buffer;
	/** The values of an option, in order. */
	options(number: number): Buffer[];
}

/** The head of one datagram, as it passed the socket. */
export interface Head {
	readonly incoming: boolean;
	readonly type: "CON" | "NON" | "ACK" | "RST";
	readonly code: number;
	readonly messageId: number;
	readonly token: string;
}

const CONTENT_FORMAT = 12;
const TYPES = ["CON", "NON", "ACK", "RST"] as const;

const random: Random = {
	fill: (into) => void randomFillSync(into),
	uint32: () => randomFillSync(new Uint32Array(1))[0]!,
};

/** An observation of a foreign resource. */
export interface Observing {
	/** The next notification, or the first answer; throws when none comes within a time. */
	next(timeoutMs: number): Promise<Reply>;
	/** Forgets it: the next notification is answered by a Reset. */
	forget(): void;
}

interface Waiting {
	reply(reply: Reply): void;
	fail(why: string): void;
	readonly open: boolean;
}

/** One socket, an Endpoint for each remote port, all on 127.0.0.1. */
export class CoapPeer {
	/** Every datagram, in order. */
	readonly heads: Head[] = [];
	/** How many datagrams to lose before they are sent. */
	dropCount = 0;
	/** How often each datagram is sent. */
	copyCount = 1;
	readonly #socket: Socket;
	readonly #resource: Resource;
	readonly #endpoints = new Map<number, DatagramEndpoint>();
	readonly #waiting = new Map<string, Waiting>();
	/** Observations of our resource, by port and exchange. */
	readonly #observers = new Set<string>();
	readonly #out = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	#timer: NodeJS.Timeout | undefined;

	readonly #protection: Protection | undefined;

	private constructor(socket: Socket, resource: Resource, protection: Protection | undefined) {
		this.#socket = socket;
		this.#protection = protection;
		this.#resource = resource;
		socket.on("message", (bytes, { port }) => {
			this.#note(true, bytes);
			this.#endpoint(port).handleReceived(performance.now(), new Uint8Array(bytes));
			this.#drain();
		});
		socket.on("error", () => {});
	}

	/** Opens a free port; every request is served by one function. With a protection there is one foreign peer only. */
	static async open(resource: Resource = () => ({ code: 0x84 }), protection?: Protection): Promise<CoapPeer> {
		const socket = createSocket("udp4");
		await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
		return new CoapPeer(socket, resource, protection);
	}

	get port(): number {
		return this.#socket.address().port;
	}

	/** Asks a foreign server and waits for its response. */
	request(port: number, request: Partial<Request> & { readonly code: number }): Promise<Reply> {
		const exchange = this.#endpoint(port).request(performance.now(), get({ path: "", ...request }));
		if (exchange === 0) throw new Error("too many requests at once");
		const reply = new Promise<Reply>((resolve, reject) => {
			const fail = (why: string) => reject(new Error(`the request failed: ${why}`));
			this.#waiting.set(`${port} ${exchange}`, { reply: resolve, fail, open: false });
		});
		this.#drain();
		return reply;
	}

	/** Observes a foreign resource. */
	observe(port: number, path: string): Observing {
		const endpoint = this.#endpoint(port);
		const exchange = endpoint.request(performance.now(), get({ path, observe: 0 }));
		const arrived: (Reply | string)[] = [];
		let wake = (): void => {};
		const push = (one: Reply | string): void => {
			arrived.push(one);
			wake();
		};
		this.#waiting.set(`${port} ${exchange}`, { reply: push, fail: push, open: true });
		this.#drain();
		return {
			next: async (timeoutMs) => {
				if (arrived.length === 0) {
					await new Promise<void>((resolve) => {
						const timer = setTimeout(resolve, timeoutMs);
						wake = () => {
							clearTimeout(timer);
							resolve();
						};
					});
				}
				const first = arrived.shift() ?? `nothing within ${timeoutMs} ms`;
				if (typeof first === "string") throw new Error(first);
				return first;
			},
			forget: () => {
				endpoint.cancel(performance.now(), exchange);
				this.#waiting.delete(`${port} ${exchange}`);
				this.#drain();
			},
		};
	}

	/** Tells every observer of our resource. */
	notify(answer: Answer): void {
		for (const key of this.#observers) {
			const [port = 0, exchange = 0] = key.split(" ").map(Number);
			this.#respond(port, exchange, { ...answer, observe: true });
		}
		this.#drain();
	}

	/** Tells every observer of our resource, for the last time. */
	endObservations(answer: Answer): void {
		for (const key of this.#observers) {
			const [port = 0, exchange = 0] = key.split(" ").map(Number);
			this.#respond(port, exchange, answer);
		}
		this.#observers.clear();
		this.#drain();
	}

	get observerCount(): number {
		return this.#observers.size;
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#socket.close();
	}

	#endpoint(port: number): DatagramEndpoint {
		const known = this.#endpoints.get(port);
		if (known !== undefined) return known;
		const protection = this.#protection;
		const endpoint = new DatagramEndpoint({ random, responseLengthMax: 1 << 16, conditional: true, protection });
		this.#endpoints.set(port, endpoint);
		return endpoint;
	}

	#note(incoming: boolean, bytes: Uint8Array): void {
		const first = bytes[0] ?? 0;
		const token = Buffer.from(bytes.subarray(4, 4 + (first & 0xf))).toString("hex");
		const messageId = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
		this.heads.push({ incoming, type: TYPES[(first >> 4) & 3]!, code: bytes[1] ?? 0, messageId, token });
	}

	#drain(): void {
		const now = performance.now();
		let wakeAt = Number.POSITIVE_INFINITY;
		for (const [port, endpoint] of this.#endpoints) {
			if (endpoint.pollTimeout() <= now) endpoint.handleTimeout(now);
			for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
				this.#handleEvent(port, event);
			}
			while (endpoint.pollTransmit(now, this.#out)) this.#send(port, this.#out.bytes.slice(0, this.#out.length));
			wakeAt = Math.min(wakeAt, endpoint.pollTimeout());
		}
		clearTimeout(this.#timer);
		if (wakeAt === Number.POSITIVE_INFINITY) return;
		this.#timer = setTimeout(() => this.#drain(), Math.max(0, Math.ceil(wakeAt - performance.now())));
	}

	#send(port: number, bytes: Uint8Array): void {
		if (this.dropCount > 0) {
			this.dropCount--;
			return;
		}
		for (let i = 0; i < this.copyCount; i++) {
			this.#note(false, bytes);
			this.#socket.send(bytes, port, "127.0.0.1");
		}
	}

	#handleEvent(port: number, event: EndpointEvent): void {
		const key = `${port} ${event.exchange}`;
		switch (event.kind) {
			case "request": {
				const answer = this.#resource(event.message);
				if (!(answer instanceof Promise)) return this.#respond(port, event.exchange, answer);
				void answer.then((late) => {
					this.#respond(port, event.exchange, late);
					this.#drain();
				});
				return;
			}
			case "response": {
				const waiting = this.#waiting.get(key);
				if (waiting?.open === false) this.#waiting.delete(key);
				return waiting?.reply(copy(event.message));
			}
			case "failed":
				this.#waiting.get(key)?.fail(event.why);
				this.#waiting.delete(key);
				return;
			case "cancelled":
				this.#observers.delete(key);
				return;
			case "alive":
			case "doubted": // only of an endpoint that doubts Resets
				return;
			default:
				event satisfies never;
		}
	}

	#respond(port: number, exchange: number, answer: Answer): void {
		const missing = { contentFormat: undefined, payload: undefined, locationPath: undefined };
		const response = { ...missing, observe: undefined, confirmable: undefined, ...answer };
		const key = `${port} ${exchange}`;
		if (!this.#endpoint(port).respond(performance.now(), exchange, response)) this.#observers.delete(key);
		else if (answer.observe === true) this.#observers.add(key);
	}
}

function copy(message: Message): Reply {
	const all = new Map<number, Buffer[]>();
	const payload = Buffer.from(message.payload ?? []);
	for (let number = 1; number <= 60; number++) {
		const values = Array.from({ length: message.count(number) }, (_, i) =>
			Buffer.from(message.option(number, i) ?? []),
		);
		all.set(number, values);
	}
	const contentFormat = message.uint(CONTENT_FORMAT);
	return { code: message.code, contentFormat, payload, options: (number) => all.get(number) ?? [] };
}
