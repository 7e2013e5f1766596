// Random bytes for a console, the same for the same seed on every engine.

import { encodeText } from "../../bytes.js";
import { SeededRandom } from "../random.js";
import { type Desk, unframe } from "./bench.js";

interface Alphabet {
	readonly what: string;
	/** Of which the bytes are taken; undefined: of all 256. */
	readonly alphabet: string | undefined;
	/** Bytes of output for each byte of input. */
	readonly most: number;
}

export const ALPHABETS: readonly Alphabet[] = Object.freeze([
	{ what: "of any kind", alphabet: undefined, most: 0.05 },
	{ what: "requests are made of", alphabet: '#123+ {}[]":,verbstatuprovisionhelpobjcts read/3/0/0\n\n\n', most: 5 },
	{ what: "a verb is made of", alphabet: "log\n", most: 16 },
]);

/** Feeds random bytes, 1 to 16 at once, and takes all that comes out; gives its length. */
export function endure(desk: Desk, count: number, alphabet: string | undefined, seed: number): number {
	const random = new SeededRandom(seed);
	const bytes = new Uint8Array(16);
	let outLength = 0;
	let sent = 0;
	while (sent < count) {
		const length = 1 + (random.uint32() % 16);
		random.fill(bytes);
		if (alphabet !== undefined)
			for (let i = 0; i < length; i++) bytes[i] = alphabet.charCodeAt(bytes[i]! % alphabet.length);
		desk.give(bytes.subarray(0, length), () => {
			outLength += desk.discard();
		});
		sent += length;
	}
	return outLength;
}

/** Whatever came before, the next LF and a request find a console that works; else it throws. */
export function works(desk: Desk): void {
	desk.discard();
	desk.console.handleReceived(desk.now, encodeText("\n"));
	desk.discard();
	const json = unframe(desk.send('#9 {"verb":"identity"}\n'), 9);
	const lines = desk.send("identity\n");
	if (json !== '{"ok":true,"board":"node"}' || lines !== "board: node\nok\n") throw new Error(`${json}, ${lines}`);
}
