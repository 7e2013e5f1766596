// What was said on a board's console, with the time of host and board: all of it in a file, the last in memory.

import { appendFileSync } from "node:fs";

/** Who a line is from: the board, the host on the console, or the rig about the test. */
export type Speaker = "board" | "host" | "rig";

/** One line of it. */
export interface Entry {
	/** Unix milliseconds of the host. */
	readonly hostMs: number;
	/** Milliseconds of the board's monotone clock, where the line tells it. */
	readonly deviceMs?: number;
	readonly from: Speaker;
	readonly line: string;
}

/** A log line of the firmware: level, monotone seconds, topic, text. */
const LOG_LINE = /^[EWID] (\d+)\.(\d{3}) /;
/** How many of the last lines a failure shows. */
const RING_LENGTH = 30;

/** What one board said, and was told, during one test. */
export class Transcript {
	readonly #path: string | undefined;
	readonly #now: () => number;
	readonly #ring: Entry[] = [];

	/** Without a path nothing is written. */
	constructor(path: string | undefined, now: () => number = Date.now) {
		this.#path = path;
		this.#now = now;
	}

	add(from: Speaker, line: string): Entry {
		const deviceMs = from === "board" ? deviceTime(line) : undefined;
		const entry: Entry = { hostMs: this.#now(), ...(deviceMs === undefined ? {} : { deviceMs }), from, line };
		if (this.#ring.length === RING_LENGTH) this.#ring.shift();
		this.#ring.push(entry);
		// At once: after a crash of the rig itself this is what is left.
		if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
		return entry;
	}

	/** The last lines, for people. */
	tail(): string {
		const first = this.#ring[0]?.hostMs ?? 0;
		const mark: { readonly [speaker in Speaker]: string } = { board: "<", host: ">", rig: "#" };
		return this.#ring
			.map(({ hostMs, from, line }) => `${((hostMs - first) / 1000).toFixed(3).padStart(8)} ${mark[from]} ${line}`)
			.join("\n");
	}
}

/** Milliseconds of the board's clock that a log line tells. */
export function deviceTime(line: string): number | undefined {
	const found = LOG_LINE.exec(line);
	return found === null ? undefined : Number(found[1]) * 1000 + Number(found[2]);
}
