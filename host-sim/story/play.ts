// The fixed story of `--once`: every figure of its report is measured while it plays.

import { setTimeout as pause } from "node:timers/promises";
import type { ServerEvent } from "../cli/backend-client.js";
import type { RelayStatus } from "../nat/relay.js";
import { Cast, type CastSettings, ENDPOINT } from "./cast.js";
import { step } from "./failure.js";

/** What the story has to show. Null: it did not happen, and was not to happen. */
export interface Report {
	registered: boolean;
	reads: number;
	writes: number;
	executes: number;
	notifications: number;
	/** How long nobody but the keepalive spoke, and how long a binding lives without care. */
	idleMs: number;
	bindingLifetimeMs: number;
	/** From the command after the silence to its answer. */
	downlinkAfterIdleMs: number | null;
	/** Datagrams of that command that the NAT dropped because their binding had expired. */
	droppedByExpiredBinding: number;
	/** From the change of all outside ports to the answer of a command given in that moment. */
	repairAfterRebindingMs: number | null;
	deregistered: boolean;
}

/** Times of the short story: the binding dies soon, and care comes soon enough. */
export const SHORT = Object.freeze({ udpTimeoutSeconds: 4, keepaliveSeconds: 2.5, lifetimeSeconds: 300 });

const REGISTER_MS = 10_000;
const COMMAND_MS = 5_000;
/** A command to a device that cannot be reached is given up after this. */
const LOST_MS = 3_000;
const NOTIFICATION_COUNT = 3;
const NOTIFICATIONS_MS = 15_000;
/** Silence in binding lifetimes. */
const IDLE_FACTOR = 1.5;
const REBINDING_ATTEMPTS = 3;

const PRESSURE = "/3323/0/5700";
const TEMPERATURE = "/3303/0/5700";
const RESET_TEMPERATURE_RANGE = "/3303/0/5605";
const MOTOR = "/3306/0/5850";
const MANUFACTURER = "/3/0/0";

/** Plays the story once from start to end; throws a StoryFailure. `say` gets one line for each thing that happens. */
export async function play(settings: CastSettings, say: (line: string) => void): Promise<Report> {
	const cast = await step("start", () => Cast.open(settings));
	try {
		return await new Play(cast, settings, say).run();
	} finally {
		await cast.close();
	}
}

class Play {
	readonly #cast: Cast;
	readonly #settings: CastSettings;
	readonly #say: (line: string) => void;
	readonly #report: Report;
	#registrations = 0;
	#deregistrations = 0;

