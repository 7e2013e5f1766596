// Carries datagrams between the sites and the back end, and shows each to the monitor, the digest and the capture.

import { Code } from "../../firmware/coap/codes.js";
import { addressOf, type Peer, peerOf, portOf } from "../nat/peer.js";
import type { Counters } from "./counters.js";
import type { SimulatedDevice } from "./device.js";
import type { Digest } from "./digest.js";
import type { Enemy } from "./enemy.js";
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
	/** Undefined: nobody listens. */
	readonly enemy?: Enemy | undefined;
	/** A datagram arrives at the back end. */
	arrive(from: Peer, bytes: Uint8Array): void;
}

/** The longest keepalive interval, and an Update with its repetitions. */
const UNSAVED_MS = 120_000;

export class Internet {
	/** The back end's process is down. */
	serverIsDown = false;
	readonly #options: InternetOptions;
	readonly #sites = new Map<string, Site>();
	/** Counts what makes a new CoAP endpoint of the back end at an address: its restart, and a device's move. */
	readonly #epochs = new Map<Peer, number>();
	#serverLife = 0;
	#serverStartedAt = 0;
	/** When the back end was told each datagram that is still remembered. */
	readonly #arrivedAt = new WeakMap<Uint8Array, number>();
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
		this.#serverStartedAt = this.#options.now();
		this.#epochs.clear();
	}

	/**
	 * A device is known at an address, and was before at another one, or at none: the back end may have made a new
	 * endpoint for either. Where a device stays, so does its endpoint, and what is under way there goes on.
	 */
	handleMoved(to: Peer, from: Peer | undefined): void {
		if (to === from) return;
		this.#beginEpoch(to);
		if (from !== undefined) this.#beginEpoch(from);
	}

	#beginEpoch(peer: Peer): void {
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
				this.#arrivedAt.set(bytes, now());
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
		const { now, monitor, queue, serverPeer, noisy } = this.#options;
		const at = now();
		monitor.handleSent(at, this.#serverFlow(destination), false, borrowed);
		const site = this.#sites.get(addressOf(destination));
		if (site === undefined) return;
		const bytes = borrowed.slice();
		this.#observe(serverPeer, destination, bytes);
		const fate = site.down.send(bytes, noisy, (delayMs, arriving) => {
			queue.add(at + delayMs, () => this.#deliver(serverPeer, destination, arriving, true));
		});
		this.#count(fate);
	}

	/** The enemy says again what it has heard; what never came to the back end is news there, as if it were only late. */
	handleEnemy(): void {
		const { counters, enemy, now, monitor, serverPeer } = this.#options;
		for (const { source, destination, bytes, heard } of enemy?.speak() ?? []) {
			counters.add("datagrams said again");
			if (destination !== serverPeer) this.#deliver(source, destination, bytes, false);
			else if (!this.serverIsDown) {
				if (heard !== undefined) {
					if (this.#isNews(heard)) monitor.handleArrived(now(), this.#serverFlow(source), bytes);
					this.#arrivedAt.set(heard, now());
				}
				this.#options.arrive(source, bytes);
			}
		}
	}

	/** A back end that was cut off has forgotten what came since it last wrote down how far a device has come. */
	#isNews(heard: Uint8Array): boolean {
		const at = this.#arrivedAt.get(heard);
		return at === undefined || (at <= this.#serverStartedAt && at > this.#serverStartedAt - UNSAVED_MS);
	}

	/** A datagram comes to a NAT, and through it to a device. */
	#deliver(source: Peer, destination: Peer, bytes: Uint8Array, isTrue: boolean): void {
		const { now, monitor, counters } = this.#options;
		const site = this.#sites.get(addressOf(destination));
		const inside = site?.inside(now(), portOf(destination), source);
		if (site === undefined || inside === undefined) return counters.add("refused by a NAT");
		const device = site.deviceAt(inside);
		if (device === undefined || !device.isOn) return;
		if (isTrue) {
			monitor.handleAnswered(deviceFlow(device), bytes);
			monitor.handleArrived(now(), deviceFlow(device), bytes);
		}
		device.receive(portOf(inside), bytes, addressOf(source), portOf(source));
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
		const { now, digest, capture, enemy } = this.#options;
		enemy?.hear(source, destination, bytes);
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
