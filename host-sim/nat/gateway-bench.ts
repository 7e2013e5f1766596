// A gateway with a board before it, for tests: frames in virtual time, made by hand.

import { defaultBehaviour, type NatBehaviour } from "./behaviour.js";
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
import { GATEWAY, Gateway, type Outbound } from "./gateway.js";
import { readIpv4, readUdp, udpPacket } from "./packet.js";
import { SeededRandom } from "./seeded-random.js";

export const BOARD = "192.168.77.9";
export const HARDWARE = "525400000009";
export const REMOTE = "198.51.100.1:5683";
export const SOURCE = `${BOARD}:40000`;
export const TIMEOUT_MS = 1000;

/** A gateway with one board that has spoken; frames go in and come out as what is in them. */
export class GatewayBench {
	readonly gateway: Gateway;
	hardware = "";

	constructor(behaviour: Partial<NatBehaviour> = {}) {
		this.gateway = new Gateway({
			behaviour: { ...defaultBehaviour, udpTimeoutMs: TIMEOUT_MS, ...behaviour },
			random: new SeededRandom(1),
			names: new Map([["backend.test", "198.51.100.1"]]),
		});
		const who = { operation: "request", senderHardware: HARDWARE, sender: BOARD, target: GATEWAY } as const;
		this.frame(0, BROADCAST, ETHERTYPE_ARP, arpPayload({ ...who, targetHardware: "000000000000" }));
		this.hardware = readArp(this.frames()[0]!.payload)!.senderHardware;
	}

	frame(now: number, destination: string, type: number, payload: Buffer): void {
		this.gateway.handleFrame(now, ethernetFrame({ destination, source: HARDWARE, type, payload }));
	}

	packet(now: number, packet: Buffer): void {
		this.frame(now, this.hardware, ETHERTYPE_IPV4, packet);
	}

	/** Sends a UDP datagram and gives what leaves through the NAT. */
	uplink(now: number, source = SOURCE, destination = REMOTE): Outbound | undefined {
		this.packet(now, udpPacket(source, destination, Buffer.from("up"), 1));
		return this.gateway.pollOutbound();
	}

	frames(): Frame[] {
		const frames: Frame[] = [];
		for (let bytes = this.gateway.pollFrame(); bytes !== undefined; bytes = this.gateway.pollFrame()) {
			frames.push(readFrame(bytes)!);
		}
		return frames;
	}

	/** The UDP datagrams to the board, as text. */
	downlinks(): string[] {
		return this.frames().map(({ payload }) => {
			const { source, destination, payload: bytes } = readUdp(readIpv4(payload)!)!;
			return `${source}>${destination} ${bytes}`;
		});
	}
}
