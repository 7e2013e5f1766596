// A NAT on real sockets: devices send to the inside address as if it were the back end, each mapping has an outside
// socket of its own, and the back end sees that. Captures stand on both sides of the NAT; the line is beyond it.

import type { Socket } from "node:dgram";
import type { HostPort, Logger } from "../cli/shared.js";
import { type Dependence, Nat, type NatBehaviour, type Refusal } from "./behaviour.js";
import { Line, type LineStatus } from "./line.js";
import { OutsidePorts } from "./outside-ports.js";
import type { CaptureWriter } from "./pcap.js";
import { addressOf, type Peer, peerOf, portOf } from "./peer.js";
import type { SeededRandom } from "./seeded-random.js";
import { bindSocket, closeSocket } from "./sockets.js";
import type { Mapping } from "./table.js";

export interface RelayOptions {
	/** Where devices send to; port 0 takes any free one. */
	readonly inside: HostPort;
	/** The address that the back end sees. */
	readonly outside: string;
	/** The back end, as an IPv4 address: the filter compares it with what arrives. */
	readonly to: HostPort;
	readonly behaviour: NatBehaviour;
	readonly random: SeededRandom;
	readonly capture: CaptureWriter | undefined;
	readonly log: Logger;
}

/** What `status` and every other command on stdin answers with. */
export interface RelayStatus {
	readonly inside: Peer;
	readonly to: Peer;
	/** `ageMs` is the time since the last datagram from inside: at `udpTimeoutMs` the binding dies. */
	readonly mappings: readonly { inside: Peer; outside: Peer; ageMs: number; openMs: number }[];
	readonly forwarded: { readonly outbound: number; readonly inbound: number };
	/** Datagrams that went no further, by reason; `expired` counts those that came for a binding already timed out. */
	readonly dropped: Readonly<Record<Refusal | "lost" | "blocked" | "overflow", number>>;
	readonly line: LineStatus;
	readonly mapping: Dependence;
	readonly filtering: Dependence;
	readonly udpTimeoutMs: number;
}

/** setTimeout's longest time; a later deadline is looked at again then. */
const TIMER_MAX_MS = 0x7fff_ffff;

/** The relay process without its command line. */
export class Relay {
	readonly line: Line;
	readonly #options: RelayOptions;
	readonly #nat: Nat;
	readonly #inside: Socket;
	readonly #insidePeer: Peer;
	readonly #toPeer: Peer;
	readonly #ports: OutsidePorts;
	readonly #forwarded = { outbound: 0, inbound: 0 };
	#timer: NodeJS.Timeout | undefined;
	#closed = false;

	/** Rejects where one of the addresses is not of this machine, or the inside port cannot be had. */
	static async open(options: RelayOptions): Promise<Relay> {
		await closeSocket(await bindSocket(options.outside, 0));
		return new Relay(options, await bindSocket(options.inside.host, options.inside.port));
	}

