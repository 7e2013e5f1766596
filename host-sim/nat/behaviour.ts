// A NAT as a synchronous state machine, in the terms of RFC 4787. No clock, no socket, no chance of its own: the relay
// process drives it with real datagrams, the simulated world with virtual ones. Drain pollEvent after each call.

import type { Instant, Machine, Random } from "../../firmware/contract.js";
import { addressOf, type Peer, portOf } from "./peer.js";
import { type Mapping, MappingTable, type Retirement } from "./table.js";

/** How much of the remote end a mapping or a filter depends on (RFC 4787, 4.1 and 5). */
export type Dependence = "endpoint-independent" | "address-dependent" | "address-and-port-dependent";

export const dependences: readonly Dependence[] = [
	"endpoint-independent",
	"address-dependent",
	"address-and-port-dependent",
];

export interface NatBehaviour {
	readonly mapping: Dependence;
	readonly filtering: Dependence;
	readonly udpTimeoutMs: number;
	/** RFC 4787, REQ-6: outbound refresh is a must, inbound refresh a choice that many NATs do not make. */
	readonly inboundRefresh: boolean;
	/** RFC 4787, 4.2.1: the inside port is used outside where it is free. */
	readonly portPreservation: boolean;
	readonly firstPort: number;
	readonly lastPort: number;
	/** RFC 6888, REQ-8: a port is not given to another host for so long after its mapping is gone. */
	readonly portHoldMs: number;
	/** Bounds: mappings, remote ends remembered by one mapping, ports held after their mapping is gone. */
	readonly mappingCount: number;
	readonly contactCount: number;
	readonly retiredCount: number;
}

/** What devices meet most behind carriers: strict filtering, a new port each time, dead after 30 s without a word. */
export const defaultBehaviour: NatBehaviour = {
	mapping: "endpoint-independent",
	filtering: "address-and-port-dependent",
	udpTimeoutMs: 30_000,
	inboundRefresh: false,
	portPreservation: false,
	// Above what Linux gives out of itself (net.ipv4.ip_local_port_range): so the relay's choice is mostly free.
	firstPort: 61_000,
	lastPort: 65_535,
	portHoldMs: 120_000,
	mappingCount: 1024,
	contactCount: 16,
	retiredCount: 256,
};

/** Why a datagram goes no further. A NAT is silent about it; the count is ours. */
export type Refusal = "expired" | "rebound" | "forgotten" | "filtered" | "no-mapping" | "table-full" | "no-port";

export type NatEvent =
	| { readonly kind: "opened"; readonly port: number; readonly inside: Peer }
	| { readonly kind: "retired"; readonly port: number; readonly inside: Peer; readonly why: Retirement }
	/** Nothing will be counted at this port any more: its socket can be closed. */
	| { readonly kind: "released"; readonly port: number };

/** One NAT with one outside address. Inside and remote ends are peers; an outside end is a port number. */
export class Nat implements Machine {
	readonly behaviour: NatBehaviour;
	readonly refused: Record<Refusal, number> = {
		expired: 0,
		rebound: 0,
		forgotten: 0,
		filtered: 0,
		"no-mapping": 0,
		"table-full": 0,
		"no-port": 0,
	};
	readonly #random: Random;
	readonly #table: MappingTable;
	readonly #events: NatEvent[] = [];

	constructor(behaviour: NatBehaviour, random: Random) {
		if (behaviour.lastPort < behaviour.firstPort) throw new RangeError("the range of outside ports is empty");
		if (behaviour.retiredCount < 1 || behaviour.contactCount < 1) throw new RangeError("a bound below one");
		this.behaviour = behaviour;
		this.#random = random;
		this.#table = new MappingTable(behaviour.mappingCount, behaviour.retiredCount);
	}

	/** The live mappings, least recently refreshed first. */
	get mappings(): Iterable<Mapping> {
		return this.#table.mappings;
	}

	/** Time since the inside end last sent through the mapping that leads to this remote end; undefined without one. */
	ageOf(now: Instant, inside: Peer, remote: Peer): number | undefined {
		this.handleTimeout(now);
		const mapping = this.#table.find(this.#keyOf(inside, remote));
		return mapping === undefined ? undefined : now - mapping.lastOutboundAt;
	}

	/** A datagram from inside to a remote end: the mapping whose port it leaves from. */
	handleOutbound(now: Instant, inside: Peer, remote: Peer): Mapping | Refusal {
		this.handleTimeout(now);
		const key = this.#keyOf(inside, remote);
		const mapping = this.#table.find(key) ?? this.#open(now, key, inside);
		if (typeof mapping === "string") return this.#refuse(mapping);
		mapping.lastOutboundAt = now;
		this.#table.refresh(mapping, now);
		this.#contact(mapping, seenOf(remote, this.behaviour.filtering), now);
		return mapping;
	}

	/** A datagram from a remote end to an outside port: the mapping whose inside end it goes to. */
	handleInbound(now: Instant, port: number, remote: Peer): Mapping | Refusal {
		this.handleTimeout(now);
		const mapping = this.#table.at(port);
		if (mapping === undefined) {
			const why = this.#table.retiredAt(port)?.why;
			return this.#refuse(why === undefined || why === "taken" ? "no-mapping" : why);
		}
		const seen = seenOf(remote, this.behaviour.filtering);
		const contactAt = mapping.contacts.get(seen);
		// One mapping can outlive its older contacts: each holds the filter open only as long as it is itself refreshed.
		if (contactAt === undefined || now - contactAt >= this.behaviour.udpTimeoutMs) return this.#refuse("filtered");
		if (this.behaviour.inboundRefresh) {
			this.#table.refresh(mapping, now);
			this.#contact(mapping, seen, now);
		}
		return mapping;
	}

