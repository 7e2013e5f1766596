// A device with a modem behind a NAT, its back end and its SMS centre, in virtual time: for tests of waking up.

import { BindingReport } from "../../firmware/agent/binding-report.js";
import { renewingOscore } from "../../firmware/agent/oscore-account.js";
import { addServerAccount } from "../../firmware/agent/server-account.js";
import { Code } from "../../firmware/coap/codes.js";
import { Clock } from "../../firmware/io/clock.js";
import type { Datagram, Serial, SerialOptions, Udp, UdpOptions } from "../../firmware/io/ecma-419.js";
import { SerialModem } from "../../firmware/io/serial-modem.js";
import { limits } from "../../firmware/limits.js";
import { Model } from "../../firmware/lwm2m/model.js";
import { Device as DeviceObject } from "../../firmware/lwm2m/objects/device.js";
import { Device } from "../../firmware/main.js";
import { VirtualTime } from "../../firmware/tests/io/virtual-time.js";
import { plainPrimitives } from "../../firmware/tests/security/plain-primitives.js";
import { Core } from "../backend/core.js";
import type { CoreEvent, Outcome } from "../backend/core-event.js";
import { Keyring } from "../backend/keyring.js";
import { observe, read } from "../backend/operations.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { SimulatedModem } from "./modem.js";
import { SimulatedSmsCentre } from "./sms-centre.js";

export interface SiteOptions {
	readonly secure: boolean;
	readonly seed: number;
	/** The device's binding (/1/0/7). */
	readonly binding?: string;
	readonly acceptsPlain?: boolean;
	/** Default: no keepalive at all; "learned": as the firmware sees fit. */
	readonly keepalive?: "none" | "learned";
}

export const NAME = "woken-1";
export const NUMBER = "+491700000042";
const SERVER = "192.0.2.1";
/** The NAT forgets after so much silence. */
const BINDING_MS = 30_000;
const DELAY_MS = 20;
const OBSERVE_MS = 300_000;

export class Site {
	readonly time = new VirtualTime(0);
	readonly modem: SimulatedModem;
	readonly centre: SimulatedSmsCentre;
	core: Core;
	readonly device: Device;
	readonly serial: SerialModem;
	/** What came of each short message, and how the modem stood. */
	readonly outcomes: string[] = [];
	readonly events: CoreEvent[] = [];
	/** Datagrams of the device so far; those of which this says so are lost. */
	sentCount = 0;
	isLost = (_number: number): boolean => false;
	readonly #random: SeededRandom;
	readonly #keyring: Keyring | undefined;
	#outcome: Outcome | undefined;
	#port = 40_000;
	#usedAt = 0;
	#socket: NatSocket | undefined;
	#alarm: unknown;

