// A cellular modem on a serial line as a source of short messages (3GPP TS 27.007 and 27.005): bytes in and out, and
// whatever comes, 8-bit data out of it. Sans-IO; never throws, and waits for no answer for ever.

import { backOffMs } from "../back-off.js";
import type { Instant, Machine, Random } from "../contract.js";
import { CARD, firstNumber, LIST_ALL, lastNumber, STARTS, STEPS, SYNCHRONIZE } from "./commands.js";
import { cardBackOff, MEMORY_COUNT, modemTimes, silenceBackOff } from "./constants.js";
import { Deliver } from "./deliver.js";
import { Line } from "./line.js";
import { Places } from "./places.js";

/** "silent": it does not answer; "no-card": it does, without a usable SIM card. */
export type ModemState = "off" | "silent" | "starting" | "no-card" | "ready";

/** What happened, as counters that only grow. */
export interface ModemStatistics {
	/** Handed out. */
	messages: number;
	/** Handed out before: a network that missed our acknowledgement sends again. */
	repeated: number;
	/** No 8-bit data, or of another kind. */
	notData: number;
	/** Parts of a longer one: no trigger is so long. */
	concatenated: number;
	/** Given up unread. */
	malformed: number;
	/** Lines that nobody can have meant. */
	noise: number;
	timeouts: number;
	/** The modem began anew by itself. */
	restarts: number;
}

/** What the drainer gives to be filled. */
export interface ModemOutput {
	readonly bytes: Uint8Array;
	length: number;
}

/** What the modem is doing for us. "settling": whatever it says is passed over; "waiting": until it is asked anew. */
type Task = "none" | "waiting" | "settling" | "step" | "list" | "read" | "delete";

const NEVER = Number.POSITIVE_INFINITY;
const NO_PDU = -1;

export class Modem implements Machine {
	readonly #random: Random;
	readonly #line = new Line();
	readonly #deliver = new Deliver();
	#task: Task = "waiting";
	#state: ModemState = "off";
	#step = SYNCHRONIZE;
	/** What is still to be written of the command under way. */
	#unsent = "";
	#dueAt: Instant = NEVER;
	/** When all messages are listed next. */
	#lookAt: Instant = NEVER;
	/** Attempts in vain, to get an answer or a card. */
	#failures = 0;
	/** To be read and deleted. */
	readonly #places = new Places();
	/** Bytes that the PDU on the next line has, and whether it is of the place in work. */
	#tpduLength = NO_PDU;
	#isOfPlace = false;
	#hasCard = false;
	/** It repeats what we write in spite of ATE0: then that is no sign of a restart. */
	#isEchoing = false;
	/** Identities of the messages that were handed out last. */
	readonly #memory: number[] = [];
	#received: Uint8Array | undefined;
	readonly statistics: ModemStatistics = {
		messages: 0,
		repeated: 0,
		notData: 0,
		concatenated: 0,
		malformed: 0,
		noise: 0,
		timeouts: 0,
		restarts: 0,
	};

	constructor(random: Random) {
		this.#random = random;
	}

	get state(): ModemState {
		return this.#state;
	}

	/** Begins to look for the modem. */
	start(now: Instant): void {
		this.#state = "starting";
		this.synchronize(now);
	}

