// The stream side of a service in virtual time: accepts connections, and names each by its transport and public end, as
// the back end does: "tcp:198.18.0.0:61234".

import type { Peer } from "../nat/peer.js";
import { ACK, SYN } from "../nat/tcp-flags.js";
import type { EventQueue, Occasion } from "./queue.js";
import { refusalOf, TcpEnd, type VirtualSegment } from "./tcp-end.js";
import { linux } from "./tcp-stack.js";

/** What a listener tells, and needs. */
export interface ListenerSurroundings {
	readonly queue: EventQueue;
	now(): number;
	sendSegment(to: Peer, segment: VirtualSegment): void;
	handleConnected(connection: Peer, room: number): void;
	handleReceived(connection: Peer, bytes: Uint8Array): void;
	handleWritable(connection: Peer, room: number): void;
	/** Its last word, unless the service itself closed it. */
	handleDisconnected(connection: Peer): void;
}

interface Connection {
	readonly end: TcpEnd;
	alarm: Occasion | undefined;
	/** The service wants nothing of it any more. */
	isClosed: boolean;
}

const PREFIX = "tcp:";

/** The public end of a connection's name; undefined: it is a datagram's. */
export function streamPeerOf(address: string): Peer | undefined {
	return address.startsWith(PREFIX) ? address.slice(PREFIX.length) : undefined;
}

export class TcpListener {
	readonly #surroundings: ListenerSurroundings;
	readonly #connections = new Map<Peer, Connection>();
	/** The process is down: its system refuses for it. */
	#isDown = false;

	constructor(surroundings: ListenerSurroundings) {
		this.#surroundings = surroundings;
	}

	/** Whether a connection stands, as the service sees it. */
	isConnected(from: Peer): boolean {
		const connection = this.#connections.get(from);
		return connection?.end.isConnected === true && !connection.end.isClosed && !connection.isClosed;
	}

	receive(from: Peer, segment: VirtualSegment): void {
		const isFirst = (segment.flags & (SYN | ACK)) === SYN;
		let connection = this.#connections.get(from);
		if (isFirst && !this.#isDown && (connection === undefined || connection.end.isConnected)) {
			if (connection !== undefined) this.#forget(from, connection);
			connection = { end: TcpEnd.accept(this.#surroundings.now(), linux, segment), alarm: undefined, isClosed: false };
			this.#connections.set(from, connection);
		} else connection?.end.handleSegment(this.#surroundings.now(), segment);
		if (connection !== undefined) return this.#drain(from, connection);
		const refusal = refusalOf(segment);
		if (refusal !== undefined) this.#surroundings.sendSegment(from, refusal);
	}

	/** False: it is gone, or full. */
	send(to: Peer, bytes: Uint8Array): boolean {
		const connection = this.#connections.get(to);
		if (connection === undefined || connection.isClosed) return false;
		const isTaken = connection.end.write(this.#surroundings.now(), bytes.slice());
		this.#drain(to, connection);
		return isTaken;
	}

	/** What was sent before still goes out. */
	close(to: Peer): void {
		const connection = this.#connections.get(to);
		if (connection === undefined || connection.isClosed) return;
		connection.isClosed = true;
		connection.end.close(this.#surroundings.now());
		this.#drain(to, connection);
	}

	/** The process ends, or begins again: the system closes what it had open, by a FIN each. */
	setDown(isDown: boolean): void {
		this.#isDown = isDown;
		if (!isDown) return;
		for (const peer of [...this.#connections.keys()]) this.close(peer);
	}

	#forget(from: Peer, connection: Connection): void {
		if (connection.alarm !== undefined) connection.alarm.run = undefined;
		this.#connections.delete(from);
		if (!connection.isClosed) this.#surroundings.handleDisconnected(PREFIX + from);
	}

	#drain(from: Peer, connection: Connection): void {
		const { end } = connection;
		const name = PREFIX + from;
		const { sendSegment, handleConnected, handleReceived, handleWritable } = this.#surroundings;
		for (let segment = end.pollSegment(); segment !== undefined; segment = end.pollSegment())
			sendSegment(from, segment);
		for (let event = end.pollEvent(); event !== undefined; event = end.pollEvent()) {
			if (connection.isClosed) continue;
			if (event.kind === "connected") handleConnected(name, end.room);
			else if (event.kind === "room") handleWritable(name, end.room);
			else if (event.kind === "data") {
				for (let bytes = end.read(); bytes !== undefined; bytes = end.read()) handleReceived(name, bytes);
			} else {
				// Nobody here keeps a connection half open.
				this.close(from);
				this.#surroundings.handleDisconnected(name);
			}
		}
		if (end.isClosed && this.#connections.get(from) === connection) this.#connections.delete(from);
		this.#arm(from, connection);
	}

	#arm(from: Peer, connection: Connection): void {
		const at = connection.end.pollTimeout();
		if (connection.alarm !== undefined) {
			if (connection.alarm.at === at && connection.alarm.run !== undefined) return;
			connection.alarm.run = undefined;
		}
		connection.alarm =
			at === Infinity
				? undefined
				: this.#surroundings.queue.add(Math.ceil(at), () => {
						connection.alarm = undefined;
						connection.end.handleTimeout(this.#surroundings.now());
						this.#drain(from, connection);
					});
	}
}
