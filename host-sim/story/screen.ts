// What a person sees: one line for each thing that happens, and on a terminal a last line that is alive.

import type { Role } from "./cast.js";

export type Speaker = Role | "story";

const COLOURS: Readonly<Record<Speaker, string>> = {
	"back end": "\u001b[36m",
	nat: "\u001b[33m",
	device: "\u001b[32m",
	story: "\u001b[1m",
};
const DIM = "\u001b[2m";
const PLAIN = "\u001b[0m";
const CLEAR_LINE = "\r\u001b[K";
const SPEAKER_WIDTH = 9;

/** The time with which the players begin their lines. */
const TIME = /^(\d\d:\d\d:\d\d\.\d{3}) (.*)$/;

/** Writes to one stream; colours and the living line only where it is a terminal (and NO_COLOR is not set). */
export class Screen {
	readonly #stream: NodeJS.WriteStream;
	readonly #coloured: boolean;
	#status = "";

	constructor(stream: NodeJS.WriteStream) {
		this.#stream = stream;
		this.#coloured = stream.isTTY === true && (process.env.NO_COLOR ?? "") === "";
	}

	/** One line of a speaker, with the time it was said or now; its own name before the colon would be said twice. */
	say(speaker: Speaker, text: string): void {
		const match = TIME.exec(text);
		const time = match?.[1] ?? new Date().toISOString().slice(11, 23);
		const name = speaker.padEnd(SPEAKER_WIDTH);
		const head = this.#coloured ? `${DIM}${time}${PLAIN} ${COLOURS[speaker]}${name}${PLAIN}` : `${time} ${name}`;
		this.#write(`${head}${(match?.[2] ?? text).replace(`${speaker}: `, "")}\n`);
	}

	/** Text as it is. */
	print(text: string): void {
		this.#write(`${text}\n`);
	}

	/** Replaces the living line; nothing where there is no terminal. */
	status(text: string): void {
		if (this.#stream.isTTY !== true) return;
		this.#status = text.slice(0, this.#stream.columns - 1);
		this.#stream.write(`${CLEAR_LINE}${this.#status}`);
	}

	#write(text: string): void {
		this.#stream.write(this.#status === "" ? text : `${CLEAR_LINE}${text}${this.#status}`);
	}
}