	/** Bytes of the modem, borrowed. Gives how many were taken: none behind a message that nobody has polled yet. */
	handleReceived(now: Instant, bytes: Uint8Array): number {
		let taken = 0;
		while (taken < bytes.length && this.#received === undefined) {
			if (!this.#line.take(bytes[taken++]!)) continue;
			this.handleLine(now);
			this.#line.reset();
		}
		return taken;
	}

	/** The data of one message, borrowed until the next call of anything; undefined when there is none. */
	pollReceived(): Uint8Array | undefined {
		const received = this.#received;
		this.#received = undefined;
		return received;
	}

	/** The next bytes of a command, as far as there is room. False: nothing to send. */
	pollTransmit(room: number, out: ModemOutput): boolean {
		const length = Math.min(room, out.bytes.length, this.#unsent.length);
		if (length <= 0) return false;
		for (let i = 0; i < length; i++) out.bytes[i] = this.#unsent.charCodeAt(i);
		out.length = length;
		this.#unsent = this.#unsent.slice(length);
		return true;
	}

	pollTimeout(): Instant {
		return Math.min(this.#dueAt, this.#task === "none" ? this.#lookAt : NEVER);
	}

	handleTimeout(now: Instant): void {
		if (this.#task === "none" && now >= this.#lookAt) return this.list(now);
		if (now < this.#dueAt) return;
		this.#dueAt = NEVER;
		switch (this.#task) {
			case "waiting":
				return this.synchronize(now);
			case "settling":
				return this.take(now, SYNCHRONIZE + 1);
			case "none":
				return;
			default:
				this.statistics.timeouts++;
				return this.fail(now);
		}
	}

	private synchronize(now: Instant): void {
		this.#isEchoing = false;
		this.take(now, SYNCHRONIZE);
	}

	private take(now: Instant, step: number): void {
		if (step === STEPS.length) return this.begin(now);
		this.#step = step;
		if (step === CARD) this.#hasCard = false;
		this.ask(now, "step", STEPS[step]!.command, modemTimes.answerMs);
	}

	private begin(now: Instant): void {
		this.#state = "ready";
		this.#failures = 0;
		this.list(now);
	}

	/** A return first: it ends whatever noise has begun. */
	private ask(now: Instant, task: Task, command: string, answerMs: number): void {
		this.#task = task;
		this.#unsent = `\r${command}\r`;
		this.#dueAt = now + answerMs;
	}

	private list(now: Instant): void {
		this.#places.handleList();
		this.#lookAt = now + modemTimes.lookMs;
		this.ask(now, "list", LIST_ALL, modemTimes.listMs);
	}

	/** The next message, or nothing to do. */
	private goOn(now: Instant): void {
		const places = this.#places;
		places.handleLook();
		if (places.first !== undefined) return this.ask(now, "read", `AT+CMGR=${places.first}`, modemTimes.answerMs);
		if (places.wantsList) return this.list(now);
		places.rest();
		this.#task = "none";
		this.#dueAt = NEVER;
	}

	/** No answer: what it was about stays in the storage, and a list will find it. */
	private fail(now: Instant): void {
		this.#state = "silent";
		this.wait(now, backOffMs(silenceBackOff, this.#failures++, this.#random));
	}

	private wait(now: Instant, waitMs: number): void {
		this.#task = "waiting";
		this.#unsent = "";
		this.#places.forget();
		this.#tpduLength = NO_PDU;
		this.#lookAt = NEVER;
		this.#dueAt = now + waitMs;
	}

	private handleLine(now: Instant): void {
		const line = this.#line;
		if (line.length === 0 && !line.isNoise) return;
		if (line.isNoise) this.statistics.noise++;
		const tpduLength = this.#tpduLength;
		this.#tpduLength = NO_PDU;
		// What stands where a PDU should may be the PDU's remains, or what came in its place.
		if (tpduLength !== NO_PDU && this.takePdu(tpduLength)) return;
		if (!line.isNoise) this.handleText(now, line.text());
	}

	private handleText(now: Instant, text: string): void {
		if (text === "OK") return this.handleOk(now);
		if (text === "ERROR" || text.startsWith("+CME ERROR") || text.startsWith("+CMS ERROR"))
			return this.handleError(now);
		if (text.startsWith("+CMTI:")) return this.handleAnnounced(now, lastNumber(text));
		if (text.startsWith("+CMT:")) this.expectPdu(text, false);
		else if (text.startsWith("+CMGR:")) this.handleHeader(text, "read");
		else if (text.startsWith("+CMGL:")) this.handleHeader(text, "list");
		else if (text.startsWith("+CPIN:")) this.handleCard(now, text.endsWith(" READY") && !text.endsWith("NOT READY"));
		else if (STARTS.indexOf(text) >= 0) this.handleStart(now);
		else if (text.startsWith("AT")) this.handleEcho(now);
	}

	private handleHeader(text: string, task: Task): void {
		if (this.#task !== task) return;
		// Of a list only the places are taken: each message is then fetched by itself.
		if (task === "list") this.#places.note(firstNumber(text));
		else this.expectPdu(text, true);
	}

	private expectPdu(header: string, isOfPlace: boolean): void {
		this.#tpduLength = lastNumber(header);
		this.#isOfPlace = isOfPlace;
	}

	private handleOk(now: Instant): void {
		switch (this.#task) {
			case "step":
				return this.handleStepDone(now);
			case "read":
				return this.handleRead(now);
			case "list":
				return this.goOn(now);
			case "delete":
				return this.dropPlace(now);
			default:
				return; // an answer to what was given up
		}
	}

	private handleStepDone(now: Instant): void {
		if (this.#step === SYNCHRONIZE) {
			this.#task = "settling";
			this.#dueAt = now + modemTimes.settleMs;
		} else if (this.#step === CARD && !this.#hasCard) this.seekCard(now);
		else this.take(now, this.#step + 1);
	}

	private handleError(now: Instant): void {
		switch (this.#task) {
			case "step":
				if (this.#step === SYNCHRONIZE) return;
				if (this.#step === CARD) return this.seekCard(now);
				return STEPS[this.#step]!.mayFail ? this.take(now, this.#step + 1) : this.fail(now);
			case "read":
			case "delete":
				return this.dropPlace(now);
			case "list":
				this.#lookAt = now + modemTimes.busyMs;
				return this.goOn(now);
			default:
				return;
		}
	}

	/** The place in work is read: it is emptied, unless the line has lost or spoilt what stood there. */
	private handleRead(now: Instant): void {
		const found = this.#places.judge();
		if (found === "again") return this.goOn(now);
		if (found === "empty") return this.dropPlace(now);
		if (found === "spoilt") this.statistics.malformed++;
		this.ask(now, "delete", `AT+CMGD=${this.#places.first!}`, modemTimes.answerMs);
	}

	private dropPlace(now: Instant): void {
		this.#places.drop();
		this.goOn(now);
	}

	private handleAnnounced(now: Instant, place: number): void {
		this.#places.note(place);
		// What is announced while we are not ready is found by the list that makes us so.
		if (this.#task === "none") this.goOn(now);
	}

	/** True when the line was a PDU, or what is left of one. */
	private takePdu(tpduLength: number): boolean {
		const { bytes, length, isNoise } = this.#line;
		const fault = isNoise ? "malformed" : this.#deliver.decode(bytes, length, tpduLength);
		if (fault === "malformed") {
			if (this.#isOfPlace) this.#places.isSpoilt = true;
			else this.statistics.malformed++;
			return isNoise;
		}
		if (this.#isOfPlace) this.#places.isRead = true;
		if (fault === "not-data") this.statistics.notData++;
		else if (fault === "concatenated") this.statistics.concatenated++;
		else this.handOut();
		return true;
	}

	private handOut(): void {
		const { identity, data } = this.#deliver;
		if (this.#memory.indexOf(identity) >= 0) {
			this.statistics.repeated++;
			return;
		}
		this.#memory.push(identity);
		if (this.#memory.length > MEMORY_COUNT) this.#memory.shift();
		this.statistics.messages++;
		this.#received = data;
	}

	/** The answer to AT+CPIN?, or said by itself when a card comes or goes. */
	private handleCard(now: Instant, isThere: boolean): void {
		this.#hasCard = isThere;
		if (this.#state === "no-card" && this.#task === "waiting" && isThere) return this.wait(now, modemTimes.settleMs);
		if (this.#state === "ready" && !isThere) this.seekCard(now);
	}

	private seekCard(now: Instant): void {
		if (this.#state !== "no-card") this.#failures = 0;
		this.#state = "no-card";
		this.wait(now, backOffMs(cardBackOff, this.#failures++, this.#random));
	}

	private handleStart(now: Instant): void {
		// While it is waited for anyway, a line that says this over and over does not put the end off.
		if (this.#task === "waiting" && this.#state === "starting") return;
		this.statistics.restarts++;
		this.#state = "starting";
		this.#failures = 0;
		this.wait(now, modemTimes.startMs);
	}

	/** A modem that was told not to repeat what we write, and does, has forgotten all that it was told. */
	private handleEcho(now: Instant): void {
		if (this.#state !== "ready") this.#isEchoing = this.#step > SYNCHRONIZE + 1;
		else if (!this.#isEchoing) this.handleStart(now);
	}
}
