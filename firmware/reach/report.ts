// How a binding stands, put together for people and for the server that reads it.

import type { Instant } from "../contract.js";
import type { Bindings } from "./bindings.js";
import type { Day } from "./day.js";
import type { Keepalive } from "./keepalive.js";
import type { Ladder } from "./ladder.js";
import type { Loss } from "./loss.js";
import type { Measurement } from "./measurement.js";
import type { ReachStatus } from "./reach.js";
import type { Trouble } from "./trouble.js";

/** Whoever learns shows its parts. */
export interface Parts {
	readonly bindings: Bindings;
	readonly day: Day;
	readonly isStarted: boolean;
	readonly keepalive: Keepalive;
	readonly ladder: Ladder;
	readonly loss: Loss;
	readonly measurement: Measurement;
	readonly trouble: Trouble;
}

export function report(now: Instant, parts: Parts): ReachStatus {
	const { bindings, day, keepalive, trouble } = parts;
	return {
		network: bindings.label,
		lowerSeconds: bindings.current.trustedMs / 1000,
		provenSeconds: bindings.current.lowerMs / 1000,
		upperSeconds: bindings.current.upperMs / 1000,
		intervalSeconds: keepalive.schedule.intervalMs / 1000,
		kind: parts.isStarted ? keepalive.schedule.kind : "none",
		rebindingCount: bindings.udp.moveCount,
		loss: parts.loss.part,
		unreachableSeconds: Math.round(trouble.sum(now) / 1000),
		bytesPerDay: day.bytesPerDay(now),
		wakeupsPerDay: day.wakeupsPerDay(now),
		countedSeconds: day.countedSeconds(now),
		transport: parts.ladder.transport,
		failures: trouble.failures(now),
		probe: parts.measurement.state,
	};
}
