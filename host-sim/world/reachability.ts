// The promise to be kept: when the last fault has healed, each device is reached within the bound.

import { isSuccess } from "../../firmware/coap/codes.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { read } from "../backend/operations.js";
import type { SimulatedDevice } from "./device.js";
import { paths } from "./machine.js";
import { Violation } from "./violation.js";
import type { Workload } from "./workload.js";

export class Reachability {
	readonly #workload: Workload;
	readonly #now: () => number;
	/** Devices not reached yet; the value says whether a question is under way. */
	readonly #missing = new Map<SimulatedDevice, boolean>();
	#healedAt = 0;
	#boundMs = 0;
	/** The longest time that it took, in all calms so far. */
	longestMs = 0;

	constructor(workload: Workload, now: () => number) {
		this.#workload = workload;
		this.#now = now;
	}

	/** The last fault has healed: each device is asked until it answers. */
	begin(devices: readonly SimulatedDevice[], boundMs: number): void {
		this.#healedAt = this.#now();
		this.#boundMs = boundMs;
		for (const device of devices) {
			this.#missing.set(device, false);
			this.handleRegistered(device);
		}
	}

	/** Perhaps the back end did not know it until now. */
	handleRegistered(device: SimulatedDevice): void {
		if (this.#missing.get(device) !== false) return;
		this.#missing.set(device, true);
		const now = this.#now();
		const timeoutMs = this.#healedAt + this.#boundMs - now;
		const operation = read(paths.serialNumber, ContentFormat.Text);
		const sent = this.#workload.send(now, device, operation, timeoutMs, undefined, (outcome) => {
			if (outcome.kind === "response" && isSuccess(outcome.code)) this.#reached(device);
			else {
				this.#missing.set(device, false);
				if (this.#now() < this.#healedAt + this.#boundMs) this.handleRegistered(device);
			}
		});
		if (!sent) this.#missing.set(device, false);
	}

	/** The bound is over. */
	end(): void {
		if (this.#missing.size === 0) return;
		const names = [...this.#missing.keys()].map((device) => device.name).join(", ");
		throw new Violation(`not reached within ${this.#boundMs} ms after the last fault healed: ${names}`);
	}

	#reached(device: SimulatedDevice): void {
		this.#missing.delete(device);
		this.longestMs = Math.max(this.longestMs, this.#now() - this.#healedAt);
	}
}
