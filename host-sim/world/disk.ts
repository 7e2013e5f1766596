// The back end's disk: one content that is replaced as a whole, and that may refuse the n-th writing.

export class Disk<T> {
	#content: T | undefined;
	#failsAfter = Number.POSITIVE_INFINITY;

	/** After so many further writings each one fails, until the disk is healed. */
	failAfter(count: number): void {
		this.#failsAfter = count;
	}

	heal(): void {
		this.#failsAfter = Number.POSITIVE_INFINITY;
	}

	/** Throws where the disk fails; the old content is then still there, whole. Do not change what was given. */
	write(content: T): void {
		if (this.#failsAfter === 0) throw new Error("no space left");
		this.#failsAfter--;
		this.#content = content;
	}

	/** A copy of what was written, with nothing but what JSON keeps. */
	read(): T | undefined {
		return this.#content === undefined ? undefined : (JSON.parse(JSON.stringify(this.#content)) as T);
	}

	erase(): void {
		this.#content = undefined;
	}
}
