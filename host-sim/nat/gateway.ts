// The gateway of a local network with a NAT in it, as a synchronous state machine: Ethernet frames on one side, UDP
// datagrams at outside ports and pieces of TCP connections on the other. Drain all poll… after each call.

import type { Instant, Machine, Random } from "../../firmware/contract.js";
import { Nat, type NatBehaviour, type NatEvent, type Refusal } from "./behaviour.js";
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, DhcpServer } from "./dhcp.js";
import { answerDns } from "./dns.js";
import {
	arpPayload,
	BROADCAST,
	ETHERTYPE_ARP,
	ETHERTYPE_IPV4,
	ethernetFrame,
	type Frame,
	readArp,
	readFrame,
} from "./frame.js";
import {
	addressBytes,
	checksum,
	ICMP,
	ipv4Packet,
	type Packet,
	readIpv4,
	readUdp,
	TCP,
	UDP,
	udpPacket,
} from "./packet.js";
import { type Peer, peerOf, portOf } from "./peer.js";
import { readSegment, resetOf, type Segment, segmentPacket } from "./segment.js";
import type { Mapping } from "./table.js";
import { TcpRelay } from "./tcp-relay.js";

/** The inside network: the gateway is its first address. */
export const GATEWAY = "192.168.77.1";
const GATEWAY_HARDWARE = "525500000001";
const MASK = "255.255.255.0";
const LEASE_SECONDS = 3600;
/** Boards of one network. */
const LEASE_COUNT = 32;
/** Addresses remembered; a board may have chosen its own. */
const NEIGHBOUR_COUNT = 64;
const DNS_PORT = 53;
const LIMITED_BROADCAST = "255.255.255.255";
const NOBODY = "0.0.0.0";
const ECHO_REQUEST = 8;

/** Why the gateway itself dropped something; the NAT counts its own refusals. */
export type Drop = "malformed" | "not-for-us" | "no-neighbour";

/** A datagram that leaves through a port of the NAT. */
export interface Outbound {
	readonly mapping: Mapping;
	readonly remote: Peer;
	readonly payload: Buffer;
}

export interface GatewayOptions {
	readonly behaviour: NatBehaviour;
	readonly random: Random;
	/** The addresses that the DNS server knows, by lower-case name. */
	readonly names: ReadonlyMap<string, string>;
}

export class Gateway implements Machine {
	readonly nat: Nat;
	/** The TCP connections of the boards, each ended here and opened anew outside. */
	readonly tcp: TcpRelay;
	readonly dropped: Record<Drop, number> = { malformed: 0, "not-for-us": 0, "no-neighbour": 0 };
	readonly #names: ReadonlyMap<string, string>;
	readonly #dhcp: DhcpServer;
	/** Hardware addresses of the boards, learnt from all that they send. */
	readonly #neighbours = new Map<string, string>();
	readonly #frames: Buffer[] = [];
	readonly #outbound: Outbound[] = [];
	#identification = 0;

	constructor({ behaviour, random, names }: GatewayOptions) {
		this.nat = new Nat(behaviour, random);
		this.tcp = new TcpRelay(random);
		this.#names = names;
		const network = { address: GATEWAY, mask: MASK, leaseSeconds: LEASE_SECONDS, leaseCount: LEASE_COUNT };
		this.#dhcp = new DhcpServer(network);
	}

	/** A frame from a board. */
	handleFrame(now: Instant, bytes: Buffer): void {
		const frame = readFrame(bytes);
		if (frame === undefined) this.dropped.malformed++;
		else if (frame.destination !== GATEWAY_HARDWARE && frame.destination !== BROADCAST) this.dropped["not-for-us"]++;
		else if (frame.type === ETHERTYPE_ARP) this.#handleArp(frame);
		else if (frame.type === ETHERTYPE_IPV4) this.#handlePacket(now, frame);
		else this.dropped["not-for-us"]++;
		this.#drainTcp();
	}

	/** A datagram from a remote end to an outside port; says why when it goes no further. */
	handleInbound(now: Instant, port: number, remote: Peer, payload: Uint8Array): Refusal | undefined {
		const mapping = this.nat.handleInbound(now, port, remote);
		if (typeof mapping === "string") return mapping;
		this.#sendPacket(udpPacket(remote, mapping.inside, payload, this.#nextIdentification()));
		return undefined;
	}

	/** The next frame to a board. */
	pollFrame(): Buffer | undefined {
		this.#drainTcp();
		return this.#frames.shift();
	}

	/** The next datagram that leaves through the NAT. */
	pollOutbound(): Outbound | undefined {
		return this.#outbound.shift();
	}

	pollEvent(): NatEvent | undefined {
		return this.nat.pollEvent();
	}

	pollTimeout(): Instant {
		return Math.min(this.nat.pollTimeout(), this.tcp.pollTimeout());
	}

	handleTimeout(now: Instant): void {
		this.nat.handleTimeout(now);
		this.tcp.handleTimeout(now);
	}

