// A whole device application: server account, identity, and the air compressor, on any provider.

import type { AgentEvent } from "../agent/agent.js";
import { addServerAccount } from "../agent/server-account.js";
import { Model } from "../lwm2m/model.js";
import { Device as DeviceObject } from "../lwm2m/objects/device.js";
import { SetPoint } from "../lwm2m/objects/set-point.js";
import { Temperature } from "../lwm2m/objects/temperature.js";
import { Traffic } from "../lwm2m/traffic.js";
import { Device, type Provider } from "../main.js";
import { airCompressor } from "./air-compressor.js";

export interface CompressorSettings {
	/** coap://HOST:PORT */
	readonly server: string;
	readonly endpointName: string;
	readonly lifetimeSeconds: number;
	/** `Infinity` for no keepalive. */
	readonly keepaliveMs: number;
}

const SHORT_SERVER_ID = 1;
/** The housing's own included. */
const THERMOMETER_LIMIT = 4;
const SET_POINT_LIMIT = 4;
/** How often the machine's physics move on. */
const STEP_MS = 1_000;

/** Runs the compressor until `stop`, and starts it anew when a server asks for a reboot. */
export class CompressorDevice {
	readonly #provider: Provider;
	readonly #settings: CompressorSettings;
	readonly #onEvent: (event: AgentEvent) => void;
	#device: Device;
	#timer: ReturnType<Provider["timer"]["set"]> | undefined;

	/** Throws when the server URI cannot be followed. */
	constructor(provider: Provider, settings: CompressorSettings, onEvent: (event: AgentEvent) => void) {
		this.#provider = provider;
		this.#settings = settings;
		this.#onEvent = onEvent;
		this.#device = this.boot();
	}

	/** De-registers; the event "deregistered" follows. */
	stop(): void {
		this.#provider.timer.clear(this.#timer);
		this.#device.stop();
	}

	close(): void {
		this.#provider.timer.clear(this.#timer);
		this.#device.close();
	}

	private boot(): Device {
		const { endpointName, keepaliveMs } = this.#settings;
		const model = createModel(this.#settings);
		const compressor = airCompressor(model);
		const traffic = new Traffic(model);
		const device = new Device(this.#provider, {
			endpointName,
			model,
			keepaliveMs,
			traffic,
			onEvent: this.#onEvent,
			onRestart: () => {
				this.close();
				this.#device = this.boot();
			},
		});
		this.#timer = this.#provider.timer.set(
			() => {
				compressor.step(device.now());
				device.changed();
			},
			STEP_MS,
			STEP_MS,
		);
		device.start();
		return device;
	}
}

function createModel(settings: CompressorSettings): Model {
	const model = new Model();
	addServerAccount(model, {
		serverUri: settings.server,
		shortServerId: SHORT_SERVER_ID,
		lifetimeSeconds: settings.lifetimeSeconds,
		server: { disable: null, disableTimeout: 86_400, defaultMinimumPeriod: 0, defaultNotificationMode: 0 },
	});
	model.add(DeviceObject, 0, {
		manufacturer: "Pinhole",
		modelNumber: "Air compressor, simulated",
		serialNumber: settings.endpointName,
		firmwareVersion: "0.1.0",
		errorCode: [0],
		currentTime: null,
		supportedBindingAndModes: "U",
		factoryReset: null,
	});
	// A thermometer more is plugged in, and a server gives it a name before it measures.
	model.allowCreate(Temperature, THERMOMETER_LIMIT, { sensorUnits: "Cel", applicationType: null });
	// Targets that a back end keeps at the machine.
	model.allowCreate(SetPoint, SET_POINT_LIMIT, {});
	return model;
}
