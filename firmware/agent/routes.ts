// By which transports a server can be reached: its URIs (/0/x/0, 25), the binding (/1/x/7), the preference (/1/x/22).

import type { Instance } from "../lwm2m/instance.js";
import { parseServerUri, type ServerUri } from "./server-uri.js";
import { letterOf } from "./way.js";

/**
 * All routes to a server, the preferred one first; at least one. The schemes of its URIs say how to go; where the
 * binding allows TCP and no URI leads over it, it is tried where UDP goes. Throws RangeError on a URI that is none.
 */
export function routesOf(security: Instance, server: Instance): ServerUri[] {
	const routes = [parseServerUri(security.get("serverUri") as string)];
	const secondary = security.get("secondaryServerUri") as string | undefined;
	if (secondary !== undefined && secondary !== "") routes.push(parseServerUri(secondary));
	const [first] = routes;
	const binding = server.get("binding") as string;
	if (binding.includes("T") && !hasLetter(routes, "T")) routes.push({ ...first!, transport: "tcp" });
	return preferred(routes, server.get("preferredTransport") as string | undefined);
}

/** LwM2M Core 1.2, 6.2.1.2: all letters that lead somewhere, for /1/x/7 of an account that says nothing of it. */
export function bindingOf(uris: readonly string[]): string {
	const letters = uris.map((uri) => letterOf(parseServerUri(uri).transport));
	return `${letters.includes("U") ? "U" : ""}${letters.includes("T") ? "T" : ""}`;
}

/**
 * The place of the route over a stream that the device may take because it is cheaper; -1: there is none, or the server
 * has a wish of its own (/1/x/22), or speaks only to a device that has just spoken (/1/x/7), which keeps nothing open.
 */
export function streamPlaceOf(routes: readonly ServerUri[], server: Instance): number {
	const binding = server.get("binding") as string;
	const wish = server.get("preferredTransport") as string | undefined;
	if (routes[0]!.transport !== "udp" || !binding.includes("T") || binding.includes("Q")) return -1;
	if (wish !== undefined && wish !== "") return -1;
	return routes.findIndex(({ transport }) => letterOf(transport) === "T");
}

function hasLetter(routes: readonly ServerUri[], letter: string): boolean {
	return routes.some(({ transport }) => letterOf(transport) === letter);
}

function preferred(routes: ServerUri[], letter: string | undefined): ServerUri[] {
	if (letter === undefined || !hasLetter(routes, letter)) return routes;
	const isFirst = ({ transport }: ServerUri): boolean => letterOf(transport) === letter;
	return [...routes.filter(isFirst), ...routes.filter((route) => !isFirst(route))];
}