	constructor({ secure, seed, binding = "U", acceptsPlain = !secure, keepalive = "none" }: SiteOptions) {
		const { timer, time } = this.time;
		const random = new SeededRandom(seed);
		const later = (delayMs: number, act: () => void): void => void timer.set(act, delayMs);
		const chance = (): number => random.fraction();
		const keyring = secure ? new Keyring(plainPrimitives, [NAME], seed) : undefined;
		this.#random = random;
		this.#keyring = keyring;
		this.core = new Core(random, keyring?.security());
		this.centre = new SimulatedSmsCentre({ now: () => this.time.now, later, chance });
		const site = this;
		let uart: Uart | undefined;
		this.modem = new SimulatedModem({ write: (bytes) => uart?.hear(bytes), later, chance });
		this.centre.attach(NUMBER, this.modem);
		this.modem.restart();
		const model = new Model();
		addServerAccount(model, {
			serverUri: `coap://${SERVER}`,
			shortServerId: 1,
			lifetimeSeconds: 86_400,
			oscore: keyring?.credentials[0],
			server: { trigger: true, binding },
		});
		model.add(DeviceObject, 0, { errorCode: [0], supportedBindingAndModes: "US", manufacturer: "Pinhole" });
		const udp = class extends NatSocket {
			constructor(options: UdpOptions) {
				super(options, (bytes) => site.#up(bytes));
				site.#socket = this;
			}
		};
		const mustBeFresh = (code: number): boolean => code === Code.Post;
		this.device = new Device(
			{ udp: { io: udp }, dns: { io: NoResolver }, timer, time, random },
			{
				endpointName: NAME,
				model,
				keepaliveMs: keepalive === "none" ? Number.POSITIVE_INFINITY : undefined,
				sms: { number: NUMBER, acceptsPlain },
				bindings: new BindingReport("name"),
				protect: renewingOscore({ primitives: plainPrimitives, random, mustBeFresh }),
			},
		);
		const port = {
			io: class extends Uart {
				constructor(options: SerialOptions) {
					super(options, site.modem, later);
					uart = this;
				}
			},
		};
		this.serial = new SerialModem(port, {
			clock: new Clock(time),
			timer,
			random,
			onReceived: (data) => this.outcomes.push(this.device.handleTrigger(data)),
			onState: (state) => this.outcomes.push(state),
		});
		this.device.start();
	}

	/** The back end's process starts anew: it knows no registration, but the keys that were agreed on. */
	restartBackEnd(): void {
		this.core = new Core(this.#random, this.#keyring?.security());
	}

	/** The back end wakes the device by SMS. */
	trigger(instanceId = 0): void {
		const trigger = this.core.trigger(NAME, instanceId);
		if (trigger === undefined) throw new Error("no trigger");
		this.centre.submit(this.core.registration(NAME)?.smsNumber ?? NUMBER, trigger.data);
	}

	/** The back end asks for a value, by default the manufacturer. */
	ask(timeoutMs: number, path = "/3/0/0"): void {
		this.#outcome = undefined;
		this.core.command(this.time.now, NAME, read(path, undefined), timeoutMs);
		this.#drain();
	}

	/** The back end wants to hear of each change of a value. */
	observe(path: string): void {
		this.core.command(this.time.now, NAME, observe(path, undefined), OBSERVE_MS);
		this.#drain();
	}

	/** What came of that; undefined while it waits. */
	get answer(): string | undefined {
		const outcome = this.#outcome;
		if (outcome?.kind !== "response") return outcome?.kind;
		return String.fromCharCode(...outcome.payload);
	}

	/** Events of the back end of a kind, since the start. */
	count(kind: CoreEvent["kind"]): number {
		return this.events.filter((event) => event.kind === kind).length;
	}

	#up(bytes: Uint8Array): void {
		const { now, timer } = this.time;
		if (this.isLost(++this.sentCount)) return;
		if (now - this.#usedAt > BINDING_MS) this.#port++;
		this.#usedAt = now;
		const address = `198.51.100.1:${this.#port}`;
		timer.set(() => {
			this.core.handleReceived(this.time.now, address, bytes);
			this.#drain();
		}, DELAY_MS);
	}

	#down(address: string, bytes: Uint8Array): void {
		const isOpen = address === `198.51.100.1:${this.#port}` && this.time.now - this.#usedAt <= BINDING_MS;
		if (isOpen) this.time.timer.set(() => this.#socket?.hear(bytes), DELAY_MS);
	}

	readonly #drain = (): void => {
		const { core, time } = this;
		if (core.pollTimeout() <= time.now) core.handleTimeout(time.now);
		for (let event = core.pollEvent(); event !== undefined; event = core.pollEvent()) {
			this.events.push(event);
			if (event.kind === "finished") this.#outcome = event.outcome;
		}
		const out = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0, address: "" };
		while (core.pollTransmit(time.now, out)) this.#down(out.address, out.bytes.slice(0, out.length));
		time.timer.clear(this.#alarm as number | undefined);
		const waitMs = core.pollTimeout() - time.now;
		this.#alarm = waitMs === Number.POSITIVE_INFINITY ? undefined : time.timer.set(this.#drain, Math.max(0, waitMs));
	};
}

/** A socket behind the NAT, whose only peer is the back end. */
class NatSocket implements Udp {
	readonly #options: UdpOptions;
	readonly #send: (bytes: Uint8Array) => void;
	readonly #received: Datagram[] = [];
	#isOpen = true;

	constructor(options: UdpOptions, send: (bytes: Uint8Array) => void) {
		this.#options = options;
		this.#send = send;
	}

	hear(bytes: Uint8Array): void {
		if (!this.#isOpen) return;
		this.#received.push(Object.assign(bytes.slice().buffer, { address: SERVER, port: 5683 }));
		this.#options.onReadable?.call(this, 1);
	}

	read(): Datagram | undefined {
		return this.#received.shift();
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): void {
		this.#send((buffer as Uint8Array).slice());
	}

	close(): void {
		this.#isOpen = false;
	}
}

/** The board's side of the line to the modem, with the FIFO of a UART. */
class Uart implements Serial {
	readonly #options: SerialOptions;
	readonly #modem: SimulatedModem;
	#received: number[] = [];

	constructor(options: SerialOptions, modem: SimulatedModem, later: (delayMs: number, act: () => void) => void) {
		this.#options = options;
		this.#modem = modem;
		later(0, () => this.#options.onWritable?.call(this, 128));
	}

	hear(bytes: Uint8Array): void {
		this.#received.push(...bytes);
		this.#options.onReadable?.call(this, this.#received.length);
	}

	read(count = this.#received.length): ArrayBuffer | undefined {
		return this.#received.length === 0 ? undefined : Uint8Array.from(this.#received.splice(0, count)).buffer;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): void {
		this.#modem.receive((buffer as Uint8Array).slice());
		this.#options.onWritable?.call(this, 128);
	}

	close(): void {}
}

/** The server is named by its address. */
class NoResolver {
	resolve(): void {
		throw new Error("no names here");
	}

	close(): void {}
}
