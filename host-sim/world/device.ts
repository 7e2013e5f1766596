// One simulated device: the firmware on a board that can lose its power, with its machine and its people's view.

import type { AgentEvent } from "../../firmware/agent/agent.js";
import { type Protect, renewingOscore } from "../../firmware/agent/oscore-account.js";
import type { OscoreKeys } from "../../firmware/agent/server-account.js";
import { Code } from "../../firmware/coap/codes.js";
import type { Model } from "../../firmware/lwm2m/model.js";
import { Persistence } from "../../firmware/lwm2m/persistence.js";
import { Device } from "../../firmware/main.js";
import type { Primitives } from "../../firmware/security/primitives.js";
import { Journal } from "../../firmware/store/journal.js";
import { NorFlash } from "../flash/nor-flash.js";
import { Board, type Surroundings } from "./board.js";
import type { Chance } from "./chance.js";
import { createMachine, type Machine } from "./machine.js";
import type { Occasion } from "./queue.js";

export interface DeviceSettings {
	readonly endpointName: string;
	/** Its private address. */
	readonly address: string;
	readonly serverUri: string;
	readonly keepaliveMs: number;
	readonly lifetimeSeconds: number;
	readonly confirmableNotifications: boolean;
	readonly disableTimeoutSeconds: number;
	/** Its keys, and what seals with them; undefined: without security. */
	readonly oscore: OscoreKeys | undefined;
	readonly primitives: Primitives | undefined;
	/** The tick counter wraps within this time after each power-on. */
	readonly wrapWithinMs: number;
}

/** What others hear of a device. */
export interface DeviceListener {
	handleAgentEvent(device: SimulatedDevice, event: AgentEvent): void;
	/** A marked Execute or Write was carried out. */
	handleCarriedOut(device: SimulatedDevice, mark: string): void;
	/** The tick counter has just wrapped. */
	handleWrapped(device: SimulatedDevice): void;
	/** A server changes a set point, or nobody but the machine itself does: when the change could not be stored. */
	handleKeptChanging(device: SimulatedDevice, instanceId: number, state: string): void;
	/** The device has started, and read what it keeps. */
	handleStarted(device: SimulatedDevice, model: Model, journal: Journal): void;
	/** The power went in the middle of an operation of the flash. */
	handlePowerLost(device: SimulatedDevice): void;
	/** A server's Execute restarts the device. */
	handleRestart(device: SimulatedDevice): void;
}

/** How often the machine's physics move on. */
const STEP_MS = 10_000;
const SLOW_WRITE_MS = [50, 6_000] as const;
const WRAP = 2 ** 31;
/** Small enough that the journal often begins a bank anew. */
const FLASH = Object.freeze({ blockLength: 1024, blocks: 4 });

export class SimulatedDevice {
	readonly settings: DeviceSettings;
	/** Counts the power-ons; nothing but the flash survives from one to the next. */
	life = 0;
	readonly flash: NorFlash;
	readonly #surroundings: Surroundings;
	readonly #listener: DeviceListener;
	readonly #chance: Chance;
	#onAt = 0;
	#board: Board | undefined;
	#device: Device | undefined;
	#machine: Machine | undefined;
	readonly #planned: Occasion[] = [];

	constructor(settings: DeviceSettings, surroundings: Surroundings, listener: DeviceListener, chance: Chance) {
		this.settings = settings;
		this.#surroundings = surroundings;
		this.#listener = listener;
		this.#chance = chance;
		this.flash = new NorFlash({ ...FLASH, random: chance.fork(), onCut: () => this.#losePower() });
	}

	get name(): string {
		return this.settings.endpointName;
	}

	/** For how long it has had power. */
	get sinceOnMs(): number {
		return this.#surroundings.now() - this.#onAt;
	}

	get isOn(): boolean {
		return this.#board !== undefined;
	}

	powerOn(): void {
		if (this.#board !== undefined) return;
		const { queue, now } = this.#surroundings;
		const { settings, life } = this;
		const wrapsInMs = this.#chance.whole([1, settings.wrapWithinMs]);
		const board = new Board(this.#surroundings, WRAP - wrapsInMs, this.#chance.fork());
		this.life++;
		this.#onAt = now();
		this.#board = board;
		this.flash.powerOn();
		const machine = createMachine({
			...settings,
			changes: (instanceId, state) => this.#machine && this.#listener.handleKeptChanging(this, instanceId, state),
			carriedOut: (mark) => this.#listener.handleCarriedOut(this, mark),
			putOff: (later) => this.#plan(this.#chance.whole(SLOW_WRITE_MS), () => this.#device?.complete(later, "changed")),
		});
		this.#restore(machine.model);
		this.#machine = machine;
		this.#device = new Device(board.provider, {
			endpointName: settings.endpointName,
			model: machine.model,
			keepaliveMs: settings.keepaliveMs,
			protect: this.#protect(board),
			onEvent: (event) => this.#listener.handleAgentEvent(this, event),
			onRestart: () => this.#listener.handleRestart(this),
		});
		this.#planned.push(queue.add(now() + wrapsInMs, () => this.#listener.handleWrapped(this)));
		if (life === 0) this.#plan(this.#chance.whole([0, 5_000]), () => this.#device?.start());
		else this.#device.start();
		this.#plan(this.#chance.whole([1, STEP_MS]), this.#step);
	}

	#protect({ provider }: Board): Protect | undefined {
		const { primitives } = this.settings;
		if (primitives === undefined) return undefined;
		return renewingOscore({ primitives, random: provider.random, mustBeFresh: (code) => code === Code.Post });
	}

	/** At once, without a word to anybody. */
	powerOff(): void {
		for (const occasion of this.#planned) occasion.run = undefined;
		this.#planned.length = 0;
		this.#board?.off();
		this.#board = undefined;
		this.#device = undefined;
		this.#machine = undefined;
	}

	/** The flash holds what it is asked to, from now on. */
	healFlash(): void {
		this.flash.cutAfter(Number.POSITIVE_INFINITY);
		this.flash.heal();
	}

	#restore(model: Model): void {
		try {
			const journal = new Journal(this.flash);
			new Persistence(model, journal).restore();
			this.#listener.handleStarted(this, model, journal);
		} catch (error) {
			// Without power no device does anything; only this one's call cannot simply end.
			if (!this.flash.isOff) throw error;
		}
	}

	/** At once: what the firmware still does in this very call reaches nobody. */
	#losePower(): void {
		this.#board?.off();
		this.#listener.handlePowerLost(this);
	}

	/** A datagram that the NAT let in. */
	receive(port: number, bytes: Uint8Array, address: string, remotePort: number): void {
		this.#board?.receive(port, bytes, address, remotePort);
	}

	readonly #step = (): void => {
		const device = this.#device!;
		this.#machine!.step(device.now());
		device.changed();
		this.#plan(STEP_MS, this.#step);
	};

	#plan(delayMs: number, run: () => void): void {
		const { queue, now } = this.#surroundings;
		if (this.#planned.length > 16) this.#forgetPast();
		this.#planned.push(queue.add(now() + delayMs, run));
	}

	#forgetPast(): void {
		const now = this.#surroundings.now();
		const ahead = this.#planned.filter((occasion) => occasion.at >= now);
		this.#planned.splice(0, this.#planned.length, ...ahead);
	}
}
