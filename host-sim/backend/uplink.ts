// What devices ask of the back end: Register, Update, De-register, Send. Here it is decided who speaks for a device.

import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import type { Message, Response } from "../../firmware/coap/endpoint.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import { probeMessages } from "../../firmware/coap/probe-messages.js";
import { encodeReach, ReachFlag } from "../../firmware/coap/reach-option.js";
import type { Instant, Random } from "../../firmware/contract.js";
import { type Connection, isConnection } from "./connections.js";
import { digestSent } from "./content.js";
import { type Association, type Contexts, keysNow } from "./contexts.js";
import type { CoreEvent } from "./core-event.js";
import { Device } from "./device.js";
import type { Downlink } from "./downlink.js";
import type { Extension } from "./extension.js";
import { copyPayload, plain } from "./messages.js";
import type { Peer, PeerTable } from "./peer.js";
import { ANSWERED_IDLE_MS, isIdle, NOTHING_WAITS, OFFER, reachWord } from "./reach-word.js";
import { begin, readAnnouncement, renew } from "./registration.js";
import type { Schedule } from "./schedule.js";

/** All devices that are registered, by both names they have. */
export interface Devices {
	readonly byName: Map<string, Device>;
	readonly byId: Map<string, Device>;
}

export interface UplinkOptions {
	readonly random: Random;
	readonly peers: PeerTable;
	readonly devices: Devices;
	readonly downlink: Downlink;
	readonly events: CoreEvent[];
	/** Whose deadline is to be looked at again. */
	readonly touched: Set<Device>;
	readonly schedule: Schedule<Peer | Device | Connection>;
	/** Undefined where no device has keys. */
	readonly contexts: Contexts | undefined;
	/** Undefined: nothing beyond LwM2M is said. */
	readonly extension: Extension | undefined;
	/** How long a device in Queue Mode listens after it has spoken, if it does not say so itself. */
	readonly awakeMs: number;
}

const DEVICE_COUNT = 100_000;

const SEND_FORMATS: readonly number[] = [ContentFormat.SenmlCbor, ContentFormat.SenmlJson, ContentFormat.LwM2mCbor];

const ID_LENGTH = 10;
const ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const RESOURCES: Response = {
	...plain(Code.Content),
	contentFormat: ContentFormat.LinkFormat,
	payload: encodeText('</rd>;rt="core.rd";ct=40'),
};

export class Uplink {
	readonly #options: UplinkOptions;

	constructor(options: UplinkOptions) {
		this.#options = options;
	}

	/** Answers, and only then sends what waited for the device: no request of ours may overtake that answer. */
	serve(now: Instant, peer: Peer, exchange: number, message: Message): void {
		const path = Array.from({ length: message.count(Option.UriPath) }, (_, i) => message.text(Option.UriPath, i) ?? "");
		const speaker = peer.protection?.opened;
		const response = this.#answer(now, peer, path, message);
		peer.endpoint.respond(now, exchange, response);
		const device = peer.device;
		const isRegistered = path[0] === "rd" || path[0] === "dp";
		if (device !== undefined && isRegistered && isOf(device, speaker)) this.#options.downlink.handleUplink(now, device);
	}

