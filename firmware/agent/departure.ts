// What becomes of a connection that the server asks us to end (RFC 8323, 5.5): how long it is left, and for whom.

import type { Release } from "../coap/stream.js";
import type { Instant } from "../contract.js";
import { wayTimes } from "./constants.js";
import { seconds } from "./diary.js";
import { parseAuthority, type ServerUri } from "./server-uri.js";
import type { Way } from "./way.js";

/** Leaves the way's connection as the server asked for; gives what it asked for in words. */
export function depart(now: Instant, way: Way, release: Release, hasKeys: boolean): string {
	const { alternativeAddress, holdOffSeconds } = release;
	const holdOffMs = Math.min(1000 * holdOffSeconds, wayTimes.holdOffMs);
	const to = alternativeAddress === undefined ? undefined : elsewhere(alternativeAddress, way.route, hasKeys);
	const words = `${way.host} asks to be left${to === undefined ? "" : ` for ${to.host}:${to.port}`}`;
	if (to === undefined) way.leave(now, holdOffMs);
	else way.leaveFor(now, to, holdOffMs);
	return holdOffMs === 0 ? words : `${words}, for ${seconds(holdOffMs)} at least`;
}

/** Another host has to prove that it is the server, by the certificate of its name or by keys; the same need not. */
function elsewhere(address: string, route: ServerUri, hasKeys: boolean): ServerUri | undefined {
	const to = parseAuthority(address, route);
	const proves = hasKeys || route.transport === "tls" || route.transport === "wss";
	return to !== undefined && (proves || to.host === route.host) ? to : undefined;
}
