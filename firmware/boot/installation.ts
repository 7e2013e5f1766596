// A device as its settings want it: the model with accounts, identity and machine, and what runs them.

import type { AccountStatus } from "../agent/account-options.js";
import type { AgentEvent, RestartReason } from "../agent/agent.js";
import { BindingReport } from "../agent/binding-report.js";
import { type Protect, renewingOscore, storedOscore } from "../agent/oscore-account.js";
import { Code } from "../coap/codes.js";
import type { Instant, Store } from "../contract.js";
import type { BoardConfig, BoardDevice } from "../io/board.js";
import { Clock } from "../io/clock.js";
import type { TimerId } from "../io/ecma-419.js";
import { SerialModem } from "../io/serial-modem.js";
import { Model } from "../lwm2m/model.js";
import { BoardDiagnostics } from "../lwm2m/objects/board-diagnostics.js";
import { Device as DeviceObject } from "../lwm2m/objects/device.js";
import { Persistence } from "../lwm2m/persistence.js";
import { Traffic } from "../lwm2m/traffic.js";
import { Device, type Provider } from "../main.js";
import { addAccounts, keepalives, windows } from "./account.js";
import type { Application, Machine } from "./application.js";
import { CAUSE_LENGTH } from "./constants.js";
import { Objects } from "./objects.js";
import { provokeFault } from "./provoke-fault.js";
import type { Settings } from "./settings.js";
import type { Starts } from "./starts.js";

export interface InstallationOptions {
	readonly provider: Provider;
	readonly settings: Settings;
	readonly application: Application;
	readonly config: BoardConfig;
	readonly reset: BoardDevice["reset"];
	readonly starts: Starts;
	/** Keeps what was learned of networks, and the sequence numbers of keys that are not renewed; undefined: all are. */
	readonly store?: Store | undefined;
	/** Keeps what servers write, create and delete; undefined: nothing survives. */
	readonly values?: Store | undefined;
	readonly onEvent: (event: AgentEvent) => void;
	/** How the modem stands, and what came of short messages: for people. */
	readonly onModem?: (text: string) => void;
	/** A server wants the board to start anew; its answer has left. */
	readonly onRestart: (why: RestartReason) => void;
}

export class Installation {
	readonly model: Model;
	readonly device: Device;
	/** The model as the console sees it. */
	readonly objects: Objects;
	readonly #options: InstallationOptions;
	readonly #machine: Machine;
	/** Since when each server knows the device, by Short Server ID, in the device's time. */
	readonly #registeredAt = new Map<number, Instant>();
	#timer: TimerId | undefined;
	#modem: SerialModem | undefined;

	/** Throws when the settings name a server that cannot be followed. */
	constructor(options: InstallationOptions) {
		const { provider, settings, application, onRestart } = options;
		this.#options = options;
		this.model = new Model();
		addAccounts(this.model, settings, isWokenBySms(options));
		addIdentity(this.model, options);
		addDiagnostics(this.model, options);
		const traffic = new Traffic(this.model);
		this.#machine = application.createMachine(this.model);
		// Before the agent reads the accounts: a server may have changed them.
		if (options.values !== undefined) new Persistence(this.model, options.values).restore();
		this.objects = new Objects(this.model);
		this.device = new Device(provider, {
			endpointName: settings.endpointName,
			model: this.model,
			keepaliveMs: keepalives(settings),
			store: options.store,
			awakeMs: windows(settings),
			traffic,
			bindings: new BindingReport(),
			sms: isWokenBySms(options) ? { number: settings.sms?.number, acceptsPlain: settings.sms?.plain } : undefined,
			protect: protectOf(options),
			onEvent: (event) => this.handleEvent(event),
			onRestart,
		});
	}

	/** Registers and lets the machine work. */
	start(): void {
		const { provider, application } = this.#options;
		this.#machine.start?.(this.device);
		this.#timer = provider.timer.set(() => this.step(), application.stepMs, application.stepMs);
		this.device.start();
		if (isWokenBySms(this.#options)) this.openModem(provider.modem!);
	}

	/** A port that does not open takes nothing away but this. */
	private openModem(port: NonNullable<Provider["modem"]>): void {
		const { provider, onModem = ignore } = this.#options;
		const { timer, time, random } = provider;
		try {
			this.#modem = new SerialModem(port, {
				clock: new Clock(time),
				timer,
				random,
				onReceived: (data) => onModem(`message: ${this.device.handleTrigger(data)}`),
				onState: (state) => onModem(`modem ${state}`),
			});
		} catch (error) {
			onModem(`no modem: ${error instanceof Error ? error.message : String(error)}`);
		}
	}

