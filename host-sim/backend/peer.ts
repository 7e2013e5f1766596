// One CoAP endpoint per remote address, in a table with a bound: strangers come and go, devices stay.

import { DatagramEndpoint } from "../../firmware/coap/datagram.js";
import type { Instant, Random } from "../../firmware/contract.js";
import { type Connection, type Connections, isConnection } from "./connections.js";
import { type Contexts, PeerProtection } from "./contexts.js";
import type { Command, Device, Observation } from "./device.js";
import type { Schedule, Scheduled } from "./schedule.js";

/** A device's answer joined from blocks: a whole object of many instances. */
const RESPONSE_LENGTH = 1 << 16;

/** RFC 9175, 2.4: so many bytes for each one that came may go to an address that anybody may have forged. */
const AMPLIFICATION = 3;

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
	/** Whoever reads what is sent here has shown it; until then an address may be forged, and somebody else's. */
	isProved: boolean;
	/** Bytes that may be sent here before that. */
	allowance = 0;
	/** The exchange that asks whether anybody is here; 0: none. */
	asking = 0;
	/** Nobody answered when that was asked; nothing more is sent until something comes. */
	isSilent = false;

	/** Undefined without keys (NoSec). */
	readonly protection: PeerProtection | undefined;

	constructor(address: string, random: Random, protection: PeerProtection | undefined) {
		this.address = address;
		this.protection = protection;
		this.endpoint = new DatagramEndpoint({ random, responseLengthMax: RESPONSE_LENGTH, protection });
		this.endpoint.isReliable = isConnection(address);
		// Nobody connects from an address that is not his own.
		this.isProved = this.endpoint.isReliable;
	}

	/** A datagram of so many bytes came from here. */
	hear(length: number): void {
		this.allowance += AMPLIFICATION * length;
		this.isSilent = false;
	}

	/** A datagram of so many bytes goes here. Answers, which cannot be withheld, leave no debt to commands. */
	spend(length: number): void {
		this.allowance = Math.max(0, this.allowance - length);
	}

	/** It was answered from here what nobody can answer who does not read what is sent here. */
	prove(): void {
		this.isProved = true;
		this.asking = 0;
	}
}

/** All peers by address. */
export class PeerTable {
	readonly #random: Random;
	readonly #strangerCount: number;
	readonly #contexts: Contexts | undefined;
	readonly #schedule: Schedule<Peer | Device | Connection>;
	readonly #connections: Connections<Peer | Device>;
	readonly #peers = new Map<string, Peer>();
	/** Those without a device, oldest first. */
	readonly #strangers = new Set<Peer>();

	/** At most `strangerCount` peers without a registration are remembered; the oldest makes room. */
	constructor(
		random: Random,
		strangerCount: number,
		schedule: Schedule<Peer | Device | Connection>,
		contexts: Contexts | undefined,
		connections: Connections<Peer | Device>,
	) {
		this.#connections = connections;
		this.#random = random;
		this.#contexts = contexts;
		this.#strangerCount = strangerCount;
		this.#schedule = schedule;
	}

	at(address: string): Peer | undefined {
		return this.#peers.get(address);
	}

	/** A new peer at an address, in place of an older one; `secure`: nothing is said or believed without keys. */
	add(address: string, secure: boolean): Peer {
		const old = this.#peers.get(address);
		if (old !== undefined) this.drop(old);
		const protection = secure && this.#contexts !== undefined ? new PeerProtection(this.#contexts) : undefined;
		const peer = new Peer(address, this.#random, protection);
		this.#peers.set(address, peer);
		this.#adopt(peer);
		return peer;
	}

	/** Forgets a peer and all it had open. */
	drop(peer: Peer): void {
		if (peer.endpoint.isReliable) this.#connections.dismiss(peer.address);
		this.#schedule.remove(peer);
		this.#strangers.delete(peer);
		if (this.#peers.get(peer.address) === peer) this.#peers.delete(peer.address);
		if (peer.device?.peer === peer) peer.device.peer = undefined;
		peer.device = undefined;
	}

	/** From now on this device is spoken to here; the peer that it had is dropped. */
	join(device: Device, peer: Peer): void {
		if (device.peer !== undefined && device.peer !== peer) {
			// The device may not know that its address has changed: no Message ID may come to it twice.
			peer.endpoint.succeed(device.peer.endpoint);
			this.drop(device.peer);
		}
		if (peer.device !== undefined && peer.device !== device) peer.device.peer = undefined;
		this.#strangers.delete(peer);
		// What one device has proved says nothing of the next one, which may only pretend to be here.
		if (peer.device !== device) peer.isProved = peer.endpoint.isReliable;
		peer.device = device;
		device.peer = peer;
		if (peer.protection !== undefined) peer.protection.bind(device.association);
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