	#answer(now: Instant, peer: Peer, path: readonly string[], message: Message): Response {
		const { code } = message;
		if (path.join("/") === ".well-known/core") return code === Code.Get ? RESOURCES : plain(Code.MethodNotAllowed);
		if (path[0] === "dp" && path.length === 1) return this.#take(now, peer, message);
		if (path[0] === probeMessages.path && path.length === 1) return this.#issueTicket(now, peer, message);
		if (path[0] !== "rd" || path.length > 2) return plain(Code.NotFound);
		if (path.length === 1)
			return code === Code.Post ? this.#register(now, peer, message) : plain(Code.MethodNotAllowed);
		if (code !== Code.Post && code !== Code.Delete) return plain(Code.MethodNotAllowed);
		const device = this.#options.devices.byId.get(path[1]!);
		// Keys that were renewed without a Register have ended all observations on the device's side: it is to register.
		if (device === undefined || !isOf(device, peer.protection?.opened) || isRenewed(device))
			return plain(Code.NotFound);
		if (code === Code.Post) return this.#update(now, peer, device, message);
		this.remove(now, device, "asked");
		return plain(Code.Deleted);
	}

	/** A device may measure its binding: it gets a ticket for that, or over a connection an Empty message later. */
	#issueTicket(now: Instant, peer: Peer, message: Message): Response {
		const { extension } = this.#options;
		if (extension === undefined) return plain(Code.NotFound);
		const device = this.#speaker(peer);
		if (device === undefined) return plain(Code.Unauthorized);
		if (peer.endpoint.isReliable) return plain(extension.promises.make(now, peer.address, message));
		return extension.issueTicket(now, device, message);
	}

	/** The registered device that speaks, known by its keys, or without by its address. */
	#speaker(peer: Peer): Device | undefined {
		const speaker = peer.protection?.opened;
		const device = speaker === undefined ? peer.device : this.#options.devices.byName.get(speaker.endpointName);
		return device === undefined || !isOf(device, speaker) || isRenewed(device) ? undefined : device;
	}

	/** Send (LwM2M Core 1.2, 6.4.6): values from a registered device, known by its keys, or without by its address. */
	#take(now: Instant, peer: Peer, message: Message): Response {
		if (message.code !== Code.Post) return plain(Code.MethodNotAllowed);
		const device = this.#speaker(peer);
		if (device === undefined) return plain(Code.NotFound);
		const { endpointName } = device.registration;
		const contentFormat = message.uint(Option.ContentFormat);
		if (contentFormat === undefined || !SEND_FORMATS.includes(contentFormat))
			return plain(Code.UnsupportedContentFormat);
		const payload = copyPayload(message);
		const values = digestSent(contentFormat, payload);
		if (values === undefined) return plain(Code.BadRequest);
		this.settle(now, device, peer);
		// The answer to the first one was lost: it has been told.
		if (device.sends.takes(message.token, values))
			this.#options.events.push({ kind: "sent", endpointName, contentFormat, payload });
		return { ...plain(Code.Changed), reach: this.#release(now, device) ? encodeReach(NOTHING_WAITS) : undefined };
	}

	/** In Queue Mode a device for which nothing waits need not listen on, if it understands to be told so. */
	#release(now: Instant, device: Device): boolean {
		const isReleased = this.#options.extension !== undefined && isIdle(device);
		device.idleMs = isReleased ? ANSWERED_IDLE_MS : 0;
		this.rouse(now, device);
		return isReleased;
	}

	#register(now: Instant, peer: Peer, message: Message): Response {
		const { contexts, devices, downlink, events } = this.#options;
		const said = readAnnouncement(message);
		if (typeof said === "number") return plain(said);
		const speaker = peer.protection?.opened;
		// LwM2M Core 1.2, 6.2.1.1: a name that the keys tell may be left out.
		const endpointName = said.endpointName ?? speaker?.endpointName;
		if (endpointName === undefined) return plain(Code.BadRequest);
		// Nobody speaks for another one, nor without keys for one that has some.
		if (contexts?.of(endpointName) !== speaker) return plain(Code.Forbidden);
		const known = devices.byName.get(endpointName);
		if (known === undefined && devices.byName.size >= DEVICE_COUNT) return plain(Code.ServiceUnavailable);
		const registration = begin(this.#newId(), endpointName, now, peer.address, said, speaker !== undefined);
		const device = known ?? new Device(registration);
		const replaced = known?.registration;
		if (replaced !== undefined) devices.byId.delete(replaced.id);
		device.registration = registration;
		device.association = speaker;
		devices.byName.set(endpointName, device);
		devices.byId.set(registration.id, device);
		events.push({ kind: "registered", registration, replaced });
		this.settle(now, device, peer);
		this.rouse(now, device);
		downlink.renew(now, device, isRenewed(device));
		device.keys = speaker && keysNow(speaker);
		device.newest = newestOf(speaker);
		return {
			...plain(Code.Created),
			locationPath: `/rd/${registration.id}`,
			reach: this.#word(now, device, replaced?.address ?? peer.address, OFFER),
		};
	}

	#update(now: Instant, peer: Peer, device: Device, message: Message): Response {
		const said = readAnnouncement(message);
		if (typeof said === "number") return plain(said);
		const previousAddress = device.registration.address;
		const address = isNewest(peer) ? peer.address : previousAddress;
		device.registration = renew(device.registration, now, address, said);
		device.newest = newestOf(device.association);
		this.#options.events.push({ kind: "updated", registration: device.registration, said, previousAddress });
		this.settle(now, device, peer);
		this.rouse(now, device);
		return { ...plain(Code.Changed), reach: this.#word(now, device, previousAddress, 0) };
	}

	/** What the device is told of the way to it. Where it came from another address, its silence ends only now. */
	#word(now: Instant, device: Device, previousAddress: string, flags: number): Uint8Array | undefined {
		if (this.#options.extension === undefined) return undefined;
		const { address } = device.registration;
		// By a connection it comes from another address of its own will, and what was lost says nothing of that.
		const hasChosen = isConnection(address) || isConnection(previousAddress);
		if (address !== previousAddress) device.silence.handleReceived(now, hasChosen);
		const moved = address === previousAddress || hasChosen ? 0 : ReachFlag.Moved;
		const idle = this.#release(now, device) ? ReachFlag.Idle : 0;
		return reachWord(device, flags | idle | moved);
	}

	/** In Queue Mode a device that has spoken listens for a while (LwM2M Core 1.2, 6.5). */
	rouse(now: Instant, device: Device): void {
		const wasAwake = device.awakeUntil > now && device.awakeUntil < Number.POSITIVE_INFINITY;
		const { queueMode, endpointName, windowSeconds } = device.registration;
		const windowMs = windowSeconds === undefined ? this.#options.awakeMs : 1000 * windowSeconds;
		const listensMs = device.idleMs === 0 ? windowMs : Math.min(device.idleMs, windowMs);
		device.awakeUntil = queueMode ? now + listensMs : Number.POSITIVE_INFINITY;
		this.#options.touched.add(device);
		if (queueMode && !wasAwake) this.#options.events.push({ kind: "awake", endpointName });
	}

	/**
	 * Makes a peer the device's own; whoever had it before is spoken to again when it speaks. A message that was
	 * overtaken by a newer one from elsewhere moves nothing.
	 */
	settle(now: Instant, device: Device, peer: Peer): void {
		const { downlink, peers } = this.#options;
		if (device.peer === peer || !isNewest(peer)) return;
		downlink.leave(now, device);
		if (peer.device !== undefined) downlink.leave(now, peer.device);
		peers.join(device, peer);
		downlink.settle(now, device);
	}

	remove(now: Instant, device: Device, why: "asked" | "expired"): void {
		const { devices, downlink, events, peers, schedule, touched } = this.#options;
		const registration = device.registration;
		downlink.abandon(now, device);
		devices.byName.delete(registration.endpointName);
		devices.byId.delete(registration.id);
		touched.delete(device);
		schedule.remove(device);
		peers.part(device);
		this.#options.extension?.forget(device);
		events.push({ kind: "deregistered", registration, why });
	}

	/** Sixty random bits: in NoSec nothing else keeps a stranger from speaking for a device. */
	#newId(): string {
		const bytes = new Uint8Array(ID_LENGTH);
		this.#options.random.fill(bytes);
		return Array.from(bytes, (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("");
	}
}

/** Whether a device is the one that speaks, as far as keys tell. */
function isOf(device: Device, speaker: Association | undefined): boolean {
	return device.association === speaker;
}

/** Whether the keys are others than those under which the device registered. */
function isRenewed({ association, keys }: Device): boolean {
	return association !== undefined && keysNow(association) !== keys;
}

/** The Partial IV of the newest request under these keys. */
function newestOf(association: Association | undefined): number | undefined {
	return association?.server.oscore?.context.window?.highest;
}

/** Without keys every message counts as the newest. */
function isNewest({ protection }: Peer): boolean {
	return protection?.opened?.server.isNewest ?? true;
}
