// The LwM2M server without sockets, clock or files: datagrams and commands in, datagrams and events out.
// NoSec: whoever knows a registration's location may move it, as an Update from a new address does.

import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { MAX_TRANSMIT_WAIT } from "../../firmware/coap/constants.js";
import type { Message, Response } from "../../firmware/coap/endpoint.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import type { Instant, Machine, Random, Transmit } from "../../firmware/contract.js";
import { decodeSent } from "./content.js";
import type { CoreEvent } from "./core-event.js";
import { ASLEEP, Device, type Observation } from "./device.js";
import { Downlink } from "./downlink.js";
import { copyPayload, plain } from "./messages.js";
import type { Operation } from "./operations.js";
import { type Peer, PeerTable } from "./peer.js";
import { begin, expiresAt, type Registration, readAnnouncement, renew } from "./registration.js";
import { Schedule } from "./schedule.js";

/** A datagram to be sent; allocated once by the drainer. */
export interface Datagram extends Transmit {
	address: string;
}

/** What has to survive a restart of the back end. */
export interface SavedDevice {
	readonly registration: Registration;
	readonly observations: readonly SavedObservation[];
}

/** An observation without its exchange, which ends with the process. */
export type SavedObservation = Pick<Observation, "path" | "composite" | "token" | "accept">;

/** Peers without a registration that are remembered, and devices that may register. */
const STRANGER_COUNT = 256;
const DEVICE_COUNT = 100_000;

/** LwM2M Core 1.2, 6.5: how long a device in Queue Mode listens after it has spoken. */
const AWAKE_MS = MAX_TRANSMIT_WAIT;

const SEND_FORMATS: readonly number[] = [ContentFormat.SenmlCbor, ContentFormat.SenmlJson, ContentFormat.LwM2mCbor];

const ID_LENGTH = 10;
const ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const RESOURCES: Response = {
	...plain(Code.Content),
	contentFormat: ContentFormat.LinkFormat,
	payload: encodeText('</rd>;rt="core.rd";ct=40'),
};

export class Core implements Machine {
	readonly #random: Random;
	readonly #peers: PeerTable;
	readonly #devices = new Map<string, Device>();
	readonly #devicesById = new Map<string, Device>();
	readonly #ready = new Set<Peer>();
	/** Whose deadline is to be looked at again. */
	readonly #touched = new Set<Device>();
	readonly #schedule = new Schedule<Peer | Device>();
	readonly #events: CoreEvent[] = [];
	readonly #downlink = new Downlink(this.#events, this.#ready, this.#touched);

	constructor(random: Random) {
		this.#random = random;
		this.#peers = new PeerTable(random, STRANGER_COUNT, this.#schedule);
	}

	/** Takes up what an earlier life left behind, so that its devices need not register again. */
	restore(now: Instant, saved: readonly SavedDevice[]): void {
		for (const { registration, observations } of saved) {
			const device = new Device(registration);
			// Whether a device in Queue Mode listens is not known over a restart: it will say that it does.
			if (registration.queueMode) device.awakeUntil = ASLEEP;
			this.#touched.add(device);
			this.#devices.set(registration.endpointName, device);
			this.#devicesById.set(registration.id, device);
			for (const observation of observations) {
				device.observations.set(observation.path, {
					kind: "observation",
					...observation,
					order: undefined,
					exchange: 0,
				});
			}
			this.#settle(now, device, this.#peers.add(registration.address));
		}
	}

