// The way to one server: name resolution, then a path; after a failure again, with growing waits and never giving up.

import { backOffMs } from "../back-off.js";
import type { Instant, PathId, Random } from "../contract.js";
import { limits } from "../limits.js";
import type { Command } from "./agent.js";
import { wayTimes } from "./constants.js";
import type { ServerUri } from "./server-uri.js";

type State = "down" | "resolving" | "opening" | "open" | "waiting";

/** Makes the commands that lead to an open path, one after the other; each path gets a number never used before. */
export class Way {
	readonly #uri: ServerUri;
	readonly #random: Random;
	readonly #commands: Command[] = [];
	#state: State = "down";
	#path: PathId;
	#failureCount = 0;
	#retryAt: Instant = Number.POSITIVE_INFINITY;

	/** `firstPath` is below limits.accountCount, so that the paths of two accounts never meet. */
	constructor(uri: ServerUri, firstPath: PathId, random: Random) {
		this.#uri = uri;
		this.#path = firstPath;
		this.#random = random;
	}

	get path(): PathId {
		return this.#path;
	}

	get isOpen(): boolean {
		return this.#state === "open";
	}

	/** Goes the way anew: a fresh name resolution and a new socket; an open path is closed. */
	open(now: Instant): void {
		this.close();
		this.#path += limits.accountCount;
		const { host, numeric } = this.#uri;
		if (numeric) return this.openPath(host);
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
		if (address === undefined) this.wait(now);
		else this.openPath(address);
		return address !== undefined;
	}

	/** True when it is the path that was waited for. */
	handleOpened(path: PathId): boolean {
		if (this.#state !== "opening" || path !== this.#path) return false;
		this.#state = "open";
		this.#failureCount = 0;
		return true;
	}

	handleClosed(now: Instant, path: PathId): void {
		if (path !== this.#path || (this.#state !== "open" && this.#state !== "opening")) return;
		this.wait(now);
	}

	pollCommand(): Command | undefined {
		return this.#commands.shift();
	}

	pollTimeout(): Instant {
		return this.#retryAt;
	}

	handleTimeout(now: Instant): void {
		if (now >= this.#retryAt) this.open(now);
	}

	private openPath(address: string): void {
		this.#state = "opening";
		this.#retryAt = Number.POSITIVE_INFINITY;
		this.#commands.push({ kind: "open", path: this.#path, transport: "udp", address, port: this.#uri.port });
	}

	private wait(now: Instant): void {
		this.#state = "waiting";
		this.#retryAt = now + backOffMs(wayTimes, this.#failureCount++, this.#random);
	}
}
