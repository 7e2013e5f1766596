// The back end's log for people: who, what, value.

import type { Logger } from "../cli/shared.js";
import { decodeNotified, decodeSent } from "./content.js";
import { describeNode, describeNodes, describeOperation, describeOutcome } from "./describe.js";
import type { Node } from "./node.js";
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
			const told = decodeSent(event.contentFormat, event.payload, Date.now() / 1000);
			log.info(event.endpointName, "sent", told === undefined ? UNREADABLE : describeTold("", told));
			return;
		}
		case "awake":
		case "sleeping":
			log.info(event.endpointName, event.kind === "awake" ? "is awake" : "sleeps");
			return;
		case "queue": {
			const { endpointName, command, operation, outcome } = event;
			log.info(endpointName, `command ${command}`, `${describeOperation(operation)}: ${describeOutcome(outcome)}`);
			return;
		}
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
type Told = NonNullable<ReturnType<typeof decodeNotified>>;

function describeValues(notified: Notified): string {
	const told = decodeNotified(notified, Date.now() / 1000);
	return told === undefined ? UNREADABLE : describeTold(notified.path, told);
}

/** The newest values, and how many states were told of. */
function describeTold(path: string, { val, history }: Told): string {
	const values = "kind" in val ? describeNode(path, val as Node) : describeNodes(val);
	const kept = history.length < 2 ? "" : `, the newest of ${history.length} that it kept`;
	return values.join(", ") + kept;
}

const UNREADABLE = "with what cannot be read";
