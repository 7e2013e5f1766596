// The LwM2M server without sockets, clock or files: datagrams and commands in, datagrams and events out.
// Without keys (NoSec) whoever knows a registration's location may move it, as an Update from a new address does.

import type { Instant, Machine, Random, Transmit } from "../../firmware/contract.js";
import { isProtected } from "../../firmware/security/oscore/envelope.js";
import { partialIvOf } from "../../firmware/security/oscore/oscore.js";
import type { Contexts } from "./contexts.js";
import type { CoreEvent } from "./core-event.js";
import { ASLEEP, Device, type Observation } from "./device.js";
import { Downlink } from "./downlink.js";
import type { Operation } from "./operations.js";
import { type Peer, PeerTable } from "./peer.js";
import { expiresAt, type Registration } from "./registration.js";
import { Schedule } from "./schedule.js";
import { type Devices, Uplink } from "./uplink.js";

/** A datagram to be sent; allocated once by the drainer. */
export interface Datagram extends Transmit {
	address: string;
}

/** What has to survive a restart of the back end. */
export interface SavedDevice {
	readonly registration: Registration;
	/** Which keys it registered under; undefined without any. */
	readonly keys?: string | undefined;
	readonly observations: readonly SavedObservation[];
}

/** An observation without its exchange, which ends with the process. */
export type SavedObservation = Pick<Observation, "path" | "composite" | "token" | "requestNumber" | "accept">;

/** Peers without a registration that are remembered. */
const STRANGER_COUNT = 256;

/** Who may register. */
export interface CoreSecurity {
	/** The keys of devices; undefined: none has any. */
	readonly contexts: Contexts | undefined;
	/** Whether a device without keys may register (NoSec). */
	readonly noSecurity: boolean;
}

export class Core implements Machine {
	readonly #security: CoreSecurity;
	readonly #peers: PeerTable;
	readonly #devices: Devices = { byName: new Map(), byId: new Map() };
	readonly #ready = new Set<Peer>();
	/** Whose deadline is to be looked at again. */
	readonly #touched = new Set<Device>();
	readonly #schedule = new Schedule<Peer | Device>();
	readonly #events: CoreEvent[] = [];
	readonly #downlink = new Downlink(this.#events, this.#ready, this.#touched);

	readonly #uplink: Uplink;

	constructor(random: Random, security: CoreSecurity = { contexts: undefined, noSecurity: true }) {
		const { contexts } = security;
		this.#security = security;
		this.#peers = new PeerTable(random, STRANGER_COUNT, this.#schedule, contexts);
		this.#uplink = new Uplink({
			random,
			contexts,
			peers: this.#peers,
			devices: this.#devices,
			downlink: this.#downlink,
			events: this.#events,
			touched: this.#touched,
			schedule: this.#schedule,
		});
	}

	/** Takes up what an earlier life left behind, so that its devices need not register again. */
	restore(now: Instant, saved: readonly SavedDevice[]): void {
		for (const { registration, keys, observations } of saved) {
			const device = new Device(registration);
			device.keys = keys;
			device.association = this.#security.contexts?.of(registration.endpointName);
			// Keys that were taken away, or given, end the registration: it says nothing of who speaks for the device.
			if ((device.association !== undefined) !== registration.secure) continue;
			// Whether a device in Queue Mode listens is not known over a restart: it will say that it does.
			if (registration.queueMode) device.awakeUntil = ASLEEP;
			this.#touched.add(device);
			this.#devices.byName.set(registration.endpointName, device);
			this.#devices.byId.set(registration.id, device);
			for (const observation of observations) {
				device.observations.set(observation.path, {
					kind: "observation",
					...observation,
					order: undefined,
					exchange: 0,
				});
			}
			const peer = this.#peers.add(registration.address, registration.secure);
			this.#uplink.settle(now, device, peer);
			peer.prove();
		}
	}

	/** What is to be kept over a restart. */
	save(): SavedDevice[] {
		return [...this.#devices.byName.values()].map((device) => ({
			registration: device.registration,
			keys: device.keys,
			observations: [...device.observations.values()].map(({ path, composite, token, requestNumber, accept }) => ({
				path,
				composite,
				token,
				requestNumber: partialIvOf(requestNumber),
				accept,
			})),
		}));
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

	/** Asks a device; a "finished" event with the returned handle follows. 0: no such device. */
	command(now: Instant, endpointName: string, operation: Operation, timeoutMs: number): number {
		const device = this.#devices.byName.get(endpointName);
		return device === undefined ? 0 : this.#downlink.command(now, device, operation, timeoutMs);
	}

	/** Forgets an observation without a word to the device: its next notification gets a Reset. */
	forget(now: Instant, endpointName: string, path: string): void {
		const device = this.#devices.byName.get(endpointName);
		const observation = device?.observations.get(path);
		if (device !== undefined && observation !== undefined) this.#downlink.endObservation(now, device, observation);
	}

	/** A datagram from an address; borrowed for the call. */
	handleReceived(now: Instant, address: string, bytes: Uint8Array): void {
		const peer = this.#peerOf(address, bytes);
		if (peer === undefined) return;
		peer.hear(bytes.length);
		if (peer.device?.registration.queueMode === true) this.#uplink.rouse(now, peer.device);
		peer.endpoint.handleReceived(now, bytes);
		this.#drain(now, peer);
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
		for (const peer of this.#ready) {
			if (peer.endpoint.pollTransmit(now, out)) {
				peer.spend(out.length);
				out.address = peer.address;
				return true;
			}
			this.#ready.delete(peer);
			this.#settleDeadline(peer);
		}
		return false;
	}

	pollTimeout(): Instant {
		for (const peer of this.#ready) this.#settleDeadline(peer);
		for (const device of this.#touched) this.#schedule.set(device, device.nextAt());
		this.#touched.clear();
		return this.#schedule.nextAt;
	}

	#settleDeadline(peer: Peer): void {
		if (this.#peers.at(peer.address) === peer) this.#schedule.set(peer, peer.endpoint.pollTimeout());
	}

	handleTimeout(now: Instant): void {
		if (this.pollTimeout() > now) return;
		for (const due of this.#schedule.takeDue(now)) {
			if (due.kind === "device") this.#handleDeviceTimeout(now, due);
			else if (this.#peers.at(due.address) === due) {
				due.endpoint.handleTimeout(now);
				this.#drain(now, due);
			}
		}
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
					peer.prove();
					downlink.handleResponse(now, peer, event.exchange, event.message, event.roundTripMs);
					break;
				case "failed":
					downlink.handleFailed(now, peer, event.exchange, event.why);
					break;
				case "alive": // its request, if it is one, knows that it was acknowledged
					peer.prove();
					break;
				case "cancelled": // nobody observes the back end
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
