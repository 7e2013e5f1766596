// A board from its start to its end. Each part may fail, and the others go on: a board without a journal still says so
// on its console, and one without a network still answers there.

import type { AgentEvent, RestartReason } from "../agent/agent.js";
import { backOffMs } from "../back-off.js";
import { Console, type LogLevel } from "../console/console.js";
import type { Instant, Store } from "../contract.js";
import { Clock, TravelTime } from "../io/clock.js";
import type { TcpConstructor, TimeModule, TimerId } from "../io/ecma-419.js";
import { Network } from "../io/network.js";
import { BoardRandom } from "../io/random.js";
import { SerialConsole } from "../io/serial-console.js";
import { Persistence } from "../lwm2m/persistence.js";
import { faultOf } from "../security/known-answers.js";
import { Journal } from "../store/journal.js";
import type { Application } from "./application.js";
import type { Board } from "./boot.js";
import {
	FAILED_START_MS,
	FAULTS_WITH_VALUES,
	FAULTS_WITHOUT_WAIT,
	faultBackOff,
	GOOD_RUN_MS,
	keys,
	RESTART_LOOK_MS,
	RESTART_LOOKS,
} from "./constants.js";
import { Installation } from "./installation.js";
import { noStore } from "./no-store.js";
import { decodeSettings, type Settings } from "./settings.js";
import { Starts } from "./starts.js";
import { SystemTarget } from "./system-target.js";
import { ValueStore } from "./value-store.js";

/**
 * "unprovisioned": only the console works; "unfit": neither does more, because keys, tokens and identifiers cannot be
 * trusted; "offline": provisioned, and there is no network.
 */
export type SystemState = "unprovisioned" | "unfit" | "offline" | "running";

export class System {
	readonly board: Board;
	readonly starts: Starts;
	/** Undefined where the flash cannot be opened. */
	readonly journal: Journal | undefined;
	/** Undefined while the board is unprovisioned. */
	readonly settings: Settings | undefined;
	readonly #application: Application;
	readonly #travel: TravelTime | undefined;
	readonly #time: TimeModule;
	readonly #clock: Clock;
	readonly #random: BoardRandom;
	readonly #console: Console;
	/** What went wrong before there was a console to say it. */
	readonly #problems: string[] = [];
	#fault: string | undefined;
	#serial: SerialConsole | undefined;
	#network: Network | undefined;
	#installation: Installation | undefined;
	#restartTimer: TimerId | undefined;

	constructor(board: Board, application: Application) {
		this.board = board;
		this.#application = application;
		this.#travel = board.config.build === "test" ? new TravelTime(board.time) : undefined;
		this.#time = this.#travel ?? board.time;
		this.#clock = new Clock(this.#time);
		this.#random = new BoardRandom(board.device.random);
		this.journal = this.openJournal();
		this.starts = new Starts(this.journal, board.device.reset);
		this.settings = this.readSettings();
		this.#console = new Console(new SystemTarget(this));
	}

	/** The console first, so that it can tell how the rest fares. */
	start(): void {
		this.#console.start();
		for (const problem of this.#problems) this.log("error", "boot", problem);
		this.attempt("console", () => {
			this.#serial = new SerialConsole(this.board.device.serial.console, this.#console, this.#clock);
		});
		// Before the agent: where the radio's noise is the source of randomness, there is none without it.
		this.attempt("network", () => {
			this.#network = new Network({
				interface: this.board.device.network.interface,
				timer: this.board.timer,
				random: this.#random,
				onLabel: (label) => this.handleNetwork(label),
			});
		});
		this.#fault = faultOf(this.board.device.primitives, this.#random);
		if (this.#fault !== undefined) return this.handleUnfit(this.#fault);
		if (this.settings === undefined) {
			// With a journal it might be provisioned.
			if (this.journal === undefined) this.startAnewLater();
			return this.log("info", "boot", "unprovisioned");
		}
		this.begin(this.settings);
	}

