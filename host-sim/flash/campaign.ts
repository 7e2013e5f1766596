// Power cuts at every moment of a store's life, on a flash that makes the worst of them.

import { Journal } from "../../firmware/store/journal.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { Ledger } from "./ledger.js";
import { NorFlash } from "./nor-flash.js";

export interface Shape {
	readonly blockLength: number;
	readonly blocks: number;
}

/** Sectors as small as those of an ESP32, as few as may be; its usual partition; the virtual board's; a tiny one. */
export const shapes: readonly Shape[] = [
	{ blockLength: 4096, blocks: 3 },
	{ blockLength: 4096, blocks: 16 },
	{ blockLength: 262_144, blocks: 4 },
	{ blockLength: 1024, blocks: 4 },
];

const KEY_COUNT = 8;

/** What one seed does to one flash, over many lives of a device. */
export class Campaign {
	readonly flash: NorFlash;
	readonly #random: SeededRandom;
	readonly #ledger: Ledger;
	cutCount = 0;

	private constructor(flash: NorFlash, random: SeededRandom, ledger: Ledger) {
		this.flash = flash;
		this.#random = random;
		this.#ledger = ledger;
	}

	static begin(shape: Shape, seed: number): Campaign {
		const flash = new NorFlash({ ...shape, random: new SeededRandom(~seed) });
		return new Campaign(flash, new SeededRandom(seed), new Ledger());
	}

	/** The same flash and promises; the first seed is for what will be stored, the second for how the flash suffers. */
	fork(seed: number, flashSeed: number): Campaign {
		const flash = this.flash.copy(new SeededRandom(flashSeed));
		return new Campaign(flash, new SeededRandom(seed), this.#ledger.copy());
	}

	/**
	 * One life: opens, compares, changes values up to `changeCount` times; the power goes after `operationCount`
	 * operations of the flash. Gives what is wrong, if anything is.
	 */
	live(changeCount: number, operationCount: number): string | undefined {
		const { flash } = this;
		flash.powerOn();
		flash.cutAfter(operationCount);
		const wrong = this.run(changeCount);
		if (flash.isOff) this.cutCount++;
		return flash.bugs[0] ?? wrong;
	}

	private run(changeCount: number): string | undefined {
		try {
			const journal = new Journal(this.flash);
			if (this.flash.isOff) return undefined;
			const wrong = this.#ledger.check(journal);
			if (wrong !== undefined) return wrong;
			for (let i = 0; i < changeCount; i++) this.change(journal);
			return this.#ledger.check(journal);
		} catch (error) {
			return this.flash.isOff ? undefined : `${error}`;
		}
	}

	private change(journal: Journal): void {
		const key = `key.${this.below(KEY_COUNT)}`;
		this.#ledger.change(journal, key, this.below(8) === 0 ? undefined : this.value());
	}

	/** Mostly short, as settings are; sometimes of ones, which leave the flash as it is. */
	private value(): Uint8Array {
		const value = new Uint8Array(this.below(this.below(6) === 0 ? 96 : 16));
		if (this.below(4) === 0) value.fill(0xff);
		else this.#random.fill(value);
		return value;
	}

	below(count: number): number {
		return this.#random.uint32() % count;
	}
}
