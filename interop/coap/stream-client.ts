// Our CoAP as the client of a foreign server over a connection: the firmware's own stream and endpoint on real sockets.

import { DatagramEndpoint } from "../../firmware/coap/datagram.js";
import type { Request } from "../../firmware/coap/endpoint.js";
import { Stream } from "../../firmware/coap/stream.js";
import { WebSocketEnd } from "../../firmware/coap/websocket.js";
import type { Transmit } from "../../firmware/contract.js";
import { type PathOwner, StreamPath } from "../../firmware/io/paths.js";
import { limits } from "../../firmware/limits.js";
import { systemRandom } from "../../host-sim/device/provider.js";
import { Tcp } from "../../host-sim/device/tcp.js";

/** What came of a request: the code and the payload, once for each notification. */
export interface Answer {
	readonly code: number;
	readonly payload: Uint8Array;
}

export class StreamClient implements PathOwner {
	readonly #stream = new Stream({ random: systemRandom });
	readonly #endpoint = new DatagramEndpoint({ random: systemRandom, responseLengthMax: 1 << 16 });
	readonly #path: StreamPath;
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	readonly #waiting = new Map<number, (answer: Answer | string) => void>();
	readonly #timer = setInterval(() => this.#drain(), 100);

	constructor(transport: "tcp" | "ws", port: number) {
		const webSocket =
			transport === "ws" ? new WebSocketEnd({ random: systemRandom, host: `127.0.0.1:${port}` }) : undefined;
		const command = { kind: "open", path: 1, transport, address: "127.0.0.1", port } as const;
		this.#endpoint.isReliable = true;
		this.#path = new StreamPath(command, { io: Tcp }, this, webSocket);
	}

	/** Asks; each answer and notification is given to `onAnswer`, and a failure as a word. Gives the exchange. */
	ask(request: Request, onAnswer: (answer: Answer | string) => void): number {
		const exchange = this.#endpoint.request(performance.now(), request);
		this.#waiting.set(exchange, onAnswer);
		this.#drain();
		return exchange;
	}

	/** Asks and waits. */
	fetch(request: Request): Promise<Answer> {
		return new Promise((resolve, reject) => {
			this.ask(request, (answer) => (typeof answer === "string" ? reject(new Error(answer)) : resolve(answer)));
		});
	}

	/** Ends with a Ping: true if it is answered. */
	ping(): Promise<boolean> {
		return new Promise((resolve) => {
			const exchange = this.#endpoint.ping(performance.now(), 1);
			this.#waiting.set(exchange, (answer) => resolve(answer === "alive"));
			this.#drain();
		});
	}

	close(): void {
		clearInterval(this.#timer);
		this.#path.close();
	}

	handleOpened(): void {}

	handleWritable(_path: number, room: number): void {
		this.#stream.handleWritable(room);
		this.#drain();
	}

	handleReceived(_path: number, bytes: Uint8Array): void {
		this.#stream.handleReceived(bytes);
		this.#drain();
	}

	handleStray(): void {}

	handleClosed(_path: number, why: string): void {
		for (const tell of this.#waiting.values()) tell(why);
	}

	#drain(): void {
		for (;;) {
			const now = performance.now();
			this.#stream.handleTimeout(now);
			this.#endpoint.handleTimeout(now);
			const message = this.#stream.pollReceived();
			if (message !== undefined) this.#endpoint.handleReceived(now, message);
			for (let event = this.#endpoint.pollEvent(); event !== undefined; event = this.#endpoint.pollEvent()) {
				const tell = this.#waiting.get(event.exchange);
				if (event.kind === "response")
					tell?.({ code: event.message.code, payload: new Uint8Array(event.message.payload ?? []) });
				else tell?.(event.kind === "failed" ? event.why : event.kind);
			}
			this.#stream.keep();
			while (this.#stream.pollTransmit(now, this.#out, this.#endpoint))
				this.#path.send(this.#out.bytes.subarray(0, this.#out.length));
			if (this.#stream.isDone || this.#stream.pollTimeout() > now) return;
		}
	}
}