	constructor(cast: Cast, settings: CastSettings, say: (line: string) => void) {
		this.#cast = cast;
		this.#settings = settings;
		this.#say = say;
		this.#report = {
			registered: false,
			reads: 0,
			writes: 0,
			executes: 0,
			notifications: 0,
			idleMs: 0,
			bindingLifetimeMs: settings.udpTimeoutSeconds * 1000,
			downlinkAfterIdleMs: null,
			droppedByExpiredBinding: 0,
			repairAfterRebindingMs: null,
			deregistered: false,
		};
	}

	async run(): Promise<Report> {
		await step("start", () => this.#cast.operator.listen((event) => this.#handleEvent(event)));
		await step("register", () => this.#register());
		await step("read", () => this.#read());
		await step("write", () => this.#write());
		await step("execute", () => this.#execute());
		await step("notifications", () => this.#notifications());
		await step("command after idling", () => this.#idle());
		await step("rebinding", () => this.#rebind());
		await step("de-register", () => this.#deregister());
		return this.#report;
	}

	get #cared(): boolean {
		return this.#settings.keepaliveSeconds !== undefined;
	}

	#handleEvent({ name, data }: ServerEvent): void {
		if (name === "REGISTRATION") this.#registrations++;
		if (name === "DEREGISTRATION") this.#deregistrations++;
		if (name === "NOTIFICATION" && data.res === PRESSURE) this.#report.notifications++;
	}

	async #register(): Promise<void> {
		const device = await this.#cast.startDevice();
		await until(REGISTER_MS, () => this.#registrations > 0, `${ENDPOINT} is not registered`);
		this.#report.registered = true;
		this.#say(`${ENDPOINT} (pid ${device.ready.pid}, on ${device.ready.engine}) is registered`);
	}

	async #read(): Promise<void> {
		for (const path of [MANUFACTURER, PRESSURE, TEMPERATURE]) await this.#readOne(path);
	}

	async #readOne(path: string): Promise<string> {
		const value = answered(await this.#cast.operator.read(path, COMMAND_MS), path);
		this.#report.reads++;
		this.#say(`read ${path}: ${value}`);
		return value;
	}

	async #write(): Promise<void> {
		for (const value of ["false", "true"]) {
			const status = answered(await this.#cast.operator.write(MOTOR, value, COMMAND_MS), MOTOR);
			this.#report.writes++;
			this.#say(`write ${MOTOR} ${value}: ${status}`);
			const now = await this.#readOne(MOTOR);
			if (now !== value) throw new Error(`${MOTOR} is ${now} after ${value} was written.`);
		}
	}

	async #execute(): Promise<void> {
		const status = await this.#cast.operator.execute(RESET_TEMPERATURE_RANGE, COMMAND_MS);
		this.#report.executes++;
		this.#say(`execute ${RESET_TEMPERATURE_RANGE}: ${answered(status, RESET_TEMPERATURE_RANGE)}`);
	}

	async #notifications(): Promise<void> {
		const { operator } = this.#cast;
		answered(await operator.observe(PRESSURE, COMMAND_MS), PRESSURE);
		const enough = (): boolean => this.#report.notifications >= NOTIFICATION_COUNT;
		await until(NOTIFICATIONS_MS, enough, `fewer than ${NOTIFICATION_COUNT} notifications came`);
		answered(await operator.cancelObservation(PRESSURE, COMMAND_MS), PRESSURE);
		this.#say(`observe ${PRESSURE}: ${this.#report.notifications} notifications`);
	}

	async #idle(): Promise<void> {
		const idleMs = this.#report.bindingLifetimeMs * IDLE_FACTOR;
		const care = this.#cared ? "with its keepalive alone" : "without care";
		this.#say(`idle for ${idleMs / 1000} s ${care}; a binding lives ${this.#report.bindingLifetimeMs / 1000} s`);
		const idleAt = performance.now();
		await pause(idleMs);
		const before = await this.#cast.natStatus();
		this.#report.idleMs = Math.round(performance.now() - idleAt);

		const [value, ms] = await this.#timedRead(this.#cared ? COMMAND_MS : LOST_MS);
		const dropped = (await this.#cast.natStatus()).dropped.expired - before.dropped.expired;
		this.#report.droppedByExpiredBinding = dropped;
		if (this.#cared) {
			if (value === undefined) throw new Error("no answer to the command.");
			// Had its first datagram been dropped, the answer would be to a later one, after the device's next word.
			if (dropped > 0) throw new Error("the binding had died, the command did not arrive at once.");
			this.#report.downlinkAfterIdleMs = ms;
			this.#say(`the command arrived: ${value} after ${ms} ms`);
		} else {
			if (value !== undefined) throw new Error("the command arrived although nobody cared for the binding.");
			if (dropped === 0) throw new Error("the command was lost, but not by an expired binding.");
			this.#say(`the command was lost: the NAT dropped ${dropped} datagrams for a binding that had expired`);
		}
	}

	async #rebind(): Promise<void> {
		if (!this.#cared) {
			await this.#changePorts();
			const [value] = await this.#timedRead(LOST_MS);
			if (value !== undefined) throw new Error("the command arrived although nobody cared for the binding.");
			this.#say("the command was lost: without care nothing tells the back end the new port");
			return;
		}
		const patienceMs = COMMAND_MS + 2000 * SHORT.keepaliveSeconds;
		for (let attempt = 1; attempt <= REBINDING_ATTEMPTS; attempt++) {
			const before = await this.#changePorts();
			const [value, ms] = await this.#timedRead(patienceMs);
			if (value === undefined) throw new Error("the device did not repair itself.");
			// Should the keepalive have come between the rebinding and the command, there was nothing to repair.
			if ((await this.#cast.natStatus()).dropped.rebound === before.dropped.rebound) continue;
			this.#report.repairAfterRebindingMs = ms;
			this.#say(`the device repaired itself: ${value} after ${ms} ms`);
			return;
		}
		throw new Error("nothing was ever lost at the old port, so nothing was repaired.");
	}

	/** Gives the NAT's status from before. */
	async #changePorts(): Promise<RelayStatus> {
		const before = await this.#cast.natStatus();
		await this.#cast.nat.ask("rebind");
		this.#say("the NAT gives every binding another port");
		return before;
	}

	async #deregister(): Promise<void> {
		const code = await this.#cast.stopDevice();
		await until(COMMAND_MS, () => this.#deregistrations > 0, `${ENDPOINT} did not de-register`);
		if (code !== 0) throw new Error(`the device ended with exit code ${code}.`);
		this.#report.deregistered = true;
		this.#say(`${ENDPOINT} de-registered`);
	}

	async #timedRead(timeoutMs: number): Promise<[value: string | undefined, ms: number]> {
		const startedAt = performance.now();
		const value = await this.#cast.operator.read(PRESSURE, timeoutMs);
		if (value !== undefined) this.#report.reads++;
		return [value, Math.round((performance.now() - startedAt) * 10) / 10];
	}
}

function answered(value: string | undefined, path: string): string {
	if (value === undefined) throw new Error(`no answer from ${path}.`);
	return value;
}

const LOOK_MS = 10;

async function until(timeoutMs: number, isSo: () => boolean, otherwise: string): Promise<void> {
	for (const endAt = performance.now() + timeoutMs; !isSo(); await pause(LOOK_MS)) {
		if (performance.now() > endAt) throw new Error(`${otherwise} within ${timeoutMs / 1000} s.`);
	}
}
