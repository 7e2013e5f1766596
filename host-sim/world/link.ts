// The network between a site's NAT and the back end: it loses, repeats, overtakes, delays and damages.

import type { Chance, Range } from "./chance.js";

/** How one direction of a link behaves; probabilities from 0 to 1, times in milliseconds. */
export interface Conditions {
	readonly loss: number;
	readonly duplicate: number;
	/** A datagram is held back by up to `reorderMs`, so that later ones overtake it. */
	readonly reorder: number;
	readonly reorderMs: number;
	/** Damaged on the way: the UDP checksum sees most of it, which is a loss. */
	readonly corrupt: number;
	readonly delayMs: Range;
	/** The largest IP packet that passes; fragments do not. */
	readonly mtu: number;
}

/** What a datagram costs beside its payload: IPv4 and UDP. */
const HEADERS_LENGTH = 28;

/** What became of a datagram, for the counters. */
export type Fate = "delivered" | "lost" | "cut" | "too-large" | "damaged";

export class Link {
	conditions: Conditions;
	/** No datagram passes. */
	cut = false;
	readonly #chance: Chance;

	constructor(conditions: Conditions, chance: Chance) {
		this.conditions = conditions;
		this.#chance = chance;
	}

	/** Sends a datagram: `arrive` is called with the delay and the bytes of each copy that gets through. */
	send(bytes: Uint8Array, noisy: boolean, arrive: (delayMs: number, bytes: Uint8Array) => void): Fate {
		const chance = this.#chance;
		const { loss, duplicate, corrupt, mtu } = this.conditions;
		if (this.cut) return "cut";
		if (bytes.length + HEADERS_LENGTH > mtu) return "too-large";
		if (chance.happens(loss)) return "lost";
		if (chance.happens(corrupt)) {
			if (noisy) arrive(this.#delay(), this.#damage(bytes));
			return "damaged";
		}
		arrive(this.#delay(), bytes);
		if (chance.happens(duplicate)) arrive(this.#delay(), bytes);
		return "delivered";
	}

	#delay(): number {
		const { delayMs, reorder, reorderMs } = this.conditions;
		const held = this.#chance.happens(reorder) ? this.#chance.whole([0, reorderMs]) : 0;
		return this.#chance.whole(delayMs) + held;
	}

	/** What the checksum does not see: a flipped bit, a lost tail, or bytes of somebody else. */
	#damage(bytes: Uint8Array): Uint8Array {
		const chance = this.#chance;
		const damaged = bytes.slice();
		const kind = chance.whole([0, 2]);
		if (kind === 1) return damaged.subarray(0, chance.whole([0, damaged.length - 1]));
		if (kind === 2) chance.fill(damaged);
		else damaged[chance.whole([0, damaged.length - 1])]! ^= 1 << chance.whole([0, 7]);
		return damaged;
	}
}
