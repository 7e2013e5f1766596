// The way to one server: name resolution, then a path; after a failure again, with growing waits and never giving up.
// There may be several, over different transports: which one is gone is for others to say.

import { backOffMs } from "../back-off.js";
import type { Instant, PathId, Random } from "../contract.js";
import { limits } from "../limits.js";
import type { Command } from "./agent.js";
import { wayTimes } from "./constants.js";
import type { ServerUri, Transport } from "./server-uri.js";

type State = "down" | "resolving" | "opening" | "open" | "waiting";

/** A server that is to be gone to instead of the one of a route, until it is of no use, or the time is over. */
interface Detour {
	readonly from: ServerUri;
	readonly to: ServerUri;
	readonly heldUntil: Instant;
	isTaken: boolean;
	/** It spoke since. */
	isProven: boolean;
}

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
	/** The host that it is of. */
	#addressOf = "";
	#failureCount = 0;
	#retryAt: Instant = Number.POSITIVE_INFINITY;
	/** Where the server asked us to go instead; made when it does. */
	#detour: Detour | undefined;

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
		return this.destination.host;
	}

	get port(): number {
		return this.destination.port;
	}

	/** Of the path that is open or sought, as the account has it. */
	get route(): ServerUri {
		return this.#route;
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
		const wait = this.choose(now);
		if (wait > now) {
			this.#state = "waiting";
			this.#retryAt = wait;
			return;
		}
		const { host, numeric } = this.destination;
		if (numeric) return this.openPath(now, host);
		this.#state = "resolving";
		this.#retryAt = now + wayTimes.resolveMs;
		this.#commands.push({ kind: "resolve", query: this.#path, host });
	}

	/** Whether the next path is to lead elsewhere. Gives when there is one at all: what the server held off stands. */
	private choose(now: Instant): Instant {
		const detour = this.#detour;
		if (detour === undefined || detour.from !== this.#route) return now;
		const { heldUntil } = detour;
		if (!detour.isTaken || (detour.isProven && now < heldUntil)) {
			detour.isTaken = true;
			detour.isProven = false;
			return now;
		}
		if (now >= heldUntil) this.#detour = undefined;
		return heldUntil;
	}

	/** Where the path that is open or sought leads. */
	private get destination(): ServerUri {
		const detour = this.#detour;
		return detour?.from === this.#route && detour.isTaken ? detour.to : this.#route;
	}

	close(): void {
		if (this.#state === "open" || this.#state === "opening") this.#commands.push({ kind: "close", path: this.#path });
		this.#state = "down";
		this.#retryAt = Number.POSITIVE_INFINITY;
	}

	/** The answer to "resolve"; an answer to an older query is none. False: nobody knows an address of the name. */
	handleResolved(now: Instant, query: number, addresses: readonly string[]): boolean {
		if (this.#state !== "resolving" || query !== this.#path) return true;
		const address = addresses[0] ?? this.formerAddress;
		if (address === undefined) this.wait(now, 0);
		else this.openPath(now, address);
		return address !== undefined;
	}

	/** What the name was before: where names are not resolved any more, the server may still be there. */
	private get formerAddress(): string | undefined {
		return this.#addressOf === this.host ? this.#address : undefined;
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
		// Servers may send us from one to the next.
		if (this.#detour === undefined) this.#failureCount = 0;
		else this.#detour.isProven = true;
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

	/**
	 * The server asked for the end of the connection (RFC 8323, 5.5). The name that TLS is to prove stays that of the
	 * route, wherever it leads.
	 */
	leaveFor(now: Instant, to: ServerUri, holdOffMs: number): void {
		this.#detour = { from: this.#route, to, heldUntil: now + holdOffMs, isTaken: false, isProven: false };
		this.leave(now, 0);
	}

	pollCommand(): Command | undefined {
		return this.#commands.shift();
	}

	pollTimeout(): Instant {
		return this.#retryAt;
	}

	/** True: the path that was sought did not come about, and nobody says so where segments are dropped. */
	handleTimeout(now: Instant): boolean {
		if (now < this.#retryAt) return false;
		const isOverdue = this.#state === "opening";
		const address = this.#state === "resolving" ? this.formerAddress : undefined;
		// Not at once: what took so long may do so again.
		if (isOverdue) this.leave(now, 0);
		else if (address !== undefined) this.openPath(now, address);
		else this.open(now);
		return isOverdue;
	}

	private openPath(now: Instant, address: string): void {
		const { transport, host } = this.#route;
		const { port } = this.destination;
		this.#address = address;
		this.#addressOf = this.host;
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
