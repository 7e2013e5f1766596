// The schedule that fits what is known of a binding: short of its lower bound, and as cheap as losses and moves allow.

import type { Binding } from "./binding.js";
import { keepaliveTimes as times, unreachableMax } from "./constants.js";
import { cheapest, type Schedule } from "./cost.js";
import type { Loss } from "./loss.js";
import type { Moves } from "./moves.js";

/** How a way to the server differs from others. */
export interface Way {
	readonly isStream: boolean;
	/** Only an Update tells the server our address. */
	readonly mustTell: boolean;
	/** A binding needs a second use. */
	readonly isFragile?: boolean;
	/** Moves are to be seen soon, whatever that costs. */
	readonly isWatched?: boolean;
}

export function planFor(binding: Binding, loss: Loss, moves: Moves, way: Way): Schedule {
	const { isStream, mustTell, isFragile, isWatched } = way;
	const lifetimeMs = binding.trustedMs;
	const guardMs = Math.min(times.guardMs, lifetimeMs / 20);
	// What one loss would end for long is not kept by luck: of so little the estimate says little.
	const part = isFragile === true ? loss.part + Math.min(loss.part, unreachableMax) : loss.part;
	const { kind, intervalMs } = cheapest(lifetimeMs - guardMs, isStream ? 0 : part, {
		stream: isStream,
		mustTell,
		movesPerMs: moves.perMs,
		isFragile: isFragile === true,
	});
	// RFC 8085, 3.5: only a network that was seen to need it is kept open in smaller steps.
	const isShort = !isStream && binding.upperMs !== Number.POSITIVE_INFINITY;
	if (isWatched === true && intervalMs > times.watchMs) return { kind: "refresh", intervalMs: times.watchMs };
	return { kind, intervalMs: Math.max(isShort ? times.leastMs : times.floorMs, intervalMs) };
}