	/** What is to be kept over a restart. */
	save(): SavedDevice[] {
		return [...this.#devices.values()].map((device) => ({
			registration: device.registration,
			observations: [...device.observations.values()].map(({ path, composite, token, accept }) => ({
				path,
				composite,
				token,
				accept,
			})),
		}));
	}

	/** All registrations, in the order of their first Register. */
	registrations(): Registration[] {
		return [...this.#devices.values()].map((device) => device.registration);
	}

	registration(endpointName: string): Registration | undefined {
		return this.#devices.get(endpointName)?.registration;
	}

	/** True for a device in Queue Mode that does not listen now. */
	isAsleep(endpointName: string): boolean {
		return this.#devices.get(endpointName)?.awakeUntil === ASLEEP;
	}

	/** The device that speaks from an address, by its endpoint name. */
	endpointNameAt(address: string): string | undefined {
		return this.#peers.at(address)?.device?.registration.endpointName;
	}

	/** The observation of a path, if there is one. */
	observation(endpointName: string, path: string): SavedObservation | undefined {
		return this.#devices.get(endpointName)?.observations.get(path);
	}

	/** Asks a device; a "finished" event with the returned handle follows. 0: no such device. */
	command(now: Instant, endpointName: string, operation: Operation, timeoutMs: number): number {
		const device = this.#devices.get(endpointName);
		return device === undefined ? 0 : this.#downlink.command(now, device, operation, timeoutMs);
	}

	/** Forgets an observation without a word to the device: its next notification gets a Reset. */
	forget(now: Instant, endpointName: string, path: string): void {
		const device = this.#devices.get(endpointName);
		const observation = device?.observations.get(path);
		if (device !== undefined && observation !== undefined) this.#downlink.endObservation(now, device, observation);
	}

	/** A datagram from an address; borrowed for the call. */
	handleReceived(now: Instant, address: string, bytes: Uint8Array): void {
		const known = this.#peers.at(address);
		if (known?.device === undefined && !isOpening(bytes)) return;
		const peer = known ?? this.#peers.add(address);
		if (peer.device?.registration.queueMode === true) this.#rouse(now, peer.device);
		peer.endpoint.handleReceived(now, bytes);
		this.#drain(now, peer);
	}

	pollEvent(): CoreEvent | undefined {
		return this.#events.shift();
	}

	pollTransmit(now: Instant, out: Datagram): boolean {
		for (const peer of this.#ready) {
			if (peer.endpoint.pollTransmit(now, out)) {
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
		if (this.#devices.get(device.registration.endpointName) !== device) return;
		this.#touched.add(device);
		this.#downlink.handleTimeout(now, device);
		if (device.awakeUntil <= now && device.awakeUntil !== ASLEEP) {
			device.awakeUntil = ASLEEP;
			this.#events.push({ kind: "sleeping", endpointName: device.registration.endpointName });
		}
		if (expiresAt(device.registration) <= now) this.#remove(now, device, "expired");
	}

	/** In Queue Mode a device that has spoken listens for a while (LwM2M Core 1.2, 6.5). */
	#rouse(now: Instant, device: Device): void {
		const wasAwake = device.awakeUntil > now && device.awakeUntil < Number.POSITIVE_INFINITY;
		const { queueMode, endpointName } = device.registration;
		device.awakeUntil = queueMode ? now + AWAKE_MS : Number.POSITIVE_INFINITY;
		this.#touched.add(device);
		if (queueMode && !wasAwake) this.#events.push({ kind: "awake", endpointName });
	}

	#drain(now: Instant, peer: Peer): void {
		const endpoint = peer.endpoint;
		const downlink = this.#downlink;
		this.#ready.add(peer);
		for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
			switch (event.kind) {
				case "request":
					this.#serve(now, peer, event.exchange, event.message);
					break;
				case "response":
					downlink.handleResponse(now, peer, event.exchange, event.message, event.roundTripMs);
					break;
				case "failed":
					downlink.handleFailed(now, peer, event.exchange, event.why);
					break;
				case "alive":
					downlink.handleAlive(peer, event.exchange);
					break;
				case "cancelled":
					break; // nobody observes the back end
				default:
					event satisfies never;
			}
		}
		if (peer.device !== undefined) downlink.send(now, peer.device);
	}

	/** Answers, and only then sends what waited for the device: no request of ours may overtake that answer. */
	#serve(now: Instant, peer: Peer, exchange: number, message: Message): void {
		const path = Array.from({ length: message.count(Option.UriPath) }, (_, i) => message.text(Option.UriPath, i) ?? "");
		const response = this.#answer(now, peer, path, message);
		peer.endpoint.respond(now, exchange, response);
		const device = peer.device;
		if (device !== undefined && path[0] === "rd") this.#downlink.handleUplink(now, device);
	}

	#answer(now: Instant, peer: Peer, path: readonly string[], message: Message): Response {
		const { code } = message;
		if (path.join("/") === ".well-known/core") return code === Code.Get ? RESOURCES : plain(Code.MethodNotAllowed);
		if (path[0] === "dp" && path.length === 1) return plain(this.#take(peer, message));
		if (path[0] !== "rd" || path.length > 2) return plain(Code.NotFound);
		if (path.length === 1)
			return code === Code.Post ? this.#register(now, peer, message) : plain(Code.MethodNotAllowed);
		if (code !== Code.Post && code !== Code.Delete) return plain(Code.MethodNotAllowed);
		const device = this.#devicesById.get(path[1]!);
		if (device === undefined) return plain(Code.NotFound);
		if (code === Code.Post) return this.#update(now, peer, device, message);
		this.#remove(now, device, "asked");
		return plain(Code.Deleted);
	}

	/** Send (LwM2M Core 1.2, 6.4.6): values from a registered device, whose address is all that we know it by. */
	#take({ device }: Peer, message: Message): number {
		if (message.code !== Code.Post) return Code.MethodNotAllowed;
		if (device === undefined) return Code.NotFound;
		const { endpointName } = device.registration;
		const contentFormat = message.uint(Option.ContentFormat);
		if (contentFormat === undefined || !SEND_FORMATS.includes(contentFormat)) return Code.UnsupportedContentFormat;
		const payload = copyPayload(message);
		if (decodeSent(contentFormat, payload) === undefined) return Code.BadRequest;
		this.#events.push({ kind: "sent", endpointName, contentFormat, payload });
		return Code.Changed;
	}

	#register(now: Instant, peer: Peer, message: Message): Response {
		const said = readAnnouncement(message);
		if (typeof said === "number") return plain(said);
		const endpointName = said.endpointName;
		if (endpointName === undefined) return plain(Code.BadRequest);
		const known = this.#devices.get(endpointName);
		if (known === undefined && this.#devices.size >= DEVICE_COUNT) return plain(Code.ServiceUnavailable);
		const registration = begin(this.#newId(), endpointName, now, peer.address, said);
		const device = known ?? new Device(registration);
		const replaced = known?.registration;
		if (replaced !== undefined) this.#devicesById.delete(replaced.id);
		device.registration = registration;
		this.#devices.set(endpointName, device);
		this.#devicesById.set(registration.id, device);
		this.#events.push({ kind: "registered", registration, replaced });
		this.#settle(now, device, peer);
		this.#rouse(now, device);
		this.#downlink.renew(now, device);
		return { ...plain(Code.Created), locationPath: `/rd/${registration.id}` };
	}

	#update(now: Instant, peer: Peer, device: Device, message: Message): Response {
		const said = readAnnouncement(message);
		if (typeof said === "number") return plain(said);
		const previousAddress = device.registration.address;
		device.registration = renew(device.registration, now, peer.address, said);
		this.#events.push({ kind: "updated", registration: device.registration, said, previousAddress });
		this.#settle(now, device, peer);
		this.#rouse(now, device);
		return plain(Code.Changed);
	}

	/** Makes a peer the device's own; whoever had it before is spoken to again when it speaks. */
	#settle(now: Instant, device: Device, peer: Peer): void {
		if (device.peer === peer) return;
		this.#downlink.leave(now, device);
		if (peer.device !== undefined) this.#downlink.leave(now, peer.device);
		this.#peers.join(device, peer);
		this.#downlink.settle(now, device);
	}

	#remove(now: Instant, device: Device, why: "asked" | "expired"): void {
		const registration = device.registration;
		this.#downlink.abandon(now, device);
		this.#devices.delete(registration.endpointName);
		this.#devicesById.delete(registration.id);
		this.#touched.delete(device);
		this.#schedule.remove(device);
		this.#peers.part(device);
		this.#events.push({ kind: "deregistered", registration, why });
	}

	/** Sixty random bits: in NoSec nothing else keeps a stranger from speaking for a device. */
	#newId(): string {
		const bytes = new Uint8Array(ID_LENGTH);
		this.#random.fill(bytes);
		return Array.from(bytes, (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("");
	}
}

/**
 * True for a request or a ping. A stranger's answer answers nothing of ours; it is dropped without a Reset, which would
 * end an observation of a device that moved.
 */
function isOpening(bytes: Uint8Array): boolean {
	return bytes.length >= 4 && (bytes[0]! & 0x20) === 0 && bytes[1]! < 0x20;
}
