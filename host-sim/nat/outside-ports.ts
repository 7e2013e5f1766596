// The outside ports of a NAT as real sockets, one each, on the line to the back end.

import type { Socket } from "node:dgram";
import type { HostPort, Logger } from "../cli/shared.js";
import type { NatEvent } from "./bindings.js";
import type { Line } from "./line.js";
import { type Peer, peerOf } from "./peer.js";
import { bindSocket, closeSocket } from "./sockets.js";
import type { Mapping } from "./table.js";

export interface OutsidePortsOptions {
	/** The address that the back end sees. */
	readonly address: string;
	readonly line: Line;
	readonly log: Logger;
	/** A datagram came out of the line, to this port. */
	readonly onMessage: (port: number, bytes: Buffer, remote: Peer) => void;
	/** A datagram went through this port into the line. */
	readonly onLeave: (port: number, bytes: Buffer, to: HostPort) => void;
	/** Something else on this machine holds this port. */
	readonly onTaken: (port: number) => void;
}

/** A datagram that waits until its mapping has a port. */
interface Waiting {
	readonly mapping: Mapping;
	readonly bytes: Buffer;
	readonly to: HostPort;
}

/** An outside port: bound, or with what waits until it is. */
interface OutsidePort {
	socket: Socket | undefined;
	readonly waiting: Waiting[];
}

/** Datagrams that may wait for their port to be bound, which takes well below a millisecond. */
const WAITING_COUNT = 64;

export class OutsidePorts {
	readonly #options: OutsidePortsOptions;
	readonly #ports = new Map<number, OutsidePort>();
	#closed = false;

	constructor(options: OutsidePortsOptions) {
		this.#options = options;
	}

	/** Holds exactly the ports that the NAT wants held. */
	handleEvent(event: NatEvent): void {
		const { log } = this.#options;
		switch (event.kind) {
			case "opened":
				log.info("nat", `binding of ${event.inside} opened`, `at port ${event.port}`);
				if (!this.#ports.has(event.port)) void this.#bind(event.port);
				return;
			case "retired":
				log.info("nat", `binding of ${event.inside} at port ${event.port} ${event.why}`);
				return;
			case "released":
				this.#release(event.port);
				return;
			default:
				event satisfies never;
		}
	}

	/** Sends through the mapping's port, once it is bound. */
	send(mapping: Mapping, bytes: Buffer, to: HostPort): void {
		const { port } = mapping;
		const outside = this.#ports.get(port);
		if (outside === undefined) return;
		const { socket, waiting } = outside;
		if (socket === undefined) {
			if (waiting.length < WAITING_COUNT) waiting.push({ mapping, bytes, to });
			return;
		}
		this.#options.onLeave(port, bytes, to);
		this.#options.line.carry(() => {
			// A port released while the datagram was under way: it is lost, as UDP may be.
			if (this.#ports.get(port) === outside) socket.send(bytes, to.port, to.host, () => {});
		});
	}

	async close(): Promise<void> {
		this.#closed = true;
		const sockets = [...this.#ports.values()].flatMap(({ socket }) => socket ?? []);
		this.#ports.clear();
		await Promise.all(sockets.map(closeSocket));
	}

	#release(port: number): void {
		const outside = this.#ports.get(port);
		this.#ports.delete(port);
		outside?.socket?.close();
	}

	async #bind(port: number): Promise<void> {
		const { address, line, log, onMessage, onTaken } = this.#options;
		const outside: OutsidePort = { socket: undefined, waiting: [] };
		this.#ports.set(port, outside);
		try {
			const socket = await bindSocket(address, port);
			if (this.#ports.get(port) !== outside) {
				socket.close();
				return;
			}
			socket.on("message", (bytes, from) =>
				line.carry(() => {
					if (!this.#closed) onMessage(port, bytes, peerOf(from.address, from.port));
				}),
			);
			socket.on("error", (error) => log.error("nat", `port ${port}`, error.message));
			outside.socket = socket;
		} catch (error) {
			if (this.#closed) return;
			log.warn("nat", `port ${port} cannot be used:`, (error as Error).message);
			// Anything else, such as too many open files, would be no better at another port: the datagrams are lost.
			if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") return;
			onTaken(port);
		}
		for (const { mapping, bytes, to } of outside.waiting.splice(0)) this.send(mapping, bytes, to);
	}
}
