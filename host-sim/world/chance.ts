// All chance of a world comes from its seed; each part has a source of its own, so that parts do not shift each other.

import { SeededRandom } from "../nat/seeded-random.js";

/** From and to, both possible. */
export type Range = readonly [number, number];

export class Chance extends SeededRandom {
	/** A source of its own for a part of the world. */
	fork(): Chance {
		return new Chance(this.uint32());
	}

	/** A whole number of a range. */
	whole([from, to]: Range): number {
		return from + Math.floor(this.fraction() * (to - from + 1));
	}

	/** Any number of a range. */
	within([from, to]: Range): number {
		return from + this.fraction() * (to - from);
	}

	/** A whole number of a range, more often near its begin: half of them lie in the first eighth. */
	mostlyShort([from, to]: Range): number {
		return from + Math.floor(this.fraction() ** 3 * (to - from + 1));
	}

	happens(probability: number): boolean {
		return probability > 0 && this.fraction() < probability;
	}

	pick<T>(list: readonly T[]): T {
		return list[Math.floor(this.fraction() * list.length)]!;
	}

	/** The index of one of several weights. */
	weighted(weights: readonly number[]): number {
		let rest = this.fraction() * weights.reduce((sum, weight) => sum + weight, 0);
		for (let i = 0; i < weights.length; i++) {
			rest -= weights[i]!;
			if (rest < 0) return i;
		}
		return weights.length - 1;
	}

	/** Milliseconds until something that happens so often an hour: uniform, from nothing to twice the mean. */
	wait(perHour: number): number {
		return perHour === 0 ? Number.POSITIVE_INFINITY : Math.ceil((this.fraction() * 2 * 3_600_000) / perHour) + 1;
	}
}
