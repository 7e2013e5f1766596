// A simulated cellular modem: AT commands over a stream of bytes (3GPP TS 27.005 and 27.007), messages in a SIM card,
// and all that goes wrong on the way: noise, a missing card, sudden restarts, deafness.

import { encodeDeliver, type ShortMessage } from "./deliver.js";

export interface ModemSurroundings {
	/** Bytes for the host. */
	write(bytes: Uint8Array): void;
	/** Does something after a time. */
	later(delayMs: number, act: () => void): void;
	/** A number from 0 to below 1; default: no chance, no faults. */
	readonly chance?: () => number;
}

/** How the modem and its line behave; may be changed at any time. */
export interface ModemFaults {
	/** The part of its bytes that become others on the line. */
	noise: number;
	/** It hears nothing and says nothing, as while it seeks a network. */
	isDeaf: boolean;
	card: "ready" | "busy" | "locked" | "missing";
	/** It repeats what it hears, whatever it was told. */
	alwaysEchoes: boolean;
	/** Commands that it does not know, by their beginnings. */
	readonly unknown: string[];
}

const ANSWER_MS = 20;
const BOOT_MS = 4_000;
/** A SIM card of the smaller kind. */
const STORAGE_COUNT = 10;
const LINE_LENGTH = 512;

export class SimulatedModem {
	readonly faults: ModemFaults = { noise: 0, isDeaf: false, card: "ready", alwaysEchoes: false, unknown: [] };
	/** What it was told, line by line. */
	readonly commands: string[] = [];
	readonly #surroundings: ModemSurroundings;
	/** The messages in the card, by place; 0 is not used. It outlives a restart. */
	readonly #storage: (ShortMessage | undefined)[] = [];
	#line = "";
	#isUp = false;
	#life = 0;
	#echoes = true;
	#isPduMode = false;
	/** TS 27.005, 3.4.1: 0: only stored; 1: stored and announced; 2: handed over at once. */
	#routing = 0;

	constructor(surroundings: ModemSurroundings) {
		this.#surroundings = surroundings;
	}

	/** Messages in the card. */
	get storedCount(): number {
		return this.#storage.filter((message) => message !== undefined).length;
	}

	/** Gives power, or takes it away and gives it again: all settings are lost. */
	restart(): void {
		const life = ++this.#life;
		this.#isUp = false;
		this.#echoes = true;
		this.#isPduMode = false;
		this.#routing = 0;
		this.#line = "";
		this.#surroundings.later(BOOT_MS, () => {
			if (life !== this.#life) return;
			this.#isUp = true;
			this.#say("RDY");
			if (this.faults.card === "ready") this.#say("+CPIN: READY");
		});
	}

	/** Somebody puts a card in, or takes it out. */
	setCard(card: ModemFaults["card"]): void {
		this.faults.card = card;
		if (this.#isUp) this.#say(card === "ready" ? "+CPIN: READY" : "+CPIN: NOT READY");
	}

	/** A message of the network; false: not now, it is to be tried again. */
	deliver(message: ShortMessage): boolean {
		if (!this.#isUp || this.faults.isDeaf || this.faults.card !== "ready") return false;
		if (this.#routing === 2 && this.#isPduMode) {
			const { digits, length } = encodeDeliver(message);
			this.#say(`+CMT: ,${length}\r\n${digits}`);
			return true;
		}
		let place = 1;
		while (this.#storage[place] !== undefined) place++;
		if (place > STORAGE_COUNT) return false;
		this.#storage[place] = message;
		if (this.#routing === 1) this.#say(`+CMTI: "SM",${place}`);
		return true;
	}

	/** Bytes of the host. */
	receive(bytes: Uint8Array): void {
		if (!this.#isUp || this.faults.isDeaf) return;
		for (const byte of bytes) {
			const character = String.fromCharCode(byte);
			if (this.#echoes || this.faults.alwaysEchoes) this.#write(character);
			if (character === "\r") this.#endLine();
			else if (character !== "\n" && this.#line.length < LINE_LENGTH) this.#line += character;
		}
	}

	#endLine(): void {
		const command = this.#line.trim();
		this.#line = "";
		if (command === "") return;
		this.commands.push(command);
		const life = this.#life;
		this.#surroundings.later(ANSWER_MS, () => {
			if (life === this.#life && !this.faults.isDeaf) for (const line of this.#answer(command)) this.#say(line);
		});
	}

	/** Lines of the answer, the result code last. */
	#answer(command: string): string[] {
		if (this.faults.unknown.some((beginning) => command.startsWith(beginning))) return ["ERROR"];
		if (command === "AT" || command === "AT+CMEE=1") return ["OK"];
		if (command === "ATE0") {
			this.#echoes = false;
			return ["OK"];
		}
		if (command === "AT+CMGF=0") {
			this.#isPduMode = true;
			return ["OK"];
		}
		if (command === "AT+CPIN?") return this.#askCard();
		if (!/^AT\+C(PMS|NMI|MG[LRD])=/.test(command)) return ["ERROR"];
		if (this.faults.card !== "ready") return ["+CMS ERROR: 310"];
		return this.#askStorage(command);
	}

	#askCard(): string[] {
		switch (this.faults.card) {
			case "ready":
				return ["+CPIN: READY", "OK"];
			case "locked":
				return ["+CPIN: SIM PIN", "OK"];
			case "busy":
				return ["+CME ERROR: 14"];
			case "missing":
				return ["+CME ERROR: 10"];
			default:
				return this.faults.card satisfies never;
		}
	}

	#askStorage(command: string): string[] {
		const routing = /^AT\+CNMI=\d,(\d)/.exec(command);
		if (routing !== null) {
			this.#routing = Number(routing[1]);
			return ["OK"];
		}
		if (command.startsWith("AT+CPMS=")) {
			const used = `${this.storedCount},${STORAGE_COUNT}`;
			return [`+CPMS: ${used},${used},${used}`, "OK"];
		}
		if (command.startsWith("AT+CMGL=")) {
			const lines = this.#storage.flatMap((message, place) => (message === undefined ? [] : [show(message, place)]));
			return [...lines, "OK"];
		}
		const place = Number(command.slice("AT+CMGR=".length));
		const message = this.#storage[place];
		if (command.startsWith("AT+CMGD=")) {
			this.#storage[place] = undefined;
			return ["OK"];
		}
		return message === undefined ? ["+CMS ERROR: 321"] : [show(message), "OK"];
	}

	#say(line: string): void {
		this.#write(`\r\n${line}\r\n`);
	}

	#write(text: string): void {
		const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
		const { chance, write } = this.#surroundings;
		const { noise } = this.faults;
		if (chance !== undefined && noise > 0)
			for (let i = 0; i < bytes.length; i++) if (chance() < noise) bytes[i] = Math.floor(256 * chance());
		write(bytes);
	}
}

/** A message with its header, as one of a list or alone. */
function show(message: ShortMessage, place?: number): string {
	const { digits, length } = encodeDeliver(message);
	return `${place === undefined ? "+CMGR: " : `+CMGL: ${place},`}1,,${length}\r\n${digits}`;
}
