// Our back end as the service of a world of reachability.

import { ContentFormat } from "../../firmware/coap/options.js";
import type { CoreOptions } from "../backend/core.js";
import type { CoreEvent, Outcome } from "../backend/core-event.js";
import type { Keyring } from "../backend/keyring.js";
import { read } from "../backend/operations.js";
import type { Peer } from "../nat/peer.js";
import { Counters } from "./counters.js";
import { COMMAND_PATH } from "./reach-device.js";
import type { Service, ServiceNetwork } from "./reach-types.js";
import { Server } from "./server.js";

/** A command waits in the back end until its device can be reached; so long is for ever. */
const COMMAND_TIMEOUT_MS = 7 * 86_400_000;

export class CoreService implements Service {
	readonly server: Server;
	readonly #network: ServiceNetwork;
	readonly #hosts = new Map<string, number>();
	/** By the core's handle. */
	#waiting = new Map<number, (isAnswered: boolean) => void>();

	constructor(
		network: ServiceNetwork,
		keyring: Keyring | undefined,
		options: CoreOptions,
		onEvent?: (event: CoreEvent) => void,
	) {
		const { queue, now, send, close, names, chance } = network;
		this.#network = network;
		for (const [index, name] of names.entries()) this.#hosts.set(name, index);
		const handleEvent = (event: CoreEvent): void => {
			this.#handleEvent(event);
			onEvent?.(event);
		};
		this.server = new Server(
			{ queue, now, send, close, handleEvent, counters: new Counters(), writesLate: true },
			chance,
			keyring,
			options,
		);
	}

	handleReceived(from: Peer, bytes: Uint8Array): void {
		this.server.handleReceived(from, bytes);
	}

	handleConnected(connection: Peer, room: number): void {
		this.server.handleConnected(connection, room);
	}

	handleWritable(connection: Peer, room: number): void {
		this.server.handleWritable(connection, room);
	}

	handleDisconnected(connection: Peer): void {
		this.server.handleDisconnected(connection);
	}

	command(host: number, ended: (isAnswered: boolean) => void): boolean {
		const operation = read(COMMAND_PATH, ContentFormat.Text);
		const handle = this.server.command(this.#network.names[host]!, operation, COMMAND_TIMEOUT_MS);
		if (handle === 0) return false;
		this.#waiting.set(handle, ended);
		this.server.flush();
		return true;
	}

	restart(keepsState: boolean): void {
		const waiting = this.#waiting;
		this.#waiting = new Map();
		this.server.restart(keepsState);
		for (const name of this.#network.names)
			if (!this.server.isRegistered(name)) this.#network.handleKnown(this.#hosts.get(name)!, undefined);
		for (const ended of waiting.values()) ended(false);
	}

	#handleEvent(event: CoreEvent): void {
		switch (event.kind) {
			case "registered":
			case "updated":
				return this.#network.handleKnown(this.#hostOf(event.registration.endpointName), event.registration.address);
			case "deregistered":
				return this.#network.handleKnown(this.#hostOf(event.registration.endpointName), undefined);
			case "finished":
				return this.#handleFinished(event.command, event.outcome);
			default:
				return; // the rest says nothing of where a device is
		}
	}

	#handleFinished(handle: number, outcome: Outcome): void {
		const ended = this.#waiting.get(handle);
		this.#waiting.delete(handle);
		ended?.(outcome.kind === "response");
	}

	#hostOf(endpointName: string): number {
		return this.#hosts.get(endpointName)!;
	}
}
