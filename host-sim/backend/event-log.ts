// The back end's log for people: who, what, value.

import { Code } from "../../firmware/coap/codes.js";
import type { Logger } from "../cli/shared.js";
import { decodeNotified, decodeSent } from "./content.js";
import { describeNode, describeNodes } from "./describe.js";
import type { Node } from "./node.js";
import type { Operation } from "./operations.js";
import type { Service, ServiceEvent } from "./service.js";

/** Writes what the service does to a log. */
export function logEvents(service: Service, log: Logger): void {
	service.listen((event) => logEvent(event, log));
}

function logEvent(event: ServiceEvent, log: Logger): void {
	switch (event.kind) {
		case "registered": {
			const { endpointName, address, lifetimeSeconds, version } = event.registration;
			const what = event.replaced === undefined ? "registered" : "registered again";
			log.info(endpointName, what, `from ${address}, lifetime ${lifetimeSeconds} s, LwM2M ${version}`);
			return;
		}
		case "updated": {
			const { endpointName, address } = event.registration;
			if (address === event.previousAddress) log.info(endpointName, "updated", `from ${address}`);
			else if (event.registration.secure)
				log.info(endpointName, "moved", `from ${event.previousAddress} to ${address}`);
			else log.warn(endpointName, "moved", `from ${event.previousAddress} to ${address}, unauthenticated (NoSec)`);
			return;
		}
		case "deregistered":
			log.info(event.registration.endpointName, event.why === "asked" ? "de-registered" : "expired");
			return;
		case "notified": {
			log.info(event.endpointName, `notified ${event.path}`, describeValues(event));
			return;
		}
		case "sent": {
			const nodes = decodeSent(event.contentFormat, event.payload);
			log.info(event.endpointName, "sent", nodes === undefined ? UNREADABLE : describeNodes(nodes).join(", "));
			return;
		}
		case "awake":
		case "sleeping":
			log.info(event.endpointName, event.kind === "awake" ? "is awake" : "sleeps");
			return;
		case "resent":
			log.info(event.endpointName, "sent again", describeOperation(event.operation));
			return;
		case "observation":
			log.info(event.endpointName, event.active ? "observed" : "no longer observed", event.path);
			return;
		case "finished":
		case "datagram":
			return;
		default:
			event satisfies never;
	}
}

type Notified = Extract<ServiceEvent, { kind: "notified" }>;

function describeValues(notified: Notified): string {
	const told = decodeNotified(notified, Date.now() / 1000);
	if (told === undefined) return UNREADABLE;
	const { val, history } = told;
	const values = "kind" in val ? describeNode(notified.path, val as Node) : describeNodes(val);
	const kept = history.length < 2 ? "" : `, the newest of ${history.length} that it kept`;
	return values.join(", ") + kept;
}

const UNREADABLE = "with what cannot be read";

const METHODS: Readonly<Record<number, string>> = {
	[Code.Get]: "GET",
	[Code.Post]: "POST",
	[Code.Put]: "PUT",
	[Code.Delete]: "DELETE",
	[Code.Fetch]: "FETCH",
	[Code.IPatch]: "iPATCH",
};

function describeOperation({ code, path }: Operation): string {
	return `${METHODS[code] ?? code} ${path}`;
}
