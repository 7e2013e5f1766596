// The connections of boards on real sockets: what the relay asks for outside is done here.

import { connect, type Socket } from "node:net";
import type { HostPort } from "../cli/shared.js";
import type { Peer } from "./peer.js";
import type { FlowId, TcpCommand, TcpRelay } from "./tcp-relay.js";

/** Bytes that a board has not acknowledged, above which the peer outside has to wait. */
const PENDING_LENGTH = 0x1_0000;

export class TcpOutside {
	readonly #relay: TcpRelay;
	readonly #placeOf: (remote: Peer) => HostPort | undefined;
	readonly #changed: () => void;
	readonly #sockets = new Map<FlowId, Socket>();

	/** `placeOf` says where a remote end really is; `changed` is called when the relay has something to be polled. */
	constructor(relay: TcpRelay, placeOf: (remote: Peer) => HostPort | undefined, changed: () => void) {
		this.#relay = relay;
		this.#placeOf = placeOf;
		this.#changed = changed;
	}

	/** Carries out what the relay wants. */
	drain(): void {
		for (let command = this.#relay.pollCommand(); command !== undefined; command = this.#relay.pollCommand()) {
			this.#carryOut(command);
		}
		for (const [id, socket] of this.#sockets) {
			if (socket.isPaused() && this.#relay.pendingLength(id) < PENDING_LENGTH) socket.resume();
		}
	}

	close(): void {
		for (const socket of this.#sockets.values()) socket.destroy();
		this.#sockets.clear();
	}

	#carryOut(command: TcpCommand): void {
		const socket = this.#sockets.get(command.id);
		switch (command.kind) {
			case "open":
				this.#open(command.id, command.remote);
				return;
			case "data":
				socket?.write(command.bytes);
				return;
			case "end":
				socket?.end();
				return;
			case "abort":
				socket?.destroy();
				return;
			default:
				command satisfies never;
		}
	}

	#open(id: FlowId, remote: Peer): void {
		const place = this.#placeOf(remote);
		if (place === undefined) {
			this.#relay.handleAborted(performance.now(), id);
			return;
		}
		const socket = connect({ ...place, allowHalfOpen: true });
		const tell = (act: () => void) => {
			// One that was opened anew under the same name is another.
			if (this.#sockets.get(id) !== socket) return;
			act();
			this.#changed();
		};
		this.#sockets.set(id, socket);
		socket.on("connect", () => tell(() => this.#relay.handleOpened(performance.now(), id)));
		socket.on("data", (bytes) =>
			tell(() => {
				this.#relay.handleData(performance.now(), id, bytes);
				if (this.#relay.pendingLength(id) >= PENDING_LENGTH) socket.pause();
			}),
		);
		socket.on("end", () => tell(() => this.#relay.handleEnded(performance.now(), id)));
		socket.on("error", () => tell(() => this.#relay.handleAborted(performance.now(), id)));
		socket.on("close", () => {
			if (this.#sockets.get(id) === socket) this.#sockets.delete(id);
		});
	}
}
