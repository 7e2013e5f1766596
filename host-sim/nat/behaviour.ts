// A NAT as a synchronous state machine, in the terms of RFC 4787 and RFC 5382. No clock, no socket, no chance of its
// own: the relay process drives it with real datagrams, the simulated world with virtual ones. Drain pollEvent after
// each call.

import type { Instant, Machine, Random } from "../../firmware/contract.js";
import { Bindings, type Dependence, type NatEvent, type PortBehaviour } from "./bindings.js";
import type { Peer } from "./peer.js";
import type { Lane, Mapping } from "./table.js";
import { ACK, FIN, RST, SYN } from "./tcp-flags.js";

export type { Dependence, NatEvent } from "./bindings.js";

export const dependences: readonly Dependence[] = [
	"endpoint-independent",
	"address-dependent",
	"address-and-port-dependent",
];

/** What becomes of a segment from inside whose binding is gone (RFC 5382, 7.1 leaves it open). */
export type WhenForgotten =
	/** It vanishes: the inside end finds out by its own retransmissions. */
	| "silent"
	/** It is answered by a RST, as by AWS' NAT gateways. */
	| "reset"
	/** It makes a binding again, as in Linux (nf_conntrack_tcp_loose). */
	| "picked-up";

export interface TcpBehaviour {
	/** RFC 5382, REQ-5: idle time of an established connection, and of one that is being opened or closed. */
	readonly establishedMs: number;
	readonly transitoryMs: number;
	readonly whenForgotten: WhenForgotten;
}

export interface NatBehaviour extends PortBehaviour {
	readonly mapping: Dependence;
	readonly filtering: Dependence;
	readonly udpTimeoutMs: number;
	/**
	 * Linux lets a binding live longer once it is a stream: something came back, and it is used after `streamAfterMs`.
	 * Undefined: all bindings live equally long.
	 */
	readonly stream: { readonly timeoutMs: number; readonly afterMs: number } | undefined;
	/** RFC 4787, REQ-6: outbound refresh is a must, inbound refresh a choice that many NATs do not make. */
	readonly inboundRefresh: boolean;
	/** No datagram passes, in silence: RFC 9308, 2 counts such networks. */
	readonly blocksUdp: boolean;
	readonly tcp: TcpBehaviour;
}

/** What devices meet most behind carriers: strict filtering, a new port each time, dead after 30 s without a word. */
export const defaultBehaviour: NatBehaviour = {
	mapping: "endpoint-independent",
	filtering: "address-and-port-dependent",
	udpTimeoutMs: 30_000,
	stream: undefined,
	inboundRefresh: false,
	blocksUdp: false,
	// RFC 5382, REQ-5: the least of each.
	tcp: { establishedMs: 7_440_000, transitoryMs: 240_000, whenForgotten: "silent" },
	portPreservation: false,
	// Above what Linux gives out of itself (net.ipv4.ip_local_port_range): so the relay's choice is mostly free.
	firstPort: 61_000,
	lastPort: 65_535,
	portHoldMs: 120_000,
	mappingCount: 1024,
	contactCount: 16,
	retiredCount: 256,
};

/** Why a packet goes no further. Mostly a NAT is silent about it; the count is ours. */
export type Refusal =
	| "expired"
	| "rebound"
	| "forgotten"
	| "filtered"
	| "no-mapping"
	| "table-full"
	| "no-port"
	| "udp-blocked"
	/** A segment that the NAT answers by a RST. */
	| "reset";

