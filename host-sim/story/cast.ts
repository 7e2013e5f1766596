// Who plays: a back end, a NAT and a device behind it, each a process of its own, on 127.0.0.1 and free ports.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeCredentials } from "../backend/credentials.js";
import { newCredential } from "../cli/credentials.js";
import type { RelayStatus } from "../nat/relay.js";
import { Operator } from "./operator.js";
import { PinholeProcess } from "./process.js";

export type Role = "back end" | "nat" | "device";
export type Engine = "node" | "xs";

export interface CastSettings {
	readonly engine: Engine;
	readonly udpTimeoutSeconds: number;
	/** Undefined: the device leaves its binding to its fate. */
	readonly keepaliveSeconds: number | "learned" | undefined;
	readonly lifetimeSeconds: number;
	readonly capture?: string;
	/** Device and back end do without keys. */
	readonly nosec?: boolean;
	/** Keeps Ctrl-C from the players, so that the story can end them in their order. */
	readonly ownGroups?: boolean;
	/** Each line that a player logs. */
	readonly onLog: (role: Role, line: string) => void;
}

export const ENDPOINT = "compressor-1";

/** On a first start the engine may have to be built. */
const XS_READY_MS = 300_000;

/** Keys for one story, in a folder that nobody else may enter; gone with this process at the latest. */
class Keys {
	readonly #folder = mkdtempSync(join(tmpdir(), "pinhole-keys-"));
	readonly file = join(this.#folder, "credentials.json");

	constructor() {
		process.once("exit", this.delete);
		writeCredentials(this.file, [newCredential(ENDPOINT)]);
	}

	readonly delete = (): void => {
		process.off("exit", this.delete);
		rmSync(this.#folder, { recursive: true, force: true });
	};
}

/** The three processes and the operator at the back end. */
export class Cast {
	readonly backend: PinholeProcess;
	readonly nat: PinholeProcess;
	readonly operator: Operator;
	readonly #settings: CastSettings;
	/** Undefined: none of them has any. */
	readonly #keys: Keys | undefined;
	#device: PinholeProcess | undefined;

	private constructor(settings: CastSettings, keys: Keys | undefined, backend: PinholeProcess, nat: PinholeProcess) {
		this.#settings = settings;
		this.#keys = keys;
		this.backend = backend;
		this.nat = nat;
		this.operator = new Operator(backend.place("http"), ENDPOINT);
	}

	/** Starts back end and NAT. The device comes later, so that nobody misses its registration. */
	static async open(settings: CastSettings): Promise<Cast> {
		const keys = settings.nosec === true ? undefined : new Keys();
		const security = keys === undefined ? ["--nosec"] : ["--credentials", keys.file];
		const listen = ["--coap", "127.0.0.1:0", "--http", "127.0.0.1:0"];
		let backend: PinholeProcess | undefined;
		try {
			backend = await start(settings, "back end", ["backend", ...security, ...listen]);
			const places = ["--inside", "127.0.0.1:0", "--outside", "127.0.0.1", "--to", backend.place("coap")];
			const timeout = ["--udp-timeout", String(settings.udpTimeoutSeconds)];
			const capture = settings.capture === undefined ? [] : ["--capture", settings.capture];
			const nat = await start(settings, "nat", ["nat", ...places, ...timeout, ...capture]);
			return new Cast(settings, keys, backend, nat);
		} catch (error) {
			await backend?.stop();
			keys?.delete();
			throw error;
		}
	}

	async startDevice(): Promise<PinholeProcess> {
		const { engine, keepaliveSeconds, lifetimeSeconds } = this.#settings;
		const security = this.#keys === undefined ? ["--nosec"] : ["--oscore", this.#keys.file];
		const where = ["--server", `coap://${this.nat.place("inside")}`, "--endpoint", ENDPOINT, "--engine", engine];
		const interval = keepaliveSeconds === "learned" ? [] : ["--keepalive", String(keepaliveSeconds)];
		const care = keepaliveSeconds === undefined ? ["--no-keepalive"] : interval;
		const words = ["device", ...security, ...where, "--lifetime", String(lifetimeSeconds), ...care];
		this.#device = await start(this.#settings, "device", words);
		return this.#device;
	}

	natStatus(): Promise<RelayStatus> {
		return this.nat.ask<RelayStatus>("status");
	}

	/** Resolves with who ended, should one end by itself. */
	async someoneEnded(): Promise<Role> {
		const end = (role: Role, player: PinholeProcess | undefined) =>
			player === undefined ? new Promise<Role>(() => {}) : player.ended.then(() => role);
		return Promise.race([end("back end", this.backend), end("nat", this.nat), end("device", this.#device)]);
	}

	/** Ends the device, which de-registers; gives its exit code. */
	async stopDevice(): Promise<number | null | undefined> {
		return this.#device?.stop();
	}

	/** Ends all, the device first while it can still say goodbye. */
	async close(): Promise<void> {
		await this.stopDevice();
		this.operator.close();
		await Promise.all([this.nat.stop(), this.backend.stop()]);
		this.#keys?.delete();
	}
}

function start(settings: CastSettings, role: Role, argv: readonly string[]): Promise<PinholeProcess> {
	return PinholeProcess.start(argv, {
		onLog: (line) => settings.onLog(role, line),
		ownGroup: settings.ownGroups === true,
		...(role === "device" && settings.engine === "xs" ? { readyMs: XS_READY_MS } : {}),
	});
}
