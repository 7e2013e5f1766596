// What a simulated device runs on: the ECMA-419 constructors of the shell, in virtual time. One board is one power-on:
// after a power cut nothing of it is left.

import type { Datagram, TimerId, Udp, UdpConstructor, UdpOptions } from "../../firmware/io/ecma-419.js";
import type { Provider } from "../../firmware/main.js";
import { BoardTcp } from "./board-tcp.js";
import type { Chance } from "./chance.js";
import type { EventQueue, Occasion } from "./queue.js";
import type { VirtualSegment } from "./tcp-end.js";
import { lwip, type TcpStack } from "./tcp-stack.js";
import { Violation } from "./violation.js";

/** What surrounds a board. */
export interface Surroundings {
	readonly queue: EventQueue;
	now(): number;
	/** A datagram leaves from one of the board's ports; the bytes are borrowed for the call. */
	send(port: number, bytes: Uint8Array, address: string, remotePort: number): void;
	/** False: no socket is to be had. */
	socketsWork(): boolean;
	/** The address of a name after a while; undefined: it cannot be resolved. */
	resolve(host: string, tell: (address: string | undefined) => void): void;
	/** A socket was opened or closed, a connection stands or is gone. */
	handlePorts?(): void;
	/** A segment leaves; undefined: the board has no TCP. */
	sendSegment?(port: number, segment: VirtualSegment, address: string, remotePort: number): void;
	/** lwIP's where nothing else is said. */
	readonly tcpStack?: TcpStack;
}

/** Dynamic ports (RFC 6335, 6). */
const FIRST_PORT = 49_152;
const LAST_PORT = 65_535;

/** So many timers without a wait at one instant are a busy loop. */
const IDLE_TURNS = 32;

export class Board {
	readonly provider: Provider;
	readonly #surroundings: Surroundings;
	readonly #sockets = new Map<number, VirtualUdp>();
	readonly #timers = new Set<Timer>();
	readonly #tcp: BoardTcp | undefined;
	#nextPort: number;
	#isOff = false;
	#idleAt = -1;
	#idleTurns = 0;

