// What the end of a binding means: it expired, the address moved, or something was lost by chance.

import type { Instant } from "../contract.js";
import type { Bindings } from "./bindings.js";
import { learningNumbers as numbers, keepaliveTimes as times } from "./constants.js";
import type { Keepalive } from "./keepalive.js";
import type { Loss } from "./loss.js";
import type { Measurement } from "./measurement.js";
import type { Moves } from "./moves.js";
import { ReachFlag, type ServerWord } from "./reach.js";

/** What is known beside it. */
export interface Circumstances {
	readonly bindings: Bindings;
	readonly keepalive: Keepalive;
	readonly loss: Loss;
	readonly measurement: Measurement;
	readonly moves: Moves;
	/** Nobody measures. */
	readonly isGrowing: boolean;
	/** What is measured is not to be mistaken for moves. */
	readonly isWatching: boolean;
}

/** The server saw another address of ours, after at most so much silence. True: the binding had expired. */
export function judgeMove(now: Instant, silenceMs: number, known: Circumstances): boolean {
	const { keepalive, measurement, moves } = known;
	const binding = known.bindings.current;
	binding.moveCount++;
	moves.handleMoved(now, keepalive.schedule.intervalMs);
	keepalive.isMoving = true;
	// The exchange that told so was the first of a new binding.
	keepalive.handleYoung();
	keepalive.handleAcknowledged(now, true);
	// What nothing has proven yet may be too long, or what was: then each keepalive comes from another address.
	const enough = known.isWatching ? numbers.movesWatched : binding.lowerMs === 0 ? numbers.movesInRow : 0;
	const isBelieved = enough > 0 ? moves.inRow >= enough : known.isGrowing && silenceMs > binding.lowerMs;
	if (isBelieved && binding.handleDead(silenceMs)) return true;
	if (moves.isDoubtful && measurement.verify(now, 1 / moves.perMs)) moves.handleVerified();
	return false;
}

/** The server could not reach us after a silence: by losses, by a move, or (true) as the binding had ended. */
export function judgeSilence({ flags, lostCount, lostSeconds }: ServerWord, known: Circumstances): boolean {
	const ageMs = 1000 * lostSeconds;
	const moved = (flags & ReachFlag.Moved) === 0 ? 0 : known.moves.within(ageMs);
	const accident = 1 - (1 - known.loss.unanswered(lostCount)) * (1 - moved);
	return known.bindings.current.handleDoubt(ageMs, accident);
}

/** A probe came back after its delay, or did not; undefined: nobody can say. True: the binding taught something new. */
export function judgeProbe(now: Instant, delayMs: number, alive: boolean | undefined, known: Circumstances): boolean {
	const { loss, measurement, moves } = known;
	const { udp } = known.bindings;
	const { lowerMs } = udp;
	// A move ends the binding of a probe: where we saw one meanwhile nobody can say, and one may just have been.
	const hasMoved = alive === false && moves.isMoving && moves.isSince(now, delayMs);
	const enough = (ms: number): number => {
		const unseenMs = Math.min(ms, times.watchMs);
		return loss.enough(numbers.doubt, moves.perMs * unseenMs, moves.perMs * (ms - unseenMs));
	};
	// Where each watch ended with a move, or there was time for one alone, it is yet to be seen whether they are moves.
	if (hasMoved && (moves.inRow > 1 || delayMs < 2 * times.watchMs)) measurement.insist();
	const news = measurement.handleProbed(now, udp, delayMs, hasMoved ? undefined : alive, enough);
	if (udp.lowerMs < lowerMs) {
		refute(known);
		measurement.hasten(now);
	}
	return news;
}

/** It is another NAT than it was. */
export function refute({ keepalive, moves }: Circumstances): void {
	moves.handleRefuted();
	keepalive.isLasting = false;
}
