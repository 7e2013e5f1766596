// Wiring only: what the board or the desktop provides -> io -> agent.

import type { AccountStatus } from "./agent/account-options.js";
import { Agent, type AgentEvent, type AgentOptions, type RestartReason } from "./agent/agent.js";
import type { Random } from "./contract.js";
import { Clock } from "./io/clock.js";
import type { ResolverConstructor, TimeModule, TimerModule, UdpConstructor } from "./io/ecma-419.js";
import { Shell } from "./io/shell.js";
import type { Model } from "./lwm2m/model.js";
import type { Later, Resources, TypedInstance, ValueName, ValueOf } from "./lwm2m/object.js";
import type { Traffic } from "./lwm2m/traffic.js";
import type { Primitives } from "./security/primitives.js";

/** What a device runs on, in ECMA-419's way: constructors, with their own options beside them. */
export interface Provider {
	readonly udp: { readonly io: UdpConstructor };
	readonly dns: { readonly io: ResolverConstructor } & object;
	readonly timer: TimerModule;
	readonly time: TimeModule;
	/** True randomness: Message IDs, tokens and back-off must not be guessed or alike in a fleet. */
	readonly random: Random;
	/** Undefined where the board has no cryptography. */
	readonly primitives?: Primitives | undefined;
}

export interface DeviceOptions {
	readonly endpointName: string;
	/** The application's objects, with at least one server account (/0 and /1). */
	readonly model: Model;
	/** How long a NAT binding may stay unchecked, in milliseconds; `Infinity`: no keepalive. A list goes by account. */
	readonly keepaliveMs: number | readonly number[];
	/** What counts for Connectivity Statistics (7), where the model has it. */
	readonly traffic?: Traffic;
	/** For accounts with OSCORE: `renewingOscore` of agent/oscore-account. */
	readonly protect?: AgentOptions["protect"] | undefined;
	readonly onEvent?: (event: AgentEvent) => void;
	/** The server executed /3/0/4 or /3/0/5; its answer has left. */
	readonly onRestart?: (why: RestartReason) => void;
}

/** A running device, as its application sees it. */
export class Device {
	readonly #agent: Agent;
	readonly #shell: Shell;
	readonly #clock: Clock;

	/** Throws when the model holds no usable server account. */
	constructor(provider: Provider, options: DeviceOptions) {
		const { endpointName, model, keepaliveMs, traffic, protect } = options;
		this.#clock = new Clock(provider.time);
		this.#agent = new Agent({ endpointName, model, keepaliveMs, traffic, protect, random: provider.random });
		this.#shell = new Shell(this.#agent, {
			clock: this.#clock,
			timer: provider.timer,
			udp: provider.udp,
			dns: provider.dns,
			onEvent: options.onEvent ?? ignore,
			onRestart: options.onRestart ?? ignore,
		});
	}

	/** Datagrams dropped because they came from somebody else than the server. */
	get strayCount(): number {
		return this.#shell.strayCount;
	}

	/** Registers with the servers of the model, and stays registered. */
	start(): void {
		this.#agent.start(this.#clock.now());
		this.#shell.wake();
	}

	/** Carries out what is due: after the clock was moved on, for tests. */
	wake(): void {
		this.#shell.wake();
	}

	/** The network that the device is in, by name; undefined: none. Before the first call there is one. */
	handleNetwork(label: string | undefined): void {
		this.#agent.handleNetwork(this.#clock.now(), label);
		this.#shell.wake();
	}

	/** How each server account stands, for people. */
	statuses(): AccountStatus[] {
		return this.#agent.statuses();
	}

	/** Milliseconds since the device was made. */
	now(): number {
		return this.#clock.now();
	}

	/** Changes one resource and tells its observers. */
	set<R extends Resources, N extends ValueName<R>>(instance: TypedInstance<R>, name: N, value: ValueOf<R[N]>): void {
		instance.set(name, value);
		this.changed();
	}

	/** Tells the observers of all that the application changed by `instance.set` since the last call. */
	changed(): void {
		this.#agent.handleModelChanged(this.#clock.now());
		this.#shell.wake();
	}

	/** Completes what a handler put off by `Later`. False: nobody waits for it any more. */
	complete(later: Later, result: Parameters<Agent["complete"]>[2]): boolean {
		const waited = this.#agent.complete(this.#clock.now(), later, result);
		this.#shell.wake();
		return waited;
	}

	/** Unix time from SNTP or a real-time clock. */
	setTime(unixSeconds: number): void {
		this.#agent.handleTime(this.#clock.now(), unixSeconds);
	}

	/** De-registers; each account answers with the event "deregistered". */
	stop(): void {
		this.#agent.stop(this.#clock.now());
		this.#shell.wake();
	}

	/** Closes sockets and timer at once, without a word to any server. */
	close(): void {
		this.#shell.close();
	}
}

function ignore(): void {}
