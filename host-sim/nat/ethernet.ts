// The NAT in front of virtual boards: QEMU gives it each Ethernet frame as one UDP datagram, and towards the back end
// each mapping is a UDP socket of its own. A board sees 198.51.100.N, which is 127.0.0.N of this machine.

import type { Socket } from "node:dgram";
import type { HostPort, Logger } from "../cli/shared.js";
import type { NatBehaviour, Refusal } from "./behaviour.js";
import { type Drop, Gateway } from "./gateway.js";
import { Line, type LineStatus } from "./line.js";
import { OutsidePorts } from "./outside-ports.js";
import { TcpOutside } from "./outside-tcp.js";
import { CaptureWriter, FrameCaptureWriter } from "./pcap.js";
import { addressOf, type Peer, peerOf, portOf } from "./peer.js";
import type { SeededRandom } from "./seeded-random.js";
import { bindSocket, closeSocket } from "./sockets.js";

/** What is fixed for the life of the NAT; all else is a method. */
export interface EthernetNatOptions {
	readonly behaviour: NatBehaviour;
	readonly random: SeededRandom;
	/** Names that the NAT's DNS knows, with their address on this machine: { "backend.test": "127.0.0.1" }. */
	readonly names?: Readonly<Record<string, string>>;
	/** A pcap file of every Ethernet frame of the boards. */
	readonly captureInside?: string;
	/** A pcap file of the UDP datagrams that the back end sees and sends. */
	readonly captureOutside?: string;
	readonly log: Logger;
}

export interface EthernetNatStatus {
	/** `ageMs` is the time since the last datagram from inside: at `udpTimeoutMs` the binding dies. */
	readonly mappings: readonly { inside: Peer; outside: Peer; ageMs: number }[];
	readonly forwarded: { readonly outbound: number; readonly inbound: number };
	/** What went no further: by the gateway, by the NAT, or on the line to the back end. */
	readonly dropped: Readonly<Record<Drop | Refusal | "lost" | "blocked" | "overflow" | "unreachable", number>>;
	readonly line: LineStatus;
	readonly tcpConnections: number;
}

/** The address of all mappings, as the back end sees them. */
const OUTSIDE = "127.0.0.1";
/** TEST-NET-2 (RFC 5737): nobody has these addresses. */
const INSIDE_PREFIX = "198.51.100.";
const LOOPBACK_PREFIX = "127.0.0.";
/** Boards that send frames here, each with a hardware address. */
const BOARD_COUNT = 32;
const BROADCAST_BIT = 0x01;
const TIMER_MAX_MS = 0x7fff_ffff;

/** The address under which a board reaches 127.0.0.N: 198.51.100.N. */
export function insideAddressOf(loopback: string): string {
	return loopback.replace(LOOPBACK_PREFIX, INSIDE_PREFIX);
}

/** Undefined for what is nowhere on this machine. */
function loopbackOf(remote: Peer): HostPort | undefined {
	const address = addressOf(remote);
	if (!address.startsWith(INSIDE_PREFIX)) return undefined;
	return { host: address.replace(INSIDE_PREFIX, LOOPBACK_PREFIX), port: portOf(remote) };
}

/** A NAT for one or more boards. */
export class EthernetNat {
	/** Where boards send their frames to: QemuOptions.network. */
	readonly port: number;
	/** Between NAT and back end: loss, delay, reordering and duplication of UDP datagrams. */
	readonly line: Line;
	/** Between boards and NAT: the same for whole frames, as on a bad radio. */
	readonly inside: Line;
	readonly #options: EthernetNatOptions;
	readonly #gateway: Gateway;
	readonly #socket: Socket;
	readonly #ports: OutsidePorts;
	readonly #tcp: TcpOutside;
	readonly #frames: FrameCaptureWriter | undefined;
	readonly #datagrams: CaptureWriter | undefined;
	/** Where the frames of a hardware address come from: the newest QEMU that has it. */
	readonly #boards = new Map<string, HostPort>();
	readonly #forwarded = { outbound: 0, inbound: 0 };
	#unreachableCount = 0;
	#timer: NodeJS.Timeout | undefined;
	#closed = false;

	static async open(options: EthernetNatOptions): Promise<EthernetNat> {
		return new EthernetNat(options, await bindSocket("127.0.0.1", 0));
	}

