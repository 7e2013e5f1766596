// The firmware's console at the other end of a SerialLink, without a port between them; the link may spoil bytes.

import { Console } from "../../firmware/console/console.js";
import { FakeTarget } from "../../firmware/tests/console/bench.js";
import type { ControlLines, LinkListener, SerialLink } from "./link.js";

/** How a line spoils bytes: each is called for every piece that passes. */
export interface Spoiler {
	toBoard?(bytes: Uint8Array): Uint8Array;
	fromBoard?(bytes: Uint8Array): Uint8Array;
}

/** A board on a link; what the board says arrives in the next turn of the event loop. */
export class BenchLink implements SerialLink {
	readonly path = "/dev/bench";
	readonly target = new FakeTarget();
	/** Bytes of the longest line that the board got, its LF included. */
	longestLine = 0;
	#console = new Console(this.target);
	readonly #spoiler: Spoiler;
	#listener: LinkListener | undefined;
	#lineLength = 0;

	constructor(spoiler: Spoiler = {}) {
		this.#spoiler = spoiler;
	}

	listen(listener: LinkListener): void {
		this.#listener = listener;
	}

	async write(bytes: Uint8Array): Promise<void> {
		const arriving = this.#spoiler.toBoard?.(bytes) ?? bytes;
		for (const code of arriving) {
			this.#lineLength++;
			this.longestLine = Math.max(this.longestLine, this.#lineLength);
			if (code === 0x0a) this.#lineLength = 0;
		}
		setImmediate(() => {
			for (let taken = 0; taken < arriving.length; this.drain()) {
				taken += this.#console.handleReceived(performance.now(), arriving.subarray(taken));
			}
		});
	}

	async set(_lines: ControlLines): Promise<void> {}

	async close(): Promise<void> {
		this.#listener?.closed();
	}

	/** What a person would read in the log. */
	log(text: string): void {
		this.#console.log(12_345, "info", "agent", text);
		this.drain();
	}

	/** The board starts anew, with whatever its ROM says first. */
	restart(rom = ""): void {
		this.say(rom);
		this.#console = new Console(this.target);
		this.#console.start();
		this.drain();
	}

	/** Bytes from the board that its console did not make. */
	say(text: string): void {
		this.#listener?.received(Buffer.from(text));
	}

	private drain(): void {
		const out = { bytes: new Uint8Array(128), length: 0 };
		while (this.#console.pollTransmit(performance.now(), 128, out)) {
			const leaving = out.bytes.slice(0, out.length);
			this.#listener?.received(this.#spoiler.fromBoard?.(leaving) ?? leaving);
		}
	}
}
