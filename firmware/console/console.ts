// The console of a device: a line protocol for people and programs over any byte stream. docs/console.md is its format.

import { decodeText, Writer } from "../bytes.js";
import type { Instant } from "../contract.js";
import { JsonAnswer, LineAnswer } from "./answer.js";
import { checksum, readChecksum } from "./checksum.js";
import { ANSWER_LENGTH, FRAME_LENGTH, REFUSAL_LENGTH } from "./constants.js";
import {
	ANSWER_START,
	BANNER_START,
	beginFrame,
	CHECKSUM_LENGTH,
	decimal,
	ERROR_START,
	endFrame,
	endOfDigits,
	isEcho,
	startsWith,
} from "./frame.js";
import { LineBuffer } from "./line-buffer.js";
import { LEVELS, type LogLevel, LogRing } from "./log-ring.js";
import { Pieces } from "./pieces.js";
import { MALFORMED, type Request, readCommand, readRequest } from "./request.js";
import type { Answer, ConsoleTarget, Refusal } from "./target.js";
import { carryOut, type VerbContext } from "./verbs.js";

export type { LogLevel } from "./log-ring.js";

/** What the drainer gives the console to fill, once and for ever; 128 bytes are what the UART of an ESP32 holds. */
export interface ConsoleOutput {
	readonly bytes: Uint8Array;
	length: number;
}

const HASH = 0x23;
const PLUS = 0x2b;
const SPACE = 0x20;
const LARGEST_ID = 65_535;

const LINE_TOO_LONG = "a line to the device has at most 127 bytes";
const ANSWER_TOO_LONG = "the answer has more than 1024 bytes, ask for less";
const REQUEST_TOO_LONG = "a request has at most 1536 bytes";
const DAMAGED = "the request was damaged on its way";

/** Bytes in, verbs on the target, bytes out. Never throws, whatever comes in. */
export class Console implements VerbContext {
	readonly target: ConsoleTarget;
	/** The least level that is logged. */
	level: LogLevel = "info";
	noiseCount = 0;
	readonly #line = new LineBuffer();
	/** A whole line stands in #line and waits for the answer before it to leave. */
	#isHeld = false;
	#pieces: Pieces | undefined;
	/** The answer on its way out, and how much of it is out. */
	#answer: Uint8Array | undefined;
	#answeredLength = 0;
	readonly #log = new LogRing();

	constructor(target: ConsoleTarget) {
		this.target = target;
	}

	/** Puts the banner into the output: to be called once, before anything else. */
	start(): void {
		const writer = answerWriter();
		writer.text(BANNER_START);
		const answer = new JsonAnswer(writer, true);
		this.target.boot(answer);
		answer.end();
		writer.text("}}\n");
		this.send(writer);
	}

	/** False while a line waits for the answer before it to leave: nothing is taken then. */
	get isReady(): boolean {
		return !this.#isHeld;
	}

	/** True when nothing waits to be transmitted. */
	get isIdle(): boolean {
		return this.#answer === undefined && !this.#isHeld && this.#log.isEmpty;
	}

	get droppedCount(): number {
		return this.#log.droppedCount;
	}

