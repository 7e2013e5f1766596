// The back end in virtual time: its real core, with an alarm, a disk, and restarts.

import { limits } from "../../firmware/limits.js";
import { Core, type CoreOptions, type Datagram } from "../backend/core.js";
import type { CoreEvent } from "../backend/core-event.js";
import type { Keyring } from "../backend/keyring.js";
import type { Operation } from "../backend/operations.js";
import type { SavedDevice } from "../backend/saved.js";
import type { Peer } from "../nat/peer.js";
import type { Chance } from "./chance.js";
import type { Counters } from "./counters.js";
import { Disk } from "./disk.js";
import type { EventQueue, Occasion } from "./queue.js";
import { Violation } from "./violation.js";

/** What surrounds the back end. */
export interface ServerSurroundings {
	readonly queue: EventQueue;
	now(): number;
	/** The bytes are borrowed for the call. */
	send(bytes: Uint8Array, to: Peer): void;
	/** Ends a connection; undefined where there are none. */
	close?(connection: string): void;
	handleEvent(event: CoreEvent): void;
	readonly counters: Counters;
	/** What is to be kept is written only when the process ends: with many devices each writing is dear. */
	readonly writesLate?: boolean;
}

/** Changes are written together after this time, as the process does. */
const SAVE_MS = 100;

/** So many deadlines in a row that are not ahead, with nothing said or sent, are a busy loop. */
const IDLE_TURNS = 4;

export class Server {
	readonly disk = new Disk<readonly SavedDevice[]>();
	readonly #surroundings: ServerSurroundings;
	readonly #chance: Chance;
	readonly #out: Datagram = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0, address: "" };
	/** Undefined: without security. */
	readonly #keyring: Keyring | undefined;
	readonly #options: CoreOptions;
	#core: Core;
	#alarm: Occasion | undefined;
	#saving: Occasion | undefined;
	/** The disk holds all that is to be kept. */
	#isWritten = false;

	constructor(
		surroundings: ServerSurroundings,
		chance: Chance,
		keyring: Keyring | undefined,
		options: CoreOptions = {},
	) {
		this.#surroundings = surroundings;
		this.#chance = chance;
		this.#keyring = keyring;
		this.#options = options;
		this.#core = new Core(chance.fork(), keyring?.security(), options);
	}

	isRegistered(endpointName: string): boolean {
		return this.#core.registration(endpointName) !== undefined;
	}

	isObserved(endpointName: string, path: string): boolean {
		return this.#core.observation(endpointName, path) !== undefined;
	}

	handleReceived(from: Peer, bytes: Uint8Array): void {
		this.#core.handleReceived(this.#surroundings.now(), from, bytes);
		this.#drain();
	}

	/** A device has connected; so many bytes can be sent to it. */
	handleConnected(connection: string, room: number): void {
		this.#core.handleConnected(connection);
		this.handleWritable(connection, room);
	}

	handleWritable(connection: string, room: number): void {
		this.#core.handleWritable(connection, room);
		this.#drain();
	}

	handleDisconnected(connection: string): void {
		this.#core.handleDisconnected(this.#surroundings.now(), connection);
		this.#drain();
	}

	/** The handle of the command; 0: no such device. */
	command(endpointName: string, operation: Operation, timeoutMs: number): number {
		return this.#core.command(this.#surroundings.now(), endpointName, operation, timeoutMs);
	}

	/** To be called after `command`, once its handle is noted. */
	flush(): void {
		this.#drain();
	}

	/** Forgets an observation without telling the device. */
	forget(endpointName: string, path: string): void {
		this.#core.forget(this.#surroundings.now(), endpointName, path);
		this.#drain();
	}

	/** The process is killed and starts again, with what its disk holds or with nothing. */
	restart(keepsState: boolean): void {
		if (this.#surroundings.writesLate === true && keepsState) this.#save();
		if (!keepsState) {
			this.disk.erase();
			this.#keyring?.saved.clear();
		}
		const written = keepsState && this.#isWritten ? JSON.stringify(this.#core.save()) : undefined;
		if (this.#saving !== undefined) this.#saving.run = undefined;
		this.#saving = undefined;
		this.#isWritten = false;
		this.#core = new Core(this.#chance.fork(), this.#keyring?.security(), this.#options);
		const saved = this.disk.read();
		if (saved !== undefined) this.#core.restore(this.#surroundings.now(), saved);
		if (written !== undefined && JSON.stringify(this.#core.save()) !== written)
			throw new Violation("the back end is not what it was before its restart");
		this.#drain();
	}

	/** Carries out what the core wants; gives how much that was. */
	#drain(): number {
		const core = this.#core;
		const out = this.#out;
		const { now, send, handleEvent } = this.#surroundings;
		let count = 0;
		for (let event = core.pollEvent(); event !== undefined; event = core.pollEvent()) {
			count++;
			if (changesState(event)) this.#saveSoon();
			handleEvent(event);
		}
		while (core.pollTransmit(now(), out)) {
			count++;
			if (out.length > limits.messageLength) throw new Violation(`the back end sends ${out.length} bytes`);
			send(out.bytes.subarray(0, out.length), out.address);
		}
		for (let command = core.pollCommand(); command !== undefined; command = core.pollCommand()) {
			count++;
			this.#surroundings.close?.(command.address);
		}
		this.#arm();
		return count;
	}

	#arm(): void {
		const at = this.#core.pollTimeout();
		if (Number.isNaN(at)) throw new Violation("the back end's deadline is not a number");
		const wholeAt = Math.max(Math.ceil(at), this.#surroundings.now());
		if (this.#alarm?.run !== undefined) {
			if (this.#alarm.at === wholeAt) return;
			this.#alarm.run = undefined;
		}
		this.#alarm = at === Number.POSITIVE_INFINITY ? undefined : this.#surroundings.queue.add(wholeAt, this.#onAlarm);
	}

	readonly #onAlarm = (): void => {
		const now = this.#surroundings.now();
		this.#alarm = undefined;
		for (let idleTurns = 0; this.#core.pollTimeout() <= now; ) {
			this.#core.handleTimeout(now);
			idleTurns = this.#drain() > 0 ? 0 : idleTurns + 1;
			if (idleTurns === IDLE_TURNS) throw new Violation("the back end's deadline is past, and nothing happens");
		}
		this.#arm();
	};

	#saveSoon(): void {
		const { now, queue, writesLate } = this.#surroundings;
		this.#isWritten = false;
		if (writesLate === true) return;
		this.#saving ??= queue.add(now() + SAVE_MS, () => this.#save());
	}

	#save(): void {
		this.#saving = undefined;
		try {
			this.disk.write(this.#core.save());
			this.#isWritten = true;
		} catch {
			this.#surroundings.counters.add("disk failures");
		}
	}
}

function changesState({ kind }: CoreEvent): boolean {
	return kind === "registered" || kind === "updated" || kind === "deregistered" || kind === "observation";
}
