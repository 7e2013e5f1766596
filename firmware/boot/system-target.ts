// The board as the verbs of its console see it.

import type { DatagramStatistics } from "../coap/association.js";
import type { Answer, ConsoleTarget, ConsoleValue, Refusal } from "../console/target.js";
import { accountFault } from "./account.js";
import { keys } from "./constants.js";
import { encodeSettings, type Settings } from "./settings.js";
import type { System } from "./system.js";

const UNPROVISIONED = "the device is not provisioned";
const NOT_RUNNING = "the device does not run yet";
/** What the 32-bit tick counter can tell apart. */
const LONGEST_ADVANCE_MS = 0x7fff_ffff;

export class SystemTarget implements ConsoleTarget {
	readonly isTestBuild: boolean;
	readonly #system: System;

	constructor(system: System) {
		this.#system = system;
		this.isTestBuild = system.board.config.build === "test";
	}

	boot(answer: Answer): void {
		const { config, device } = this.#system.board;
		putConfig(answer, this.#system);
		answer.text("build", config.build);
		answer.text("reset", device.reset.reason);
		if (device.reset.cause !== undefined) answer.text("cause", device.reset.cause);
		putText(answer, "endpoint", this.#system.settings?.endpointName);
	}

	status(answer: Answer): void {
		const { fault, installation, network, settings, state } = this.#system;
		answer.text("state", state);
		putText(answer, "fault", fault);
		answer.flag("provisioned", settings !== undefined);
		answer.number("uptimeSeconds", Math.floor(this.#system.now() / 1000));
		putText(answer, "network", network?.label);
		answer.openList("accounts");
		for (const account of installation?.statuses() ?? []) {
			answer.open("account");
			answer.number("shortServerId", account.shortServerId);
			answer.text("server", `${account.host}:${account.port}`);
			answer.flag("registered", account.registered);
			putNumber(answer, "registeredSeconds", account.registeredSeconds);
			answer.flag("open", account.open);
			answer.close();
		}
		answer.close();
	}

	identity(answer: Answer): void {
		const { board, network, settings } = this.#system;
		putConfig(answer, this.#system);
		answer.text("build", board.config.build);
		putText(answer, "endpoint", settings?.endpointName);
		putText(answer, "mac", network?.status.mac);
	}

	/** A journal that is full or broken says so; what was there before still is. */
	provision(settings: Settings): Refusal {
		const { board, journal } = this.#system;
		if (journal === undefined) return "the journal cannot be opened";
		if (settings.network === undefined && board.device.network.interface.kind === "wifi")
			return "this board has Wi-Fi: it needs a network with ssid and password";
		const fault = accountFault(
			settings,
			board.device.primitives !== undefined,
			board.device.serial.modem !== undefined,
		);
		if (fault !== undefined) return fault;
		try {
			journal.write(keys.settings, encodeSettings(settings));
			return undefined;
		} catch (error) {
			return sentence(error);
		}
	}

	network(answer: Answer): void {
		const { network } = this.#system;
		if (network === undefined) return answer.text("state", "missing");
		const { kind, state, label, address, mac, ssid, rssi, lossCount } = network.status;
		answer.text("kind", kind);
		answer.text("state", state);
		putText(answer, "label", label);
		putText(answer, "address", address);
		putText(answer, "mac", mac);
		putText(answer, "ssid", ssid);
		putNumber(answer, "rssi", rssi);
		answer.number("losses", lossCount);
	}

	objectsRead(path: string, answer: Answer): Refusal {
		const { installation, settings } = this.#system;
		if (installation === undefined) return settings === undefined ? UNPROVISIONED : NOT_RUNNING;
		return installation.objects.read(installation.device.now(), path, answer);
	}

	objectsWrite(path: string, value: ConsoleValue): Refusal {
		const { installation, settings } = this.#system;
		if (installation === undefined) return settings === undefined ? UNPROVISIONED : NOT_RUNNING;
		const refusal = installation.objects.write(installation.device.now(), path, value);
		installation.stepSoon();
		return refusal;
	}

	/** One answer has to do for four accounts: their counters are added up. */
	statistics(answer: Answer): void {
		const { board, installation, journal, network, starts } = this.#system;
		answer.number("uptimeSeconds", Math.floor(this.#system.now() / 1000));
		answer.number("ticks", this.#system.ticks);
		answer.number("starts", starts.count);
		answer.number("faults", starts.faultCount);
		putText(answer, "lastFault", starts.lastFault);
		putNumber(answer, "heapBytes", board.device.heap?.usedBytes);
		putNumber(answer, "networkLosses", network?.status.lossCount);
		if (journal !== undefined) {
			const { recordCount, freeLength, eraseCounts, recoveryCount, corruptCount, faultCount } = journal.statistics();
			answer.open("journal");
			answer.number("records", recordCount);
			answer.number("freeBytes", freeLength);
			answer.number("erases", Math.max(0, ...eraseCounts));
			answer.number(
				"cleanUps",
				eraseCounts.reduce((sum, count) => sum + count, 0),
			);
			answer.number("recoveries", recoveryCount);
			answer.number("corrupt", corruptCount);
			answer.number("faults", faultCount);
			answer.close();
		}
		if (installation === undefined) return;
		answer.number("strays", installation.device.strayCount);
		answer.open("coap");
		const all = installation.statuses().map((account) => account.statistics);
		for (const name of Object.keys(all[0]!) as (keyof DatagramStatistics)[])
			answer.number(
				name,
				all.reduce((sum, each) => sum + each[name], 0),
			);
		answer.close();
	}

	advance(ms: number): Refusal {
		if (!(ms >= 0 && ms <= LONGEST_ADVANCE_MS)) return "at most 24 days at a time";
		return this.#system.advance(ms) ? undefined : "only a test build can do that";
	}

	restart(): void {
		this.#system.restart();
	}

	factoryReset(): Refusal {
		const { journal } = this.#system;
		if (journal === undefined) return "the journal cannot be opened";
		try {
			journal.clear();
		} catch (error) {
			return sentence(error);
		}
		this.#system.restart();
		return undefined;
	}
}

function putConfig(answer: Answer, { board }: System): void {
	const { config } = board;
	answer.text("board", config.board);
	answer.text("version", config.version);
	answer.text("commit", config.commit);
}

function putText(answer: Answer, name: string, value: string | undefined): void {
	if (value !== undefined) answer.text(name, value);
}

function putNumber(answer: Answer, name: string, value: number | undefined): void {
	if (value !== undefined) answer.number(name, value);
}

function sentence(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