	/** Carries out what is due, lets the machine move on, and tells the observers. */
	step(): void {
		this.device.wake();
		this.#machine.step(this.device.now());
		this.device.changed();
	}

	/** The same, but not from deep within the console: its calls and the agent's together would need a larger stack. */
	stepSoon(): void {
		this.#options.provider.timer.set(() => this.step(), 0);
	}

	/** De-registers; each account answers with the event "deregistered". */
	stop(): void {
		this.halt();
		this.device.stop();
	}

	/** Ends all at once, without a word to any server. */
	close(): void {
		this.halt();
		this.device.close();
	}

	/** How each account stands, and for how many seconds it has been registered. */
	statuses(): (AccountStatus & { readonly registeredSeconds: number | undefined })[] {
		const now = this.device.now();
		return this.device.statuses().map((status) => {
			const at = status.registered ? this.#registeredAt.get(status.shortServerId) : undefined;
			return { ...status, registeredSeconds: at === undefined ? undefined : Math.floor((now - at) / 1000) };
		});
	}

	private halt(): void {
		this.#options.provider.timer.clear(this.#timer);
		this.#timer = undefined;
		this.#modem?.close();
		this.#modem = undefined;
	}

	private handleEvent(event: AgentEvent): void {
		if (event.handle !== undefined) this.#machine.handleSent?.(event.handle, event.kind === "sent");
		if (event.kind === "registered") this.#registeredAt.set(event.shortServerId, this.device.now());
		this.#options.onEvent(event);
	}
}

/** Where the settings want it, and there is a modem. */
function isWokenBySms({ settings, provider }: InstallationOptions): boolean {
	return settings.sms !== undefined && provider.modem !== undefined;
}

function ignore(): void {}

/** Undefined on a board without cryptography: accounts with keys are then refused. */
function protectOf({ provider, settings, store }: InstallationOptions): Protect | undefined {
	const { primitives, random } = provider;
	if (primitives === undefined) return undefined;
	return (model, security) => {
		const mustBeFresh = givesEcho(settings, security.get("shortServerId")) ? isExecute : isNothing;
		const options = { primitives, random, mustBeFresh };
		return (store === undefined ? renewingOscore(options) : storedOscore(options, store))(model, security);
	};
}

/** Whether an account's server gives an Echo back. */
function givesEcho({ accounts }: Settings, shortServerId: unknown): boolean {
	const credentials = accounts.find((account) => account.shortServerId === shortServerId)?.credentials;
	return credentials?.mode !== "oscore" || credentials.echo !== false;
}

/** What moves machines must not have been held up on its way by somebody (RFC 9175, 2.3); in LwM2M that is Execute. */
function isExecute(code: number): boolean {
	return code === Code.Post;
}

function isNothing(): boolean {
	return false;
}

function addIdentity(model: Model, options: InstallationOptions): void {
	const { settings, application, config, starts } = options;
	model.add(
		DeviceObject,
		0,
		{
			...application.identity,
			serialNumber: settings.endpointName,
			firmwareVersion: config.version,
			factoryReset: null,
			errorCode: [starts.errorCode],
			resetErrorCode: null,
			currentTime: null,
			supportedBindingAndModes: isWokenBySms(options) ? "US" : "U",
		},
		{
			// The resource itself is reset by the Enabler.
			execute(_instanceId, name) {
				if (name === "resetErrorCode") starts.resetError();
				return undefined;
			},
		},
	);
}

function addDiagnostics(model: Model, { provider, config, reset, starts }: InstallationOptions): void {
	const values = {
		resetReason: reset.reason,
		...(reset.cause !== undefined && { resetCause: reset.cause.slice(0, CAUSE_LENGTH) }),
		resetCount: starts.count,
		faultCount: starts.faultCount,
		...(starts.lastFault !== undefined && { lastFault: starts.lastFault }),
		board: config.board,
		version: config.version,
		commit: config.commit,
		build: config.build,
	};
	if (config.build !== "test") model.add(BoardDiagnostics, 0, values);
	else
		model.add(
			BoardDiagnostics,
			0,
			{ ...values, provokedFault: null },
			{ write: (_instanceId, _name, fault) => provokeFault(provider.timer, fault) },
		);
}