	/** Makes the device and seeks the network: at once, or after faults in a row when a person had time to be heard. */
	private begin(settings: Settings): void {
		const { timer } = this.board;
		const { faultsInRow } = this.starts;
		if (faultsInRow > 0) timer.set(() => this.starts.handleGoodRun(), GOOD_RUN_MS);
		if (faultsInRow <= FAULTS_WITHOUT_WAIT) return this.run(settings);
		// A board that fails again and again must not go for its servers each time at once, with all others of its kind.
		const waitMs = backOffMs(faultBackOff, faultsInRow - FAULTS_WITHOUT_WAIT - 1, this.#random);
		this.log("warn", "boot", `${faultsInRow} faults in a row: waiting ${Math.ceil(waitMs / 1000)} s`);
		timer.set(() => this.run(settings), waitMs);
	}

	private run(settings: Settings): void {
		this.attempt("settings", () => this.install(settings));
		this.#network?.start(settings.network);
		if (this.#installation === undefined || this.#network === undefined) this.startAnewLater();
	}

	/** No key, token or identifier is made on such a board, so it seeks no server. */
	private handleUnfit(fault: string): void {
		this.log("error", "boot", `unfit for keys: ${fault}`);
		if (this.settings !== undefined) this.startAnewLater();
	}

	/** What failed at this start may work at another one, and nobody need come for that. */
	private startAnewLater(): void {
		this.board.timer.set(() => this.restart(), FAILED_START_MS);
	}

	/** What makes the board unfit for keys, in words. */
	get fault(): string | undefined {
		return this.#fault;
	}

	get state(): SystemState {
		if (this.#fault !== undefined) return "unfit";
		if (this.settings === undefined) return "unprovisioned";
		return this.#installation === undefined || this.#network?.label === undefined ? "offline" : "running";
	}

	get installation(): Installation | undefined {
		return this.#installation;
	}

	get network(): Network | undefined {
		return this.#network;
	}

	/** Monotone milliseconds since the start. */
	now(): Instant {
		return this.#clock.now();
	}

	/** The 32-bit tick counter, as the device sees it. */
	get ticks(): number {
		return this.#time.ticks;
	}

	log(level: LogLevel, topic: string, text: string): void {
		this.#console.log(this.now(), level, topic, text);
		this.#serial?.drain();
	}

	/** Moves the time on; false: this is no test build. */
	advance(milliseconds: number): boolean {
		if (this.#travel === undefined) return false;
		this.#travel.advance(milliseconds);
		this.#installation?.stepSoon();
		return true;
	}

	/** Starts anew as soon as the console has said its last word, at the latest in a second. */
	restart(): void {
		if (this.#restartTimer !== undefined) return;
		this.#installation?.device.farewell();
		let looks = 0;
		let wasIdle = false;
		const look = (): void => {
			// Idle twice: then what the UART still held has left it, too.
			if ((wasIdle && this.#console.isIdle) || ++looks === RESTART_LOOKS) return this.board.device.restart();
			wasIdle = this.#console.isIdle;
		};
		this.#restartTimer = this.board.timer.set(look, RESTART_LOOK_MS, RESTART_LOOK_MS);
	}

	/** Ends it without a word, for tests. */
	close(): void {
		this.board.timer.clear(this.#restartTimer);
		this.#installation?.close();
		this.#network?.stop();
		this.#serial?.close();
	}

	private openJournal(): Journal | undefined {
		const { io, path } = this.board.device.storage.journal;
		return this.attempt("journal", () => new Journal(io.open({ path, mode: "r+" })));
	}

	private readSettings(): Settings | undefined {
		const bytes = this.journal?.read(keys.settings);
		if (bytes === undefined) return undefined;
		const settings = decodeSettings(bytes);
		if (settings === undefined) this.#problems.push("settings: not of this version");
		return settings;
	}

	private install(settings: Settings): void {
		const { device, timer, config } = this.board;
		const { udp, tcp, tls, dns } = device.network;
		this.#installation = new Installation({
			provider: {
				udp,
				tcp,
				tls: tls && trusting(tls, settings),
				dns,
				modem: device.serial.modem,
				timer,
				time: this.#time,
				random: this.#random,
				primitives: device.primitives,
			},
			settings,
			application: this.#application,
			config,
			reset: device.reset,
			starts: this.starts,
			store: this.journal,
			values: this.valueStore(),
			onEvent: (event) => this.handleEvent(event),
			onModem: (text) => this.log("info", "sms", text),
			onRestart: (why) => this.handleRestart(why),
		});
		this.#installation.device.handleNetwork(undefined);
		this.#installation.start();
	}

	private valueStore(): Store | undefined {
		// A supply that breaks down is not to be blamed on values.
		const mayBeToBlame = this.board.device.reset.reason === "watchdog";
		if (!mayBeToBlame || this.starts.faultsInRow <= FAULTS_WITH_VALUES)
			return this.journal && new ValueStore(this.journal);
		this.log("warn", "boot", "running without what servers wrote");
		return noStore;
	}

	private handleEvent({ kind, shortServerId, detail }: AgentEvent): void {
		if (kind === "registered") this.board.device.image?.confirm();
		const level = kind === "waiting" || kind === "suspect" ? "warn" : "info";
		this.log(level, "agent", detail === "" ? `${kind} ${shortServerId}` : `${kind} ${shortServerId} ${detail}`);
	}

	private handleNetwork(label: string | undefined): void {
		if (label === undefined) this.log("warn", "network", "down");
		else this.log("info", "network", `up ${label}`);
		this.#installation?.device.handleNetwork(label);
	}

	/** To a server, the factory state is the board as it was provisioned: without its accounts nobody could reach it. */
	private handleRestart(why: RestartReason): void {
		this.log("info", "boot", `restart: ${why}`);
		if (why === "factory-reset") this.attempt("journal", () => this.forgetValues());
		this.restart();
	}

	private forgetValues(): void {
		const { installation, journal } = this;
		if (installation !== undefined && journal !== undefined) new Persistence(installation.model, journal).clear();
	}

	/** Undefined when it fails; the sentence goes to the log, now or as soon as there is one. */
	private attempt<T>(what: string, act: () => T): T | undefined {
		try {
			return act();
		} catch (error) {
			const problem = `${what}: ${error instanceof Error ? error.message : String(error)}`;
			if (this.#serial === undefined) this.#problems.push(problem);
			else this.log("error", "boot", problem);
			return undefined;
		}
	}
}

/** TLS that believes whom the settings say; or anybody, where each server proves itself by its keys inside. */
function trusting(tls: { readonly io: TcpConstructor } & object, { accounts, trust }: Settings): typeof tls {
	const anybody = accounts.every(({ credentials }) => credentials !== undefined);
	const options = { ...tls, anybody };
	if (trust === undefined) return options;
	return Object.assign(options, { trust: `-----BEGIN CERTIFICATE-----\n${trust}\n-----END CERTIFICATE-----\n` });
}