	private constructor(options: RelayOptions, inside: Socket) {
		this.#options = options;
		this.#nat = new Nat(options.behaviour, options.random);
		this.line = new Line(options.random);
		this.#inside = inside;
		this.#insidePeer = peerOf(inside.address().address, inside.address().port);
		this.#toPeer = peerOf(options.to.host, options.to.port);
		this.#ports = new OutsidePorts({
			address: options.outside,
			line: this.line,
			log: options.log,
			onMessage: (port, bytes, remote) => this.#handleOutside(port, bytes, remote),
			onLeave: (port, bytes) => {
				this.#forwarded.outbound++;
				this.#record(performance.now(), peerOf(options.outside, port), this.#toPeer, bytes);
			},
			onTaken: (port) => {
				this.#nat.handlePortTaken(performance.now(), port);
				this.#drain();
			},
		});
		inside.on("message", (bytes, from) => this.#handleInside(bytes, peerOf(from.address, from.port)));
		inside.on("error", (error) => options.log.error("nat", "inside socket", error.message));
	}

	/** The inside address and port: what devices are given as their server. */
	get inside(): Peer {
		return this.#insidePeer;
	}

	rebind(): void {
		this.#nat.rebind(performance.now());
		this.#drain();
	}

	reboot(): void {
		this.#nat.reboot(performance.now());
		this.#drain();
	}

	status(): RelayStatus {
		const now = performance.now();
		const { mapping, filtering, udpTimeoutMs } = this.#nat.behaviour;
		this.#nat.handleTimeout(now);
		this.#drain();
		return {
			inside: this.#insidePeer,
			to: this.#toPeer,
			mappings: Array.from(this.#nat.mappings, ({ inside, port, lastOutboundAt, openedAt }) => ({
				inside,
				outside: peerOf(this.#options.outside, port),
				ageMs: Math.round(now - lastOutboundAt),
				openMs: Math.round(now - openedAt),
			})),
			forwarded: { ...this.#forwarded },
			dropped: { ...this.#nat.refused, ...this.line.dropped },
			line: this.line.status(),
			mapping,
			filtering,
			udpTimeoutMs,
		};
	}

	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#timer);
		this.line.close();
		await Promise.all([closeSocket(this.#inside), this.#ports.close()]);
	}

	#handleInside(bytes: Buffer, device: Peer): void {
		const now = performance.now();
		this.#record(now, device, this.#insidePeer, bytes);
		const ageMs = this.#nat.ageOf(now, device, this.#toPeer);
		const mapping = this.#nat.handleOutbound(now, device, this.#toPeer);
		this.#drain();
		if (typeof mapping === "string") {
			this.#options.log.warn("nat", `${device} -> back end dropped:`, mapping);
			return;
		}
		this.#logPassed(`${device} -> back end`, bytes, mapping, ageMs);
		this.#ports.send(mapping, bytes, this.#options.to);
	}

	#handleOutside(port: number, bytes: Buffer, remote: Peer): void {
		const now = performance.now();
		this.#record(now, remote, peerOf(this.#options.outside, port), bytes);
		const mapping = this.#nat.handleInbound(now, port, remote);
		this.#drain();
		if (typeof mapping === "string") {
			this.#options.log.warn("nat", `${this.#nameOf(remote)} -> port ${port} dropped:`, explain(mapping));
			return;
		}
		const { inside } = mapping;
		this.#logPassed(`${this.#nameOf(remote)} -> ${inside}`, bytes, mapping, now - mapping.lastOutboundAt);
		this.#forwarded.inbound++;
		this.#record(now, this.#insidePeer, inside, bytes);
		this.#inside.send(bytes, portOf(inside), addressOf(inside), () => {});
	}

	/** The poll contract's drain: events, then the one timer. */
	#drain(): void {
		for (let event = this.#nat.pollEvent(); event !== undefined; event = this.#nat.pollEvent())
			this.#ports.handleEvent(event);
		clearTimeout(this.#timer);
		const due = this.#nat.pollTimeout();
		if (this.#closed || due === Infinity) return;
		this.#timer = setTimeout(
			() => {
				this.#nat.handleTimeout(performance.now());
				this.#drain();
			},
			Math.min(Math.max(0, Math.ceil(due - performance.now())), TIMER_MAX_MS),
		);
	}

	#record(now: number, source: Peer, destination: Peer, payload: Buffer): void {
		this.#options.capture?.write({ unixMs: performance.timeOrigin + now, source, destination, payload });
	}

	#nameOf(remote: Peer): string {
		return remote === this.#toPeer ? "back end" : remote;
	}

	#logPassed(who: string, bytes: Buffer, mapping: Mapping, ageMs: number | undefined): void {
		const age = ageMs === undefined ? "new" : `${(ageMs / 1000).toFixed(1)} s old`;
		this.#options.log.info("nat", who, `${bytes.length} B, binding at port ${mapping.port} ${age}`);
	}
}

/** A refusal in words for the log. */
function explain(refusal: Refusal): string {
	switch (refusal) {
		case "expired":
			return "its binding has expired";
		case "rebound":
			return "its binding has moved to another port";
		case "forgotten":
			return "its binding was forgotten in a reboot";
		case "filtered":
			return "the filter does not know the sender";
		default:
			return refusal;
	}
}