	/** The shell could not have this port, something else holds it: the mapping there gets another, or is given up. */
	handlePortTaken(now: Instant, port: number): void {
		this.handleTimeout(now);
		const mapping = this.#table.at(port);
		if (mapping !== undefined) this.#move(now, mapping, "taken");
	}

	/** Every mapping gets another port at once, as after a re-dial of the line; the old ports go dead. */
	rebind(now: Instant): void {
		this.handleTimeout(now);
		for (const mapping of [...this.#table.mappings]) this.#move(now, mapping, "rebound");
	}

	/** Everything is forgotten, as after a power cut: only traffic from inside makes a mapping again. */
	reboot(now: Instant): void {
		this.handleTimeout(now);
		for (const mapping of [...this.#table.mappings]) this.#close(now, mapping, "forgotten");
	}

	pollTimeout(): Instant {
		const mapping = this.#table.oldest();
		const retired = this.#table.oldestRetired();
		return Math.min(
			mapping === undefined ? Infinity : mapping.refreshedAt + this.behaviour.udpTimeoutMs,
			retired === undefined ? Infinity : retired[1].releaseAt,
		);
	}

	handleTimeout(now: Instant): void {
		for (let oldest = this.#table.oldest(); oldest !== undefined; oldest = this.#table.oldest()) {
			const expiredAt = oldest.refreshedAt + this.behaviour.udpTimeoutMs;
			if (now < expiredAt) break;
			// Its own instant, not now: what follows must not depend on how often this is called.
			this.#close(expiredAt, oldest, "expired");
		}
		for (let oldest = this.#table.oldestRetired(); oldest !== undefined; oldest = this.#table.oldestRetired()) {
			if (now < oldest[1].releaseAt) break;
			this.#release(oldest[0]);
		}
	}

	pollEvent(): NatEvent | undefined {
		return this.#events.shift();
	}

	#keyOf(inside: Peer, remote: Peer): string {
		return `${inside}>${seenOf(remote, this.behaviour.mapping)}`;
	}

	#open(now: Instant, key: string, inside: Peer): Mapping | Refusal {
		if (this.#table.full) return "table-full";
		const port = this.#choosePort(inside, this.behaviour.portPreservation);
		if (port === undefined) return "no-port";
		const mapping = { key, inside, port, openedAt: now, lastOutboundAt: now, refreshedAt: now, contacts: new Map() };
		// A preserved port may come back to its own host before it is released to others.
		this.#table.release(port);
		this.#table.add(mapping);
		this.#events.push({ kind: "opened", port, inside });
		return mapping;
	}

	#move(now: Instant, mapping: Mapping, why: Retirement): void {
		const port = this.#choosePort(mapping.inside, false);
		if (port === undefined) {
			this.#close(now, mapping, why);
			return;
		}
		this.#retire(now, mapping, why);
		this.#table.move(mapping, port);
		this.#events.push({ kind: "opened", port, inside: mapping.inside });
	}

	#close(now: Instant, mapping: Mapping, why: Retirement): void {
		this.#table.remove(mapping);
		this.#retire(now, mapping, why);
	}

	#retire(now: Instant, { port, inside }: Mapping, why: Retirement): void {
		if (this.#table.retiredFull) this.#release(this.#table.oldestRetired()![0]);
		this.#table.retire(port, { inside, why, releaseAt: now + this.behaviour.portHoldMs });
		this.#events.push({ kind: "retired", port, inside, why });
	}

	#release(port: number): void {
		this.#table.release(port);
		this.#events.push({ kind: "released", port });
	}

	#contact(mapping: Mapping, seen: string, now: Instant): void {
		const contacts = mapping.contacts;
		if (!contacts.delete(seen) && contacts.size >= this.behaviour.contactCount) {
			contacts.delete(contacts.keys().next().value!);
		}
		contacts.set(seen, now);
	}

	/** A free port: the inside one where that is wished and possible, else the first free one from a random place. */
	#choosePort(inside: Peer, preserve: boolean): number | undefined {
		const { firstPort, lastPort } = this.behaviour;
		const wished = portOf(inside);
		if (preserve && this.#table.at(wished) === undefined) {
			const retired = this.#table.retiredAt(wished);
			if (retired === undefined || (retired.inside === inside && retired.why !== "taken")) return wished;
		}
		const count = lastPort - firstPort + 1;
		const start = this.#random.uint32() % count;
		for (let step = 0; step < count; step++) {
			const port = firstPort + ((start + step) % count);
			if (this.#table.at(port) === undefined && this.#table.retiredAt(port) === undefined) return port;
		}
		return undefined;
	}

	#refuse(why: Refusal): Refusal {
		this.refused[why]++;
		return why;
	}
}

/** The part of a remote end that a behaviour looks at. */
function seenOf(remote: Peer, dependence: Dependence): string {
	if (dependence === "endpoint-independent") return "";
	return dependence === "address-dependent" ? addressOf(remote) : remote;
}
