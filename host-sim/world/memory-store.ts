// A store that never fails and forgets nothing, for worlds in which flash is not what counts.

import type { Store } from "../../firmware/contract.js";

export class MemoryStore implements Store {
	readonly #values = new Map<string, Uint8Array>();
	/** Each of them would wear the flash. */
	writeCount = 0;

	read(key: string): Uint8Array | undefined {
		return this.#values.get(key)?.slice();
	}

	write(key: string, value: Uint8Array): void {
		this.writeCount++;
		this.#values.set(key, value.slice());
	}

	delete(key: string): void {
		this.#values.delete(key);
	}

	keys(): string[] {
		return [...this.#values.keys()];
	}
}
