// Wiring only: what the board or the desktop provides -> io -> agent.

import type { AccountStatus } from "./agent/account-options.js";
import { Agent, type AgentEvent, type AgentOptions, type RestartReason } from "./agent/agent.js";
import type { TriggerOutcome } from "./agent/triggers.js";
import type { Random, Store } from "./contract.js";
import { Clock } from "./io/clock.js";
import type {
	ResolverConstructor,
	SerialConstructor,
	TcpConstructor,
	TimeModule,
	TimerModule,
	UdpConstructor,
} from "./io/ecma-419.js";
import { Shell } from "./io/shell.js";
import type { Model } from "./lwm2m/model.js";
import type { Later, Resources, TypedInstance, ValueName, ValueOf } from "./lwm2m/object.js";
import type { SendOptions, SendRecord } from "./lwm2m/outgoing.js";
import type { Traffic } from "./lwm2m/traffic.js";
import type { Primitives } from "./security/primitives.js";

/** What a device runs on, in ECMA-419's way: constructors, with their own options beside them. */
export interface Provider {
	readonly udp: { readonly io: UdpConstructor };
	/** For servers that are reached over TCP; undefined where the board has none. */
	readonly tcp?: ({ readonly io: TcpConstructor } & object) | undefined;
	/** TLS in the shape of TCP, with its own options beside it. */
	readonly tls?: ({ readonly io: TcpConstructor } & object) | undefined;
	readonly dns: { readonly io: ResolverConstructor } & object;
	/** The serial port of a cellular modem, for those who install one (boot, or an application). */
	readonly modem?: ({ readonly io: SerialConstructor } & object) | undefined;
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
	/**
	 * How long a NAT binding may stay unchecked, in milliseconds; `Infinity`: no keepalive; undefined: as long as the
	 * device learns that bindings live. A list goes by account.
	 */
	readonly keepaliveMs?: number | readonly (number | undefined)[] | undefined;
	/** Keeps what was learned of networks over a power loss. */
	readonly store?: Store | undefined;
	/** False: nothing is sent that only servers with the extension Reach understand (docs/reach-extension.md). */
	readonly elective?: boolean | undefined;
	/** How long the device listens after each message in Queue Mode; 93 s if not given. A list goes by account. */
	readonly awakeMs?: AgentOptions["awakeMs"];
	/** What counts for Connectivity Statistics (7), where the model has it. */
	readonly traffic?: Traffic;
	/** For accounts with OSCORE: `renewingOscore` of agent/oscore-account. */
	readonly protect?: AgentOptions["protect"] | undefined;
	/** Tells servers of the bindings (/33101). */
	readonly bindings?: AgentOptions["bindings"];
	/** Where it has a modem, from which `handleTrigger` is called. */
	readonly sms?: AgentOptions["sms"];
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
		const { awakeMs, bindings, elective, endpointName, model, keepaliveMs, sms, store, traffic, protect } = options;
		this.#clock = new Clock(provider.time);
		this.#agent = new Agent({
			random: provider.random,
			endpointName,
			model,
			keepaliveMs,
			store,
			elective,
			awakeMs,
			bindings,
			traffic,
			protect,
			sms,
		});
		this.#shell = new Shell(this.#agent, {
			clock: this.#clock,
			timer: provider.timer,
			udp: provider.udp,
			tcp: provider.tcp,
			tls: provider.tls,
			random: provider.random,
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

	/** The data of a short message: a server may want to hear of the device. Gives what came of it. */
	handleTrigger(bytes: Uint8Array): TriggerOutcome {
		const outcome = this.#agent.handleTrigger(this.#clock.now(), bytes);
		this.#shell.wake();
		return outcome;
	}

	/** How the NAT binding of each server account stands, in the same order. */
	reachStatuses(): ReturnType<Agent["reachStatuses"]> {
		return this.#agent.reachStatuses(this.#clock.now());
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

	/**
	 * Tells the servers, unasked, what paths hold now, or values that the application took (Send). Gives the handle by
	 * which the events "sent" and "unsent" speak of it; 0: nothing of it is there. Throws a RangeError for what can never
	 * be sent.
	 */
	send(what: readonly (string | SendRecord)[], options: SendOptions = {}): number {
		const handle = this.#agent.send(this.#clock.now(), what, options);
		this.#shell.wake();
		return handle;
	}

	/**
	 * Until when, in `now()`, no server speaks to the device and it has nothing to say: so long the radio may be off
	 * (Queue Mode). Undefined: it is to listen.
	 */
	asleepUntil(): number | undefined {
		return this.#agent.asleepUntil();
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

	/** Tells the far ends of connections that this run ends. */
	farewell(): void {
		this.#agent.farewell();
		this.#shell.wake();
	}

	/** Closes sockets and timer at once, without a word to any server. */
	close(): void {
		this.#shell.close();
	}
}

function ignore(): void {}
