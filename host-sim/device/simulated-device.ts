// The compressor's firmware without a board: settings from the command line, nothing that outlives the process.

import type { AgentEvent } from "../../firmware/agent/agent.js";
import { Installation } from "../../firmware/boot/installation.js";
import type { Credentials, Settings } from "../../firmware/boot/settings.js";
import { Starts } from "../../firmware/boot/starts.js";
import { compressorDevice } from "../../firmware/examples/compressor-device.js";
import type { BoardDevice } from "../../firmware/io/board.js";
import type { Provider } from "../../firmware/main.js";
import { faultOf } from "../../firmware/security/known-answers.js";

export interface SimulatedSettings {
	/** coap://HOST:PORT */
	readonly server: string;
	readonly endpointName: string;
	readonly lifetimeSeconds: number;
	/** `Infinity` for no keepalive. */
	readonly keepaliveMs: number;
	/** Undefined: without security (NoSec). */
	readonly credentials?: Credentials | undefined;
}

const VERSION = "0.1.0";
const SHORT_SERVER_ID = 1;

/** Runs the compressor until `stop`, and starts it anew when a server asks for a reboot. */
export class SimulatedDevice {
	readonly #provider: Provider;
	readonly #engine: "node" | "xs";
	readonly #settings: Settings;
	readonly #onEvent: (event: AgentEvent) => void;
	#installation: Installation;

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
	}

	/** De-registers; the event "deregistered" follows. */
	stop(): void {
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
function settingsOf({ server, endpointName, lifetimeSeconds, keepaliveMs, credentials }: SimulatedSettings): Settings {
	const keepaliveSeconds = keepaliveMs === Number.POSITIVE_INFINITY ? 0 : keepaliveMs / 1000;
	const account = { serverUri: server, shortServerId: SHORT_SERVER_ID, lifetimeSeconds, keepaliveSeconds };
	return { endpointName, accounts: [{ ...account, credentials }], network: undefined };
}
