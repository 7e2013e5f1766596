// The LwM2M server without sockets, clock or files: datagrams and commands in, datagrams and events out.
// Without keys (NoSec) whoever knows a registration's location may move it, as an Update from a new address does.

import { MAX_TRANSMIT_WAIT } from "../../firmware/coap/constants.js";
import type { Instant, Machine, Random, Transmit } from "../../firmware/contract.js";
import { isProtected } from "../../firmware/security/oscore/envelope.js";
import { type CloseCommand, type Connection, Connections, isConnection } from "./connections.js";
import type { Contexts } from "./contexts.js";
import type { CoreEvent } from "./core-event.js";
import { ASLEEP, type Device } from "./device.js";
import { Downlink } from "./downlink.js";
import { Extension } from "./extension.js";
import type { Operation } from "./operations.js";
import { type Peer, PeerTable } from "./peer.js";
import type { ReachCounters } from "./reach-counters.js";
import { expiresAt, type Registration } from "./registration.js";
import { restored, type SavedDevice, type SavedObservation, saved } from "./saved.js";
import { Schedule } from "./schedule.js";
import { encodeTrigger } from "./trigger.js";
import { type Devices, Uplink } from "./uplink.js";

/** A datagram to be sent; allocated once by the drainer. */
export interface Datagram extends Transmit {
	address: string;
}

/** Peers without a registration that are remembered. */
const STRANGER_COUNT = 256;

/** Who may register. */
export interface CoreSecurity {
	/** The keys of devices; undefined: none has any. */
	readonly contexts: Contexts | undefined;
	/** Whether a device without keys may register (NoSec). */
	readonly noSecurity: boolean;
}

export interface CoreOptions {
	/** False: a plain LwM2M server, without the extension Reach. */
	readonly reach?: boolean;
	/** How long devices in Queue Mode listen after they have spoken; 93 s if not given. */
	readonly awakeMs?: number | undefined;
}

export class Core implements Machine {
	readonly #security: CoreSecurity;
	readonly #random: Random;
	readonly #peers: PeerTable;
	readonly #devices: Devices = { byName: new Map(), byId: new Map() };
	readonly #ready = new Set<Peer>();
	/** Whose deadline is to be looked at again. */
	readonly #touched = new Set<Device>();
	readonly #schedule = new Schedule<Peer | Device | Connection>();
	readonly #events: CoreEvent[] = [];
	readonly #downlink = new Downlink(this.#events, this.#ready, this.#touched);

	readonly #uplink: Uplink;
	readonly #extension: Extension | undefined;
	readonly #connections: Connections<Peer | Device>;

