// The core with a clock and a way out: drains it after each input, tells listeners, turns commands into promises.

import type { Instant, Random } from "../../firmware/contract.js";
import { limits } from "../../firmware/limits.js";
import { Core, type CoreOptions, type CoreSecurity, type Datagram } from "./core.js";
import type { CoreEvent, Outcome } from "./core-event.js";
import type { Operation } from "./operations.js";

/** What surrounds the service; real in the back end process, virtual in tests. */
export interface Environment {
	readonly random: Random;
	now(): Instant;
	transmit(bytes: Uint8Array, address: string): void;
	/** Closes a connection once what was sent has left; needed only where there are some. */
	close?(address: string): void;
	/** Asks for one `handleTimeout` at an instant, in place of what was asked before. */
	alarm(at: Instant): void;
}

/** What a listener hears: the core's events, and each datagram of a known device for the CoAP log. */
export type ServiceEvent =
	| CoreEvent
	| {
			readonly kind: "datagram";
			readonly endpointName: string;
			readonly incoming: boolean;
			/** Borrowed for the call. */
			readonly bytes: Uint8Array;
	  };

export type Listener = (event: ServiceEvent) => void;

export class Service {
	readonly core: Core;
	readonly #environment: Environment;
	readonly #listeners = new Set<Listener>();
	readonly #waiting = new Map<number, (outcome: Outcome) => void>();
	readonly #out: Datagram = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0, address: "" };

	/** Without a word about security nobody has keys, and nobody needs any. */
	constructor(environment: Environment, security?: CoreSecurity, options?: CoreOptions) {
		this.core = new Core(environment.random, security, options);
		this.#environment = environment;
	}

	/** Returns the way to stop listening. */
	listen(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	handleReceived(address: string, bytes: Uint8Array): void {
		const before = this.core.endpointNameAt(address);
		this.core.handleReceived(this.#environment.now(), address, bytes);
		this.#trace(before ?? this.core.endpointNameAt(address), true, bytes);
		this.drain();
	}

	/** A device has connected; its address begins with how, as in "tcp:192.0.2.7:40132". */
	handleConnected(address: string): void {
		this.core.handleConnected(address);
	}

	/** A connection takes so many bytes now. */
	handleWritable(address: string, room: number): void {
		this.core.handleWritable(address, room);
		this.drain();
	}

	handleDisconnected(address: string): void {
		this.core.handleDisconnected(this.#environment.now(), address);
		this.drain();
	}

	/** The last word to all connections. */
	farewell(): void {
		this.core.farewell();
		this.drain();
	}

	handleTimeout(): void {
		this.core.handleTimeout(this.#environment.now());
		this.drain();
	}

	/** Asks a device and waits; undefined: no such device. */
	ask(endpointName: string, operation: Operation, timeoutMs: number): Promise<Outcome> | undefined {
		const command = this.core.command(this.#environment.now(), endpointName, operation, timeoutMs);
		if (command === 0) return undefined;
		const outcome = new Promise<Outcome>((resolve) => this.#waiting.set(command, resolve));
		this.drain();
		return outcome;
	}

	/** Asks a device whenever it can be asked within a time; "queue" events tell how it goes. 0: no such device. */
	queue(endpointName: string, operation: Operation, timeoutMs: number): number {
		const command = this.core.queue(this.#environment.now(), endpointName, operation, timeoutMs);
		this.drain();
		return command;
	}

	/** Forgets an observation without telling the device. */
	forget(endpointName: string, path: string): void {
		this.core.forget(this.#environment.now(), endpointName, path);
		this.drain();
	}

	/** Other devices have keys than before. */
	handleKeysChanged(): void {
		this.core.handleKeysChanged(this.#environment.now());
		this.drain();
	}

	/** Carries out what the core wants: events, then datagrams, then the next alarm. */
	drain(): void {
		const { core } = this;
		for (let event = core.pollEvent(); event !== undefined; event = core.pollEvent()) this.#tell(event);
		const out = this.#out;
		while (core.pollTransmit(this.#environment.now(), out)) {
			const bytes = out.bytes.subarray(0, out.length);
			this.#trace(core.endpointNameAt(out.address), false, bytes);
			this.#environment.transmit(bytes, out.address);
		}
		for (let command = core.pollCommand(); command !== undefined; command = core.pollCommand())
			this.#environment.close?.(command.address);
		this.#environment.alarm(core.pollTimeout());
	}

	#trace(endpointName: string | undefined, incoming: boolean, bytes: Uint8Array): void {
		if (endpointName !== undefined) this.#tell({ kind: "datagram", endpointName, incoming, bytes });
	}

	#tell(event: ServiceEvent): void {
		if (event.kind === "finished") {
			this.#waiting.get(event.command)?.(event.outcome);
			this.#waiting.delete(event.command);
		}
		for (const listener of this.#listeners) listener(event);
	}
}
