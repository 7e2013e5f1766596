// A device under OSCORE, its back end, and an enemy on the wire between them, in virtual time: the enemy hears all, and
// says what it likes from where it likes. Who has power, state and which address is the test's to decide.

import { Agent } from "../../firmware/agent/agent.js";
import { renewingOscore } from "../../firmware/agent/oscore-account.js";
import { addServerAccount } from "../../firmware/agent/server-account.js";
import { Code } from "../../firmware/coap/codes.js";
import { limits } from "../../firmware/limits.js";
import { Model } from "../../firmware/lwm2m/model.js";
import type { Status } from "../../firmware/lwm2m/object.js";
import { Device } from "../../firmware/lwm2m/objects/device.js";
import { Temperature } from "../../firmware/lwm2m/objects/temperature.js";
import { Core, type Datagram } from "../backend/core.js";
import type { CoreEvent } from "../backend/core-event.js";
import type { Keyring } from "../backend/keyring.js";
import type { Operation } from "../backend/operations.js";
import type { SavedDevice } from "../backend/saved.js";
import { SeededRandom } from "../nat/seeded-random.js";
import type { NonceLog } from "./nonce-log.js";

/** One way delay of the wire. */
const DELAY_MS = 20;
const SERVER = "192.0.2.1:5683";
export const KEEPALIVE_MS = 25_000;
/** After these the back end writes its disk. */
const SAVED: readonly string[] = ["registered", "updated", "deregistered", "observation"];
/** What has to be fresh. */
const EXECUTE = Code.Post;

/** One datagram as the enemy recorded it. */
export interface Recorded {
	readonly bytes: Uint8Array;
	readonly from: string;
	readonly to: string;
	/** In whose life of which side it was said. */
	readonly life: number;
}

interface Flight extends Recorded {
	readonly at: number;
}

/** One board: its firmware starts anew with its power. */
export class Besieged {
	readonly name: string;
	/** Where the NAT shows it. */
	address: string;
	agent!: Agent;
	path = -1;
	life = 0;
	/** What it carried out, in that order: the argument of each Execute. */
	readonly executed: string[] = [];
	temperature: { set(name: "sensorValue", value: number): void } | undefined;
	isOn = false;

	constructor(name: string, address: string) {
		this.name = name;
		this.address = address;
	}
}

export interface SiegeOptions {
	readonly keyring: Keyring;
	readonly seed?: number;
	/** What the enemy does to a datagram under way: false takes it away. */
	readonly lets?: (datagram: Recorded) => boolean;
}

export class Siege {
	now = 0;
	readonly keyring: Keyring;
	readonly nonces: NonceLog;
	readonly devices: Besieged[] = [];
	readonly recorded: Recorded[] = [];
	readonly outcomes = new Map<number, string>();
	core!: Core;
	serverLife = 0;
	/** The back end's power went in the middle of what it did: it starts anew, and what it was about to say is lost. */
	isServerCut = false;
	/** May be changed at any time. */
	lets: (datagram: Recorded) => boolean;
	readonly events: CoreEvent[] = [];
	readonly #random: SeededRandom;
	#flights: Flight[] = [];
	#saved: SavedDevice[] = [];
	readonly #out: Datagram = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0, address: "" };

	constructor({ keyring, seed = 1, lets = () => true }: SiegeOptions, nonces: NonceLog) {
		this.keyring = keyring;
		this.nonces = nonces;
		this.lets = lets;
		this.#random = new SeededRandom(seed);
		this.startServer(true);
	}

