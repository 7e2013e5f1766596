// What each way to the server costs that is kept open: by datagrams, whose bindings most NATs soon forget, or by a
// stream, whose bindings many of them keep for hours.

import { learningNumbers, messageLengths as lengths, keepaliveTimes as times } from "./constants.js";
import { exchangeLength, type Schedule } from "./cost.js";

/** What is the same for both: the part of messages that is lost, and how often the application says something. */
export interface Traffic {
	readonly loss: number;
	readonly wordsPerMs: number;
}

/** Both prices are bytes in a millisecond. */
export function datagramPrice({ kind, intervalMs }: Schedule, { loss, wordsPerMs }: Traffic): number {
	const told = exchangeLength(lengths.check, loss) / times.toldMs;
	const kept = part(wordsPerMs * intervalMs) / intervalMs;
	if (kind !== "refresh") return told + kept * exchangeLength(lengths[kind], loss);
	return told + kept * lengths.refresh + exchangeLength(lengths.ping, loss) / times.acknowledgedMs;
}

/** Of a stream whose binding lives for so long; what it loses it sends again. */
export function streamPrice(lifetimeMs: number, { loss, wordsPerMs }: Traffic): number {
	const intervalMs = Math.min(lifetimeMs, learningNumbers.longestStreamMs);
	const told = exchangeLength(lengths.streamCheck, loss) / times.toldMs;
	const kept = part(wordsPerMs * intervalMs) / intervalMs;
	return told + kept * exchangeLength(lengths.streamPing, loss) + wordsPerMs * lengths.streamWord;
}

/**
 * How many of the keepalives are left to be sent where the application says so much in each interval, at random times:
 * what it says keeps the binding open as well.
 */
function part(words: number): number {
	return words === 0 ? 1 : words / Math.expm1(words);
}
