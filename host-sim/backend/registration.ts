// What a device says about itself at Register and Update, checked (LwM2M Core 1.2, 6.2).

import { decodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import type { Message } from "../../firmware/coap/endpoint.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import { readWindow } from "../../firmware/coap/reach-option.js";
import type { Instant } from "../../firmware/contract.js";
import { type Link, parseLinks } from "./links.js";

/** A registration. It never changes: an Update makes another one. */
export interface Registration {
	/** The last segment of its location, /rd/ID. */
	readonly id: string;
	readonly endpointName: string;
	readonly registeredAt: Instant;
	readonly updatedAt: Instant;
	/** Where the device was last heard, "ip:port". */
	readonly address: string;
	readonly version: string;
	/** 0: infinite. */
	readonly lifetimeSeconds: number;
	readonly binding: string;
	readonly queueMode: boolean;
	/** Made under keys, and moved by nobody without them. */
	readonly secure: boolean;
	readonly smsNumber: string | undefined;
	/** True: it understands the option Reach (docs/reach-extension.md). */
	readonly reach?: boolean | undefined;
	/** How long it listens in Queue Mode after it has spoken, where it says so by that option. */
	readonly windowSeconds?: number | undefined;
	readonly links: readonly Link[];
	/** Query parameters that we do not know. */
	readonly additional: Readonly<Record<string, string>>;
}

/** What one Register or Update said; what it did not say is absent. */
export interface Announcement {
	endpointName?: string;
	version?: string;
	lifetimeSeconds?: number;
	binding?: string;
	queueMode?: boolean;
	smsNumber?: string;
	reach?: boolean;
	windowSeconds?: number;
	links?: readonly Link[];
	readonly additional: Record<string, string>;
}

/** LwM2M Core, 6.2.1.1: a day. */
export const DEFAULT_LIFETIME_SECONDS = 86_400;

const VERSIONS: readonly string[] = ["1.0", "1.1", "1.2"];

/** The longest endpoint name that we take: long enough for a URN, short enough for a log. */
const ENDPOINT_NAME_LENGTH = 255;

/** Reads a Register or an Update; a number is the code of the refusal. */
export function readAnnouncement(message: Message): Announcement | number {
	const announcement: Announcement = { additional: {} };
	for (let i = 0; i < message.count(Option.UriQuery); i++) {
		const text = message.text(Option.UriQuery, i);
		if (text === undefined) return Code.BadRequest;
		const at = text.indexOf("=");
		const name = at < 0 ? text : text.slice(0, at);
		const refusal = readParameter(announcement, name, at < 0 ? "" : text.slice(at + 1));
		if (refusal !== undefined) return refusal;
	}
	readWord(announcement, message);
	return readObjectList(announcement, message) ?? announcement;
}

/** The option Reach of a Register: that it is understood, and the window of Queue Mode. */
function readWord(announcement: Announcement, message: Message): void {
	const windowSeconds = readWindow(message);
	if (windowSeconds === undefined) return;
	announcement.reach = true;
	if (windowSeconds > 0) announcement.windowSeconds = windowSeconds;
}

function readParameter(announcement: Announcement, name: string, value: string): number | undefined {
	switch (name) {
		case "ep":
			if (value === "" || value.length > ENDPOINT_NAME_LENGTH) return Code.BadRequest;
			announcement.endpointName = value;
			return undefined;
		case "lt":
			if (!/^\d{1,10}$/.test(value)) return Code.BadRequest;
			announcement.lifetimeSeconds = Number(value);
			return undefined;
		case "lwm2m":
			if (!VERSIONS.includes(value)) return Code.PreconditionFailed;
			announcement.version = value;
			return undefined;
		case "b":
			// LwM2M 1.0 puts the Q among the letters; 1.2 adds M and H.
			if (!/^[UTSNMHQ]+$/.test(value)) return Code.BadRequest;
			announcement.binding = value;
			if (value.includes("Q")) announcement.queueMode = true;
			return undefined;
		case "Q":
			announcement.queueMode = true;
			return undefined;
		case "sms":
			announcement.smsNumber = value;
			return undefined;
		default:
			announcement.additional[name] = value;
			return undefined;
	}
}

function readObjectList(announcement: Announcement, message: Message): number | undefined {
	const payload = message.payload;
	if (payload === undefined || payload.length === 0) return undefined;
	const format = message.uint(Option.ContentFormat);
	if (format !== undefined && format !== ContentFormat.LinkFormat) return Code.UnsupportedContentFormat;
	const text = decodeText(payload, 0, payload.length);
	const links = text === undefined ? undefined : parseLinks(text);
	if (links === undefined) return Code.BadRequest;
	announcement.links = links;
	return undefined;
}

/** A registration as a Register begins it. */
export function begin(
	id: string,
	endpointName: string,
	now: Instant,
	address: string,
	said: Announcement,
	secure = false,
): Registration {
	return {
		id,
		endpointName,
		registeredAt: now,
		updatedAt: now,
		address,
		version: said.version ?? "1.0",
		lifetimeSeconds: said.lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS,
		binding: said.binding ?? "U",
		queueMode: said.queueMode ?? false,
		secure,
		smsNumber: said.smsNumber,
		reach: said.reach,
		windowSeconds: said.windowSeconds,
		links: said.links ?? [],
		additional: said.additional,
	};
}

/** A registration as an Update leaves it: what the device did not say stays. */
export function renew(old: Registration, now: Instant, address: string, said: Announcement): Registration {
	return {
		...old,
		updatedAt: now,
		address,
		lifetimeSeconds: said.lifetimeSeconds ?? old.lifetimeSeconds,
		binding: said.binding ?? old.binding,
		smsNumber: said.smsNumber ?? old.smsNumber,
		links: said.links ?? old.links,
		additional: { ...old.additional, ...said.additional },
	};
}

/** When a registration ends unless the device speaks again; a lifetime of 0 is infinite (LwM2M 1.2, /1/x/1). */
export function expiresAt(registration: Registration): Instant {
	if (registration.lifetimeSeconds === 0) return Number.POSITIVE_INFINITY;
	return registration.updatedAt + registration.lifetimeSeconds * 1000;
}
