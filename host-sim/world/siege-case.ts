// One attack: where everybody is, how long things may take, and what holds after it, whatever it was.

import { assert } from "#suite";
import { plainPrimitives } from "../../firmware/tests/security/plain-primitives.js";
import { Keyring } from "../backend/keyring.js";
import * as operations from "../backend/operations.js";
import { NonceLog } from "./nonce-log.js";
import { type Besieged, KEEPALIVE_MS, type Recorded, Siege } from "./siege.js";

export const SERVER = "192.0.2.1:5683";
export const HOME = "198.51.100.7:1000";
export const OTHER = "198.51.100.8:2000";
export const MOVED = "198.51.100.7:1001";
export const ENEMY = "203.0.113.66:6666";
export const TEMPERATURE = "/3303/0/5700";
const EXECUTABLE = "/3303/0/5605";

/** A round trip of the wire is 40 ms: with loss of one message its repetition adds up to 3 s. */
export const AT_ONCE_MS = 500;
/** From a rebinding until the device is back: one keepalive, and one exchange with one repetition. */
export const REBOUND_MS = KEEPALIVE_MS + 5_000;

/** A siege with what every one of them is judged by. */
export class Case {
	readonly siege: Siege;
	readonly nonces = new NonceLog(plainPrimitives);
	readonly #given = new Set<string>();

	constructor(seed = 1) {
		const keyring = new Keyring(this.nonces.primitives, ["a", "b"], seed);
		this.siege = new Siege({ keyring, seed }, this.nonces);
	}

	/** A device that has registered. */
	device(name = "a", address = HOME): Besieged {
		const device = this.siege.add(name, address);
		this.within(AT_ONCE_MS, () => this.siege.core.registration(name) !== undefined);
		return device;
	}

	within(limitMs: number, holds: () => boolean): void {
		const ms = this.siege.until(holds, limitMs);
		assert.ok(ms <= limitMs, `not within ${limitMs} ms`);
	}

	/** An Execute with a mark of its own; gives the handle. */
	execute(device: Besieged): number {
		const mark = `0='${this.#given.size}'`;
		this.#given.add(mark);
		return this.siege.command(device, operations.execute(EXECUTABLE, mark));
	}

	read(device: Besieged, timeoutMs = 300_000): number {
		return this.siege.command(device, operations.read(TEMPERATURE, undefined), timeoutMs);
	}

	/** Another temperature, and whoever observes it is told. */
	warm(device: Besieged, value: number): void {
		device.temperature!.set("sensorValue", value);
		device.agent.handleModelChanged(this.siege.now);
	}

	outcome(handle: number): string | undefined {
		return this.siege.outcomes.get(handle);
	}

	/** The device answers a command within the bound, whatever was before. */
	judge(device: Besieged, boundMs: number): void {
		for (const each of this.siege.devices) {
			assert.is(new Set(each.executed).size, each.executed.length, `twice: ${each.executed}`);
			for (const mark of each.executed) assert.ok(this.#given.has(mark), `never sent: ${mark}`);
		}
		this.reach(device, boundMs);
		assert.equal(this.nonces.reused, []);
	}

	private reach(device: Besieged, boundMs: number): void {
		const begun = this.siege.now;
		const handle = this.read(device, boundMs);
		// A device that nobody knows of yet is asked once it is.
		if (handle === 0) {
			this.within(boundMs, () => this.siege.core.registration(device.name) !== undefined);
			return this.reach(device, boundMs);
		}
		this.within(boundMs - (this.siege.now - begun), () => this.outcome(handle) === "response");
	}

	/** What went from one place to another since a moment. */
	said(since: number, from: string): Recorded[] {
		return this.siege.recorded.slice(since).filter((one) => one.from === from);
	}
}
