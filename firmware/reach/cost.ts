// Which keepalive is the cheapest in bytes for a lifetime and a loss, and how far apart it may be.

import { keepaliveTimes, messageLengths, unreachableMax } from "./constants.js";

/** What keeps a binding open, and how long it may be silent in between. */
export interface Schedule {
	readonly kind: "refresh" | "ping" | "check";
	readonly intervalMs: number;
}

/** What there is to choose from. */
export interface Choice {
	/** A stream has no one-way message, and what it loses it sends again by itself. */
	readonly stream: boolean;
	/** Only an Update tells the server our address: it takes the place of a ping. */
	readonly mustTell: boolean;
	/** How often our address changes; 0: it does not. */
	readonly movesPerMs: number;
	/** What begins anew after a refresh was lost lives for 30 s only, until something is acknowledged again. */
	readonly isFragile?: boolean;
}

/**
 * When an exchange is tried again, in milliseconds after its first transmission: in the middle of the chance that
 * RFC 7252, 4.2 leaves to the repetitions of a ping, then to those of the Update that follows it.
 */
const REPEATED_AFTER: readonly number[] = Object.freeze([0, 2_500, 7_500, 17_500, 37_500, 40_000, 45_000]);

/** The cheapest schedule for a binding that lives for `lifetimeMs` in silence, with the loss of one way. */
export function cheapest(
	lifetimeMs: number,
	loss: number,
	{ stream, mustTell, movesPerMs, isFragile }: Choice,
): Schedule {
	const acknowledgedMs = Math.min(acknowledgedInterval(lifetimeMs, loss), keepaliveTimes.acknowledgedMs);
	const ping: Schedule = { kind: "ping", intervalMs: acknowledgedMs };
	if (stream) return ping;
	const check: Schedule = { kind: "check", intervalMs: acknowledgedMs };
	const { check: checkBytes, ping: pingBytes, refresh } = messageLengths;
	const checkCost = exchangeLength(checkBytes, loss) / acknowledgedMs;
	const pingLength = exchangeLength(mustTell ? checkBytes : pingBytes, loss);
	// An Update tells where we are, whatever came before; others first have to hear that they moved.
	const moved = mustTell ? 0 : refresh + exchangeLength(checkBytes, loss);
	const pingCost = (pingLength + moved * (1 - Math.exp(-movesPerMs * acknowledgedMs))) / acknowledgedMs;
	const acknowledged = mustTell || checkCost < pingCost ? check : ping;
	const refreshMs = oneWayInterval(lifetimeMs, loss, isFragile);
	// A binding that died by losses may have begun anew under another address, of which nobody would tell us.
	if (refreshMs >= keepaliveTimes.acknowledgedMs || (mustTell && loss > unreachableMax)) return acknowledged;
	// One of the exchanges that there must be anyway takes the place of a refresh.
	const spared = (pingLength - refresh) / keepaliveTimes.acknowledgedMs;
	const refreshCost = (refresh + moved * (1 - Math.exp(-movesPerMs * refreshMs))) / refreshMs + spared;
	// That it moved a device learns from an answer, which is not repeated to a refresh.
	const patience = movesPerMs > 0 && loss > unreachableMax ? PATIENCE : 1;
	const cost = Math.min(checkCost, pingCost);
	return cost < refreshCost * patience ? acknowledged : { kind: "refresh", intervalMs: refreshMs };
}

/**
 * One-way messages: with L/T = n + f of them in a lifetime the binding is dead for loss^n * (1 - f (1 - loss)) of the
 * time, which this solves for T.
 */
export function oneWayInterval(lifetimeMs: number, loss: number, isFragile = false): number {
	// A binding that died is not alive again before four more datagrams came through: refresh, answer, Update, answer.
	const dead = unreachableMax * (1 - loss) ** 4;
	if (loss <= dead) return lifetimeMs;
	const count = Math.floor(Math.log(dead) / Math.log(loss));
	const part = Math.min(1, (1 - dead / loss ** count) / (1 - loss));
	const intervalMs = lifetimeMs / (count + part);
	// Dead for a part of each interval until then, and not once only: one loss more must leave it alive.
	const isLonger = isFragile && intervalMs > keepaliveTimes.promotedByMs;
	return isLonger ? Math.max(lifetimeMs / (count + 1), keepaliveTimes.promotedByMs) : intervalMs;
}

/** Exchanges: the longest interval after which losses of the first transmissions leave the binding alive enough. */
export function acknowledgedInterval(lifetimeMs: number, loss: number): number {
	// Where repetitions come too late for a short lifetime, exchanges closer than this help no more.
	let least = lifetimeMs / CLOSEST;
	let most = lifetimeMs;
	if (deadPart(most, lifetimeMs, loss) <= unreachableMax) return most;
	while (most - least > PRECISION_MS) {
		const middle = (least + most) / 2;
		if (deadPart(middle, lifetimeMs, loss) <= unreachableMax) least = middle;
		else most = middle;
	}
	return least;
}

const PRECISION_MS = 100;
/** Exchanges in a lifetime, at most. */
const CLOSEST = 3;
/** Until what was lost of a repair is said again. */
const REPAIR_MS = 25_000;
/** How much more a ping may cost where its repetitions are worth something. */
const PATIENCE = 1.15;

/** The part of the time that a binding is dead because the first transmissions after an interval were lost. */
function deadPart(intervalMs: number, lifetimeMs: number, loss: number): number {
	// It may have begun anew under another address: then the answer that says so and the Update must come through, too.
	const repairMs = (REPAIR_MS * loss) / (1 - loss);
	let deadMs = 0;
	for (let i = 0, arrives = 1 - loss; i < REPEATED_AFTER.length; i++, arrives *= loss) {
		const lateMs = intervalMs + REPEATED_AFTER[i]! - lifetimeMs;
		if (lateMs > 0) deadMs += arrives * (lateMs + repairMs);
	}
	return deadMs / intervalMs;
}

/** Bytes until an exchange is acknowledged: half of them on each way. */
export function exchangeLength(length: number, loss: number): number {
	const arrives = 1 - loss;
	return ((length / 2) * (1 + arrives)) / (arrives * arrives);
}
