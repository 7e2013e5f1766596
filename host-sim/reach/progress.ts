// How far a run is, and how long it will take: a bar that moves in a terminal, a line each half minute elsewhere.

const WIDTH = 28;
const LINE_MS = 30_000;

export class Progress {
	readonly #count: number;
	readonly #startedAt = Date.now();
	#done = 0;
	#toldAt = Date.now();

	constructor(count: number) {
		this.#count = count;
	}

	/** One more is done; `what` was the last. */
	step(what: string): void {
		this.#done++;
		const text = `${this.#bar()} ${this.#done}/${this.#count}, ${this.#left()}  ${what}`;
		if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001b[K${this.#done === this.#count ? "\n" : ""}`);
		else if (Date.now() - this.#toldAt > LINE_MS || this.#done === this.#count) {
			this.#toldAt = Date.now();
			process.stderr.write(`${text}\n`);
		}
	}

	#bar(): string {
		const filled = Math.round((WIDTH * this.#done) / this.#count);
		return `[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}]`;
	}

	#left(): string {
		const elapsed = (Date.now() - this.#startedAt) / 1000;
		if (this.#done === this.#count) return `done after ${elapsed.toFixed(0)} s`;
		return `${((elapsed / this.#done) * (this.#count - this.#done)).toFixed(0)} s left`;
	}
}
