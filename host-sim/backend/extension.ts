// The extension Reach of the back end: what is said and done beyond LwM2M, all elective (docs/reach-extension.md).

import type { Message, Response } from "../../firmware/coap/endpoint.js";
import type { Instant, Random } from "../../firmware/contract.js";
import type { Datagram } from "./core.js";
import type { Device } from "./device.js";
import { Keeper } from "./keeper.js";
import { Outbox } from "./outbox.js";
import { Probes } from "./probes.js";
import { Promises } from "./promises.js";
import { RateLimit } from "./rate-limit.js";
import { ReachCounters } from "./reach-counters.js";

/** It stands before all CoAP endpoints: what strangers ask of it leaves no trace. */
export class Extension {
	readonly counters = new ReachCounters();
	readonly #outbox = new Outbox();
	readonly #keeper: Keeper;
	readonly #probes: Probes;
	/** To devices with connections. */
	readonly promises = new Promises();

	constructor(random: Random) {
		const limit = new RateLimit();
		this.#keeper = new Keeper(this.#outbox, limit, this.counters);
		this.#probes = new Probes(random, this.#outbox, limit, this.counters);
	}

	/** A datagram, and the device that is known to be there; true where there is nothing more to it. */
	handleReceived(now: Instant, address: string, bytes: Uint8Array, device: Device | undefined): boolean {
		if (this.#keeper.handleReceived(now, address, bytes, device)) return true;
		return device === undefined && this.#probes.handleReceived(now, address, bytes);
	}

	/** The answer to a device's request for a ticket. */
	issueTicket(now: Instant, device: Device, message: Message): Response {
		return this.#probes.issue(now, device, message);
	}

	/** The device is gone. */
	forget(device: Device): void {
		this.#probes.forget(device);
	}

	pollTransmit(out: Datagram): boolean {
		return this.#outbox.pollTransmit(out);
	}

	pollTimeout(): Instant {
		return Math.min(this.#probes.pollTimeout(), this.promises.pollTimeout());
	}

	handleTimeout(now: Instant): void {
		this.#probes.handleTimeout(now);
		this.promises.handleTimeout(now);
	}
}
