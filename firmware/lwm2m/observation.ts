// What a server observes here, and what it was told last.

import type { Instant } from "../contract.js";
import type { AttributeSet } from "./attributes.js";
import { Path } from "./path.js";

/** The value of a resource that thresholds and edges may speak of. */
export type Measured = number | boolean;

/**
 * One observation: a path, how it is told, and what is known of its last telling. There are many: one object each, and
 * what is only declared takes no memory until it is set.
 */
export class Observation extends Path {
	readonly exchange: number;
	readonly contentFormat: number;
	/** Attributes that came with the Observe itself (LwM2M 1.2). */
	declare requested?: AttributeSet;
	/** Of an Observe-Composite, whose own path is the root. */
	declare paths?: readonly Path[];
	/** Something changed since the value was last read. */
	changed = false;
	/** `Infinity` while a handler that said Later is waited for: `pausedAt` holds it then. */
	notifiedAt: Instant;
	declare pausedAt?: Instant;
	/** When a value was found not worth telling. */
	declare evaluatedAt?: Instant;
	/** The value that was told last, of a boolean the one that was seen last. */
	declare told?: Measured;

	constructor(exchange: number, path: Path, contentFormat: number, now: Instant) {
		super();
		this.copy(path);
		this.exchange = exchange;
		this.contentFormat = contentFormat;
		this.notifiedAt = now;
	}
}

/** Whether a change is of what is observed, of a part of it or of a whole that it is part of. */
export function isConcerned(observation: Observation, changed: Path): boolean {
	const paths = observation.paths;
	if (paths === undefined) return observation.contains(changed) || changed.contains(observation);
	for (let i = 0; i < paths.length; i++) if (paths[i]!.contains(changed) || changed.contains(paths[i]!)) return true;
	return false;
}
