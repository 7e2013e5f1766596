// What is known of the network that the device is in: of datagrams and of streams apart, and remembered.

import type { Instant } from "../contract.js";
import { Binding } from "./binding.js";
import type { Memory } from "./memory.js";
import { StreamBinding } from "./stream-binding.js";

export class Bindings {
	readonly udp = new Binding();
	/** Made with the first stream. */
	stream: StreamBinding | undefined = undefined;
	/** The path in use is one. */
	isStream = false;
	label = "";
	private readonly memory: Memory;

	constructor(memory: Memory) {
		this.memory = memory;
		this.recall();
	}

	/** Of the path in use. */
	get current(): Binding {
		return this.isStream ? this.stream! : this.udp;
	}

	/** The place of the transport that worked last in this network. */
	get transport(): number {
		return this.memory.transport;
	}

	/** It was chosen for its price. */
	get isChosen(): boolean {
		return this.memory.isChosen;
	}

	/** False: it is the same network as before. */
	handleNetwork(now: Instant, label: string): boolean {
		if (label === this.label) return false;
		this.save(now);
		this.label = label;
		this.recall();
		return true;
	}

	handleOpened(isStream: boolean): void {
		this.isStream = isStream;
		if (isStream && this.stream === undefined) {
			this.stream = new StreamBinding();
			this.memory.restore(this.stream, true);
		}
		this.stream?.handleOpened();
	}

	/** The server was reached by the transport with this place. */
	handleTransport(transport: number, isChosen: boolean): void {
		this.memory.handleTransport(transport, isChosen);
	}

	/** There is something to remember. */
	handleNews(): void {
		this.memory.handleNews();
	}

	get timeoutAt(): Instant {
		return this.memory.timeoutAt;
	}

	/** Remembers what there is to remember, if it is time. */
	save(now: Instant): void {
		this.memory.save(now, this.udp, this.stream);
	}

	private recall(): void {
		this.memory.load(this.label);
		this.memory.restore(this.udp, false);
		if (this.stream !== undefined) this.memory.restore(this.stream, true);
	}
}
