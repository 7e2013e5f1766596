// What is to happen, in order of time: a binary heap. Things of the same instant happen in the order of their planning.

/** Something that happens at an instant of the world, in whole milliseconds. */
export interface Occasion {
	readonly at: number;
	readonly order: number;
	/** Undefined once it was called off. */
	run: (() => void) | undefined;
}

export class EventQueue {
	readonly #heap: Occasion[] = [];
	#order = 0;

	get length(): number {
		return this.#heap.length;
	}

	/** Plans something; to call it off, take its `run` away. */
	add(at: number, run: () => void): Occasion {
		const occasion = { at, order: this.#order++, run };
		const heap = this.#heap;
		let place = heap.length;
		heap.push(occasion);
		while (place > 0) {
			const parent = (place - 1) >> 1;
			if (!isBefore(occasion, heap[parent]!)) break;
			heap[place] = heap[parent]!;
			place = parent;
		}
		heap[place] = occasion;
		return occasion;
	}

	/** The next one up to and including an instant, taken off the queue; what was called off is passed over. */
	take(until: number): Occasion | undefined {
		const heap = this.#heap;
		for (let first = heap[0]; first !== undefined && first.at <= until; first = heap[0]) {
			const last = heap.pop()!;
			if (last !== first) this.#sink(last);
			if (first.run !== undefined) return first;
		}
		return undefined;
	}

	#sink(occasion: Occasion): void {
		const heap = this.#heap;
		let place = 0;
		for (;;) {
			let child = 2 * place + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
			if (!isBefore(heap[child]!, occasion)) break;
			heap[place] = heap[child]!;
			place = child;
		}
		heap[place] = occasion;
	}
}

function isBefore(left: Occasion, right: Occasion): boolean {
	return left.at < right.at || (left.at === right.at && left.order < right.order);
}