	#learn(address: string, hardware: string): void {
		if (this.#neighbours.size < NEIGHBOUR_COUNT || this.#neighbours.has(address)) {
			this.#neighbours.set(address, hardware);
		}
	}

	#handleArp(frame: Frame): void {
		const arp = readArp(frame.payload);
		if (arp === undefined) {
			this.dropped.malformed++;
			return;
		}
		// A probe for an address comes from nobody yet (RFC 5227).
		if (arp.sender !== NOBODY) this.#learn(arp.sender, arp.senderHardware);
		if (arp.operation !== "request" || arp.target !== GATEWAY) return;
		const payload = arpPayload({
			operation: "reply",
			senderHardware: GATEWAY_HARDWARE,
			sender: GATEWAY,
			targetHardware: arp.senderHardware,
			target: arp.sender,
		});
		this.#sendFrame(arp.senderHardware, ETHERTYPE_ARP, payload);
	}

	#handlePacket(now: Instant, frame: Frame): void {
		const packet = readIpv4(frame.payload);
		if (packet === undefined) {
			this.dropped.malformed++;
			return;
		}
		if (packet.source !== NOBODY) this.#learn(packet.source, frame.source);
		const own = packet.destination === GATEWAY || packet.destination === LIMITED_BROADCAST;
		if (packet.protocol === UDP) this.#handleUdp(now, packet, own, frame.source);
		else if (packet.protocol === ICMP && own) this.#handleEcho(packet);
		else if (packet.protocol === TCP && !own) this.#handleTcp(now, packet);
		else this.dropped["not-for-us"]++;
	}

	#handleTcp(now: Instant, packet: Packet): void {
		const segment = readSegment(packet);
		if (segment === undefined) {
			this.dropped.malformed++;
			return;
		}
		const verdict = this.nat.handleTcpOutbound(now, segment.source, segment.destination, segment.flags);
		if (typeof verdict !== "string") this.tcp.handleSegment(now, segment);
		else if (verdict === "reset") this.#sendSegment(resetOf(segment));
	}

	#handleUdp(now: Instant, packet: Packet, own: boolean, hardware: string): void {
		const datagram = readUdp(packet);
		if (datagram === undefined) {
			this.dropped.malformed++;
			return;
		}
		const { source, destination, payload } = datagram;
		const port = portOf(destination);
		if (!own) {
			const mapping = this.nat.handleOutbound(now, source, destination);
			if (typeof mapping !== "string") this.#outbound.push({ mapping, remote: destination, payload });
		} else if (port === DHCP_SERVER_PORT) {
			this.#handleDhcp(payload, hardware);
		} else if (port === DNS_PORT) {
			const answer = answerDns(payload, (name) => this.#lookUp(name));
			if (answer !== undefined) this.#sendPacket(udpPacket(destination, source, answer, this.#nextIdentification()));
		} else {
			this.dropped["not-for-us"]++;
		}
	}

	#lookUp(name: string): number[] | undefined {
		const address = this.#names.get(name);
		return address === undefined ? undefined : addressBytes(address);
	}

	#handleDhcp(message: Buffer, hardware: string): void {
		const answer = this.#dhcp.handle(message);
		if (answer === undefined) return;
		const source = peerOf(GATEWAY, DHCP_SERVER_PORT);
		const destination = peerOf(answer.address, DHCP_CLIENT_PORT);
		const packet = udpPacket(source, destination, answer.message, this.#nextIdentification());
		this.#sendFrame(answer.address === LIMITED_BROADCAST ? BROADCAST : hardware, ETHERTYPE_IPV4, packet);
	}

	/** Answers a ping to the gateway (RFC 792). */
	#handleEcho({ source, payload }: Packet): void {
		if (payload.length < 8 || payload[0] !== ECHO_REQUEST || checksum(payload) !== 0) return;
		const reply = Buffer.from(payload);
		reply[0] = 0;
		reply.writeUInt16BE(0, 2);
		reply.writeUInt16BE(checksum(reply), 2);
		const packet = { source: GATEWAY, destination: source, protocol: ICMP, payload: reply };
		this.#sendPacket(ipv4Packet(packet, this.#nextIdentification()));
	}

	/** What comes from outside passes the NAT as a datagram does. */
	#drainTcp(): void {
		for (let next = this.tcp.pollSegment(); next !== undefined; next = this.tcp.pollSegment()) {
			const { now, segment } = next;
			const port = this.nat.tcpPortOf(segment.destination, segment.source);
			if (port === undefined) this.nat.refused["no-mapping"]++;
			else if (typeof this.nat.handleTcpInbound(now, port, segment.source, segment.flags) !== "string")
				this.#sendSegment(segment);
		}
	}

	#sendSegment(segment: Segment): void {
		this.#sendPacket(ipv4Packet(segmentPacket(segment), this.#nextIdentification()));
	}

	#sendPacket(packet: Buffer): void {
		const hardware = this.#neighbours.get(packet.subarray(16, 20).join("."));
		if (hardware === undefined) this.dropped["no-neighbour"]++;
		else this.#sendFrame(hardware, ETHERTYPE_IPV4, packet);
	}

	#sendFrame(destination: string, type: number, payload: Buffer): void {
		this.#frames.push(ethernetFrame({ destination, source: GATEWAY_HARDWARE, type, payload }));
	}

	#nextIdentification(): number {
		this.#identification = (this.#identification + 1) & 0xffff;
		return this.#identification;
	}
}
