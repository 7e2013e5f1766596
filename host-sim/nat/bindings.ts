// The bindings of one protocol at a NAT: outside ports chosen, kept for their lane's time, moved, closed and held.
// Which lane a packet puts its binding into is the protocol's matter (behaviour.ts).

import type { Instant, Machine, Random } from "../../firmware/contract.js";
import { addressOf, type Peer, portOf } from "./peer.js";
import { type Lane, type Mapping, MappingTable, type Retirement } from "./table.js";

/** How much of the remote end a mapping or a filter depends on (RFC 4787, 4.1 and 5). */
export type Dependence = "endpoint-independent" | "address-dependent" | "address-and-port-dependent";

/** What the bindings of every protocol have in common at one NAT. */
export interface PortBehaviour {
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

export type NatEvent =
	| { readonly kind: "opened"; readonly port: number; readonly inside: Peer }
	| { readonly kind: "retired"; readonly port: number; readonly inside: Peer; readonly why: Retirement }
	/** Nothing will be counted at this port any more: its socket can be closed. */
	| { readonly kind: "released"; readonly port: number };

export interface BindingsOptions {
	readonly behaviour: PortBehaviour;
	readonly mapping: Dependence;
	readonly filtering: Dependence;
	/** The lifetime of a binding without traffic, by lane. */
	readonly lifetimesMs: readonly [number, number];
	readonly random: Random;
}

export class Bindings implements Machine {
	readonly #options: BindingsOptions;
	readonly #table: MappingTable;
	readonly #events: NatEvent[] = [];
	/** Nothing falls due before. */
	#dueAt: Instant = Infinity;
	/** What was found last is mostly what is sought next, and the key of the table is dear. */
	#last: { readonly inside: Peer; readonly remote: Peer; readonly mapping: Mapping } | undefined;

	constructor(options: BindingsOptions) {
		const { behaviour } = options;
		if (behaviour.lastPort < behaviour.firstPort) throw new RangeError("the range of outside ports is empty");
		if (behaviour.retiredCount < 1 || behaviour.contactCount < 1) throw new RangeError("a bound below one");
		this.#options = options;
		this.#table = new MappingTable(behaviour.mappingCount, behaviour.retiredCount);
	}

	/** The live mappings, of each lane the least recently refreshed first. */
	get mappings(): Mapping[] {
		return this.#table.mappings;
	}

	find(inside: Peer, remote: Peer): Mapping | undefined {
		const last = this.#last;
		if (last !== undefined && last.inside === inside && last.remote === remote) return last.mapping;
		const mapping = this.#table.find(this.#keyOf(inside, remote));
		this.#last = mapping === undefined ? undefined : { inside, remote, mapping };
		return mapping;
	}

	/** The mapping of an outside port, or why there is none; "no-mapping" also for what is long forgotten. */
	at(port: number): Mapping | Exclude<Retirement, "taken" | "closed"> | "no-mapping" {
		const mapping = this.#table.at(port);
		if (mapping !== undefined) return mapping;
		const why = this.#table.retiredAt(port)?.why;
		return why === undefined || why === "taken" || why === "closed" ? "no-mapping" : why;
	}