	constructor(
		random: Random,
		security: CoreSecurity = { contexts: undefined, noSecurity: true },
		{ reach = true, awakeMs = MAX_TRANSMIT_WAIT }: CoreOptions = {},
	) {
		const { contexts } = security;
		this.#random = random;
		this.#extension = reach ? new Extension(random) : undefined;
		this.#security = security;
		this.#connections = new Connections(random, this.#schedule);
		this.#peers = new PeerTable(random, STRANGER_COUNT, this.#schedule, contexts, this.#connections);
		this.#uplink = new Uplink({
			random,
			contexts,
			peers: this.#peers,
			devices: this.#devices,
			downlink: this.#downlink,
			events: this.#events,
			touched: this.#touched,
			schedule: this.#schedule,
			extension: this.#extension,
			awakeMs,
		});
	}

	/** What the extension Reach had to do; undefined without it. */
	get reachCounters(): Readonly<ReachCounters> | undefined {
		return this.#extension?.counters;
	}

	/** Takes up what an earlier life left behind, so that its devices need not register again. */
	restore(now: Instant, all: readonly SavedDevice[]): void {
		for (const each of all) {
			const { registration, commands = [] } = each;
			const device = restored(each, this.#security.contexts?.of(registration.endpointName));
			if (device === undefined) continue;
			this.#touched.add(device);
			this.#devices.byName.set(registration.endpointName, device);
			this.#devices.byId.set(registration.id, device);
			// A connection does not outlive a restart: the device comes back by another one.
			if (!isConnection(registration.address)) {
				const peer = this.#peers.add(registration.address, registration.secure);
				this.#uplink.settle(now, device, peer);
				peer.prove();
			}
			for (const command of commands) this.#downlink.restore(now, device, command);
			this.#downlink.send(now, device);
		}
	}

	/** What is to be kept over a restart. */
	save(): SavedDevice[] {
		return [...this.#devices.byName.values()].map(saved);
	}

	/** All registrations, in the order of their first Register. */
	registrations(): Registration[] {
		return [...this.#devices.byName.values()].map((device) => device.registration);
	}

	registration(endpointName: string): Registration | undefined {
		return this.#devices.byName.get(endpointName)?.registration;
	}

	/** True for a device in Queue Mode that does not listen now. */
	isAsleep(endpointName: string): boolean {
		return this.#devices.byName.get(endpointName)?.awakeUntil === ASLEEP;
	}

	/** The device that speaks from an address, by its endpoint name. */
	endpointNameAt(address: string): string | undefined {
		return this.#peers.at(address)?.device?.registration.endpointName;
	}

	/** The observation of a path, if there is one. */
	observation(endpointName: string, path: string): SavedObservation | undefined {
		return this.#devices.byName.get(endpointName)?.observations.get(path);
	}

	/** The data of an SMS that asks a device for an Update; undefined: it has keys, and has agreed on none with us. */
	trigger(
		endpointName: string,
		instanceId: number,
	): { readonly data: Uint8Array; readonly secure: boolean } | undefined {
		const device = this.#devices.byName.get(endpointName);
		const keys = device === undefined ? this.#security.contexts?.of(endpointName) : device.association;
		const data = encodeTrigger(this.#random, instanceId, keys);
		return data && { data, secure: keys !== undefined };
	}

	/** Asks a device; a "finished" event with the returned handle follows. 0: no such device. */
	command(now: Instant, endpointName: string, operation: Operation, timeoutMs: number): number {
		const device = this.#devices.byName.get(endpointName);
		return device === undefined ? 0 : this.#downlink.command(now, device, operation, timeoutMs, false);
	}

	/** The same for which nobody waits: it outlives a restart, and "queue" events tell of it. 0: no such device. */
	queue(now: Instant, endpointName: string, operation: Operation, timeoutMs: number): number {
		const device = this.#devices.byName.get(endpointName);
		if (device === undefined) return 0;
		const command = this.#downlink.command(now, device, operation, timeoutMs, true);
		this.#events.push({ kind: "queue", endpointName, command, operation, outcome: "waiting" });
		return command;
	}

	/** Commands that wait for a device, or for its answer. */
	waitingCount(endpointName: string): number {
		return this.#devices.byName.get(endpointName)?.commands.size ?? 0;
	}

	/** Forgets an observation without a word to the device: its next notification gets a Reset. */
	forget(now: Instant, endpointName: string, path: string): void {
		const device = this.#devices.byName.get(endpointName);
		const observation = device?.observations.get(path);
		if (device !== undefined && observation !== undefined) this.#downlink.endObservation(now, device, observation);
	}

	/** Other devices have keys than before: who registered with keys that are gone, or without new ones, is gone, too. */
	handleKeysChanged(now: Instant): void {
		const { contexts } = this.#security;
		for (const device of [...this.#devices.byName.values()]) {
			if (device.association === contexts?.of(device.registration.endpointName)) continue;
			this.#uplink.remove(now, device, "expired");
		}
	}

	/** A device has connected; its address begins with how (isConnection). */
	handleConnected(address: string): void {
		this.#connections.add(address);
	}

	/** A connection takes so many bytes now; first right after it came to be. */
	handleWritable(address: string, room: number): void {
		this.#connections.handleWritable(address, room);
	}

	/** A connection is gone, and with it the path to whoever was there; what he was asked may be asked elsewhere. */
	handleDisconnected(now: Instant, address: string): void {
		const peer = this.#peers.at(address);
		this.#extension?.promises.forget(address);
		if (!this.#connections.remove(address) || peer === undefined) return;
		if (peer.device !== undefined) this.#downlink.leave(now, peer.device);
		this.#peers.drop(peer);
	}

	/** The back end ends, and its connections with it. */
	farewell(): void {
		this.#connections.farewell();
	}

	/** What is to be done about connections. */
	pollCommand(): CloseCommand | undefined {
		return this.#connections.pollCommand();
	}

	/** A datagram from an address, or a piece of a connection's stream; borrowed for the call. */
	handleReceived(now: Instant, address: string, bytes: Uint8Array): void {
		const connection = this.#connections.at(address);
		if (connection !== undefined) {
			connection.stream.handleReceived(bytes);
			this.#receive(now, connection);
			return;
		}
		if (isConnection(address)) return;
		const device = this.#peers.at(address)?.device;
		if (this.#extension?.handleReceived(now, address, bytes, device) === true) return;
		const peer = this.#peerOf(address, bytes);
		if (peer === undefined) return;
		device?.silence.handleReceived(now, isAnswer(bytes));
		peer.hear(bytes.length);
		if (peer.device?.registration.queueMode === true) this.#uplink.rouse(now, peer.device);
		peer.endpoint.handleReceived(now, bytes);
		this.#drain(now, peer);
	}

	/** The next message of a connection, if one is here. */
	#receive(now: Instant, connection: Connection): void {
		const { address } = connection;
		const message = this.#connections.pollReceived(connection);
		const peer = message && this.#peerOf(address, message);
		if (peer !== undefined) {
			connection.source = peer.endpoint;
			if (peer.device?.registration.queueMode === true) this.#uplink.rouse(now, peer.device);
			peer.endpoint.handleReceived(now, message!);
			this.#drain(now, peer);
		}
		connection.stream.keep();
	}

	/** Whoever speaks from an address; undefined: nobody who may begin to. */
	#peerOf(address: string, bytes: Uint8Array): Peer | undefined {
		const known = this.#peers.at(address);
		if (known?.device === undefined && !isOpening(bytes)) return undefined;
		const { contexts, noSecurity } = this.#security;
		const secure = contexts !== undefined && (!noSecurity || isProtected(bytes));
		// Where somebody without keys was, a device with keys may come to be; without them nobody takes its place.
		if (known !== undefined && (!secure || known.protection !== undefined)) return known;
		return secure || noSecurity ? this.#peers.add(address, secure) : undefined;
	}

	pollEvent(): CoreEvent | undefined {
		return this.#events.shift();
	}

	pollTransmit(now: Instant, out: Datagram): boolean {
		if (this.#extension?.pollTransmit(out) === true) return true;
		for (const peer of this.#ready) {
			if (isConnection(peer.address)) this.#connections.wake(peer.address);
			else if (peer.endpoint.pollTransmit(now, out)) {
				peer.spend(out.length);
				if (isConfirmable(out.bytes)) peer.device?.silence.handleSent(now);
				out.address = peer.address;
				return true;
			}
			this.#ready.delete(peer);
			this.#settleDeadline(peer);
		}
		return this.#connections.pollTransmit(now, out);
	}

	pollTimeout(): Instant {
		for (const peer of this.#ready) this.#settleDeadline(peer);
		for (const device of this.#touched) this.#schedule.set(device, device.nextAt());
		this.#touched.clear();
		return Math.min(this.#schedule.nextAt, this.#extension?.pollTimeout() ?? Number.POSITIVE_INFINITY);
	}

	#settleDeadline(peer: Peer): void {
		if (this.#peers.at(peer.address) === peer) this.#schedule.set(peer, peer.endpoint.pollTimeout());
	}

	handleTimeout(now: Instant): void {
		if (this.pollTimeout() > now) return;
		this.#keepPromises(now);
		for (const due of this.#schedule.takeDue(now)) {
			if (due.kind === "device") this.#handleDeviceTimeout(now, due);
			else if (due.kind === "connection") {
				this.#connections.handleTimeout(now, due);
				this.#receive(now, due);
			} else if (this.#peers.at(due.address) === due) {
				due.endpoint.handleTimeout(now);
				this.#drain(now, due);
			}
		}
	}

	#keepPromises(now: Instant): void {
		const extension = this.#extension;
		if (extension === undefined) return;
		extension.handleTimeout(now);
		const { promises } = extension;
		for (let address = promises.pollDue(); address !== undefined; address = promises.pollDue())
			this.#connections.touch(address);
	}

	#handleDeviceTimeout(now: Instant, device: Device): void {
		if (this.#devices.byName.get(device.registration.endpointName) !== device) return;
		this.#touched.add(device);
		this.#downlink.handleTimeout(now, device);
		if (device.awakeUntil <= now && device.awakeUntil !== ASLEEP) {
			device.awakeUntil = ASLEEP;
			this.#events.push({ kind: "sleeping", endpointName: device.registration.endpointName });
		}
		if (expiresAt(device.registration) <= now) this.#uplink.remove(now, device, "expired");
	}

	#drain(now: Instant, peer: Peer): void {
		const endpoint = peer.endpoint;
		const downlink = this.#downlink;
		this.#ready.add(peer);
		for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
			switch (event.kind) {
				case "request":
					this.#uplink.serve(now, peer, event.exchange, event.message);
					break;
				case "response":
					downlink.handleProof(peer, event.exchange);
					downlink.handleResponse(now, peer, event.exchange, event.message, event.roundTripMs);
					break;
				case "failed":
					downlink.handleFailed(now, peer, event.exchange, event.why);
					break;
				case "alive": // a request that was acknowledged knows it, and anybody can write that
					if (event.exchange === peer.asking) peer.prove();
					break;
				case "cancelled": // nobody observes the back end
				case "doubted":
					break;
				default:
					event satisfies never;
			}
		}
		if (peer.device !== undefined) downlink.send(now, peer.device);
	}
}

/**
 * True for a request or a ping. A stranger's answer answers nothing of ours; it is dropped without a Reset, which would
 * end an observation of a device that moved.
 */
function isOpening(bytes: Uint8Array): boolean {
	return bytes.length >= 4 && (bytes[0]! & 0x20) === 0 && bytes[1]! < 0x20;
}

/** True for a CON (RFC 7252, 3). */
function isConfirmable(bytes: Uint8Array): boolean {
	return (bytes[0]! & 0x30) === 0;
}

/** True for an ACK or a RST: they answer what was sent down. */
function isAnswer(bytes: Uint8Array): boolean {
	return (bytes[0]! & 0x20) !== 0;
}
