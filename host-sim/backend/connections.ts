// The connections of devices (RFC 8323), by the names of their far ends: streams, and what is to be done about them.

import { Stream, type StreamEnd, type StreamSource } from "../../firmware/coap/stream.js";
import type { Instant, Random } from "../../firmware/contract.js";
import type { Datagram } from "./core.js";
import type { Schedule, Scheduled } from "./schedule.js";

/** How a connection came to be here; its address begins with it, as in "tcp:192.0.2.7:40132". */
export type ConnectionKind = "tcp" | "tls" | "ws" | "wss";

/** What the core wants done about a connection: to be closed once what was sent has left. */
export interface CloseCommand {
	readonly kind: "close";
	readonly address: string;
	readonly why: StreamEnd;
}

/** Bytes of one message, from and to a device. */
export const MESSAGE_LENGTH = 1 << 14;
/** Bytes of a piece that waits until what came before is answered: as much as a socket gives at once. */
const HELD_LENGTH = 1 << 17;

/** So long a connection may be there for nobody. */
const STRANGER_MS = 60_000;

const NOTHING_TO_SAY: StreamSource = { pollTransmit: () => false, setMessageLength: () => {} };

/** True for the address of a connection: behind a colon that no host name has. */
export function isConnection(address: string): boolean {
	return /^(tcp|tls|wss?):/.test(address);
}

export class Connection implements Scheduled {
	readonly kind = "connection";
	dueAt: Instant = Number.POSITIVE_INFINITY;
	heapIndex = -1;
	readonly address: string;
	readonly stream: Stream;
	/** Where its messages come from, once somebody has spoken. */
	source: StreamSource = NOTHING_TO_SAY;
	/** When it is given up, as nobody has; undefined: somebody has, or it is new. */
	expiresAt: Instant | undefined = undefined;

	constructor(address: string, random: Random) {
		this.address = address;
		this.stream = new Stream({ random, messageLengthMax: MESSAGE_LENGTH, heldLengthMax: HELD_LENGTH });
	}
}

/** All connections that are open. */
export class Connections<T extends Scheduled> {
	readonly #random: Random;
	readonly #schedule: Schedule<T | Connection>;
	readonly #all = new Map<string, Connection>();
	/** Those that may have something to send, or another deadline. */
	readonly #ready = new Set<Connection>();
	readonly #commands: CloseCommand[] = [];

	constructor(random: Random, schedule: Schedule<T | Connection>) {
		this.#random = random;
		this.#schedule = schedule;
	}

	get count(): number {
		return this.#all.size;
	}

	at(address: string): Connection | undefined {
		return this.#all.get(address);
	}

	add(address: string): void {
		const connection = new Connection(address, this.#random);
		this.#all.set(address, connection);
		this.#ready.add(connection);
	}

	/** False: there is none any more. */
	remove(address: string): boolean {
		const connection = this.#all.get(address);
		if (connection === undefined) return false;
		this.#all.delete(address);
		this.#ready.delete(connection);
		this.#schedule.remove(connection);
		return true;
	}

	/** It takes so many bytes now. */
	handleWritable(address: string, room: number): void {
		const connection = this.#all.get(address);
		if (connection === undefined) return;
		connection.stream.handleWritable(room);
		this.#ready.add(connection);
	}

	/** It may have something to say. */
	wake(address: string): void {
		const connection = this.#all.get(address);
		if (connection !== undefined) this.#ready.add(connection);
	}

	/** Says nothing over it, so that the far end sees that it is there. */
	touch(address: string): void {
		this.#all.get(address)?.stream.touch();
		this.wake(address);
	}

	/** Whoever was here is spoken to elsewhere: the far end is asked to go. */
	dismiss(address: string): void {
		const connection = this.#all.get(address);
		if (connection === undefined) return;
		connection.source = NOTHING_TO_SAY;
		connection.stream.leave();
		this.#ready.add(connection);
	}

	/** The back end ends: all far ends are told (RFC 8323, 5.5), and nobody is waited for. */
	farewell(): void {
		for (const connection of this.#all.values()) {
			connection.stream.farewell();
			this.#ready.add(connection);
		}
	}

	/** One message at a time: what answers it leaves before the next is looked at. */
	pollReceived(connection: Connection): Uint8Array | undefined {
		this.#ready.add(connection);
		return connection.stream.pollReceived();
	}

	pollTransmit(now: Instant, out: Datagram): boolean {
		for (const connection of this.#ready) {
			const { address, stream } = connection;
			if (stream.pollTransmit(now, out, connection.source)) {
				out.address = address;
				return true;
			}
			this.#ready.delete(connection);
			if (stream.isDone) this.#commands.push({ kind: "close", address, why: stream.ended! });
			else this.#schedule.set(connection, Math.min(stream.pollTimeout(), expiry(now, connection)));
		}
		return false;
	}

	pollCommand(): CloseCommand | undefined {
		return this.#commands.shift();
	}

	handleTimeout(now: Instant, connection: Connection): void {
		connection.stream.handleTimeout(now);
		if (expiry(now, connection) <= now) connection.stream.abort();
		this.#ready.add(connection);
	}
}

/** When a connection is given up for which nobody has spoken. */
function expiry(now: Instant, connection: Connection): Instant {
	if (connection.source !== NOTHING_TO_SAY) connection.expiresAt = undefined;
	else connection.expiresAt ??= now + STRANGER_MS;
	return connection.expiresAt ?? Number.POSITIVE_INFINITY;
}