	private constructor(options: EthernetNatOptions, socket: Socket) {
		const { behaviour, random, captureInside, captureOutside, log } = options;
		const names = Object.entries(options.names ?? {}).map(
			([name, address]) => [name.toLowerCase(), insideAddressOf(address)] as const,
		);
		this.#options = options;
		this.#socket = socket;
		this.port = socket.address().port;
		this.line = new Line(random);
		this.inside = new Line(random);
		this.#frames = captureInside === undefined ? undefined : new FrameCaptureWriter(captureInside);
		this.#datagrams = captureOutside === undefined ? undefined : new CaptureWriter(captureOutside);
		this.#gateway = new Gateway({ behaviour, random, names: new Map(names) });
		this.#tcp = new TcpOutside(this.#gateway.tcp, loopbackOf, () => this.#drain());
		this.#ports = new OutsidePorts({
			address: OUTSIDE,
			line: this.line,
			log,
			onMessage: (port, bytes, remote) => this.#handleOutside(port, bytes, remote),
			onLeave: (port, bytes, to) => {
				this.#forwarded.outbound++;
				this.#record(peerOf(OUTSIDE, port), peerOf(to.host, to.port), bytes);
			},
			onTaken: (port) => {
				this.#gateway.nat.handlePortTaken(performance.now(), port);
				this.#drain();
			},
		});
		socket.on("message", (bytes, from) => this.#handleBoard(bytes, { host: from.address, port: from.port }));
		socket.on("error", (error) => log.error("nat", "socket of the boards", error.message));
	}

	/** Every mapping gets another port at once. */
	rebind(): void {
		this.#gateway.nat.rebind(performance.now());
		this.#drain();
	}

	/** The table is forgotten, as after a power cut of the gateway. */
	reboot(): void {
		this.#gateway.nat.reboot(performance.now());
		this.#drain();
	}

	/** Sends a frame to the boards as if the gateway had said it: whatever a hostile neighbour could say. */
	inject(frame: Buffer): void {
		this.#sendFrame(frame);
	}

	status(): EthernetNatStatus {
		const now = performance.now();
		this.#gateway.handleTimeout(now);
		this.#drain();
		const { nat, tcp, dropped } = this.#gateway;
		return {
			mappings: Array.from(nat.mappings, ({ inside, port, lastOutboundAt }) => ({
				inside,
				outside: peerOf(OUTSIDE, port),
				ageMs: Math.round(now - lastOutboundAt),
			})),
			forwarded: { ...this.#forwarded },
			dropped: { ...dropped, ...nat.refused, ...this.line.dropped, unreachable: this.#unreachableCount },
			line: this.line.status(),
			tcpConnections: tcp.flowCount,
		};
	}

	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#timer);
		this.line.close();
		this.inside.close();
		this.#tcp.close();
		await Promise.all([closeSocket(this.#socket), this.#ports.close()]);
		this.#frames?.close();
		this.#datagrams?.close();
	}

	#handleBoard(frame: Buffer, from: HostPort): void {
		const hardware = frame.toString("hex", 6, 12);
		if (this.#boards.has(hardware) || this.#boards.size < BOARD_COUNT) this.#boards.set(hardware, from);
		this.#frames?.write(performance.timeOrigin + performance.now(), frame);
		this.inside.carry(() => {
			if (this.#closed) return;
			this.#gateway.handleFrame(performance.now(), frame);
			this.#drain();
		});
	}

	#handleOutside(port: number, bytes: Buffer, from: Peer): void {
		this.#record(from, peerOf(OUTSIDE, port), bytes);
		const remote = peerOf(insideAddressOf(addressOf(from)), portOf(from));
		const refusal = this.#gateway.handleInbound(performance.now(), port, remote, bytes);
		if (refusal === undefined) this.#forwarded.inbound++;
		else this.#options.log.warn("nat", `${from} -> port ${port} dropped:`, refusal);
		this.#drain();
	}

	/** The poll contract's drain: events first, so that a port is there before a datagram wants to leave through it. */
	#drain(): void {
		if (this.#closed) return;
		const gateway = this.#gateway;
		for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent())
			this.#ports.handleEvent(event);
		for (let out = gateway.pollOutbound(); out !== undefined; out = gateway.pollOutbound()) {
			const to = loopbackOf(out.remote);
			if (to === undefined) this.#unreachableCount++;
			else this.#ports.send(out.mapping, out.payload, to);
		}
		this.#tcp.drain();
		for (let frame = gateway.pollFrame(); frame !== undefined; frame = gateway.pollFrame()) this.#sendFrame(frame);
		this.#arm();
	}

	#arm(): void {
		clearTimeout(this.#timer);
		const due = this.#gateway.pollTimeout();
		if (due === Infinity) return;
		const waitMs = Math.min(Math.max(0, Math.ceil(due - performance.now())), TIMER_MAX_MS);
		this.#timer = setTimeout(() => {
			this.#gateway.handleTimeout(performance.now());
			this.#drain();
		}, waitMs);
	}

	#sendFrame(frame: Buffer): void {
		const isBroadcast = (frame[0]! & BROADCAST_BIT) !== 0;
		const board = this.#boards.get(frame.toString("hex", 0, 6));
		const receivers = isBroadcast ? [...this.#boards.values()] : board === undefined ? [] : [board];
		this.#frames?.write(performance.timeOrigin + performance.now(), frame);
		this.inside.carry(() => {
			if (this.#closed) return;
			for (const { host, port } of receivers) this.#socket.send(frame, port, host, () => {});
		});
	}

	#record(source: Peer, destination: Peer, payload: Buffer): void {
		this.#datagrams?.write({ unixMs: performance.timeOrigin + performance.now(), source, destination, payload });
	}
}