	/** Bytes from the UART, borrowed for the call. Gives how many were taken; the rest is to come again. */
	handleReceived(now: Instant, bytes: Uint8Array): number {
		let taken = 0;
		while (taken < bytes.length && !this.#isHeld) if (this.#line.take(bytes[taken++]!)) this.endLine(now);
		return taken;
	}

	/** A line of the log; it is cut to 127 bytes, and left out where its level is not asked for. */
	log(now: Instant, level: LogLevel, topic: string, text: string): void {
		if (LEVELS.indexOf(level) <= LEVELS.indexOf(this.level)) this.#log.push(now, level, topic, text);
		if (this.#pieces?.isStale(now) === true) this.forgetPieces();
	}

	/** The next bytes for a UART that has room for so many. False: nothing to send. */
	pollTransmit(now: Instant, room: number, out: ConsoleOutput): boolean {
		const length = Math.min(room, out.bytes.length);
		out.length = 0;
		if (length <= 0) return false;
		if (!this.#log.isInLine) {
			if (this.#answer === undefined && this.#isHeld) this.endLine(now);
			if (this.#answer !== undefined) return this.transmitAnswer(length, out);
			this.#log.tellDropped(now);
		}
		if (this.#log.isEmpty) return false;
		out.length = this.#log.shift(out.bytes, length);
		return true;
	}

	private transmitAnswer(length: number, out: ConsoleOutput): boolean {
		const answer = this.#answer!;
		const start = this.#answeredLength;
		const end = Math.min(start + length, answer.length);
		for (let i = start; i < end; i++) out.bytes[i - start] = answer[i]!;
		out.length = end - start;
		this.#answeredLength = end;
		if (end === answer.length) this.#answer = undefined;
		return true;
	}

	/** Carries out the line that has come, or keeps it until the answer before it has left. */
	private endLine(now: Instant): void {
		const line = this.#line;
		this.#isHeld = this.#answer !== undefined && line.length > 0;
		if (this.#isHeld) return;
		if (this.#pieces?.isStale(now) === true) this.forgetPieces();
		if (line.isNoise) this.noiseCount++;
		else if (line.length > 0) {
			const isTaken = line.bytes[0] === HASH ? this.takeProgramLine(now) : this.takePersonLine();
			if (!isTaken) this.noiseCount++;
		}
		line.reset();
	}

	/** `#ID …`; false where it is neither a request nor a piece of one, an echoed answer for example. */
	private takeProgramLine(now: Instant): boolean {
		const { bytes, length, isTooLong } = this.#line;
		const idEnd = endOfDigits(bytes, 1, length);
		const id = decimal(bytes, 1, idEnd);
		const mark = idEnd < length ? bytes[idEnd] : 0;
		if (idEnd === 1 || id > LARGEST_ID || (mark !== SPACE && mark !== PLUS)) return false;
		if (mark === SPACE && startsWith(bytes, idEnd + 1, ANSWER_START)) return false;
		if (isTooLong) this.refuse(id, LINE_TOO_LONG);
		else if (mark === SPACE) this.takeRequest(id, bytes.subarray(idEnd + 1, length));
		else {
			const offsetEnd = endOfDigits(bytes, idEnd + 1, length);
			if (offsetEnd === idEnd + 1 || offsetEnd >= length || bytes[offsetEnd] !== SPACE) return false;
			this.takePiece(now, id, decimal(bytes, idEnd + 1, offsetEnd), bytes.subarray(offsetEnd + 1, length));
		}
		return true;
	}

	/** A piece of a request: collected, and the bytes so far acknowledged. */
	private takePiece(now: Instant, id: number, offset: number, bytes: Uint8Array): void {
		if (offset === 0 || this.#pieces?.id !== id) this.forgetPieces();
		if (offset === 0) this.#pieces = new Pieces(id, now);
		const pieces = this.#pieces;
		if (pieces !== undefined && pieces.length === offset && !pieces.add(bytes)) {
			this.forgetPieces();
			return this.refuse(id, REQUEST_TOO_LONG);
		}
		const acknowledgement = `#${id}+ ${pieces?.length ?? 0}\n`;
		const writer = new Writer(new Uint8Array(acknowledgement.length));
		writer.text(acknowledgement);
		this.send(writer);
	}

	/** A request on one line, or the last piece of one. */
	private takeRequest(id: number, bytes: Uint8Array): void {
		const pieces = this.#pieces;
		if (pieces?.id !== id) this.answerProgram(id, bytes);
		else if (pieces.add(bytes)) this.answerProgram(id, pieces.all());
		else this.refuse(id, REQUEST_TOO_LONG);
		this.forgetPieces();
	}

	private forgetPieces(): void {
		this.#pieces?.wipe();
		this.#pieces = undefined;
	}

	/** Where a checksum stands behind the JSON, it must be right. */
	private answerProgram(id: number, bytes: Uint8Array): void {
		const end = bytes.length - CHECKSUM_LENGTH;
		const sum = end > 0 && bytes[end] === SPACE ? readChecksum(bytes, end + 1) : -1;
		if (sum >= 0 && sum !== checksum(bytes, 0, end)) return this.refuse(id, DAMAGED);
		const request = readRequest(sum < 0 ? bytes : bytes.subarray(0, end));
		if (typeof request === "string") return this.refuse(id, request);
		const writer = answerWriter();
		const start = beginFrame(writer, id, true);
		const answer = new JsonAnswer(writer, false);
		const refusal = this.attempt(request, answer);
		if (refusal !== undefined) return this.refuse(id, refusal);
		answer.end();
		if (writer.length - start >= ANSWER_LENGTH) return this.refuse(id, ANSWER_TOO_LONG);
		endFrame(writer, start);
		this.send(writer);
	}

	private refuse(id: number, refusal: string): void {
		const writer = answerWriter();
		const start = beginFrame(writer, id, false);
		const answer = new JsonAnswer(writer, false);
		answer.text("error", refusal.slice(0, REFUSAL_LENGTH));
		if (refusal === DAMAGED || refusal === MALFORMED) answer.flag("damaged", true);
		endFrame(writer, start);
		this.send(writer);
	}

	/** A fault of ours in a verb is an error of this verb alone; its message is left out: it may hold anything. */
	private attempt(request: Request, answer: Answer): Refusal {
		try {
			return carryOut(request, this, answer);
		} catch {
			return `${request.verb} failed by a fault of the firmware`;
		}
	}

	/** Words; false where they are no text, or our own come back. */
	private takePersonLine(): boolean {
		const { bytes, length, isTooLong } = this.#line;
		const text = decodeText(bytes, 0, length);
		if (text === undefined || isEcho(text)) return false;
		this.forgetPieces();
		const writer = answerWriter();
		const request = isTooLong ? LINE_TOO_LONG : readCommand(text, bytes.subarray(0, length));
		let refusal = typeof request === "string" ? request : this.attempt(request, new LineAnswer(writer));
		if (refusal === undefined && writer.length > ANSWER_LENGTH) refusal = ANSWER_TOO_LONG;
		if (refusal !== undefined) writer.length = 0;
		writer.text(refusal === undefined ? "ok\n" : `${ERROR_START}${refusal.slice(0, REFUSAL_LENGTH)}\n`);
		this.send(writer);
		return true;
	}

	private send(writer: Writer): void {
		this.#answer = writer.bytes!.subarray(0, writer.length);
		this.#answeredLength = 0;
	}
}

function answerWriter(): Writer {
	return new Writer(new Uint8Array(ANSWER_LENGTH + FRAME_LENGTH));
}
