// One connection of a device: a real socket, wrapped in WebSocket or not, and its name at the service.

import { randomFillSync } from "node:crypto";
import type { Socket } from "node:net";
import { FRAME_OVERHEAD, WebSocketEnd } from "../../firmware/coap/websocket.js";
import type { Random } from "../../firmware/contract.js";
import { MESSAGE_LENGTH } from "./connections.js";
import type { Service } from "./service.js";

/** Bytes that may wait in a socket that its far end does not read. */
const SEND_BUFFER_LENGTH = 1 << 16;
/** So long a handshake may take before anybody has said anything of CoAP. */
const HANDSHAKE_MS = 30_000;

const random: Random = {
	fill: (into) => void randomFillSync(into),
	uint32: () => randomFillSync(new Uint32Array(1))[0]!,
};

export class Incoming {
	readonly #address: string;
	readonly #socket: Socket;
	readonly #service: Service;
	readonly #webSocket: WebSocketEnd | undefined;
	/** The service knows of it. */
	#isOpen = false;
	/** Once the socket is gone. */
	readonly closed: Promise<void>;

	constructor(address: string, socket: Socket, service: Service, isWebSocket: boolean) {
		this.#address = address;
		this.#socket = socket;
		this.#service = service;
		this.#webSocket = isWebSocket ? new WebSocketEnd({ random, messageLengthMax: MESSAGE_LENGTH }) : undefined;
		socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
		socket.on("error", () => {});
		socket.on("end", () => socket.end());
		this.closed = new Promise((resolve) => {
			socket.on("close", () => {
				if (this.#isOpen) service.handleDisconnected(address);
				resolve();
			});
		});
	}

	/** To be called once it can be found by its address: the first words may leave at once. */
	begin(): void {
		if (this.#webSocket === undefined) this.#open();
		else setTimeout(() => this.#isOpen || this.#socket.destroy(), HANDSHAKE_MS).unref();
	}

	#open(): void {
		this.#isOpen = true;
		this.#service.handleConnected(this.#address);
		this.#tellRoom();
	}

	#receive(bytes: Uint8Array): void {
		const webSocket = this.#webSocket;
		if (webSocket === undefined) return this.#service.handleReceived(this.#address, bytes);
		webSocket.handleReceived(bytes);
		this.#flush(webSocket);
		if (webSocket.isOpen && !this.#isOpen) this.#open();
		for (let message = webSocket.pollReceived(); message !== undefined; message = webSocket.pollReceived())
			this.#service.handleReceived(this.#address, message);
		this.#flush(webSocket);
		if (webSocket.isClosed) this.end();
	}

	send(bytes: Uint8Array): void {
		// The service uses these bytes again at once.
		if (this.#webSocket === undefined) return this.#write(Buffer.from(bytes));
		this.#webSocket.send(bytes);
		this.#flush(this.#webSocket);
	}

	#flush(webSocket: WebSocketEnd): void {
		for (let bytes = webSocket.pollTransmit(); bytes !== undefined; bytes = webSocket.pollTransmit())
			this.#write(bytes);
	}

	#write(bytes: Uint8Array): void {
		if (this.#socket.writable) this.#socket.write(bytes, () => this.#tellRoom());
	}

	#tellRoom(): void {
		if (!this.#isOpen || !this.#socket.writable) return;
		const room = SEND_BUFFER_LENGTH - FRAME_OVERHEAD - this.#socket.writableLength;
		this.#service.handleWritable(this.#address, Math.max(0, room));
	}

	/** Ends the connection once what was written has left. */
	end(): void {
		this.#socket.end(() => this.#socket.destroySoon());
	}

	destroy(): void {
		this.#socket.destroy();
	}
}
