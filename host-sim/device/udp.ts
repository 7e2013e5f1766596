// ECMA-419 UDP over Node's dgram: same options, same argument order, same empty read.

import { createSocket, type Socket } from "node:dgram";
import type { Datagram, UdpOptions, Udp as UdpShape } from "../../firmware/io/ecma-419.js";

/** Datagrams kept while nobody reads, oldest out first: a device has no more memory either. */
const QUEUE_LIMIT = 32;

export class Udp implements UdpShape {
	readonly #socket: Socket;
	readonly #queue: Datagram[] = [];
	#closed = false;
	/** Datagrams on their way out: Node would drop them when the socket closes, and with them a device's last answer. */
	#sendCount = 0;

	constructor(options: UdpOptions) {
		this.#socket = createSocket("udp4");
		this.#socket.on("message", (bytes, from) => {
			if (this.#closed) return;
			const datagram = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
			if (this.#queue.length === QUEUE_LIMIT) this.#queue.shift();
			this.#queue.push(Object.assign(datagram as ArrayBuffer, { address: from.address, port: from.port }));
			options.onReadable?.call(this, this.#queue.length);
		});
		// An ICMP error is no news: on a microcontroller it is not delivered, so the agent must not depend on it.
		this.#socket.on("error", () => {});
		this.#socket.bind(options.port ?? 0);
	}

	read(): Datagram | undefined {
		return this.#queue.shift();
	}

	write(buffer: ArrayBufferLike | ArrayBufferView, address: string, port: number): void {
		// The caller reuses its buffer as soon as we return; dgram sends later.
		const bytes = ArrayBuffer.isView(buffer)
			? Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength)
			: Buffer.from(buffer);
		this.#sendCount++;
		this.#socket.send(Buffer.from(bytes), port, address, () => {
			this.#sendCount--;
			if (this.#closed && this.#sendCount === 0) this.#socket.close();
		});
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		if (this.#sendCount === 0) this.#socket.close();
	}
}
