// A whole world in virtual time, made from one seed: devices behind NATs, links, a back end, storms and calms.

import type { AgentEvent } from "../../firmware/agent/agent.js";
import type { Model } from "../../firmware/lwm2m/model.js";
import type { Journal } from "../../firmware/store/journal.js";
import { plainPrimitives } from "../../firmware/tests/security/plain-primitives.js";
import type { CoreEvent } from "../backend/core-event.js";
import { Keyring } from "../backend/keyring.js";
import { addressOf, peerOf } from "../nat/peer.js";
import { reachedWithinMs } from "./bounds.js";
import { Chance } from "./chance.js";
import { Counters } from "./counters.js";
import { type DeviceListener, type DeviceSettings, SimulatedDevice } from "./device.js";
import { Digest } from "./digest.js";
import { Enemy } from "./enemy.js";
import { type Capture, deviceFlow, Internet, privateAddress, publicAddress, SERVER_PEER } from "./internet.js";
import { Ledger } from "./ledger.js";
import { NonceLog } from "./nonce-log.js";
import { NotificationCheck } from "./notification-check.js";
import { EventQueue } from "./queue.js";
import { Reachability } from "./reachability.js";
import type { Scenario } from "./scenarios.js";
import { Server } from "./server.js";
import { drawBehaviour, Site } from "./site.js";
import { StorageCheck } from "./storage-check.js";
import { CALM, Storm } from "./storm.js";
import { Violation } from "./violation.js";
import { WireMonitor } from "./wire-monitor.js";
import { Workload } from "./workload.js";

export interface WorldOptions {
	readonly seed: number;
	readonly scenario: Scenario;
	readonly deviceCount: number;
	readonly hours: number;
	readonly capture: Capture | undefined;
}

const HOUR_MS = 3_600_000;
const KEEPALIVE_MS = [20_000, 60_000] as const;
const SITE_SIZE = [1, 3] as const;
const STORM_MS = [300_000, 7_200_000] as const;
/** After the bound of a calm everything has to work for so long. */
const SETTLED_MS = 400_000;
const ASK_PER_HOUR = 20;
const SETTLED_ASK_PER_HOUR = 60;
const NAME_LOOKUP_MS = [1, 500] as const;
const REBOOT_MS = [500, 5_000] as const;
const SERVER_NAME = "backend.example";

export class World implements DeviceListener {
	readonly counters = new Counters();
	readonly devices: SimulatedDevice[] = [];
	readonly boundMs: number;
	readonly #options: WorldOptions;
	readonly #chance: Chance;
	readonly #queue = new EventQueue();
	readonly #digest = new Digest();
	readonly #monitor: WireMonitor;
	readonly #internet: Internet;
	/** Undefined: without security. */
	#keyring: Keyring | undefined;
	readonly #nonces = new NonceLog(plainPrimitives);
	readonly #server: Server;
	readonly #ledger: Ledger;
	readonly #storage = new StorageCheck();
	readonly #workload: Workload;
	readonly #storm: Storm;
	readonly #reachability: Reachability;
	readonly #notifications: NotificationCheck;
	readonly #byName = new Map<string, SimulatedDevice>();
	#now = 0;
	/** What went wrong where the firmware would have taken it for a fault of its own surroundings. */
	#broken: unknown;
	#askPerHour = ASK_PER_HOUR;

