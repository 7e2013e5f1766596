// What people and programs do with the devices all day: a random schedule of commands and observations.

import { encodeText, Writer } from "../../firmware/bytes.js";
import { isSuccess } from "../../firmware/coap/codes.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import type { Outcome } from "../backend/core-event.js";
import * as operations from "../backend/operations.js";
import type { Chance, Range } from "./chance.js";
import type { SimulatedDevice } from "./device.js";
import type { Ledger } from "./ledger.js";
import { GONE, KEPT_COUNT, paths } from "./machine.js";
import type { Server } from "./server.js";
import type { StorageCheck } from "./storage-check.js";

/** Each kind of command, and how often it comes up. */
const KINDS = [
	["read-name", 20],
	["read-instance", 10],
	["read-long", 4],
	["write", 15],
	["write-slowly", 8],
	["execute", 15],
	["keep", 15],
	["observe", 10],
	["observe-long", 1],
	["cancel", 3],
	["forget", 2],
	["discover", 3],
	["attributes", 2],
	["reboot", 1],
] as const;

type Kind = (typeof KINDS)[number][0];

const WEIGHTS = KINDS.map(([, weight]) => weight);
/** What is observed: a counter, a measurement, a contact, and what needs several blocks. */
const OBSERVED = [paths.runTime, paths.temperature, paths.alarm, paths.long] as const;
const TIMEOUTS: Range = [20_000, 300_000];
/** Longer than the longest timeout and the last repetition of a separate response. */
const SLOW_INTERVAL_MS = 400_000;

export class Workload {
	/** No command that restarts a device. */
	gentle = false;
	/** All must succeed that is asked now and must end before this; undefined: anything may fail. */
	settledUntil: number | undefined;
	readonly #server: Server;
	readonly #ledger: Ledger;
	readonly #storage: StorageCheck;
	readonly #chance: Chance;
	#markCount = 0;
	#valueCount = 0;
	/** When a device was last asked for something that takes it long. */
	readonly #slowAt = new Map<SimulatedDevice, number>();

	constructor(server: Server, ledger: Ledger, storage: StorageCheck, chance: Chance) {
		this.#server = server;
		this.#ledger = ledger;
		this.#storage = storage;
		this.#chance = chance;
	}

	/** Asks a device for something. */
	ask(now: number, device: SimulatedDevice): void {
		const chance = this.#chance;
		const [kind] = KINDS[chance.weighted(WEIGHTS)]!;
		if (kind === "forget") return this.#server.forget(device.name, chance.pick(OBSERVED));
		if (kind === "reboot" && this.gentle) return;
		if (kind === "keep") return this.keep(now, device);
		if (kind === "write-slowly" && !this.#mayWriteSlowly(now, device)) return;
		const mark = kind === "write" || kind === "write-slowly" || kind === "execute" ? this.#newMark() : undefined;
		this.send(now, device, this.#operation(kind, mark ?? ""), chance.whole(TIMEOUTS), mark);
		// A second long answer takes the place of the first one, of which the device keeps but one.
		if (kind === "read-long" && chance.happens(0.5))
			this.send(now, device, operations.read(paths.longInstance, undefined), chance.whole(TIMEOUTS));
	}

	/** Sends a command. False: the back end does not know the device. */
	send(
		now: number,
		device: SimulatedDevice,
		operation: operations.Operation,
		timeoutMs: number,
		mark?: string,
		finished?: (outcome: Outcome) => void,
	): boolean {
		const handle = this.#server.command(device.name, operation, timeoutMs);
		if (handle === 0) return false;
		const deadlineAt = now + timeoutMs;
		const mustSucceed = this.settledUntil !== undefined && deadlineAt < this.settledUntil;
		const counts = { resentCount: 0, carriedOutIn: [] };
		this.#ledger.begin(handle, {
			device,
			operation,
			mark,
			issuedAt: now,
			deadlineAt,
			finished,
			mustSucceed,
			...counts,
		});
		this.#server.flush();
		return true;
	}

	/** One at a time: each separate response may hold up the device's own requests, and the bound counts one. */
	#mayWriteSlowly(now: number, device: SimulatedDevice): boolean {
		if (now - (this.#slowAt.get(device) ?? Number.NEGATIVE_INFINITY) < SLOW_INTERVAL_MS) return false;
		this.#slowAt.set(device, now);
		return true;
	}

	#newMark(): string {
		return `m${++this.#markCount}`;
	}

	/** Writes, creates or deletes a set point; what is not there cannot be written, so in a calm only the first is. */
	keep(now: number, device: SimulatedDevice): void {
		const chance = this.#chance;
		const instanceId = this.settledUntil === undefined ? chance.whole([0, KEPT_COUNT - 1]) : 0;
		const path = `${paths.kept}/${instanceId}`;
		const value = ++this.#valueCount;
		const way = instanceId === 0 ? 0 : chance.whole([0, 2]);
		const state = way === 2 ? GONE : String(value);
		const resource = `${path}/${paths.keptValue}`;
		const operation =
			way === 2
				? operations.remove(path)
				: way === 1
					? operations.create(path, ContentFormat.Tlv, setPoint(value))
					: operations.write(resource, true, ContentFormat.Text, encodeText(state));
		this.send(now, device, operation, chance.whole(TIMEOUTS), undefined, (outcome) => {
			if (outcome.kind === "response" && isSuccess(outcome.code))
				this.#storage.handleAcknowledged(device, instanceId, state);
		});
	}

	#operation(kind: Exclude<Kind, "forget" | "keep">, mark: string): operations.Operation {
		const chance = this.#chance;
		switch (kind) {
			case "read-name":
				return operations.read(paths.serialNumber, ContentFormat.Text);
			case "read-instance":
				return operations.read(paths.pressures, undefined);
			case "read-long":
				return operations.read(paths.long, ContentFormat.Text);
			case "write":
				return operations.write(paths.markable, true, ContentFormat.Text, encodeText(mark));
			case "write-slowly":
				return operations.write(paths.slow, true, ContentFormat.Text, encodeText(mark));
			case "execute":
				return operations.execute(paths.marked, mark);
			case "observe":
				return operations.observe(chance.pick(OBSERVED.slice(0, -1)), ContentFormat.Text);
			case "observe-long":
				return operations.observe(paths.long, ContentFormat.Text);
			case "cancel":
				return operations.cancelObservation(chance.pick(OBSERVED), ContentFormat.Text);
			case "discover":
				return operations.discover("/3306");
			case "attributes":
				return operations.writeAttributes(chance.pick(OBSERVED), [`pmin=${chance.whole([5, 40])}`]);
			case "reboot":
				return operations.execute(paths.reboot, "");
			default:
				return kind satisfies never;
		}
	}
}

/** A set point as TLV: resource 5900, a float of 4 bytes. */
function setPoint(value: number): Uint8Array {
	const writer = new Writer(new Uint8Array(7));
	writer.uint(0xe4170c, 3);
	writer.f32(value);
	return writer.bytes!;
}
