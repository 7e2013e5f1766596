// Our CoAP under OSCORE by itself on XS, as peer.ts is on Node: a server of one value, and a client. Its keys are the
// first line of stdin; each further line is a request or a notification, and each response a line on stdout.

import UDP from "embedded:io/socket/udp";
import primitives from "pinhole/primitives";
import { onLine, print } from "pinhole/process";
import Time from "time";
import Timer from "timer";
import { Code } from "../../firmware/coap/codes.js";
import { DatagramEndpoint } from "../../firmware/coap/datagram.js";
import type { Message } from "../../firmware/coap/endpoint.js";
import { Option } from "../../firmware/coap/options.js";
import type { TimerId, Udp } from "../../firmware/io/ecma-419.js";
import { limits } from "../../firmware/limits.js";
import { SecurityContext } from "../../firmware/security/oscore/context.js";
import { Oscore } from "../../firmware/security/oscore/oscore.js";
import { ReplayWindow } from "../../firmware/security/oscore/replay-window.js";
import { xsProvider } from "../../host-sim/device/xs-provider.js";

/** The first line; bytes as hex. */
export interface XsKeys {
	readonly masterSecret: string;
	readonly masterSalt: string;
	readonly senderId: string;
	readonly recipientId: string;
	/** Where this side is. */
	readonly port: number;
}

/** A further line: a value that whoever observes is told of. */
interface XsNotification {
	readonly notify: string;
}

/** Or a request to a port of 127.0.0.1. */
export interface XsRequest {
	readonly port: number;
	readonly code: number;
	readonly path: string;
	readonly payload: string;
	readonly observe: boolean;
}

const HERE = "127.0.0.1";
const { random } = xsProvider;

const bytesOf = (hex: string): Uint8Array =>
	Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

class XsPeer {
	readonly #socket: Udp;
	readonly #endpoint: DatagramEndpoint;
	readonly #out = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	#port = 0;
	#timer: TimerId | undefined;
	#value: Uint8Array = bytesOf("68656c6c6f");
	#observer = 0;

	constructor({ masterSecret, masterSalt, senderId, recipientId, port }: XsKeys) {
		const parameters = {
			masterSecret: bytesOf(masterSecret),
			masterSalt: bytesOf(masterSalt),
			idContext: undefined,
			senderId: bytesOf(senderId),
			recipientId: bytesOf(recipientId),
		};
		const sequence = { first: 0, step: 1000, reserve: () => {} };
		const context = new SecurityContext(primitives, parameters, sequence, new ReplayWindow());
		const protection = new Oscore({ primitives, random, mustBeFresh: () => false }, context);
		this.#endpoint = new DatagramEndpoint({ random, protection });
		const read = (): void => this.read();
		this.#socket = new UDP({ port, onReadable: read });
	}

	ask({ port, code, path, payload, observe }: XsRequest): void {
		this.#port = port;
		this.#endpoint.request(Time.ticks, {
			code,
			confirmable: true,
			path,
			query: [],
			contentFormat: undefined,
			accept: undefined,
			observe: observe ? 0 : undefined,
			payload: payload === "" ? undefined : bytesOf(payload),
			maxRetransmit: undefined,
			urgent: undefined,
		});
		this.drain();
	}

	notify({ notify }: XsNotification): void {
		this.#value = bytesOf(notify);
		this.respond(this.#observer, Code.Content, this.#value, true);
		this.drain();
	}

	private read(): void {
		for (let datagram = this.#socket.read(); datagram !== undefined; datagram = this.#socket.read()) {
			this.#port = datagram.port;
			this.#endpoint.handleReceived(Time.ticks, new Uint8Array(datagram));
			this.drain();
		}
	}

	private drain(): void {
		const now = Time.ticks;
		const endpoint = this.#endpoint;
		if (endpoint.pollTimeout() <= now) endpoint.handleTimeout(now);
		for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
			if (event.kind === "request") this.serve(event.exchange, event.message);
			else if (event.kind === "response") {
				const { code, payload } = event.message;
				print(JSON.stringify({ code, payload: hexOf(payload ?? new Uint8Array(0)) }));
			} else if (event.kind === "failed") print(JSON.stringify({ error: event.why }));
		}
		while (endpoint.pollTransmit(now, this.#out))
			this.#socket.write(this.#out.bytes.slice(0, this.#out.length), HERE, this.#port);
		Timer.clear(this.#timer);
		const wakeAt = endpoint.pollTimeout();
		this.#timer =
			wakeAt === Number.POSITIVE_INFINITY ? undefined : Timer.set(() => this.drain(), Math.max(1, wakeAt - now));
	}

	private serve(exchange: number, message: Message): void {
		if (message.code === Code.Get) {
			const observe = message.uint(Option.Observe) === 0;
			if (observe) this.#observer = exchange;
			return this.respond(exchange, Code.Content, this.#value, observe);
		}
		this.#value = new Uint8Array(message.payload ?? []);
		this.respond(exchange, Code.Changed, undefined, false);
		if (this.#observer !== 0) this.respond(this.#observer, Code.Content, this.#value, true);
	}

	private respond(exchange: number, code: number, payload: Uint8Array | undefined, observe: boolean): void {
		const none = { contentFormat: undefined, locationPath: undefined, confirmable: undefined };
		this.#endpoint.respond(Time.ticks, exchange, { ...none, code, payload, observe: observe ? true : undefined });
	}
}

let peer: XsPeer | undefined;

onLine((line) => {
	if (line === undefined) return;
	if (peer !== undefined) {
		const wanted = JSON.parse(line) as XsRequest | XsNotification;
		return "notify" in wanted ? peer.notify(wanted) : peer.ask(wanted);
	}
	peer = new XsPeer(JSON.parse(line) as XsKeys);
	print(JSON.stringify({ ready: true }));
});