	/** The back end's process starts anew, with what it saved or with nothing. */
	startServer(keepsState: boolean): void {
		if (!keepsState) {
			this.#saved = [];
			this.keyring.saved.clear();
		}
		this.isServerCut = false;
		this.serverLife++;
		this.core = new Core(new SeededRandom(this.#random.uint32()), this.keyring.security());
		this.core.restore(this.now, this.#saved);
		this.drain();
	}

	add(name: string, address: string): Besieged {
		const device = new Besieged(name, address);
		this.devices.push(device);
		this.powerOn(device);
		return device;
	}

	powerOn(device: Besieged): void {
		const model = new Model();
		const { masterSecret, masterSalt, senderId, recipientId } = this.keyring.credentials.find(
			({ endpointName }) => endpointName === device.name,
		)!;
		addServerAccount(model, {
			serverUri: `coap://${SERVER}`,
			shortServerId: 1,
			lifetimeSeconds: 86_400,
			oscore: { masterSecret, masterSalt, senderId, recipientId },
		});
		model.add(Device, 0, { errorCode: [0], supportedBindingAndModes: "U" });
		device.temperature = model.add(
			Temperature,
			0,
			{ sensorValue: 21.5, resetMinAndMaxMeasuredValues: null },
			{
				execute: (_instanceId, _name, argument): Status => {
					device.executed.push(argument);
					return "changed";
				},
			},
		);
		const random = new SeededRandom(this.#random.uint32());
		device.life++;
		device.isOn = true;
		device.agent = new Agent({
			endpointName: device.name,
			model,
			random,
			keepaliveMs: KEEPALIVE_MS,
			protect: renewingOscore({
				primitives: this.keyring.primitives,
				random,
				mustBeFresh: (code) => code === EXECUTE,
			}),
		});
		device.agent.start(this.now);
		this.drain();
	}

	/** At once, without a word. */
	powerOff(device: Besieged): void {
		device.isOn = false;
	}

	/** The handle of a command; its outcome appears among the outcomes. */
	command(device: Besieged, operation: Operation, timeoutMs = 300_000): number {
		const handle = this.core.command(this.now, device.name, operation, timeoutMs);
		this.drain();
		return handle;
	}

	/** From whom a datagram seems to come is the enemy's choice. */
	inject({ bytes, from, to }: Pick<Recorded, "bytes" | "from" | "to">): void {
		this.#flights.push({ bytes, from, to, at: this.now + DELAY_MS, life: 0 });
	}

	run(milliseconds: number): void {
		const end = this.now + milliseconds;
		for (;;) {
			let at = this.core.pollTimeout();
			for (const flight of this.#flights) at = Math.min(at, flight.at);
			for (const { agent, isOn } of this.devices) if (isOn) at = Math.min(at, agent.pollTimeout());
			if (at > end) break;
			this.now = Math.max(this.now, at);
			this.#deliver();
			if (this.core.pollTimeout() <= this.now) this.core.handleTimeout(this.now);
			for (const { agent, isOn } of this.devices)
				if (isOn && agent.pollTimeout() <= this.now) agent.handleTimeout(this.now);
			this.drain();
		}
		this.now = end;
	}

	/** Runs until a condition holds; gives the time it took, Infinity where it took longer than the limit. */
	until(holds: () => boolean, limitMs: number): number {
		const begun = this.now;
		while (!holds()) {
			if (this.now - begun >= limitMs) return Number.POSITIVE_INFINITY;
			this.run(100);
		}
		return this.now - begun;
	}

	#deliver(): void {
		const due = this.#flights.filter(({ at }) => at <= this.now);
		this.#flights = this.#flights.filter(({ at }) => at > this.now);
		for (const { bytes, from, to } of due) {
			if (to === SERVER) this.core.handleReceived(this.now, from, bytes);
			else if (from === SERVER)
				for (const device of this.devices)
					if (device.isOn && device.address === to) device.agent.handleReceived(this.now, device.path, bytes);
			this.drain();
		}
	}

	/** To be called after whatever a test did to a device by itself. */
	drain(): void {
		for (const device of this.devices) if (device.isOn) this.#drainDevice(device);
		if (this.isServerCut) this.startServer(true);
		for (let event = this.core.pollEvent(); event !== undefined; event = this.core.pollEvent()) {
			if (SAVED.includes(event.kind)) this.#saved = JSON.parse(JSON.stringify(this.core.save()));
			this.events.push(event);
			if (event.kind === "finished") this.outcomes.set(event.command, event.outcome.kind);
		}
		while (this.core.pollTransmit(this.now, this.#out))
			if (!this.isServerCut)
				this.#send({ bytes: this.#taken(), from: SERVER, to: this.#out.address, life: this.serverLife });
		if (this.isServerCut) this.drain();
	}

	#drainDevice(device: Besieged): void {
		const { agent } = device;
		while (agent.pollEvent() !== undefined);
		for (let command = agent.pollCommand(); command !== undefined; command = agent.pollCommand()) {
			if (command.kind !== "open") continue;
			device.path = command.path;
			agent.handleOpened(this.now, command.path);
		}
		while (agent.pollTransmit(this.now, this.#out))
			this.#send({ bytes: this.#taken(), from: device.address, to: SERVER, life: device.life });
	}

	#taken(): Uint8Array {
		return this.#out.bytes.slice(0, this.#out.length);
	}

	#send(datagram: Recorded): void {
		this.recorded.push(datagram);
		if (this.lets(datagram)) this.#flights.push({ ...datagram, at: this.now + DELAY_MS });
	}
}
