// One back end, one NAT and one device for the cases of OMA's enabler test: the device is our firmware, the back end
// ours or Leshan.

import { PinholeProcess } from "../host-sim/story/process.js";
import { Driver, type EventStream } from "./driver.js";
import { startLeshan } from "./leshan/server.js";

export type BackendName = "pinhole" | "leshan";
export type EngineName = "node" | "xs";

/** A running LwM2M server. */
export interface Backend {
	readonly name: BackendName;
	/** Where devices register, "HOST:PORT". */
	readonly coap: string;
	/** Where its API is, "http://HOST:PORT". */
	readonly http: string;
	stop(): Promise<unknown>;
}

/** On a first start the engine may have to be built. */
const XS_READY_MS = 300_000;
/** What a device and a server in the same machine may take for anything. */
export const SOON_MS = 8000;

/** With a file of credentials both sides speak OSCORE. */
export async function startBackend(name: BackendName, credentials?: string): Promise<Backend> {
	if (name === "leshan") {
		const peer = await startLeshan(credentials);
		return { name, coap: peer.place("coap"), http: peer.place("http"), stop: () => peer.stop() };
	}
	const security = credentials === undefined ? ["--nosec"] : ["--credentials", credentials];
	const peer = await PinholeProcess.start(["backend", ...security, "--coap", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
	return { name, coap: peer.place("coap"), http: peer.place("http"), stop: () => peer.stop() };
}

export interface LabSettings {
	readonly backend: Backend;
	readonly engine: EngineName;
	readonly endpointName: string;
	readonly lifetimeSeconds?: number;
	/** A file with the device's keys; without it there is no security. */
	readonly credentials?: string;
	/** False: the back end gives no Echo back, so that the device carries out an Execute without. */
	readonly echo?: boolean;
	/** A file for what passes on the outer side of the NAT. */
	readonly capture?: string;
}

/** A device that registers when told to, its operator, and the line between them. */
export class Lab {
	readonly backend: Backend;
	readonly driver: Driver;
	readonly events: EventStream;
	readonly lifetimeSeconds: number;
	/** What the device says on stderr. */
	readonly log: string[] = [];
	/** What the device is told beside. */
	deviceOptions: readonly string[] = [];
	readonly #settings: LabSettings;
	readonly #nat: PinholeProcess;
	#device: PinholeProcess | undefined;

	private constructor(settings: LabSettings, nat: PinholeProcess, driver: Driver, events: EventStream) {
		this.#settings = settings;
		this.#nat = nat;
		this.backend = settings.backend;
		this.driver = driver;
		this.events = events;
		this.lifetimeSeconds = settings.lifetimeSeconds ?? 300;
	}

	static async open(settings: LabSettings): Promise<Lab> {
		const { backend, endpointName, capture } = settings;
		const places = ["--inside", "127.0.0.1:0", "--outside", "127.0.0.1", "--to", backend.coap];
		const record = capture === undefined ? [] : ["--capture", capture];
		const nat = await PinholeProcess.start(["nat", ...places, "--udp-timeout", "300", ...record]);
		const driver = new Driver(backend.http, endpointName);
		return new Lab(settings, nat, driver, await driver.events());
	}

	async startDevice(echo = this.#settings.echo): Promise<void> {
		const { engine, endpointName, credentials } = this.#settings;
		const security = credentials === undefined ? ["--nosec"] : ["--oscore", credentials];
		if (echo === false) security.push("--no-echo");
		const server = `coap://${this.#nat.place("inside")}`;
		const lifetime = ["--lifetime", String(this.lifetimeSeconds), "--no-keepalive"];
		this.#device = await PinholeProcess.start(
			[
				"device",
				...security,
				"--server",
				server,
				"--endpoint",
				endpointName,
				"--engine",
				engine,
				...lifetime,
				...this.deviceOptions,
			],
			{ onLog: (line) => this.log.push(line), readyMs: XS_READY_MS },
		);
	}

	/** Ends the device, which de-registers. */
	async stopDevice(): Promise<void> {
		await this.#device?.stop();
		this.#device = undefined;
	}

	/** Cuts the line, mends it, or gives the device another address. */
	async line(state: "block" | "unblock" | "rebind"): Promise<void> {
		await this.#nat.ask(state);
	}

	/** Waits until a condition holds. */
	async until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = SOON_MS): Promise<void> {
		const deadline = Date.now() + timeoutMs;
		while (!(await holds())) {
			if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}\n${this.log.join("\n")}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}

	async close(): Promise<void> {
		this.events.close();
		await this.stopDevice();
		await this.#nat.stop();
	}
}
