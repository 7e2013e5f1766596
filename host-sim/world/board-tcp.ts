// ECMA-419 TCP sockets of a board, over the virtual stack.

import type { Tcp, TcpConstructor, TcpOptions } from "../../firmware/io/ecma-419.js";
import type { EventQueue, Occasion } from "./queue.js";
import { refusalOf, TcpEnd, type VirtualSegment } from "./tcp-end.js";
import type { TcpStack } from "./tcp-stack.js";

/** What surrounds the sockets. */
export interface TcpSurroundings {
	readonly queue: EventQueue;
	readonly stack: TcpStack;
	now(): number;
	sendSegment(port: number, segment: VirtualSegment, address: string, remotePort: number): void;
	/** A socket was connected, or is no longer. */
	handlePorts(): void;
}

export class BoardTcp {
	readonly io: TcpConstructor;
	readonly #surroundings: TcpSurroundings;
	readonly #sockets = new Map<number, Socket>();

	constructor(surroundings: TcpSurroundings, nextPort: () => number) {
		const sockets = this.#sockets;
		this.#surroundings = surroundings;
		this.io = class implements Tcp {
			readonly #socket: Socket;

			constructor(options: TcpOptions) {
				this.#socket = new Socket(this, options, nextPort(), surroundings, sockets);
			}

			read(count?: number): ArrayBuffer | undefined {
				return this.#socket.end.read(count)?.slice().buffer;
			}

			write(buffer: ArrayBufferLike | ArrayBufferView): number {
				return this.#socket.write(buffer);
			}

			close(): void {
				this.#socket.close();
			}
		};
	}

	/** Whether a connection stands at a port. */
	isConnected(port: number): boolean {
		return this.#sockets.get(port)?.isOpen === true;
	}

	receive(port: number, segment: VirtualSegment, address: string, remotePort: number): void {
		const socket = this.#sockets.get(port);
		if (socket !== undefined) return socket.receive(segment);
		const refusal = refusalOf(segment);
		if (refusal !== undefined) this.#surroundings.sendSegment(port, refusal, address, remotePort);
	}

	/** The power is gone. */
	off(): void {
		for (const socket of this.#sockets.values()) socket.vanish();
		this.#sockets.clear();
	}
}

class Socket {
	readonly end: TcpEnd;
	readonly #tcp: Tcp;
	readonly #options: TcpOptions;
	readonly #port: number;
	readonly #surroundings: TcpSurroundings;
	readonly #sockets: Map<number, Socket>;
	#alarm: Occasion | undefined;
	/** The application closed it: it hears nothing more. */
	#isClosed = false;

	constructor(
		tcp: Tcp,
		options: TcpOptions,
		port: number,
		surroundings: TcpSurroundings,
		sockets: Map<number, Socket>,
	) {
		this.#tcp = tcp;
		this.#options = options;
		this.#port = port;
		this.#surroundings = surroundings;
		this.#sockets = sockets;
		this.end = TcpEnd.connect(surroundings.now(), surroundings.stack);
		sockets.set(port, this);
		this.#drain();
	}

	get isOpen(): boolean {
		return this.end.isConnected && !this.end.isClosed && !this.#isClosed;
	}

	receive(segment: VirtualSegment): void {
		this.end.handleSegment(this.#surroundings.now(), segment);
		this.#drain();
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): number {
		const bytes = ArrayBuffer.isView(buffer)
			? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
			: new Uint8Array(buffer);
		if (this.#isClosed) throw new Error("the socket is closed");
		if (!this.end.write(this.#surroundings.now(), bytes)) throw new Error("no room");
		this.#drain();
		return this.end.room;
	}

	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.end.close(this.#surroundings.now());
		this.#drain();
		this.#surroundings.handlePorts();
	}

	vanish(): void {
		this.#isClosed = true;
		if (this.#alarm !== undefined) this.#alarm.run = undefined;
	}

	#drain(): void {
		const { address, port } = this.#options;
		const { sendSegment, handlePorts } = this.#surroundings;
		const end = this.end;
		for (let segment = end.pollSegment(); segment !== undefined; segment = end.pollSegment())
			sendSegment(this.#port, segment, address, port);
		for (let event = end.pollEvent(); event !== undefined; event = end.pollEvent()) {
			if (event.kind === "connected" || event.kind === "over") handlePorts();
			this.#tell(event.kind);
		}
		if (end.isClosed && this.#sockets.get(this.#port) === this) this.#sockets.delete(this.#port);
		this.#arm();
	}

	/** In its own time, as a board's stack does: no application is called from within its own call. */
	#tell(kind: "connected" | "data" | "room" | "over"): void {
		const { queue, now } = this.#surroundings;
		queue.add(now(), () => {
			if (this.#isClosed) return;
			const { onReadable, onWritable, onError } = this.#options;
			if (kind === "over") onError?.call(this.#tcp);
			else if (kind === "data") {
				if (this.end.available > 0) onReadable?.call(this.#tcp, this.end.available);
			} else onWritable?.call(this.#tcp, this.end.room);
		});
	}

	#arm(): void {
		const at = this.end.pollTimeout();
		if (this.#alarm !== undefined) {
			if (this.#alarm.at === at && this.#alarm.run !== undefined) return;
			this.#alarm.run = undefined;
		}
		this.#alarm =
			at === Infinity
				? undefined
				: this.#surroundings.queue.add(Math.ceil(at), () => {
						this.#alarm = undefined;
						this.end.handleTimeout(this.#surroundings.now());
						this.#drain();
					});
	}
}