/** Lanes of the bindings: a stream's and an established connection's are the second. */
const FRESH: Lane = 0;
const SETTLED: Lane = 1;

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
		"udp-blocked": 0,
		reset: 0,
	};
	readonly #udp: Bindings;
	readonly #tcp: Bindings;

	constructor(behaviour: NatBehaviour, random: Random) {
		const { mapping, filtering, udpTimeoutMs, stream, tcp } = behaviour;
		this.behaviour = behaviour;
		this.#udp = new Bindings({
			behaviour,
			mapping,
			filtering,
			lifetimesMs: [udpTimeoutMs, stream?.timeoutMs ?? udpTimeoutMs],
			random,
		});
		// A connection is tracked by both its ends, so each has a binding of its own.
		this.#tcp = new Bindings({
			behaviour,
			mapping: "address-and-port-dependent",
			filtering: "address-and-port-dependent",
			lifetimesMs: [tcp.transitoryMs, tcp.establishedMs],
			random,
		});
	}

	/** The live mappings of UDP, least recently refreshed first. */
	get mappings(): readonly Mapping[] {
		return this.#udp.mappings;
	}

	/** Time since the inside end last sent through the mapping that leads to this remote end; undefined without one. */
	ageOf(now: Instant, inside: Peer, remote: Peer): number | undefined {
		this.handleTimeout(now);
		const mapping = this.#udp.find(inside, remote);
		return mapping === undefined ? undefined : now - mapping.lastOutboundAt;
	}

	/** Until when a remote end's datagram to an outside port gets in, if nothing more is sent; undefined: it does not. */
	opensUntil(now: Instant, port: number, remote: Peer): Instant | undefined {
		this.handleTimeout(now);
		return this.behaviour.blocksUdp ? undefined : this.#udp.admitsUntil(port, remote);
	}

	/** The same for a segment of TCP. */
	opensTcpUntil(now: Instant, port: number, remote: Peer): Instant | undefined {
		this.handleTimeout(now);
		return this.#tcp.admitsUntil(port, remote);
	}

	/** The inside port that an outside port stands for; undefined: none. */
	insidePortAt(port: number): number | undefined {
		return portAt(this.#udp, port);
	}

	/** The same for connections. */
	insideTcpPortAt(port: number): number | undefined {
		return portAt(this.#tcp, port);
	}

	/** The outside port of a connection; undefined: it has none any more. */
	tcpPortOf(inside: Peer, remote: Peer): number | undefined {
		return this.#tcp.find(inside, remote)?.port;
	}

	/** A datagram from inside to a remote end: the mapping whose port it leaves from. */
	handleOutbound(now: Instant, inside: Peer, remote: Peer): Mapping | Refusal {
		this.handleTimeout(now);
		if (this.behaviour.blocksUdp) return this.#refuse("udp-blocked");
		const mapping = this.#udp.find(inside, remote) ?? this.#udp.open(now, inside, remote);
		if (typeof mapping === "string") return this.#refuse(mapping);
		mapping.lastOutboundAt = now;
		this.#udp.refresh(now, mapping, remote, this.#laneOf(now, mapping));
		return mapping;
	}

	/** A datagram from a remote end to an outside port: the mapping whose inside end it goes to. */
	handleInbound(now: Instant, port: number, remote: Peer): Mapping | Refusal {
		this.handleTimeout(now);
		if (this.behaviour.blocksUdp) return this.#refuse("udp-blocked");
		const mapping = this.#udp.at(port);
		if (typeof mapping === "string") return this.#refuse(mapping);
		if (!this.#udp.admits(now, mapping, remote)) return this.#refuse("filtered");
		if (this.behaviour.inboundRefresh) this.#udp.refresh(now, mapping, remote, this.#laneOf(now, mapping));
		// Only now: the first reply itself does not make a stream, whenever it comes.
		mapping.isReplied = true;
		return mapping;
	}

	/** A segment from inside, with its flags. */
	handleTcpOutbound(now: Instant, inside: Peer, remote: Peer, flags: number): Mapping | Refusal {
		this.handleTimeout(now);
		const known = this.#tcp.find(inside, remote);
		const { whenForgotten } = this.behaviour.tcp;
		const opens = (flags & (SYN | ACK)) === SYN;
		if (known === undefined && !opens && ((flags & RST) !== 0 || whenForgotten !== "picked-up"))
			return this.#refuse(whenForgotten === "reset" && (flags & RST) === 0 ? "reset" : "no-mapping");
		const mapping = known ?? this.#tcp.open(now, inside, remote);
		if (typeof mapping === "string") return this.#refuse(mapping);
		if (opens) {
			mapping.isReplied = false;
			mapping.isClosing = false;
		}
		const isPickedUp = known === undefined && !opens;
		mapping.lastOutboundAt = now;
		this.#handleSegment(now, mapping, remote, flags, isPickedUp || (mapping.isReplied && (flags & ACK) !== 0));
		return mapping;
	}

	/** A segment from a remote end to an outside port, with its flags. */
	handleTcpInbound(now: Instant, port: number, remote: Peer, flags: number): Mapping | Refusal {
		this.handleTimeout(now);
		const mapping = this.#tcp.at(port);
		if (typeof mapping === "string") return this.#refuse(mapping);
		if (!this.#tcp.admits(now, mapping, remote)) return this.#refuse("filtered");
		mapping.isReplied = true;
		this.#handleSegment(now, mapping, remote, flags, mapping.lane === SETTLED);
		return mapping;
	}

	/** The shell could not have this port, something else holds it: the mapping there gets another, or is given up. */
	handlePortTaken(now: Instant, port: number): void {
		this.handleTimeout(now);
		const mapping = this.#udp.at(port);
		if (typeof mapping !== "string") this.#udp.move(now, mapping, "taken");
	}

	/** Every mapping gets another port at once, as after a re-dial of the line; the old ports go dead. */
	rebind(now: Instant): void {
		this.handleTimeout(now);
		for (const mapping of this.#udp.mappings) {
			// A stream is no stream any more: what comes next is a new binding to the NAT.
			if (this.behaviour.stream === undefined) this.#udp.move(now, mapping, "rebound");
			else this.#udp.close(now, mapping, "rebound");
		}
		for (const mapping of this.#tcp.mappings) this.#tcp.close(now, mapping, "rebound");
		this.#drainTcp();
	}

	/** Everything is forgotten, as after a power cut: only traffic from inside makes a mapping again. */
	reboot(now: Instant): void {
		this.handleTimeout(now);
		for (const bindings of [this.#udp, this.#tcp])
			for (const mapping of bindings.mappings) bindings.close(now, mapping, "forgotten");
		this.#drainTcp();
	}

	pollTimeout(): Instant {
		return Math.min(this.#udp.pollTimeout(), this.#tcp.pollTimeout());
	}

	handleTimeout(now: Instant): void {
		this.#udp.handleTimeout(now);
		this.#tcp.handleTimeout(now);
		this.#drainTcp();
	}

	/** What happens to the ports of UDP. */
	pollEvent(): NatEvent | undefined {
		return this.#udp.pollEvent();
	}

	/** As nf_conntrack_udp_packet of Linux decides it, of the state before this datagram. */
	#laneOf(now: Instant, mapping: Mapping): Lane {
		const { stream } = this.behaviour;
		if (stream === undefined || !mapping.isReplied) return FRESH;
		return now - mapping.openedAt > stream.afterMs ? SETTLED : FRESH;
	}

	/** A RST ends a binding, a FIN makes it transitory again. */
	#handleSegment(now: Instant, mapping: Mapping, remote: Peer, flags: number, isSettled: boolean): void {
		if ((flags & RST) !== 0) {
			this.#tcp.close(now, mapping, "closed");
			this.#drainTcp();
			return;
		}
		if ((flags & FIN) !== 0) mapping.isClosing = true;
		this.#tcp.refresh(now, mapping, remote, isSettled && !mapping.isClosing ? SETTLED : FRESH);
	}

	/** Nobody holds a socket for a connection's port. */
	#drainTcp(): void {
		while (this.#tcp.pollEvent() !== undefined);
	}

	#refuse(why: Refusal): Refusal {
		this.refused[why]++;
		return why;
	}
}

function portAt(bindings: Bindings, port: number): number | undefined {
	const mapping = bindings.at(port);
	return typeof mapping === "string" ? undefined : mapping.insidePort;
}
