// What a store has promised: what was acknowledged is there after any power cut, and what was under way is old or new.

import type { Journal } from "../../firmware/store/journal.js";

export class Ledger {
	readonly #kept = new Map<string, Uint8Array>();
	/** The key whose change was not acknowledged yet. */
	#openKey: string | undefined;
	#openValue: Uint8Array | undefined;

	copy(): Ledger {
		const copy = new Ledger();
		for (const [key, value] of this.#kept) copy.#kept.set(key, value);
		copy.#openKey = this.#openKey;
		copy.#openValue = this.#openValue;
		return copy;
	}

	/** Carries out a change; undefined deletes. Throws what the store throws: the change is then under way. */
	change(store: Journal, key: string, value: Uint8Array | undefined): void {
		this.#openKey = key;
		this.#openValue = value;
		if (value === undefined) store.delete(key);
		else store.write(key, value);
		this.settle();
	}

	/** The change that was under way came to nothing: from now on its old value must be read. */
	refuse(): void {
		this.#openKey = undefined;
	}

	/** Compares all that can be read with what was promised; what was under way is then decided for good. */
	check(store: Journal): string | undefined {
		for (const key of new Set([...this.#kept.keys(), ...store.keys()])) {
			const found = store.read(key);
			if (key === this.#openKey && same(found, this.#openValue)) this.settle();
			if (!same(found, this.#kept.get(key))) return `${key} is ${text(found)}, not ${text(this.#kept.get(key))}`;
		}
		if (this.#openKey !== undefined && same(store.read(this.#openKey), this.#openValue)) this.settle();
		this.#openKey = undefined;
		return undefined;
	}

	private settle(): void {
		if (this.#openValue === undefined) this.#kept.delete(this.#openKey!);
		else this.#kept.set(this.#openKey!, this.#openValue);
		this.#openKey = undefined;
	}
}

function same(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
	if (left === undefined || right === undefined) return left === right;
	return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

function text(bytes: Uint8Array | undefined): string {
	return bytes === undefined ? "gone" : `${bytes.length} bytes [${bytes.slice(0, 8).join(" ")} …]`;
}