	/** `firstTicks` is what the 32-bit tick counter shows at power-on. */
	constructor(surroundings: Surroundings, firstTicks: number, chance: Chance) {
		this.#surroundings = surroundings;
		this.#nextPort = FIRST_PORT + chance.whole([0, 8000]);
		const startedAt = surroundings.now();
		const board = this;
		this.#tcp = this.#tcpOf(surroundings);
		this.provider = {
			udp: { io: this.#udpConstructor() },
			...(this.#tcp === undefined ? undefined : { tcp: { io: this.#tcp.io } }),
			dns: { io: this.#resolverConstructor() },
			timer: {
				set: (callback, delayMs = 0, repeatMs) => this.#setTimer(callback, delayMs, repeatMs),
				clear: (id) => this.#clearTimer(id),
			},
			time: {
				get ticks() {
					return (firstTicks + board.#surroundings.now() - startedAt) | 0;
				},
			},
			random: chance,
		};
	}

	/** Whether anybody listens at a port. */
	hasPort(port: number): boolean {
		return this.#sockets.has(port);
	}

	/** Whether a connection stands at a port. */
	isConnected(port: number): boolean {
		return this.#tcp?.isConnected(port) === true;
	}

	/** A segment arrives at a port. */
	receiveSegment(port: number, segment: VirtualSegment, address: string, remotePort: number): void {
		this.#tcp?.receive(port, segment, address, remotePort);
	}

	/** A datagram arrives at a port. */
	receive(port: number, bytes: Uint8Array, address: string, remotePort: number): void {
		this.#sockets.get(port)?.receive(bytes, address, remotePort);
	}

	/** The power is gone: nothing that was planned happens any more. */
	off(): void {
		for (const timer of this.#timers) timer.occasion.run = undefined;
		this.#timers.clear();
		this.#sockets.clear();
		this.#tcp?.off();
		this.#isOff = true;
		this.#surroundings.handlePorts?.();
	}

	#takePort(): number {
		const port = this.#nextPort;
		this.#nextPort = port === LAST_PORT ? FIRST_PORT : port + 1;
		return port;
	}

	#tcpOf({ queue, now, sendSegment, handlePorts, tcpStack }: Surroundings): BoardTcp | undefined {
		if (sendSegment === undefined) return undefined;
		const stack = tcpStack ?? lwip;
		return new BoardTcp({ queue, now, sendSegment, handlePorts: handlePorts ?? (() => {}), stack }, () =>
			this.#takePort(),
		);
	}

	#udpConstructor(): UdpConstructor {
		const board = this;
		return class extends VirtualUdp {
			constructor(options: UdpOptions) {
				if (!board.#surroundings.socketsWork()) throw new Error("no socket left");
				super(options, board.#takePort(), board.#surroundings, board.#sockets);
			}
		};
	}

	#resolverConstructor(): Provider["dns"]["io"] {
		const board = this;
		const { resolve } = this.#surroundings;
		return class {
			#open = true;
			resolve({ host, onResolved, onError }: Parameters<InstanceType<Provider["dns"]["io"]>["resolve"]>[0]): void {
				resolve(host, (address) => {
					if (!this.#open || board.#isOff) return;
					if (address === undefined) onError(new Error("no such name"));
					else onResolved(host, address);
				});
			}
			close(): void {
				this.#open = false;
			}
		};
	}

	#setTimer(callback: () => void, delayMs: number, repeatMs: number | undefined): TimerId {
		const { queue, now } = this.#surroundings;
		if (this.#isOff) return { occasion: { at: 0, run: undefined } };
		if (!(delayMs >= 0)) throw new Violation(`a timer of ${delayMs} ms`);
		if (delayMs === 0) this.#countIdleTurn();
		const timer: Timer = {
			occasion: queue.add(now() + Math.ceil(delayMs), () => this.#run(timer, callback, repeatMs)),
		};
		this.#timers.add(timer);
		return timer;
	}

	#run(timer: Timer, callback: () => void, repeatMs: number | undefined): void {
		const { queue, now } = this.#surroundings;
		if (repeatMs === undefined) this.#timers.delete(timer);
		else timer.occasion = queue.add(now() + repeatMs, () => this.#run(timer, callback, repeatMs));
		callback();
	}

	#clearTimer(id: TimerId | undefined): void {
		if (id === undefined) return;
		const timer = id as Timer;
		timer.occasion.run = undefined;
		this.#timers.delete(timer);
	}

	/** The shell's timer without a wait says that a deadline is not ahead though all that was due is done. */
	#countIdleTurn(): void {
		const now = this.#surroundings.now();
		if (now !== this.#idleAt) this.#idleTurns = 0;
		this.#idleAt = now;
		if (++this.#idleTurns > IDLE_TURNS) throw new Violation(`a busy loop: ${IDLE_TURNS} deadlines that are not ahead`);
	}
}

interface Timer {
	occasion: Occasion;
}

/** An ECMA-419 UDP socket of a board. */
class VirtualUdp implements Udp {
	readonly #options: UdpOptions;
	readonly #port: number;
	readonly #surroundings: Surroundings;
	readonly #sockets: Map<number, VirtualUdp>;
	readonly #received: Datagram[] = [];

	constructor(options: UdpOptions, port: number, surroundings: Surroundings, sockets: Map<number, VirtualUdp>) {
		this.#options = options;
		this.#port = port;
		this.#surroundings = surroundings;
		this.#sockets = sockets;
		sockets.set(port, this);
		surroundings.handlePorts?.();
	}

	receive(bytes: Uint8Array, address: string, port: number): void {
		this.#received.push(Object.assign(bytes.slice().buffer, { address, port }));
		this.#options.onReadable?.call(this, 1);
	}

	read(): Datagram | undefined {
		return this.#received.shift();
	}

	write(buffer: ArrayBufferLike | ArrayBufferView, address: string, port: number): void {
		if (this.#sockets.get(this.#port) !== this) throw new Error("the socket is closed");
		const bytes = ArrayBuffer.isView(buffer)
			? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
			: new Uint8Array(buffer);
		this.#surroundings.send(this.#port, bytes, address, port);
	}

	close(): void {
		if (this.#sockets.get(this.#port) !== this) return;
		this.#sockets.delete(this.#port);
		this.#surroundings.handlePorts?.();
	}
}
