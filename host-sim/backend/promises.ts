// What a device with a connection asks for in place of a late answer: an Empty message after a delay, by which it sees
// that its connection was not forgotten meanwhile (docs/reach-extension.md).

import { Code } from "../../firmware/coap/codes.js";
import type { Message } from "../../firmware/coap/endpoint.js";
import { probeMessages } from "../../firmware/coap/probe-messages.js";
import type { Instant } from "../../firmware/contract.js";
import { Schedule, type Scheduled } from "./schedule.js";

const { delayLength, delaySecondsMax, delaySecondsMin } = probeMessages;

class Promised implements Scheduled {
	dueAt: Instant = Number.POSITIVE_INFINITY;
	heapIndex = -1;
	readonly address: string;

	constructor(address: string) {
		this.address = address;
	}
}

/** One for each connection at most; a newer takes the place of an older. */
export class Promises {
	readonly #byAddress = new Map<string, Promised>();
	readonly #schedule = new Schedule<Promised>();
	readonly #due: string[] = [];

	/** The code of the answer to a POST that came over a device's connection. */
	make(now: Instant, address: string, message: Message): number {
		const { payload } = message;
		if (message.code !== Code.Post) return Code.MethodNotAllowed;
		if (payload?.length !== delayLength) return Code.BadRequest;
		const seconds = payload[0]! * 256 + payload[1]!;
		if (seconds < delaySecondsMin || seconds > delaySecondsMax) return Code.BadRequest;
		const promised = this.#byAddress.get(address) ?? new Promised(address);
		this.#byAddress.set(address, promised);
		this.#schedule.set(promised, now + seconds * 1000);
		return Code.Changed;
	}

	/** The connection is gone. */
	forget(address: string): void {
		const promised = this.#byAddress.get(address);
		if (promised === undefined) return;
		this.#schedule.remove(promised);
		this.#byAddress.delete(address);
	}

	/** The address of a connection over which an Empty message is to go now. */
	pollDue(): string | undefined {
		return this.#due.shift();
	}

	pollTimeout(): Instant {
		return this.#schedule.nextAt;
	}

	handleTimeout(now: Instant): void {
		for (const { address } of this.#schedule.takeDue(now)) {
			this.#byAddress.delete(address);
			this.#due.push(address);
		}
	}
}
