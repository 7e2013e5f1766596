// The two kinds of paths that a shell opens: a socket for datagrams from and to one peer, or a connection.

import type { Command, PathClosed } from "../agent/agent.js";
import { FRAME_OVERHEAD, type WebSocketEnd } from "../coap/websocket.js";
import type { PathId } from "../contract.js";
import type { Tcp, TcpConstructor, Udp, UdpConstructor } from "./ecma-419.js";

export type OpenCommand = Extract<Command, { kind: "open" }>;

/** What paths tell their shell. */
export interface PathOwner {
	handleOpened(path: PathId): void;
	/** Of a connection: it takes so many bytes now. */
	handleWritable(path: PathId, room: number): void;
	/** A whole datagram of the peer, or a piece of a stream. */
	handleReceived(path: PathId, bytes: Uint8Array): void;
	/** A datagram of somebody else. */
	handleStray(): void;
	/** `detail` is for people: what TLS had against the server. */
	handleClosed(path: PathId, why: PathClosed, detail?: string): void;
}

export interface OpenPath {
	readonly id: PathId;
	/** Throws where it cannot be sent now. */
	send(bytes: Uint8Array): void;
	close(): void;
}

/** One socket, and the only peer it listens to. */
export class DatagramPath implements OpenPath {
	readonly id: PathId;
	readonly #socket: Udp;
	readonly #address: string;
	readonly #port: number;
	#isClosed = false;

	/** Throws where no socket is left. */
	constructor({ path, address, port }: OpenCommand, io: UdpConstructor, owner: PathOwner) {
		const self = this;
		this.id = path;
		this.#address = address;
		this.#port = port;
		this.#socket = new io({
			onReadable(this: Udp): void {
				self.receive(this, owner);
			},
		});
	}

	private receive(socket: Udp, owner: PathOwner): void {
		// What one datagram brings about may close this very path.
		while (!this.#isClosed) {
			const datagram = socket.read();
			if (datagram === undefined) return;
			if (datagram.address !== this.#address || datagram.port !== this.#port) owner.handleStray();
			else owner.handleReceived(this.id, new Uint8Array(datagram));
		}
	}

	send(bytes: Uint8Array): void {
		this.#socket.write(bytes, this.#address, this.#port);
	}

	close(): void {
		this.#isClosed = true;
		this.#socket.close();
	}
}

/** Bytes that are taken from a connection at once: what they ask is answered before the next are read. */
const PIECE_LENGTH = 1024;

/** One connection: TCP, or TLS by the same constructor's shape; where it is wrapped in WebSocket, that is done here. */
export class StreamPath implements OpenPath {
	readonly id: PathId;
	readonly #socket: Tcp;
	readonly #owner: PathOwner;
	readonly #webSocket: WebSocketEnd | undefined;
	#state: "opening" | "open" | "closed" = "opening";
	/** Bytes that the socket takes now; below 0: it is not connected. */
	#room = -1;

	/** Throws where no socket is left. */
	constructor(
		command: OpenCommand,
		tcp: { readonly io: TcpConstructor } & object,
		owner: PathOwner,
		webSocket: WebSocketEnd | undefined,
	) {
		const { path, address, port, host } = command;
		const self = this;
		this.id = path;
		this.#owner = owner;
		this.#webSocket = webSocket;
		this.#socket = new tcp.io({
			...tcp,
			address,
			port,
			host: host ?? address,
			applicationProtocol: webSocket === undefined ? "coap" : "http/1.1",
			nodelay: true,
			onReadable(this: Tcp): void {
				self.receive(this);
			},
			onWritable(count: number): void {
				self.handleWritable(count);
			},
			onError(why?: string): void {
				self.end(why);
			},
		});
	}

	private handleWritable(room: number): void {
		if (this.#state === "closed") return;
		const wasConnected = this.isConnected;
		this.#room = room;
		this.flush();
		this.tellRoom();
		// The other end may have been quicker with its first words than we with hearing that it is there.
		if (!wasConnected) this.receive(this.#socket);
	}

	private get isConnected(): boolean {
		return this.#room >= 0;
	}

	/** Once the connection is all that it should be, it is open; from then on its owner knows how much it takes. */
	private tellRoom(): void {
		const webSocket = this.#webSocket;
		if (this.#state === "opening" && (webSocket === undefined || webSocket.isOpen)) {
			this.#state = "open";
			this.#owner.handleOpened(this.id);
		}
		const room = webSocket === undefined ? this.#room : Math.max(0, this.#room - FRAME_OVERHEAD);
		if (this.isOpen) this.#owner.handleWritable(this.id, room);
	}

	private receive(socket: Tcp): void {
		// What one piece brings about may close this very path.
		while (this.#state !== "closed" && this.isConnected) {
			const piece = socket.read(PIECE_LENGTH);
			if (piece === undefined) return;
			const bytes = new Uint8Array(piece);
			if (this.#webSocket === undefined) this.#owner.handleReceived(this.id, bytes);
			else this.unwrap(this.#webSocket, bytes);
		}
	}

	private unwrap(webSocket: WebSocketEnd, bytes: Uint8Array): void {
		webSocket.handleReceived(bytes);
		if (this.#state === "opening" && webSocket.isOpen) this.tellRoom();
		for (let message = webSocket.pollReceived(); message !== undefined; message = webSocket.pollReceived()) {
			this.#owner.handleReceived(this.id, message);
			if (!this.isOpen) return;
		}
		this.flush();
		if (webSocket.isClosed) this.end();
	}

	/** Sends what the WebSocket has to say of its own. */
	private flush(): void {
		const webSocket = this.#webSocket;
		if (webSocket === undefined) return;
		for (let bytes = webSocket.pollTransmit(); bytes !== undefined; bytes = webSocket.pollTransmit())
			this.#room = this.#socket.write(bytes);
	}

	/** The other end has gone, or was never there. */
	private end(detail?: string): void {
		if (this.#state === "closed") return;
		const why = this.isOpen ? "ended" : detail === undefined ? "refused" : "tls-alert";
		this.close();
		this.#owner.handleClosed(this.id, why, detail);
	}

	private get isOpen(): boolean {
		return this.#state === "open";
	}

	send(bytes: Uint8Array): void {
		if (this.#webSocket === undefined) {
			this.#socket.write(bytes);
			return;
		}
		this.#webSocket.send(bytes);
		this.flush();
	}

	close(): void {
		if (this.#state === "closed") return;
		this.#state = "closed";
		this.#socket.close();
	}
}
