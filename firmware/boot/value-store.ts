// The journal as servers fill it.

import type { Store } from "../contract.js";
import type { Journal } from "../store/journal.js";
import { SPARE_LENGTH } from "./constants.js";

/** Leaves room for what the board itself must always be able to store: other settings, and how its starts went. */
export class ValueStore implements Store {
	readonly #journal: Journal;

	constructor(journal: Journal) {
		this.#journal = journal;
	}

	read(key: string): Uint8Array | undefined {
		return this.#journal.read(key);
	}

	/** Throws StoreFull or StoreFailed; the old value is then kept. */
	write(key: string, value: Uint8Array): void {
		this.#journal.write(key, value, SPARE_LENGTH);
	}

	/** Throws StoreFailed. */
	delete(key: string): void {
		this.#journal.delete(key);
	}

	keys(): string[] {
		return this.#journal.keys();
	}
}
