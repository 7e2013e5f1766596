// What a NAT remembers: live mappings, and outside ports that stay out of use for a while after their mapping is gone.
// Each lane and the retired ports are kept in the order in which they fall due, so the next deadline is always a first.

import type { Instant } from "../../firmware/contract.js";
import type { Peer } from "./peer.js";

/** Mappings of one lane live equally long: the first is for those that are new or at their end. */
export type Lane = 0 | 1;

/** One binding: an inside address and port and the outside port that stands for it. */
export interface Mapping {
	readonly key: string;
	readonly inside: Peer;
	readonly insidePort: number;
	port: number;
	readonly openedAt: Instant;
	/** Last datagram from inside: RFC 4787, 4.3 counts the age of a binding from here. */
	lastOutboundAt: Instant;
	/** Last datagram that refreshed the binding; equals lastOutboundAt unless inbound traffic refreshes too. */
	refreshedAt: Instant;
	lane: Lane;
	/** Something came back through it. */
	isReplied: boolean;
	/** One end of a connection has said that it sends no more. */
	isClosing: boolean;
	/** Remote ends sent to, and when last: what the filter lets in (RFC 4787, 5). */
	readonly contacts: Map<string, Instant>;
}

/** Why an outside port no longer leads inside. */
export type Retirement = "expired" | "rebound" | "forgotten" | "taken" | "closed";

/** A port whose mapping is gone; kept so that what still arrives there is told apart and the port is not given away. */
export interface RetiredPort {
	readonly inside: Peer;
	readonly why: Retirement;
	readonly releaseAt: Instant;
}

/** Mappings by key and by outside port; the caller observes the bound by asking `full` before it adds. */
export class MappingTable {
	readonly #capacity: number;
	readonly #retiredCapacity: number;
	readonly #byKey = new Map<string, Mapping>();
	readonly #byPort = new Map<number, Mapping>();
	/** Least recently refreshed first. */
	readonly #lanes: readonly [Set<Mapping>, Set<Mapping>] = [new Set(), new Set()];
	/** Longest retired first. */
	readonly #retired = new Map<number, RetiredPort>();

	constructor(capacity: number, retiredCapacity: number) {
		this.#capacity = capacity;
		this.#retiredCapacity = retiredCapacity;
	}

	get full(): boolean {
		return this.#byKey.size >= this.#capacity;
	}

	/** True when another retirement must first release the port longest retired. */
	get retiredFull(): boolean {
		return this.#retired.size >= this.#retiredCapacity;
	}

	/** Lane by lane, least recently refreshed first. */
	get mappings(): Mapping[] {
		return [...this.#lanes[0], ...this.#lanes[1]];
	}

	find(key: string): Mapping | undefined {
		return this.#byKey.get(key);
	}

	at(port: number): Mapping | undefined {
		return this.#byPort.get(port);
	}

	retiredAt(port: number): RetiredPort | undefined {
		return this.#retired.get(port);
	}

	/** The mapping of a lane that falls due first. */
	oldest(lane: Lane): Mapping | undefined {
		const mappings = this.#lanes[lane];
		return mappings.size === 0 ? undefined : mappings.values().next().value;
	}

	/** The port that is released first. */
	oldestRetired(): [number, RetiredPort] | undefined {
		return this.#retired.size === 0 ? undefined : this.#retired.entries().next().value;
	}

	add(mapping: Mapping): void {
		this.#byKey.set(mapping.key, mapping);
		this.#byPort.set(mapping.port, mapping);
		this.#lanes[mapping.lane].add(mapping);
	}

	/** Moves a mapping behind all others of a lane: it is now the one refreshed last. */
	refresh(mapping: Mapping, now: Instant, lane: Lane): void {
		mapping.refreshedAt = now;
		if (mapping.lane === lane && this.#lanes[lane].size === 1) return;
		this.#lanes[mapping.lane].delete(mapping);
		mapping.lane = lane;
		this.#lanes[lane].add(mapping);
	}

	/** Gives a mapping another port; its place in the order stays. */
	move(mapping: Mapping, port: number): void {
		this.#byPort.delete(mapping.port);
		mapping.port = port;
		this.#byPort.set(port, mapping);
	}

	remove(mapping: Mapping): void {
		this.#byKey.delete(mapping.key);
		this.#byPort.delete(mapping.port);
		this.#lanes[mapping.lane].delete(mapping);
	}

	retire(port: number, retired: RetiredPort): void {
		this.#retired.delete(port);
		this.#retired.set(port, retired);
	}

	release(port: number): void {
		this.#retired.delete(port);
	}
}
