// An enemy who speaks with the server's address: many mutated datagrams, and what the device did with them.

import { corpus } from "./corpus.js";
import { Mutator } from "./mutator.js";
import type { Target } from "./target.js";

/** What happened to a device under attack. */
export interface Outcome {
	/** How many datagrams were answered, and how many of the answers were a success. */
	readonly answered: number;
	readonly successes: number;
	/** Datagrams that the device sent in all. */
	readonly sent: number;
	/** The most bytes that it sent at once for one datagram. */
	readonly mostBytes: number;
	/** How often each kind of mutation was done. */
	readonly mutations: Readonly<Record<string, number>>;
}

const datagrams: readonly Uint8Array[] = corpus.map((sample) => sample.bytes);

/** Sends so many datagrams to a device, with pauses in which its deadlines pass; throws where it misbehaves. */
export function attack(target: Target, seed: number, count: number): Outcome {
	const mutator = new Mutator(seed, datagrams);
	const sentBefore = target.sentCount;
	let answered = 0;
	let successes = 0;
	let mostBytes = 0;
	for (let i = 0; i < count; i++) {
		const bytes = mutator.next();
		const sentCount = target.sentCount;
		target.comeBack();
		target.receive(bytes);
		if (target.sentCount > sentCount) mutator.overhear(target.sent.bytes.subarray(0, target.sent.length));
		if (target.answerCode >= 0) answered++;
		if (target.answerCode >> 5 === 2) successes++;
		mostBytes = Math.max(mostBytes, target.sentBytes);
		if (mutator.below(4) === 0) target.run(mutator.below(3000));
	}
	return { answered, successes, sent: target.sentCount - sentBefore, mostBytes, mutations: mutator.counts };
}

/** The enemy is gone: lets everything that was begun end, and reads a value that nobody may write. */
export function readAfterwards(target: Target): string | undefined {
	target.comeBack();
	target.run(300_000);
	return target.read("/3303/0/5700");
}
