// A store in memory for tests: it counts its writes, and is full when it is told to be.

import type { Store } from "../contract.js";

export class TestStore implements Store {
	readonly values = new Map<string, Uint8Array>();
	writeCount = 0;
	/** So many writes more are taken; with none left nothing changes any more. */
	room = Number.POSITIVE_INFINITY;

	read(key: string): Uint8Array | undefined {
		return this.values.get(key)?.slice();
	}

	write(key: string, value: Uint8Array): void {
		if (this.room <= 0) throw new Error("full");
		this.room--;
		this.writeCount++;
		this.values.set(key, value.slice());
	}

	delete(key: string): void {
		if (this.room <= 0) throw new Error("full");
		this.values.delete(key);
	}

	keys(): string[] {
		return [...this.values.keys()];
	}
}
