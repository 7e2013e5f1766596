// The console on a serial port: its bytes in and out, as far as the UART has room.

import type { Console, ConsoleOutput } from "../console/console.js";
import type { BoardDevice } from "./board.js";
import type { Clock } from "./clock.js";
import { FIFO_LENGTH } from "./constants.js";
import type { Serial } from "./ecma-419.js";

export class SerialConsole {
	readonly #console: Console;
	readonly #clock: Clock;
	readonly #serial: Serial;
	readonly #out: ConsoleOutput = { bytes: new Uint8Array(FIFO_LENGTH), length: 0 };
	/** Bytes that the UART takes now: it says so itself, first when it is open. */
	#room = 0;
	/** What was read and the console could not take yet. */
	#rest: Uint8Array | undefined;
	#draining = false;

	/** Throws when the port cannot be opened. */
	constructor(port: BoardDevice["serial"]["console"], console: Console, clock: Clock) {
		const self = this;
		this.#console = console;
		this.#clock = clock;
		this.#serial = new port.io({
			...port,
			format: "buffer",
			onReadable(): void {
				self.drain();
			},
			onWritable(count: number): void {
				self.#room = count;
				self.drain();
			},
		});
	}

	/** To be called whenever the console has something new to say. */
	drain(): void {
		// A verb that logs must not enter here again: the loop sends its line, too.
		if (this.#draining) return;
		this.#draining = true;
		do this.send();
		while (this.receive());
		this.#draining = false;
	}

	close(): void {
		this.#serial.close();
	}

	/** False: nothing is there, or the console cannot take it yet; the UART keeps it meanwhile. */
	private receive(): boolean {
		if (!this.#console.isReady) return false;
		const bytes = this.#rest ?? this.read();
		if (bytes === undefined) return false;
		const taken = this.#console.handleReceived(this.#clock.now(), bytes);
		this.#rest = taken < bytes.length ? bytes.subarray(taken) : undefined;
		return true;
	}

	private read(): Uint8Array | undefined {
		const bytes = this.#serial.read(FIFO_LENGTH);
		return bytes && new Uint8Array(bytes);
	}

	private send(): void {
		const out = this.#out;
		while (this.#room > 0 && this.#console.pollTransmit(this.#clock.now(), this.#room, out))
			try {
				this.#serial.write(out.bytes.subarray(0, out.length));
				this.#room -= out.length;
			} catch {
				// Less room than it said: the piece is lost as noise would lose it, and the next line stands again.
				this.#room = 0;
			}
	}
}
