// What was asked of the server and has no outcome yet, and the Update that something else demands.

import type { Instant } from "../contract.js";
import { keepaliveTimes as times } from "./constants.js";

const NEVER: Instant = Number.POSITIVE_INFINITY;

export class Awaited {
	kind: "ping" | "check" | undefined = undefined;
	/** Then no outcome is expected any more. */
	until: Instant = NEVER;
	/** Then an Update is to be sent, whatever the schedule says. */
	checkAt: Instant = NEVER;

	/** When it was asked. */
	get askedAt(): Instant {
		return this.until - times.outcomeMs;
	}

	ask(kind: "ping" | "check", now: Instant): void {
		this.kind = kind;
		this.until = now + times.outcomeMs;
		this.checkAt = NEVER;
	}

	/** Nothing is waited for, and nothing demanded any more. */
	settle(): void {
		this.kind = undefined;
		this.until = NEVER;
		this.checkAt = NEVER;
	}
}
