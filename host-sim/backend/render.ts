// Registrations, answers and events as the API's JSON: Leshan's members and names, ours only in addition.

import { Code, codeText, isSuccess } from "../../firmware/coap/codes.js";
import { logDatagram } from "./coap-log.js";
import { decodeAny, decodeNotified, decodeSent } from "./content.js";
import type { Outcome } from "./core-event.js";
import { describeOperation } from "./describe.js";
import { instancesOf, parseLinks, rootPath } from "./links.js";
import type { Operation } from "./operations.js";
import type { Announcement, Registration } from "./registration.js";
import type { ServiceEvent } from "./service.js";

/** A registration; `offsetMs` makes Unix milliseconds of our instants. */
export function renderRegistration(
	registration: Registration,
	offsetMs: number,
	sleeping = false,
	waiting = 0,
): Record<string, unknown> {
	const root = rootPath(registration.links);
	return {
		endpoint: registration.endpointName,
		registrationId: registration.id,
		registrationDate: Math.round(registration.registeredAt + offsetMs),
		lastUpdate: Math.round(registration.updatedAt + offsetMs),
		address: registration.address,
		smsNumber: registration.smsNumber,
		lwM2mVersion: registration.version,
		lifetime: registration.lifetimeSeconds,
		bindingMode: registration.binding,
		rootPath: root,
		objectLinks: registration.links,
		secure: registration.secure,
		additionalRegistrationAttributes: registration.additional,
		queuemode: registration.queueMode,
		availableInstances: instancesOf(registration.links, root),
		presence: presenceOf(registration),
		...(registration.queueMode ? { sleeping, waiting } : {}),
	};
}

/** How a device is to be reached: always, in a window after it has spoken, or over a stream. */
function presenceOf({ address, queueMode }: Registration): "connected" | "window" | "stream" {
	if (/^(tcp|tls|wss?):/.test(address)) return "stream";
	return queueMode ? "window" : "connected";
}

function renderUpdate(
	registration: Registration,
	said: Announcement,
	previousAddress: string,
): Record<string, unknown> {
	return {
		registrationId: registration.id,
		address: registration.address,
		smsNumber: said.smsNumber,
		lifetime: said.lifetimeSeconds,
		objectLinks: said.links,
		secure: registration.secure,
		additionalAttributes: said.additional,
		...(registration.address === previousAddress ? {} : { previousAddress, authenticated: registration.secure }),
	};
}

/** "CONTENT(205)": the code's name in capitals and its number without the dot. */
export function renderStatus(code: number): string {
	const [number = "", ...words] = codeText(code).split(" ");
	const name = words.length === 0 ? "UNKNOWN" : words.join("_").replaceAll("-", "_").toUpperCase();
	return `${name}(${number.replace(".", "")})`;
}

/** An answer that cannot be understood as what was asked for. */
export class InvalidResponse extends Error {}

/** What was asked, as far as it matters for showing the answer. */
export type Asked = "read" | "discover" | "create" | "other";

/** A device's answer; throws InvalidResponse. */
export function renderResponse(
	asked: Asked,
	{ path, composite }: Pick<Operation, "path" | "composite">,
	outcome: Extract<Outcome, { kind: "response" }>,
): Record<string, unknown> {
	const { code, contentFormat, payload, location } = outcome;
	const success = isSuccess(code);
	const text = Buffer.from(payload).toString("utf8");
	const response: Record<string, unknown> = { status: renderStatus(code), valid: true, success, failure: !success };
	if (!success) {
		if (text !== "") response.errormessage = text;
	} else if (asked === "read" && code === Code.Content) {
		const content = decodeAny({ path, composite, contentFormat, payload });
		if (content === undefined) {
			throw new InvalidResponse(`content format ${contentFormat ?? "none"} of ${path} cannot be read as its values`);
		}
		response.content = content;
	} else if (asked === "discover") {
		const links = parseLinks(text);
		if (links === undefined) throw new InvalidResponse("the list of links is malformed");
		response.objectLinks = links;
	} else if (asked === "create" && location !== "") response.location = location.slice(1);
	return response;
}

/** One event for listeners; `endpointName` selects who hears it. */
export interface RenderedEvent {
	readonly name: string;
	readonly endpointName: string;
	readonly data: unknown;
	/** Heard only by those who asked for this device. */
	readonly onRequest: boolean;
}

/** An event of the service as the API shows it, undefined for what it keeps to itself. */
export function renderEvent(event: ServiceEvent, offsetMs: number, unixMs: number): RenderedEvent | undefined {
	switch (event.kind) {
		case "registered":
		case "deregistered": {
			const { registration } = event;
			const name = event.kind === "registered" ? "REGISTRATION" : "DEREGISTRATION";
			return rendered(name, registration.endpointName, renderRegistration(registration, offsetMs));
		}
		case "updated": {
			const { registration, said, previousAddress } = event;
			return rendered("UPDATED", registration.endpointName, {
				registration: renderRegistration(registration, offsetMs),
				update: renderUpdate(registration, said, previousAddress),
			});
		}
		case "notified": {
			const { endpointName, path, composite } = event;
			const told = decodeNotified(event, unixMs / 1000);
			if (told === undefined) return undefined;
			const { val, history } = told;
			const ep = endpointName;
			const kept = history.length > 0 ? { history } : {};
			const data =
				composite === undefined
					? { ep, kind: "single", res: path, val, ...kept }
					: { ep, kind: "composite", val, ...kept };
			return rendered("NOTIFICATION", ep, composite === undefined ? data : { ...data, paths: composite.paths });
		}
		case "datagram": {
			const log = logDatagram(event.bytes, event.incoming, unixMs);
			if (log === undefined) return undefined;
			const data = { ...log, ep: event.endpointName };
			return { name: "COAPLOG", endpointName: event.endpointName, data, onRequest: true };
		}
		case "sent": {
			const { endpointName: ep, contentFormat, payload } = event;
			const sent = decodeSent(contentFormat, payload, unixMs / 1000);
			if (sent === undefined) return undefined;
			return rendered("SEND", ep, { ep, val: sent.val, ...(sent.history.length > 0 && { history: sent.history }) });
		}
		case "awake":
		case "sleeping":
			return rendered(event.kind.toUpperCase(), event.endpointName, { ep: event.endpointName });
		case "queue": {
			const { endpointName: ep, command, operation, outcome } = event;
			const asked = describeOperation(operation);
			return rendered("QUEUE", ep, { ep, command, asked, status: renderOutcome(outcome) });
		}
		case "finished":
		case "resent":
		case "observation":
			return undefined;
		default:
			return event satisfies never;
	}
}

/** How a queued command stands: "WAITING", "SENT", the answer as "CHANGED(204)", or why there is none. */
function renderOutcome(outcome: Outcome | "waiting" | "sent"): string {
	if (typeof outcome === "string") return outcome.toUpperCase();
	return outcome.kind === "response" ? renderStatus(outcome.code) : outcome.kind.toUpperCase().replace("-", "_");
}

function rendered(name: string, endpointName: string, data: unknown): RenderedEvent {
	return { name, endpointName, data, onRequest: false };
}