	/** Whether the filter lets a remote end in. */
	admits(now: Instant, mapping: Mapping, remote: Peer): boolean {
		const contactAt = mapping.contacts.get(seenOf(remote, this.#options.filtering));
		// One mapping can outlive its older contacts: each holds the filter open only as long as it is itself refreshed.
		return contactAt !== undefined && now - contactAt < this.#options.lifetimesMs[mapping.lane];
	}

	/** Until when a remote end gets in at a port if nothing more is sent; undefined: it does not. */
	admitsUntil(port: number, remote: Peer): Instant | undefined {
		const mapping = this.#table.at(port);
		const contactAt = mapping?.contacts.get(seenOf(remote, this.#options.filtering));
		if (mapping === undefined || contactAt === undefined) return undefined;
		return contactAt + this.#options.lifetimesMs[mapping.lane];
	}

	open(now: Instant, inside: Peer, remote: Peer): Mapping | "table-full" | "no-port" {
		if (this.#table.full) return "table-full";
		const port = this.#choosePort(inside, this.#options.behaviour.portPreservation);
		if (port === undefined) return "no-port";
		const mapping: Mapping = {
			key: this.#keyOf(inside, remote),
			inside,
			insidePort: portOf(inside),
			port,
			openedAt: now,
			lastOutboundAt: now,
			refreshedAt: now,
			lane: 0,
			isReplied: false,
			isClosing: false,
			contacts: new Map(),
		};
		this.#dueAt = Math.min(this.#dueAt, now + this.#options.lifetimesMs[mapping.lane]);
		// A preserved port may come back to its own host before it is released to others.
		this.#table.release(port);
		this.#table.add(mapping);
		this.#events.push({ kind: "opened", port, inside });
		return mapping;
	}

	/** A packet that keeps the mapping alive, in a lane. */
	refresh(now: Instant, mapping: Mapping, remote: Peer, lane: Lane): void {
		this.#dueAt = Math.min(this.#dueAt, now + this.#options.lifetimesMs[lane]);
		this.#table.refresh(mapping, now, lane);
		const seen = seenOf(remote, this.#options.filtering);
		const contacts = mapping.contacts;
		if (contacts.size === 1 && contacts.has(seen)) {
			contacts.set(seen, now);
			return;
		}
		if (!contacts.delete(seen) && contacts.size >= this.#options.behaviour.contactCount) {
			contacts.delete(contacts.keys().next().value!);
		}
		contacts.set(seen, now);
	}

	/** Gives a mapping another port, where there is one. */
	move(now: Instant, mapping: Mapping, why: Retirement): void {
		const port = this.#choosePort(mapping.inside, false);
		if (port === undefined) {
			this.close(now, mapping, why);
			return;
		}
		this.#retire(now, mapping, why);
		this.#table.move(mapping, port);
		this.#events.push({ kind: "opened", port, inside: mapping.inside });
	}

	close(now: Instant, mapping: Mapping, why: Retirement): void {
		this.#table.remove(mapping);
		if (this.#last?.mapping === mapping) this.#last = undefined;
		this.#retire(now, mapping, why);
	}

	pollTimeout(): Instant {
		const { lifetimesMs } = this.#options;
		const fresh = this.#table.oldest(0);
		const settled = this.#table.oldest(1);
		const retired = this.#table.oldestRetired();
		return Math.min(
			fresh === undefined ? Infinity : fresh.refreshedAt + lifetimesMs[0],
			settled === undefined ? Infinity : settled.refreshedAt + lifetimesMs[1],
			retired === undefined ? Infinity : retired[1].releaseAt,
		);
	}

	handleTimeout(now: Instant): void {
		if (now < this.#dueAt) return;
		for (let oldest = this.#oldest(); oldest !== undefined; oldest = this.#oldest()) {
			const expiredAt = this.#expiresAt(oldest);
			if (now < expiredAt) break;
			// Its own instant, not now: what follows must not depend on how often this is called.
			this.close(expiredAt, oldest, "expired");
		}
		for (let oldest = this.#table.oldestRetired(); oldest !== undefined; oldest = this.#table.oldestRetired()) {
			if (now < oldest[1].releaseAt) break;
			this.#release(oldest[0]);
		}
		this.#dueAt = this.pollTimeout();
	}

	pollEvent(): NatEvent | undefined {
		return this.#events.shift();
	}

	/** The mapping that falls due first. */
	#oldest(): Mapping | undefined {
		const fresh = this.#table.oldest(0);
		const settled = this.#table.oldest(1);
		if (fresh === undefined || settled === undefined) return fresh ?? settled;
		return this.#expiresAt(settled) < this.#expiresAt(fresh) ? settled : fresh;
	}

	#expiresAt(mapping: Mapping): Instant {
		return mapping.refreshedAt + this.#options.lifetimesMs[mapping.lane];
	}

	#keyOf(inside: Peer, remote: Peer): string {
		return `${inside}>${seenOf(remote, this.#options.mapping)}`;
	}

	#retire(now: Instant, { port, inside }: Mapping, why: Retirement): void {
		if (this.#table.retiredFull) this.#release(this.#table.oldestRetired()![0]);
		const releaseAt = now + this.#options.behaviour.portHoldMs;
		this.#dueAt = Math.min(this.#dueAt, releaseAt);
		this.#table.retire(port, { inside, why, releaseAt });
		this.#events.push({ kind: "retired", port, inside, why });
	}

	#release(port: number): void {
		this.#table.release(port);
		this.#events.push({ kind: "released", port });
	}

	/** A free port: the inside one where that is wished and possible, else the first free one from a random place. */
	#choosePort(inside: Peer, preserve: boolean): number | undefined {
		const { firstPort, lastPort } = this.#options.behaviour;
		const wished = portOf(inside);
		if (preserve && this.#table.at(wished) === undefined) {
			const retired = this.#table.retiredAt(wished);
			if (retired === undefined || (retired.inside === inside && isAsBefore(retired.why))) return wished;
		}
		const count = lastPort - firstPort + 1;
		const start = this.#options.random.uint32() % count;
		for (let step = 0; step < count; step++) {
			const port = firstPort + ((start + step) % count);
			if (this.#table.at(port) === undefined && this.#table.retiredAt(port) === undefined) return port;
		}
		return undefined;
	}
}

/** After these a host may have its port again. */
function isAsBefore(why: Retirement): boolean {
	return why !== "taken" && why !== "rebound";
}

/** The part of a remote end that a behaviour looks at. */
function seenOf(remote: Peer, dependence: Dependence): string {
	if (dependence === "endpoint-independent") return "";
	return dependence === "address-dependent" ? addressOf(remote) : remote;
}
