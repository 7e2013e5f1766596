// The way to one server: name resolution, then a path; after a failure again, with growing waits and never giving up.
// There may be several, over different transports: which one is gone is for others to say.

import { backOffMs } from "../back-off.js";
import type { Instant, PathId, Random } from "../contract.js";
import { limits } from "../limits.js";
import type { Command } from "./agent.js";
import { wayTimes } from "./constants.js";
import type { ServerUri, Transport } from "./server-uri.js";

type State = "down" | "resolving" | "opening" | "open" | "waiting";

/** Makes the commands that lead to an open path, one after the other; each path gets a number never used before. */
export class Way {
	/** Where the server is, and by which transport, in order of preference; at least one. */
	#routes: readonly ServerUri[];
	readonly #random: Random;
	readonly #commands: Command[] = [];
	/** The place, among the routes, of the one that the next `open` goes. */
	#next = 0;
	/** The route of the path that is open or sought. */
	#route: ServerUri;
	#state: State = "down";
	#path: PathId;
	#address: string | undefined;
	#failureCount = 0;
	#retryAt: Instant = Number.POSITIVE_INFINITY;

	/** `firstPath` is below limits.accountCount, so that the paths of two accounts never meet. */
	constructor(routes: readonly ServerUri[], firstPath: PathId, random: Random) {
		this.#routes = routes;
		this.#route = routes[0]!;
		this.#path = firstPath;
		this.#random = random;
	}

	get path(): PathId {
		return this.#path;
	}

	get isOpen(): boolean {
		return this.#state === "open";
	}

	/** Of the path that is open or sought. */
	get transport(): Transport {
		return this.#route.transport;
	}

	/** True where a path is a connection, not a socket for datagrams. */
	get isStream(): boolean {
		return this.#route.transport !== "udp";
	}

	/** Where the path leads. */
	get host(): string {
		return this.#route.host;
	}

	get port(): number {
		return this.#route.port;
	}

	/** What the name of the host was last resolved to, or what it was; undefined before the first path. */
	get address(): string | undefined {
		return this.#address;
	}

	get routeCount(): number {
		return this.#routes.length;
	}

	/** The place of the present route in the order of preference; -1 where it is none any more. */
	get routeIndex(): number {
		return this.#routes.indexOf(this.#route);
	}

	/** The present route goes by the transport of the first one. */
	get isPreferred(): boolean {
		return this.#routes[0]!.transport === this.#route.transport;
	}

	/** The routes have changed; the open path stays as it is. */
	set routes(routes: readonly ServerUri[]) {
		this.#routes = routes;
		this.#next = 0;
	}

	/** From the next `open` on the way goes by this route; 0 is the first. */
	use(routeIndex: number): void {
		this.#next = routeIndex % this.#routes.length;
	}

	/** The place of the first route over this transport; -1 for none. */
	routeOver(letter: "U" | "T"): number {
		for (let i = 0; i < this.#routes.length; i++) if (letterOf(this.#routes[i]!.transport) === letter) return i;
		return -1;
	}

	/** Goes the way anew: a fresh name resolution and a new socket; an open path is closed. */
	open(now: Instant): void {
		this.close();
		this.#path += limits.accountCount;
		this.#route = this.#routes[this.#next]!;
		const { host, numeric } = this.#route;
		if (numeric) return this.openPath(now, host);
		this.#state = "resolving";
		this.#retryAt = now + wayTimes.resolveMs;
		this.#commands.push({ kind: "resolve", query: this.#path, host });
	}

	close(): void {
		if (this.#state === "open" || this.#state === "opening") this.#commands.push({ kind: "close", path: this.#path });
		this.#state = "down";
		this.#retryAt = Number.POSITIVE_INFINITY;
	}

	/** The answer to "resolve"; an answer to an older query is none. False: the name has no address now. */
	handleResolved(now: Instant, query: number, addresses: readonly string[]): boolean {
		if (this.#state !== "resolving" || query !== this.#path) return true;
		const address = addresses[0];
		if (address === undefined) this.wait(now, 0);
		else this.openPath(now, address);
		return address !== undefined;
	}

	/** True when it is the path that was waited for. */
	handleOpened(path: PathId): boolean {
		if (this.#state !== "opening" || path !== this.#path) return false;
		this.#state = "open";
		this.#retryAt = Number.POSITIVE_INFINITY;
		// A connection is of use only when the server speaks on it.
		if (!this.isStream) this.#failureCount = 0;
		return true;
	}

	/** The server speaks on the open path. */
	handleProof(): void {
		this.#failureCount = 0;
	}

	handleClosed(now: Instant, path: PathId): void {
		if (path !== this.#path || (this.#state !== "open" && this.#state !== "opening")) return;
		this.wait(now, 0);
	}

	/** The path is of no more use: it is closed, and gone again after a while, which is no shorter than so many ms. */
	leave(now: Instant, holdOffMs: number): void {
		this.close();
		this.wait(now, holdOffMs);
	}

	pollCommand(): Command | undefined {
		return this.#commands.shift();
	}

	pollTimeout(): Instant {
		return this.#retryAt;
	}

	handleTimeout(now: Instant): void {
		if (now < this.#retryAt) return;
		// Not at once: what took so long may do so again.
		if (this.#state === "opening") this.leave(now, 0);
		else this.open(now);
	}

	private openPath(now: Instant, address: string): void {
		const { transport, host, port } = this.#route;
		this.#address = address;
		this.#state = "opening";
		this.#retryAt = now + wayTimes.openMs;
		const path = this.#path;
		const open = { kind: "open", path, transport, address, port } as const;
		this.#commands.push(transport === "udp" || transport === "tcp" ? open : { ...open, host });
	}

	private wait(now: Instant, holdOffMs: number): void {
		this.#state = "waiting";
		this.#retryAt = now + Math.max(holdOffMs, backOffMs(wayTimes, this.#failureCount++, this.#random));
	}
}

/** LwM2M Core 1.2, 6.2.1.2: the binding that a transport belongs to. */
export function letterOf(transport: Transport): "U" | "T" {
	return transport === "udp" ? "U" : "T";
}
