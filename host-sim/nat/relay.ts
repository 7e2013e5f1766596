// A NAT on real sockets: devices send to the inside address as if it were the back end, each mapping has an outside
// socket of its own, and the back end sees that. Captures stand on both sides of the NAT; the line is beyond it.

import type { Socket } from "node:dgram";
import type { HostPort, Logger } from "../cli/shared.js";
import { type Dependence, Nat, type NatBehaviour, type NatEvent, type Refusal } from "./behaviour.js";
import { Line } from "./line.js";
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
	readonly line: { readonly drop: number; readonly delayMs: number; readonly blocked: boolean };
	readonly mapping: Dependence;
	readonly filtering: Dependence;
	readonly udpTimeoutMs: number;
}

/** An outside port: bound, or with what waits until it is. */
interface OutsidePort {
	socket: Socket | undefined;
	readonly waiting: { readonly mapping: Mapping; readonly bytes: Buffer }[];
}

/** Datagrams that may wait for their port to be bound, which takes well below a millisecond. */
const WAITING_COUNT = 64;
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
	readonly #ports = new Map<number, OutsidePort>();
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
			line: { drop: this.line.loss, delayMs: this.line.delayMs, blocked: this.line.blocked },
			mapping,
			filtering,
			udpTimeoutMs,
		};
	}

	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#timer);
		this.line.close();
		const sockets = [...this.#ports.values()].flatMap(({ socket }) => socket ?? []);
		this.#ports.clear();
		await Promise.all([this.#inside, ...sockets].map(closeSocket));
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
		this.#leave(mapping, bytes);
	}

	/** Out through the mapping's port, once it is bound. */
	#leave(mapping: Mapping, bytes: Buffer): void {
		const { port } = mapping;
		const outside = this.#ports.get(port);
		if (outside === undefined) return;
		if (outside.socket === undefined) {
			if (outside.waiting.length < WAITING_COUNT) outside.waiting.push({ mapping, bytes });
			return;
		}
		const { socket } = outside;
		this.#forwarded.outbound++;
		this.#record(performance.now(), peerOf(this.#options.outside, port), this.#toPeer, bytes);
		this.line.carry(() => {
			// A port released while the datagram was under way: it is lost, as UDP may be.
			if (this.#ports.get(port) === outside) socket.send(bytes, this.#options.to.port, this.#options.to.host, () => {});
		});
	}

	#handleOutside(port: number, bytes: Buffer, remote: Peer): void {
		if (this.#closed) return;
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
		for (let event = this.#nat.pollEvent(); event !== undefined; event = this.#nat.pollEvent()) {
			this.#handleEvent(event);
		}
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

	#handleEvent(event: NatEvent): void {
		const { log } = this.#options;
		switch (event.kind) {
			case "opened":
				log.info("nat", `binding of ${event.inside} opened`, `at port ${event.port}`);
				if (!this.#ports.has(event.port)) void this.#bind(event.port);
				return;
			case "retired":
				log.info("nat", `binding of ${event.inside} at port ${event.port} ${event.why}`);
				return;
			case "released": {
				const outside = this.#ports.get(event.port);
				this.#ports.delete(event.port);
				outside?.socket?.close();
				return;
			}
			default:
				event satisfies never;
		}
	}

	async #bind(port: number): Promise<void> {
		const outside: OutsidePort = { socket: undefined, waiting: [] };
		this.#ports.set(port, outside);
		try {
			const socket = await bindSocket(this.#options.outside, port);
			if (this.#ports.get(port) !== outside) {
				socket.close();
				return;
			}
			socket.on("message", (bytes, from) =>
				this.line.carry(() => this.#handleOutside(port, bytes, peerOf(from.address, from.port))),
			);
			socket.on("error", (error) => this.#options.log.error("nat", `port ${port}`, error.message));
			outside.socket = socket;
		} catch (error) {
			if (this.#closed) return;
			this.#options.log.warn("nat", `port ${port} cannot be used:`, (error as Error).message);
			// Anything else, such as too many open files, would be no better at another port: the datagrams are lost.
			if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") return;
			this.#nat.handlePortTaken(performance.now(), port);
			this.#drain();
		}
		for (const { mapping, bytes } of outside.waiting.splice(0)) this.#leave(mapping, bytes);
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
