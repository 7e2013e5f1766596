// The modem on a serial port: its bytes in and out as far as the UART has room, and one timer for all its waits.

import type { Random } from "../contract.js";
import { Modem, type ModemOutput, type ModemState, type ModemStatistics } from "../sms/modem.js";
import type { Clock } from "./clock.js";
import { FIFO_LENGTH } from "./constants.js";
import type { Serial, SerialConstructor, TimerId, TimerModule } from "./ecma-419.js";

export interface SerialModemOptions {
	readonly clock: Clock;
	readonly timer: TimerModule;
	readonly random: Random;
	/** The data of a short message, borrowed for the call: for `Device.handleTrigger`. */
	readonly onReceived: (data: Uint8Array) => void;
	/** For people: how the modem stands, whenever that changes. */
	readonly onState?: (state: ModemState) => void;
}

export class SerialModem {
	readonly #options: SerialModemOptions;
	readonly #modem: Modem;
	readonly #serial: Serial;
	readonly #out: ModemOutput = { bytes: new Uint8Array(FIFO_LENGTH), length: 0 };
	/** Bytes that the UART takes now: it says so itself, first when it is open. */
	#room = 0;
	#timer: TimerId | undefined;
	#state: ModemState = "off";
	#isClosed = false;

	/** Throws when the port cannot be opened. */
	constructor(port: { readonly io: SerialConstructor } & object, options: SerialModemOptions) {
		const self = this;
		this.#options = options;
		this.#modem = new Modem(options.random);
		this.#serial = new port.io({
			...port,
			format: "buffer",
			onReadable(): void {
				self.receive();
			},
			onWritable(count: number): void {
				self.#room = count;
				self.drain();
			},
		});
		this.#modem.start(options.clock.now());
		this.drain();
	}

	get statistics(): Readonly<ModemStatistics> {
		return this.#modem.statistics;
	}

	/** Ends it; the modem itself goes on, and keeps what it receives. */
	close(): void {
		this.#isClosed = true;
		this.disarm();
		this.#serial.close();
	}

	private receive(): void {
		const { clock, onReceived } = this.#options;
		for (let read = this.read(); read !== undefined; read = this.read())
			for (let at = 0; at < read.length; ) {
				at += this.#modem.handleReceived(clock.now(), read.subarray(at));
				const data = this.#modem.pollReceived();
				if (data !== undefined) onReceived(data);
			}
		this.drain();
	}

	private read(): Uint8Array | undefined {
		if (this.#isClosed) return undefined;
		const bytes = this.#serial.read(FIFO_LENGTH);
		return bytes && new Uint8Array(bytes);
	}

	private drain(): void {
		if (this.#isClosed) return;
		const { clock, timer, onState } = this.#options;
		const modem = this.#modem;
		this.send();
		this.disarm();
		// Its longest wait is ten minutes, and there always is one.
		this.#timer = timer.set(this.#onTimer, Math.max(0, Math.ceil(modem.pollTimeout() - clock.now())));
		if (modem.state === this.#state) return;
		this.#state = modem.state;
		onState?.(modem.state);
	}

	private send(): void {
		const out = this.#out;
		while (this.#room > 0 && this.#modem.pollTransmit(this.#room, out))
			try {
				this.#serial.write(out.bytes.subarray(0, out.length));
				this.#room -= out.length;
			} catch {
				// Less room than it said: the command is lost as noise would lose it, and given up in time.
				this.#room = 0;
			}
	}

	private disarm(): void {
		if (this.#timer !== undefined) this.#options.timer.clear(this.#timer);
		this.#timer = undefined;
	}

	readonly #onTimer = (): void => {
		this.#timer = undefined;
		this.#modem.handleTimeout(this.#options.clock.now());
		this.drain();
	};
}
