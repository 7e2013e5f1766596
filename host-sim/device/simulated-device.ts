// The compressor's firmware without a board: settings from the command line, nothing that outlives the process.

import type { AgentEvent } from "../../firmware/agent/agent.js";
import { Installation } from "../../firmware/boot/installation.js";
import type { Credentials, Settings } from "../../firmware/boot/settings.js";
import { Starts } from "../../firmware/boot/starts.js";
import { compressorDevice } from "../../firmware/examples/compressor-device.js";
import type { BoardDevice } from "../../firmware/io/board.js";
import type { TimerId } from "../../firmware/io/ecma-419.js";
import type { SendFormat } from "../../firmware/lwm2m/outgoing.js";
import type { Provider } from "../../firmware/main.js";
import { faultOf } from "../../firmware/security/known-answers.js";

export interface SimulatedSettings {
	/** coap://HOST:PORT, or another scheme of agent/server-uri. */
	readonly server: string;
	/** The same server by another transport. */
	readonly secondServer?: string | undefined;
	readonly endpointName: string;
	readonly lifetimeSeconds: number;
	/** `Infinity` for no keepalive; undefined: the device learns how long its binding lives. */
	readonly keepaliveMs: number | undefined;
	/** Given: in Queue Mode, where the device listens for so long after each message. */
	readonly awakeSeconds?: number | undefined;
	/** Given: pressure and temperature are sent unasked, each so many seconds. */
	readonly send?: { readonly seconds: number; readonly format: SendFormat } | undefined;
	/** Undefined: without security (NoSec). */
	readonly credentials?: Credentials | undefined;
}

const VERSION = "0.1.0";
const SHORT_SERVER_ID = 1;
/** Pressure and temperature. */
const SENT: readonly string[] = ["/3323/0/5700", "/3303/0/5700"];

/** Runs the compressor until `stop`, and starts it anew when a server asks for a reboot. */
export class SimulatedDevice {
	readonly #provider: Provider;
	readonly #engine: "node" | "xs";
	readonly #settings: Settings;
	readonly #onEvent: (event: AgentEvent) => void;
	#installation: Installation;
	#timer: TimerId | undefined;

	/** Throws when the server URI cannot be followed, or when no key or identifier made here could be trusted. */
	constructor(
		engine: "node" | "xs",
		provider: Provider,
		settings: SimulatedSettings,
		onEvent: (event: AgentEvent) => void,
	) {
		const fault = faultOf(provider.primitives, provider.random);
		if (fault !== undefined) throw new Error(`unfit for keys: ${fault}`);
		this.#engine = engine;
		this.#provider = provider;
		this.#settings = settingsOf(settings);
		this.#onEvent = onEvent;
		this.#installation = this.start("power-on");
		if (settings.send === undefined) return;
		const { seconds, format } = settings.send;
		this.#timer = provider.timer.set(() => this.send(format), 1000 * seconds, 1000 * seconds);
	}

	private send(format: SendFormat): void {
		this.#installation.device.send(SENT, { format, timestamps: format !== "lwm2m-cbor" });
	}

	/** De-registers; the event "deregistered" follows. */
	stop(): void {
		this.#provider.timer.clear(this.#timer);
		this.#timer = undefined;
		this.#installation.stop();
	}

	close(): void {
		this.#installation.close();
	}

	private start(reason: BoardDevice["reset"]["reason"]): Installation {
		const reset = { reason, cause: undefined };
		const installation = new Installation({
			provider: this.#provider,
			settings: this.#settings,
			application: compressorDevice,
			config: { board: this.#engine, version: VERSION, commit: "", build: "debug" },
			reset,
			starts: new Starts(undefined, reset),
			onEvent: this.#onEvent,
			onRestart: () => {
				this.close();
				this.#installation = this.start("restart");
			},
		});
		installation.start();
		return installation;
	}
}

/** What `pinhole provision` would have told a board. */
function settingsOf(settings: SimulatedSettings): Settings {
	const { server, secondServer, endpointName, lifetimeSeconds, keepaliveMs, awakeSeconds, credentials } = settings;
	const keepaliveSeconds = keepaliveMs === Number.POSITIVE_INFINITY ? 0 : keepaliveMs && keepaliveMs / 1000;
	const account = {
		serverUri: server,
		secondaryServerUri: secondServer,
		shortServerId: SHORT_SERVER_ID,
		lifetimeSeconds,
		keepaliveSeconds,
		awakeSeconds,
	};
	return { endpointName, accounts: [{ ...account, credentials }], network: undefined };
}
