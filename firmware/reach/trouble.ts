// What went wrong, and for how long: for people, and for the server that reads it.

import type { Instant } from "../contract.js";
import type { ReachFailure } from "./reach.js";

/** Failures remembered, the newest first. */
const FAILURES = 4;

export class Trouble {
	/** Since when the server may not reach us; below 0: it does. */
	private since: Instant = -1;
	private sumMs = 0;
	private readonly kinds: ReachFailure["kind"][] = [];
	private readonly instants: Instant[] = [];

	add(now: Instant, kind: ReachFailure["kind"]): void {
		if (this.since < 0) this.since = now;
		this.kinds.unshift(kind);
		this.instants.unshift(now);
		if (this.kinds.length <= FAILURES) return;
		this.kinds.length = FAILURES;
		this.instants.length = FAILURES;
	}

	handleProof(now: Instant): void {
		if (this.since >= 0) this.sumMs += now - this.since;
		this.since = -1;
	}

	/** Milliseconds in trouble since the start. */
	sum(now: Instant): number {
		return this.sumMs + (this.since < 0 ? 0 : now - this.since);
	}

	failures(now: Instant): ReachFailure[] {
		return this.kinds.map((kind, i) => ({ kind, secondsAgo: Math.round((now - this.instants[i]!) / 1000) }));
	}
}
