// What Connectivity Statistics (7) tells: datagrams of all accounts, counted between Start and Stop.

import type { Instant } from "../contract.js";
import type { Model } from "./model.js";
import type { ObjectHandler, Status, TypedInstance } from "./object.js";
import { ConnectivityStatistics } from "./objects/connectivity-statistics.js";

type Resources = (typeof ConnectivityStatistics)["resources"];
type Figure = Parameters<NonNullable<ObjectHandler<Resources>["read"]>>[1];

/** /7/0/2 and 3 count all bytes of a packet from its IP header on: 20 of IPv4 and 8 of UDP. */
const HEADER_LENGTH = 28;
const KILOBYTE = 1000;

/**
 * Adds /7/0 to a model and counts for it. Its counters are read when they are asked for and never marked as changed:
 * a notification that is itself counted would make the next one. Who observes them sets pmax.
 */
export class Traffic implements ObjectHandler<Resources> {
	readonly #instance: TypedInstance<Resources>;
	#sentBytes = 0;
	#receivedBytes = 0;
	#messageCount = 0;
	#messageBytes = 0;
	#longestMessage = 0;
	/** Of the last datagram; an Execute comes in one. */
	#now: Instant = 0;
	/** `-Infinity` while nothing is counted. */
	#endAt: Instant = -Infinity;

	constructor(model: Model) {
		const figures = { txData: 0, rxData: 0, maxMessageSize: 0, averageMessageSize: 0 };
		this.#instance = model.add(ConnectivityStatistics, 0, { ...figures, collectionPeriod: 0 }, this);
	}

	/** A datagram of so many bytes goes out. */
	handleSent(now: Instant, length: number): void {
		if (this.count(now, length)) this.#sentBytes += length + HEADER_LENGTH;
	}

	/** A datagram of so many bytes came in. */
	handleReceived(now: Instant, length: number): void {
		if (this.count(now, length)) this.#receivedBytes += length + HEADER_LENGTH;
	}

	private count(now: Instant, length: number): boolean {
		this.#now = now;
		if (now >= this.#endAt) return false;
		this.#messageCount++;
		this.#messageBytes += length;
		this.#longestMessage = Math.max(this.#longestMessage, length);
		return true;
	}

	read(_instanceId: number, name: Figure): number | undefined {
		switch (name) {
			case "txData":
				return Math.floor(this.#sentBytes / KILOBYTE);
			case "rxData":
				return Math.floor(this.#receivedBytes / KILOBYTE);
			case "maxMessageSize":
				return this.#longestMessage;
			case "averageMessageSize":
				return this.#messageCount === 0 ? 0 : Math.round(this.#messageBytes / this.#messageCount);
			default:
				return undefined;
		}
	}

	/** Start begins at zero and lasts for the collection period, where there is one; Stop keeps what was counted. */
	execute(_instanceId: number, name: "start" | "stop"): Status {
		this.#endAt = -Infinity;
		if (name === "stop") return "changed";
		this.#sentBytes = 0;
		this.#receivedBytes = 0;
		this.#messageCount = 0;
		this.#messageBytes = 0;
		this.#longestMessage = 0;
		const period = this.#instance.get("collectionPeriod") ?? 0;
		this.#endAt = period === 0 ? Infinity : this.#now + 1000 * period;
		return "changed";
	}
}
