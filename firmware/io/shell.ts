// The thin shell: sockets, names and one timer around an agent, by the ECMA-419 constructors it is given.

import type { Agent, AgentEvent, Command, PathClosed, RestartReason } from "../agent/agent.js";
import { WebSocketEnd } from "../coap/websocket.js";
import type { PathId, Random, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import type { Clock } from "./clock.js";
import type {
	Resolver,
	ResolverConstructor,
	TcpConstructor,
	TimerId,
	TimerModule,
	UdpConstructor,
} from "./ecma-419.js";
import { DatagramPath, type OpenCommand, type OpenPath, type PathOwner, StreamPath } from "./paths.js";

/** What the shell runs on; `restart` ends this run of the device. */
export interface ShellOptions {
	readonly clock: Clock;
	readonly timer: TimerModule;
	readonly udp: { readonly io: UdpConstructor };
	/** Undefined where there is none: what should go over it counts as refused. */
	readonly tcp?: ({ readonly io: TcpConstructor } & object) | undefined;
	/** TLS in the shape of TCP; certificates and keys are its own options. */
	readonly tls?: ({ readonly io: TcpConstructor } & object) | undefined;
	readonly dns: { readonly io: ResolverConstructor } & object;
	/** Of WebSockets; nothing else here needs chance. */
	readonly random: Random;
	readonly onEvent: (event: AgentEvent) => void;
	readonly onRestart: (why: RestartReason) => void;
}

/** RFC 9110, 4.2. */
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** The longest wait of one timer: below the 2^31 ms at which timers of all engines overflow. */
const LONGEST_WAIT_MS = 0x3fff_ffff;

export class Shell implements PathOwner {
	readonly #agent: Agent;
	readonly #options: ShellOptions;
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	readonly #paths: OpenPath[] = [];
	#resolver: Resolver | undefined;
	#timer: TimerId | undefined;
	#draining = false;
	#closed = false;
	/** Datagrams that came from somebody else than the path's peer. */
	strayCount = 0;

	constructor(agent: Agent, options: ShellOptions) {
		this.#agent = agent;
		this.#options = options;
	}

	/** To be called after anything was told to the agent from outside: carries out what it wants and arms the timer. */
	wake(): void {
		this.drain();
	}

	/** Closes all sockets and stops the timer for good, without a word to any server. */
	close(): void {
		this.#closed = true;
		const paths = this.#paths;
		for (let i = 0; i < paths.length; i++) paths[i]!.close();
		paths.length = 0;
		this.#resolver?.close();
		this.#resolver = undefined;
		this.disarm();
	}

	private drain(): void {
		// A handler that changes a resource while we drain must not enter here again: the loop below sees the change.
		if (this.#draining || this.#closed) return;
		this.#draining = true;
		const agent = this.#agent;
		const clock = this.#options.clock;
		const now = clock.now();
		if (agent.pollTimeout() <= now) agent.handleTimeout(now);
		const restart = this.carryOutAll();
		this.transmit(agent, clock);
		if (restart !== undefined) {
			agent.farewell();
			this.transmit(agent, clock);
		}
		this.#draining = false;
		this.arm(agent.pollTimeout() - clock.now());
		// Only now: the answer that announces a restart has left.
		if (restart !== undefined) this.#options.onRestart(restart);
	}

	private transmit(agent: Agent, clock: Clock): void {
		while (agent.pollTransmit(clock.now(), this.#out)) this.send();
	}

	/** Events before each command, because carrying one out makes new events. Returns why to restart, if so. */
	private carryOutAll(): RestartReason | undefined {
		const agent = this.#agent;
		let restart: RestartReason | undefined;
		for (;;) {
			for (let event = agent.pollEvent(); event !== undefined; event = agent.pollEvent()) this.#options.onEvent(event);
			const command = agent.pollCommand();
			if (command === undefined) return restart;
			if (command.kind === "restart") restart = command.why;
			else this.carryOut(command);
		}
	}

	private arm(delayMs: number): void {
		this.disarm();
		if (this.#closed || delayMs === Number.POSITIVE_INFINITY) return;
		const wait = Math.max(0, Math.min(Math.ceil(delayMs), LONGEST_WAIT_MS));
		this.#timer = this.#options.timer.set(this.#onTimer, wait);
	}

	private disarm(): void {
		if (this.#timer !== undefined) this.#options.timer.clear(this.#timer);
		this.#timer = undefined;
	}

	readonly #onTimer = (): void => {
		this.#timer = undefined;
		this.drain();
	};

	private carryOut(command: Exclude<Command, { kind: "restart" }>): void {
		switch (command.kind) {
			case "open":
				return this.openPath(command);
			case "close":
				return this.closePath(command.path);
			case "resolve":
				return this.resolve(command.query, command.host);
			default:
				command satisfies never;
		}
	}

	private openPath(command: OpenCommand): void {
		const { path } = command;
		const now = this.#options.clock.now();
		try {
			const open = this.create(command);
			if (open === undefined) return this.#agent.handleClosed(now, path, "refused");
			this.#paths.push(open);
		} catch (error) {
			return this.#agent.handleClosed(now, path, "limit", (error as Error).message);
		}
		if (command.transport === "udp") this.#agent.handleOpened(now, path);
	}

	/** Undefined where this device has no such transport. */
	private create(command: OpenCommand): OpenPath | undefined {
		const { udp, tcp, tls } = this.#options;
		switch (command.transport) {
			case "udp":
				return new DatagramPath(command, udp.io, this);
			case "tcp":
				return tcp && new StreamPath(command, tcp, this, undefined);
			case "tls":
				return tls && new StreamPath(command, tls, this, undefined);
			case "ws":
				return tcp && new StreamPath(command, tcp, this, this.webSocket(command, HTTP_PORT));
			case "wss":
				return tls && new StreamPath(command, tls, this, this.webSocket(command, HTTPS_PORT));
			default:
				return command.transport satisfies never;
		}
	}

	/** RFC 9110, 7.2: the port is named where it is not the usual one. */
	private webSocket({ address, host = address, port }: OpenCommand, usualPort: number): WebSocketEnd {
		const { random } = this.#options;
		return new WebSocketEnd({ random, host: port === usualPort ? host : `${host}:${port}` });
	}

	private closePath(path: PathId): void {
		const index = this.#paths.findIndex((open) => open.id === path);
		if (index < 0) return;
		this.#paths[index]!.close();
		this.#paths.splice(index, 1);
	}

	private resolve(query: number, host: string): void {
		const shell = this;
		try {
			this.#resolver ??= new this.#options.dns.io(this.#options.dns);
			this.#resolver.resolve({
				host,
				onResolved(_host: string, address: string): void {
					shell.resolved(query, [address]);
				},
				onError(): void {
					shell.resolved(query, []);
				},
			});
		} catch {
			// It needs a socket of its own, and there may be none.
			this.resolved(query, []);
		}
	}

	private resolved(query: number, addresses: readonly string[]): void {
		this.#agent.handleResolved(this.#options.clock.now(), query, addresses);
		this.drain();
	}

	private path(id: PathId): OpenPath | undefined {
		const paths = this.#paths;
		for (let i = 0; i < paths.length; i++) if (paths[i]!.id === id) return paths[i];
		return undefined;
	}

	handleOpened(path: PathId): void {
		this.#agent.handleOpened(this.#options.clock.now(), path);
		this.drain();
	}

	handleWritable(path: PathId, room: number): void {
		this.#agent.handleWritable(this.#options.clock.now(), path, room);
		this.drain();
	}

	handleReceived(path: PathId, bytes: Uint8Array): void {
		this.#agent.handleReceived(this.#options.clock.now(), path, bytes);
		this.drain();
	}

	handleStray(): void {
		this.strayCount++;
	}

	handleClosed(path: PathId, why: PathClosed, detail?: string): void {
		this.closePath(path);
		this.#agent.handleClosed(this.#options.clock.now(), path, why, detail);
		this.drain();
	}

	private send(): void {
		const out = this.#out;
		const path = this.path(out.path);
		if (path === undefined) return;
		try {
			path.send(out.bytes.subarray(0, out.length));
		} catch {
			// A datagram that cannot be sent is a lost one: retransmission repairs it. A stream is asked and given up.
		}
	}
}
