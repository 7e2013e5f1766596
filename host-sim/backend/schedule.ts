// Deadlines of many things in a binary heap, so that ten thousand devices cost no more than fourteen comparisons.

import type { Instant } from "../../firmware/contract.js";

/** Something with a deadline. Both fields are the schedule's to write. */
export interface Scheduled {
	/** When it is due. */
	dueAt: Instant;
	/** Where it is in the heap; -1: nowhere. */
	heapIndex: number;
}

/** Each thing is in it at most once. */
export class Schedule<T extends Scheduled> {
	readonly #heap: T[] = [];

	/** The earliest deadline of all. */
	get nextAt(): Instant {
		return this.#heap[0]?.dueAt ?? Number.POSITIVE_INFINITY;
	}

	/** Gives a thing its deadline in place of an older one; Infinity takes it out. */
	set(thing: T, dueAt: Instant): void {
		if (dueAt === Number.POSITIVE_INFINITY) {
			this.remove(thing);
			return;
		}
		const before = thing.heapIndex < 0 ? Number.POSITIVE_INFINITY : thing.dueAt;
		thing.dueAt = dueAt;
		if (thing.heapIndex < 0) {
			thing.heapIndex = this.#heap.length;
			this.#heap.push(thing);
		}
		if (dueAt < before) this.#rise(thing);
		else this.#sink(thing);
	}

	remove(thing: T): void {
		const index = thing.heapIndex;
		if (index < 0) return;
		thing.heapIndex = -1;
		const last = this.#heap.pop()!;
		if (last === thing) return;
		this.#put(last, index);
		this.#rise(last);
		this.#sink(last);
	}

	/** Takes out all that is due, earliest first. */
	takeDue(now: Instant): T[] {
		const due: T[] = [];
		while (this.nextAt <= now) {
			const first = this.#heap[0]!;
			this.remove(first);
			due.push(first);
		}
		return due;
	}

	#rise(thing: T): void {
		while (thing.heapIndex > 0) {
			const index = thing.heapIndex;
			const parent = this.#heap[(index - 1) >> 1]!;
			if (parent.dueAt <= thing.dueAt) return;
			this.#put(thing, parent.heapIndex);
			this.#put(parent, index);
		}
	}

	#sink(thing: T): void {
		for (;;) {
			const index = thing.heapIndex;
			const left = this.#heap[2 * index + 1];
			const right = this.#heap[2 * index + 2];
			const child = right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left;
			if (child === undefined || child.dueAt >= thing.dueAt) return;
			this.#put(thing, child.heapIndex);
			this.#put(child, index);
		}
	}

	#put(thing: T, index: number): void {
		this.#heap[index] = thing;
		thing.heapIndex = index;
	}
}
