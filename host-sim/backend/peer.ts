// One CoAP endpoint per remote address, in a table with a bound: strangers come and go, devices stay.

import { DatagramEndpoint } from "../../firmware/coap/datagram.js";
import type { Instant, Random } from "../../firmware/contract.js";
import type { Command, Device, Observation } from "./device.js";
import type { Schedule, Scheduled } from "./schedule.js";

/** A device's answer joined from blocks: a whole object of many instances. */
const RESPONSE_LENGTH = 1 << 16;

/** One remote address and the CoAP state towards it. */
export class Peer implements Scheduled {
	readonly kind = "peer";
	dueAt: Instant = Number.POSITIVE_INFINITY;
	heapIndex = -1;
	/** "ip:port", or any other name of a path. */
	readonly address: string;
	readonly endpoint: DatagramEndpoint;
	/** The device that registered from here, if any did. */
	device: Device | undefined;
	/** What each open exchange of the endpoint is for. */
	readonly uses = new Map<number, Command | Observation>();

	constructor(address: string, random: Random) {
		this.address = address;
		this.endpoint = new DatagramEndpoint({ random, responseLengthMax: RESPONSE_LENGTH });
	}
}

/** All peers by address. */
export class PeerTable {
	readonly #random: Random;
	readonly #strangerCount: number;
	readonly #schedule: Schedule<Peer | Device>;
	readonly #peers = new Map<string, Peer>();
	/** Those without a device, oldest first. */
	readonly #strangers = new Set<Peer>();

	/** At most `strangerCount` peers without a registration are remembered; the oldest makes room. */
	constructor(random: Random, strangerCount: number, schedule: Schedule<Peer | Device>) {
		this.#random = random;
		this.#strangerCount = strangerCount;
		this.#schedule = schedule;
	}

	at(address: string): Peer | undefined {
		return this.#peers.get(address);
	}

	/** A new peer at an address, in place of an older one. */
	add(address: string): Peer {
		const old = this.#peers.get(address);
		if (old !== undefined) this.drop(old);
		const peer = new Peer(address, this.#random);
		this.#peers.set(address, peer);
		this.#adopt(peer);
		return peer;
	}

	/** Forgets a peer and all it had open. */
	drop(peer: Peer): void {
		this.#schedule.remove(peer);
		this.#strangers.delete(peer);
		if (this.#peers.get(peer.address) === peer) this.#peers.delete(peer.address);
		if (peer.device?.peer === peer) peer.device.peer = undefined;
		peer.device = undefined;
	}

	/** From now on this device is spoken to here; the peer that it had is dropped. */
	join(device: Device, peer: Peer): void {
		if (device.peer !== undefined && device.peer !== peer) this.drop(device.peer);
		if (peer.device !== undefined && peer.device !== device) peer.device.peer = undefined;
		this.#strangers.delete(peer);
		peer.device = device;
		device.peer = peer;
	}

	/** The device is gone, its address may still speak. */
	part(device: Device): void {
		const peer = device.peer;
		if (peer === undefined) return;
		device.peer = undefined;
		peer.device = undefined;
		this.#adopt(peer);
	}

	#adopt(peer: Peer): void {
		for (const oldest of this.#strangers) {
			if (this.#strangers.size < this.#strangerCount) break;
			this.drop(oldest);
		}
		this.#strangers.add(peer);
	}
}