	constructor(options: WorldOptions) {
		const { seed, scenario } = options;
		const { counters } = this;
		const now = (): number => this.#now;
		this.#options = options;
		this.#chance = new Chance(seed);
		if (scenario.secure) this.#giveKeys();
		this.#monitor = new WireMonitor(counters, scenario.noisy);
		this.#internet = new Internet({
			queue: this.#queue,
			now,
			serverPeer: SERVER_PEER,
			counters,
			digest: this.#digest,
			monitor: this.#monitor,
			capture: options.capture,
			noisy: scenario.noisy,
			enemy: scenario.rates.replay > 0 ? new Enemy(this.#chance.fork()) : undefined,
			arrive: (from, bytes) => this.#server.handleReceived(from, bytes),
		});
		this.#server = new Server(
			{
				queue: this.#queue,
				now,
				send: (bytes, to) => this.#internet.sendDown(to, bytes),
				handleEvent: (event) => this.#handleCoreEvent(event),
				counters,
			},
			this.#chance.fork(),
			this.#keyring,
		);
		this.#ledger = new Ledger(counters, !scenario.noisy);
		this.#notifications = new NotificationCheck(counters, !scenario.noisy);
		this.#workload = new Workload(this.#server, this.#ledger, this.#storage, this.#chance.fork());
		this.#reachability = new Reachability(this.#workload, now);
		const sites = this.#build();
		this.#storm = new Storm(
			{
				queue: this.#queue,
				now,
				sites,
				devices: this.devices,
				restart: (keepsState) => this.#restartServer(keepsState),
				setDown: (down) => {
					this.#internet.serverIsDown = down;
				},
				keep: (device) => this.#workload.keep(this.#now, device),
				listenToEnemy: () => this.#internet.handleEnemy(),
				disk: this.#server.disk,
			},
			scenario,
			this.#chance.fork(),
			counters,
		);
		this.boundMs = this.#bound();
	}

	/** The instant of the world, in milliseconds. */
	get now(): number {
		return this.#now;
	}

	/** The longest time in which a device was reached after a storm. */
	get longestMs(): number {
		return this.#reachability.longestMs;
	}

	/** One word for all that happened. */
	get digest(): string {
		const digest = this.#digest;
		for (const [name, count] of this.counters.list()) {
			digest.word(name);
			digest.number(count);
		}
		return digest.text;
	}

	/** Runs from the first to the last millisecond; throws where an invariant does not hold. */
	run(): void {
		const endAt = this.#options.hours * HOUR_MS;
		const calmMs = this.boundMs + SETTLED_MS;
		for (const device of this.devices) {
			device.powerOn();
			this.#keepAsking(device);
		}
		while (endAt - this.#now > calmMs) {
			const stormMs = Math.min(this.#chance.mostlyShort(STORM_MS), endAt - this.#now - calmMs);
			this.#storm.begin();
			this.#runUntil(this.#now + stormMs);
			this.#calm();
		}
		this.#runUntil(endAt);
		if (this.#nonces.reused.length > 0) throw new Violation("a nonce was used twice");
	}

	/** Heals everything, and holds the devices to the promise. */
	#calm(): void {
		const workload = this.#workload;
		const healedAt = this.#now;
		this.#storm.end();
		workload.gentle = true;
		this.#reachability.begin(this.devices, this.boundMs);
		this.#runUntil(this.#now + this.boundMs);
		this.#reachability.end();
		this.counters.add("promises kept", this.devices.length);
		workload.settledUntil = this.#now + SETTLED_MS;
		this.#askPerHour = SETTLED_ASK_PER_HOUR;
		this.#runUntil(this.#now + SETTLED_MS);
		this.#notifications.checkAlive(this.#now, healedAt);
		this.#askPerHour = ASK_PER_HOUR;
		workload.settledUntil = undefined;
		workload.gentle = false;
	}

	#runUntil(endAt: number): void {
		for (let next = this.#queue.take(endAt); next !== undefined; next = this.#queue.take(endAt)) {
			this.#now = next.at;
			next.run!();
			if (this.#broken !== undefined) throw this.#broken;
		}
		this.#now = endAt;
	}

	#giveKeys(): void {
		const names = Array.from({ length: this.#options.deviceCount }, (_, i) => `device-${i + 1}`);
		this.#keyring = new Keyring(this.#nonces.primitives, names, this.#options.seed);
	}

	#build(): Site[] {
		const chance = this.#chance;
		const sites: Site[] = [];
		while (this.devices.length < this.#options.deviceCount) {
			const keepaliveMs = chance.whole(KEEPALIVE_MS);
			const site = new Site(publicAddress(sites.length), drawBehaviour(chance, keepaliveMs), CALM, chance.fork());
			const count = Math.min(chance.whole(SITE_SIZE), this.#options.deviceCount - this.devices.length);
			for (let i = 0; i < count; i++) site.devices.push(this.#addDevice(site, i, keepaliveMs));
			this.#internet.add(site);
			sites.push(site);
		}
		return sites;
	}

	#addDevice(site: Site, index: number, keepaliveMs: number): SimulatedDevice {
		const chance = this.#chance;
		const settings: DeviceSettings = {
			endpointName: `device-${this.devices.length + 1}`,
			address: privateAddress(index),
			serverUri: `coap://${chance.happens(0.5) ? SERVER_NAME : addressOf(SERVER_PEER)}:5683`,
			keepaliveMs,
			lifetimeSeconds: chance.pick([120, 300, 3_600, 86_400]),
			confirmableNotifications: chance.happens(0.25),
			disableTimeoutSeconds: 60,
			oscore: this.#keyring?.credentials[this.devices.length],
			primitives: this.#keyring?.primitives,
			wrapWithinMs: Math.ceil((this.#options.hours * HOUR_MS) / 4),
		};
		const device: SimulatedDevice = new SimulatedDevice(
			settings,
			{
				queue: this.#queue,
				now: () => this.#now,
				send: (port, bytes, address, remotePort) => {
					const [inside, remote] = [peerOf(settings.address, port), peerOf(address, remotePort)];
					this.#watch(() => this.#internet.sendUp(device, site, inside, remote, bytes));
				},
				socketsWork: () => site.socketsWork,
				resolve: (_host, tell) =>
					void this.#queue.add(this.#now + chance.whole(NAME_LOOKUP_MS), () =>
						tell(site.resolves ? addressOf(SERVER_PEER) : undefined),
					),
			},
			this,
			chance.fork(),
		);
		this.devices.push(device);
		this.#byName.set(settings.endpointName, device);
		return device;
	}

	#bound(): number {
		const settings = this.devices.map((device) => device.settings);
		return reachedWithinMs(this.#options.scenario.promised, {
			keepaliveMs: Math.max(...settings.map(({ keepaliveMs }) => keepaliveMs)),
			roundTripMs: 2 * CALM.delayMs[1],
		});
	}

	#keepAsking(device: SimulatedDevice): void {
		this.#queue.add(this.#now + this.#chance.wait(this.#askPerHour), () => {
			this.#workload.ask(this.#now, device);
			this.#keepAsking(device);
		});
	}

	#restartServer(keepsState: boolean): void {
		this.#ledger.forgetOpen();
		this.#notifications.handleServerRestarted();
		this.#internet.handleServerRestarted();
		this.#server.restart(keepsState);
	}

	#handleCoreEvent(event: CoreEvent): void {
		this.#digest.word(event.kind);
		switch (event.kind) {
			case "registered": {
				this.#internet.handleMoved(event.registration.address, event.replaced?.address);
				const { endpointName } = event.registration;
				if (event.replaced !== undefined) this.#notifications.handleRegistered(this.#now, endpointName);
				const device = this.#byName.get(endpointName);
				if (device !== undefined) this.#reachability.handleRegistered(device);
				return;
			}
			case "updated":
				if (event.previousAddress === event.registration.address) return;
				this.counters.add("rebinding repaired");
				return this.#internet.handleMoved(event.registration.address, event.previousAddress);
			case "deregistered":
				return this.#internet.handleMoved(event.registration.address, undefined);
			case "finished":
				return this.#ledger.handleFinished(this.#now, event.command, event.outcome);
			case "resent":
				return this.#ledger.handleResent(event.operation);
			case "notified":
				return this.#notifications.handleNotified(this.#now, event, this.#server, this.#byName.get(event.endpointName));
			case "observation":
				return this.#notifications.handleObservation(this.#now, event);
			case "sent":
			case "awake":
			case "sleeping":
				return;
			default:
				return; // what else the back end reports, nothing is promised of
		}
	}

	/** The shell survives a socket that throws, the agent a handler that throws: a violation must not vanish there. */
	#watch(body: () => void): void {
		try {
			body();
		} catch (error) {
			this.#broken ??= error;
		}
	}

	handleAgentEvent(_device: SimulatedDevice, event: AgentEvent): void {
		this.#digest.word(event.kind);
		if (event.kind === "waiting") this.counters.add("Registers refused or unanswered");
	}

	handleCarriedOut(device: SimulatedDevice, mark: string): void {
		this.#watch(() => this.#ledger.handleCarriedOut(device, mark, this.#internet.portsWereReused));
	}

	handleWrapped(device: SimulatedDevice): void {
		this.counters.add("tick wrap");
		if (this.#monitor.isInExchange(this.#now, deviceFlow(device))) this.counters.add("tick wrap in an exchange");
	}

	handleKeptChanging(device: SimulatedDevice, instanceId: number, state: string): void {
		this.#storage.handleChanging(device, instanceId, state);
	}

	handleStarted(device: SimulatedDevice, model: Model, journal: Journal): void {
		if (journal.statistics().recoveryCount > 0) this.counters.add("journals repaired");
		const bug = device.flash.bugs[0];
		this.#watch(() => {
			if (bug !== undefined) throw new Violation(`${device.name} ${bug}`);
			this.#storage.handleStarted(device, model);
		});
	}

	handlePowerLost(device: SimulatedDevice): void {
		this.counters.add("power cuts in the flash");
		this.#startAnew(device);
	}

	handleRestart(device: SimulatedDevice): void {
		this.counters.add("reboots");
		this.#startAnew(device);
	}

	/** Off as soon as what it does now is done, and on again soon after. */
	#startAnew(device: SimulatedDevice): void {
		const life = device.life;
		this.#queue.add(this.#now, () => device.life === life && device.powerOff());
		this.#queue.add(this.#now + this.#chance.whole(REBOOT_MS), () => device.powerOn());
	}
}
