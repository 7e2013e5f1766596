// Carries datagrams between the sites and the back end, and shows each to the monitor, the digest and the capture.

import { Code } from "../../firmware/coap/codes.js";
import { addressOf, type Peer, peerOf, portOf } from "../nat/peer.js";
import type { Counters } from "./counters.js";
import type { SimulatedDevice } from "./device.js";
import type { Digest } from "./digest.js";
import type { Fate } from "./link.js";
import type { EventQueue } from "./queue.js";
import type { Site } from "./site.js";
import type { WireMonitor } from "./wire-monitor.js";

/** Each datagram as it passes in public: when it was sent, from where, to where. The bytes stay as they are. */
export type Capture = (at: number, source: Peer, destination: Peer, bytes: Uint8Array) => void;

export interface InternetOptions {
	readonly queue: EventQueue;
	now(): number;
	readonly serverPeer: Peer;
	readonly counters: Counters;
	readonly digest: Digest;
	readonly monitor: WireMonitor;
	readonly capture: Capture | undefined;
	/** Damage that no checksum sees. */
	readonly noisy: boolean;
	/** A datagram arrives at the back end. */
	arrive(from: Peer, bytes: Uint8Array): void;
}

export class Internet {
	/** The back end's process is down. */
	serverIsDown = false;
	readonly #options: InternetOptions;
	readonly #sites = new Map<string, Site>();
	/** Counts what makes a new CoAP endpoint of the back end at an address: its restart, and a device's move. */
	readonly #epochs = new Map<Peer, number>();
	#serverLife = 0;
	/** The device that last used a public end; a second one makes mix-ups possible that NoSec cannot see. */
	readonly #owners = new Map<Peer, SimulatedDevice>();
	portsWereReused = false;

	constructor(options: InternetOptions) {
		this.#options = options;
	}

	add(site: Site): void {
		this.#sites.set(site.publicAddress, site);
	}

	/** The back end forgot all its endpoints. */
	handleServerRestarted(): void {
		this.#serverLife++;
		this.#epochs.clear();
	}

	/** The back end may have made a new endpoint for an address. */
	handleMoved(peer: Peer): void {
		this.#epochs.set(peer, (this.#epochs.get(peer) ?? 0) + 1);
	}

	/** A device sends; the bytes are borrowed for the call. */
	sendUp(device: SimulatedDevice, site: Site, inside: Peer, remote: Peer, borrowed: Uint8Array): void {
		const { now, monitor, counters, queue, serverPeer, noisy } = this.#options;
		const at = now();
		monitor.handleSent(at, deviceFlow(device), true, borrowed);
		const outside = remote === serverPeer ? site.outside(at, inside, remote) : undefined;
		if (outside === undefined) return counters.add("refused by a NAT");
		this.#noteOwner(outside, device);
		const bytes = borrowed.slice();
		this.#observe(outside, serverPeer, bytes);
		const fate = site.up.send(bytes, noisy && !introduces(bytes), (delayMs, arriving) => {
			queue.add(at + delayMs, () => {
				if (this.serverIsDown) return;
				const flow = this.#serverFlow(outside);
				monitor.handleAnswered(flow, arriving);
				monitor.handleArrived(now(), flow, arriving);
				this.#options.arrive(outside, arriving);
			});
		});
		this.#count(fate);
	}

	/** The back end sends; the bytes are borrowed for the call. */
	sendDown(destination: Peer, borrowed: Uint8Array): void {
		const { now, monitor, queue, serverPeer, noisy, counters } = this.#options;
		const at = now();
		monitor.handleSent(at, this.#serverFlow(destination), false, borrowed);
		const site = this.#sites.get(addressOf(destination));
		if (site === undefined) return;
		const bytes = borrowed.slice();
		this.#observe(serverPeer, destination, bytes);
		const fate = site.down.send(bytes, noisy, (delayMs, arriving) => {
			queue.add(at + delayMs, () => {
				const inside = site.inside(now(), portOf(destination), serverPeer);
				if (inside === undefined) return counters.add("refused by a NAT");
				const device = site.deviceAt(inside);
				if (device === undefined || !device.isOn) return;
				monitor.handleAnswered(deviceFlow(device), arriving);
				monitor.handleArrived(now(), deviceFlow(device), arriving);
				device.receive(portOf(inside), arriving, addressOf(serverPeer), portOf(serverPeer));
			});
		});
		this.#count(fate);
	}

	#serverFlow(peer: Peer): string {
		return `back end ${this.#serverLife}, ${peer}, ${this.#epochs.get(peer) ?? 0}`;
	}

	#noteOwner(outside: Peer, device: SimulatedDevice): void {
		const owner = this.#owners.get(outside);
		if (owner === device) return;
		if (owner !== undefined) this.portsWereReused = true;
		this.#owners.set(outside, device);
	}

	#observe(source: Peer, destination: Peer, bytes: Uint8Array): void {
		const { now, digest, capture } = this.#options;
		digest.number(now());
		digest.bytes(bytes);
		capture?.(now(), source, destination, bytes);
	}

	#count(fate: Fate): void {
		const counters = this.#options.counters;
		if (fate === "lost" || fate === "cut") counters.add("datagrams lost");
		else if (fate === "damaged") counters.add("datagrams damaged");
		else if (fate === "too-large") counters.add("datagrams too large");
	}
}

/** A Register, or an Update with what one says: a back end without security believes it, and nothing would heal it. */
function introduces(bytes: Uint8Array): boolean {
	return bytes[1] === Code.Post && bytes.length > INTRODUCTION_LENGTH;
}

/** An Update that only says "I live" is shorter. */
const INTRODUCTION_LENGTH = 48;

/** The name of what one life of a device says. */
export function deviceFlow(device: SimulatedDevice): string {
	return `${device.name} (life ${device.life})`;
}

/** The public address of the n-th site: of the network for benchmarks (RFC 2544, C.2.2). */
export function publicAddress(index: number): string {
	return `198.18.${index >> 8}.${index & 0xff}`;
}

/** The private address of the n-th device of a site. */
export function privateAddress(index: number): string {
	return `10.0.0.${index + 1}`;
}

/** Where the back end is: a documentation address (RFC 5737). */
export const SERVER_PEER: Peer = peerOf("203.0.113.1", 5683);
