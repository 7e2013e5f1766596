// What the back end asked, what the devices carried out, and what was answered: compared entry by entry.

import { decodeText } from "../../firmware/bytes.js";
import { Code, codeText, isSuccess } from "../../firmware/coap/codes.js";
import type { Outcome } from "../backend/core-event.js";
import type { Operation } from "../backend/operations.js";
import type { Counters } from "./counters.js";
import type { SimulatedDevice } from "./device.js";
import { isLongText, paths } from "./machine.js";
import { Violation } from "./violation.js";

/** One command of the back end. */
export interface Task {
	readonly device: SimulatedDevice;
	readonly operation: Operation;
	/** What an Execute or Write carries, so that it is known again; undefined for others. */
	readonly mark: string | undefined;
	readonly issuedAt: number;
	readonly deadlineAt: number;
	/** Told when it has ended. */
	readonly finished: ((outcome: Outcome) => void) | undefined;
	/** True: by then nothing may be wrong any more, so that it must be answered. */
	mustSucceed: boolean;
	resentCount: number;
	/** In which lives of the device it was carried out. */
	readonly carriedOutIn: number[];
}

/** Marks are remembered so long after their deadline: later nothing of them is on the way any more. */
const MEMORY_MS = 600_000;

export class Ledger {
	readonly #counters: Counters;
	readonly #trusting: boolean;
	#tasks = new Map<number, Task>();
	readonly #byOperation = new Map<Operation, Task>();
	readonly #byMark = new Map<string, Task>();

	/** `trusting` is false where damaged messages pass for true ones. */
	constructor(counters: Counters, trusting: boolean) {
		this.#counters = counters;
		this.#trusting = trusting;
	}

	begin(handle: number, task: Task): void {
		this.#counters.add("commands");
		this.#tasks.set(handle, task);
		this.#byOperation.set(task.operation, task);
		if (task.mark === undefined) return;
		this.#byMark.set(task.mark, task);
		const oldest = this.#byMark.values().next().value!;
		if (oldest.deadlineAt + MEMORY_MS < task.issuedAt) this.#byMark.delete(oldest.mark!);
	}

	/** The back end restarted: nobody waits for anything. */
	forgetOpen(): void {
		for (const { operation } of this.#tasks.values()) this.#byOperation.delete(operation);
		this.#tasks = new Map();
	}

	handleResent(operation: Operation): void {
		const task = this.#byOperation.get(operation);
		if (task === undefined) return;
		task.resentCount++;
		this.#counters.add("commands resent");
	}

	handleCarriedOut(device: SimulatedDevice, mark: string, portsWereReused: boolean): void {
		const task = this.#byMark.get(mark);
		if (task === undefined || !this.#trusting) {
			if (this.#trusting) throw new Violation(`${device.name} carries out "${mark}", which nobody asked for`);
			return;
		}
		if (task.device !== device) {
			this.#counters.add("crossed");
			if (portsWereReused) return;
			throw new Violation(`${device.name} carries out "${mark}", which ${task.device.name} was asked for`);
		}
		task.carriedOutIn.push(device.life);
		const times = task.carriedOutIn.filter((life) => life === device.life).length;
		// However often it was sent: what comes again is the same message, and a device knows it until it starts anew.
		if (times > 1) throw new Violation(`${device.name} carries out "${mark}" ${times} times`);
	}

	handleFinished(now: number, handle: number, outcome: Outcome): void {
		const task = this.#tasks.get(handle);
		if (task === undefined) throw new Violation(`the back end finishes command ${handle}, which is not open`);
		this.#tasks.delete(handle);
		this.#byOperation.delete(task.operation);
		if (now > task.deadlineAt + 1) throw new Violation(`${describe(task)} ends after its deadline`);
		if (outcome.kind === "response") this.#checkAnswer(task, outcome);
		else {
			this.#counters.add("commands unanswered");
			if (task.mustSucceed) throw new Violation(`${describe(task)}: ${outcome.kind}, though all is well`);
		}
		task.finished?.(outcome);
	}

	#checkAnswer(task: Task, { code, payload }: Extract<Outcome, { kind: "response" }>): void {
		this.#counters.add("commands answered");
		if (!this.#trusting) return;
		if (task.mustSucceed && !isSuccess(code)) throw new Violation(`${describe(task)} is answered ${codeText(code)}`);
		if (code === Code.Changed && task.mark !== undefined && task.carriedOutIn.length === 0)
			throw new Violation(`${describe(task)} is answered 2.04 but was not carried out`);
		if (code !== Code.Content) return;
		const text = decodeText(payload, 0, payload.length);
		const { path } = task.operation;
		if (path === paths.serialNumber && text !== task.device.name)
			throw new Violation(`${describe(task)} is answered by ${text}`);
		if (path === paths.long) {
			this.#counters.add("Block2 transfers");
			if (text === undefined || !isLongText(text)) throw new Violation(`${describe(task)} joins blocks of two texts`);
		}
	}
}

function describe({ operation, device, mark, resentCount, issuedAt }: Task): string {
	const what = `${codeText(operation.code)} ${operation.path}${mark === undefined ? "" : ` "${mark}"`}`;
	return `${what} to ${device.name} (asked at ${issuedAt} ms, sent again ${resentCount} times)`;
}
