// A board without hardware: ECMA-419 constructors over lists, one timer, a clock that a test turns.

import type { Datagram, ResolverConstructor, TimerId, Udp, UdpOptions } from "../../io/ecma-419.js";
import type { Provider } from "../../main.js";
import { FixedRandom } from "../random.js";

export interface Sent {
	readonly bytes: Uint8Array;
	readonly address: string;
	readonly port: number;
}

/** A socket whose other end is the test. */
export class TestSocket implements Udp {
	readonly sent: Sent[] = [];
	closed = false;
	readonly #options: UdpOptions;
	readonly #waiting: Datagram[] = [];

	constructor(options: UdpOptions) {
		this.#options = options;
	}

	read(): Datagram | undefined {
		return this.#waiting.shift();
	}

	write(buffer: ArrayBufferLike | ArrayBufferView, address: string, port: number): void {
		this.sent.push({ bytes: (buffer as Uint8Array).slice(), address, port });
	}

	close(): void {
		this.closed = true;
	}

	/** Datagrams arrive, all at once. */
	receive(address: string, port: number, ...datagrams: Uint8Array[]): void {
		for (let i = 0; i < datagrams.length; i++) {
			const buffer = datagrams[i]!.slice().buffer;
			this.#waiting.push(Object.assign(buffer, { address, port }));
		}
		this.#options.onReadable?.call(this, datagrams.length);
	}
}

export class TestBoard {
	readonly sockets: TestSocket[] = [];
	/** Hosts asked for; an address in `names` is the answer. */
	readonly asked: string[] = [];
	readonly names: Record<string, string> = {};
	/** When given, answers that the resolver has not yet given. */
	held: (() => void)[] | undefined;
	/** True: no socket is left. */
	exhausted = false;
	readonly time = { ticks: 0x7fff_ff00 | 0 };
	readonly provider: Provider;
	#callback: (() => void) | undefined;
	#callbackAt = Number.POSITIVE_INFINITY;
	#now = 0;

	constructor() {
		const board = this;
		const Resolver: ResolverConstructor = class {
			constructor() {
				if (board.exhausted) throw new Error("no socket left");
			}
			resolve({ host, onResolved, onError }: Parameters<InstanceType<ResolverConstructor>["resolve"]>[0]): void {
				board.asked.push(host);
				const address = board.names[host];
				if (board.held !== undefined) board.held.push(() => onResolved(host, address ?? ""));
				else if (address === undefined) onError(new Error("not found"));
				else onResolved(host, address);
			}
			close(): void {}
		};
		this.provider = {
			udp: {
				io: class extends TestSocket {
					constructor(options: UdpOptions) {
						super(options);
						if (board.exhausted) throw new Error("no socket left");
						board.sockets.push(this);
					}
				},
			},
			dns: { io: Resolver },
			timer: {
				set(callback: () => void, delayMs = 0): TimerId {
					board.#callback = callback;
					board.#callbackAt = board.#now + delayMs;
					return 1;
				},
				clear(): void {
					board.#callback = undefined;
					board.#callbackAt = Number.POSITIVE_INFINITY;
				},
			},
			time: this.time,
			random: new FixedRandom(),
		};
	}

	/** The newest socket. */
	get socket(): TestSocket {
		return this.sockets[this.sockets.length - 1]!;
	}

	get timerIsSet(): boolean {
		return this.#callback !== undefined;
	}

	/** Lets time pass and the timer run whenever it is due; the 32-bit ticks wrap on the way. */
	pass(milliseconds: number): void {
		const end = this.#now + milliseconds;
		while (this.#callback !== undefined && this.#callbackAt <= end) {
			this.#turn(this.#callbackAt);
			const callback = this.#callback;
			this.#callback = undefined;
			this.#callbackAt = Number.POSITIVE_INFINITY;
			callback();
		}
		this.#turn(end);
	}

	#turn(now: number): void {
		this.time.ticks = (this.time.ticks + (now - this.#now)) | 0;
		this.#now = now;
	}
}
