// Somebody on the wire who hears all that passes, and says some of it again: long after, changed where nothing protects
// it, from where it came or from elsewhere; and who answers what was just said, as far as anybody can without keys.

import { type Peer, peerOf } from "../nat/peer.js";
import type { Chance } from "./chance.js";

/** One datagram as it passed in public. */
interface Overheard {
	readonly source: Peer;
	readonly destination: Peer;
	readonly bytes: Uint8Array;
}

/** What it says, and what of it was heard before; undefined: it is of its own making. */
interface Said extends Overheard {
	readonly heard: Uint8Array | undefined;
}

/** What is remembered: the newest, and by chance some of all that went before. */
const CAPACITY = 2_000;
/** Said again at a time. */
const BURST = [1, 5] as const;
/** An answer has to be quick. */
const RECENT_COUNT = 5;
const FORGERIES = 0.3;
/** Types and codes of answers: Empty ACK, Reset, piggybacked 4.01, 2.04, 2.05, separate 4.04. */
const ANSWERS: readonly (readonly [type: number, code: number])[] = [
	[0x60, 0],
	[0x70, 0],
	[0x60, 0x81],
	[0x60, 0x44],
	[0x60, 0x45],
	[0x40, 0x84],
];
/** Of the network for benchmarks (RFC 2544, C.2.2), beyond all sites. */
const ELSEWHERE = peerOf("198.19.255.254", 6666);

export class Enemy {
	readonly #chance: Chance;
	readonly #overheard: Overheard[] = [];
	readonly #recent: Overheard[] = [];

	constructor(chance: Chance) {
		this.#chance = chance;
	}

	/** The bytes stay as they are. */
	hear(source: Peer, destination: Peer, bytes: Uint8Array): void {
		const one = { source, destination, bytes };
		this.#recent.push(one);
		if (this.#recent.length > RECENT_COUNT) this.#recent.shift();
		if (this.#overheard.length < CAPACITY) this.#overheard.push(one);
		else this.#overheard[this.#chance.whole([0, CAPACITY - 1])] = one;
	}

	/** What it says now. */
	speak(): Said[] {
		const chance = this.#chance;
		if (this.#overheard.length === 0) return [];
		return Array.from({ length: chance.whole(BURST) }, () =>
			chance.happens(FORGERIES)
				? this.#answer(chance.pick(this.#recent))
				: this.#disguise(chance.pick(this.#overheard)),
		);
	}

	/** To whoever has just spoken, as if from whom it spoke to: Message ID and token are there to be read. */
	#answer({ source, destination, bytes }: Overheard): Said {
		const [type, code] = this.#chance.pick(ANSWERS);
		const tokenLength = code === 0 ? 0 : bytes[0]! & 0x0f;
		const answer = Uint8Array.of(type | tokenLength, code, bytes[2]!, bytes[3]!, ...bytes.subarray(4, 4 + tokenLength));
		// Whoever sees a ping can answer it, and is believed: that is news.
		return { source: destination, destination: source, bytes: answer, heard: bytes[1] === 0 ? answer : undefined };
	}

	/** A Message ID is not protected, nor is an address. */
	#disguise({ source, destination, bytes: heard }: Overheard): Said {
		const bytes = heard.slice();
		if (this.#chance.happens(0.7)) bytes[3] = this.#chance.whole([0, 0xff]);
		return { source: this.#chance.happens(0.5) ? source : ELSEWHERE, destination, bytes, heard };
	}
}
