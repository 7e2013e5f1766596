// CoAP over a reliable transport (RFC 8323), below the endpoint that RFC 7252 has, too: its messages are framed and
// found again here, and what the connection itself has to say is said here.

import type { Instant, Machine, Random, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import { Code, isRequest, isResponse } from "./codes.js";
import { HEADER_LENGTH, PING_AFTER, PONG_TIMEOUT } from "./constants.js";
import { Encoder } from "./encoder.js";
import { FrameReader, frame } from "./frame.js";
import { DatagramMessage, firstByte, messageIdOf, typeOf } from "./message.js";
import { isCritical, Option } from "./options.js";
import { BASE_MESSAGE_LENGTH, isSignal, Signal, SignalOption } from "./signal.js";
import { TokenBearer } from "./token.js";

/** Why a stream is over: the peer said so, orderly or not, or broke the rules, or says nothing any more; or we went. */
export type StreamEnd = "released" | "aborted" | "fault" | "silent" | "left";

/** What a peer's Release asks for (RFC 8323, 5.5). */
export interface Release {
	readonly holdOffSeconds: number;
	/** "host:port", or "host"; undefined: the same address. */
	readonly alternativeAddress: string | undefined;
}

/** Where the messages to be framed come from: an endpoint. */
export interface StreamSource {
	pollTransmit(now: Instant, out: Transmit): boolean;
	/** What the peer takes has changed. */
	setMessageLength(lengthMax: number, hasBert: boolean): void;
}

export interface StreamOptions {
	readonly random: Random;
	/** Bytes of the longest message that is taken or made; limits.streamMessageLength if not given. */
	readonly messageLengthMax?: number;
	/** Bytes that may wait until what came before is answered; limits.streamHeldLength if not given. */
	readonly heldLengthMax?: number;
}

/** Bytes of the token by which the Pong to an endpoint's ping is known; the stream's own pings have none. */
const PING_TOKEN_LENGTH = 2;
const NO_PING = -1;
/** Above all codes. */
const NOTHING = 0x100;

/**
 * One connection. Its owner takes one message by pollReceived, lets the endpoint have it and keeps the rest, then
 * drains pollTransmit; what is left to be received is due at once.
 */
export class Stream implements Machine {
	readonly #reader: FrameReader;
	readonly #encoder = new Encoder();
	readonly #message = new DatagramMessage();
	readonly #heldLengthMax: number;
	/** One message on its way out; what lies between the two offsets is still to be sent. */
	readonly #outbox: Transmit;
	#start = 0;
	#end = 0;
	/** Bytes that the connection takes now. */
	#room = 0;
	/** There is no Message ID in a stream, but what is above knows messages by it. */
	#messageId: number;
	/** The code of what is to be said next of the connection itself, and its token where it has one. */
	#due: number = Signal.Csm;
	readonly #dueToken = new TokenBearer();
	#hasCustody = false;
	#badCsmOption = 0;
	/** The peer's first CSM is here. */
	#isSettled = false;
	/** Since when an answer of any kind is missing; Infinity: none is. */
	#silentSince: Instant = Number.POSITIVE_INFINITY;
	#hasPinged = false;
	/** The Message ID of the endpoint's ping that waits for its Pong; below 0: none does. */
	#pingId = NO_PING;
	/** What the peer takes (RFC 8323, 5.3). */
	peerMessageLengthMax = BASE_MESSAGE_LENGTH;
	peerHasBlocks = false;
	#hasNewLimits = false;
	/** Set once the connection is of no use any more; it is to be closed when `isDone`. */
	ended: StreamEnd | undefined = undefined;
	/** The peer wants to go. */
	release: Release | undefined = undefined;

	constructor({ random, messageLengthMax, heldLengthMax }: StreamOptions) {
		const lengthMax = messageLengthMax ?? limits.streamMessageLength;
		this.#heldLengthMax = heldLengthMax ?? limits.streamHeldLength;
		this.#reader = new FrameReader(lengthMax);
		this.#outbox = { bytes: new Uint8Array(lengthMax), length: 0, path: 0 };
		this.#messageId = random.uint32() & 0xffff;
	}

	/** All that was to be said has left, and nothing more will come. */
	get isDone(): boolean {
		if (this.ended === "aborted" || this.ended === "silent") return true;
		// Whoever takes nothing any more is not told.
		return this.ended !== undefined && (this.isFlushed || (this.ended === "left" && this.#room === 0));
	}

	private get isFlushed(): boolean {
		return this.#start === this.#end && this.#due === NOTHING;
	}

	/** The connection takes so many bytes now; first when it is there. */
	handleWritable(room: number): void {
		this.#room = room;
	}

	/** Any piece of the stream; borrowed until `keep`. */
	handleReceived(bytes: Uint8Array): void {
		if (this.ended !== undefined) return;
		this.#silentSince = Number.POSITIVE_INFINITY;
		this.#hasPinged = false;
		this.#reader.take(bytes);
	}

	/** The borrowed piece goes; what cannot be looked at yet is kept, within bounds. */
	keep(): void {
		this.#reader.keep();
		// The peer asks on and on, and does not read what it is answered.
		if (this.#reader.left > this.#heldLengthMax) this.abort();
	}

	/** There may be another message, and what came before it is answered. */
	private get isReadable(): boolean {
		return this.ended === undefined && this.#reader.left > 0 && this.#room > 0 && this.isFlushed;
	}

	/** The next message in the form of RFC 7252, borrowed until the next call; undefined when there is none now. */
	pollReceived(): Uint8Array | undefined {
		while (this.isReadable) {
			const step = this.#reader.next();
			if (step === "more") return undefined;
			if (step !== "message") this.abort();
			else {
				const { code } = this.#reader;
				const message = isSignal(code) ? this.handleSignal(code) : this.handleMessage(code);
				if (message !== undefined) return message;
			}
		}
		return undefined;
	}

	private handleMessage(code: number): Uint8Array | undefined {
		// RFC 8323, 3.4: an Empty message is there to be ignored.
		if (code === Code.Empty) return undefined;
		// RFC 8323, 5.3: whoever does not begin with a CSM speaks something else.
		if (!this.#isSettled) {
			this.abort();
			return undefined;
		}
		this.#messageId = (this.#messageId + 1) & 0xffff;
		// A request is to be answered in any case, as a CON is; of a response nobody wants to know whether it came.
		return this.#reader.message(firstByte(isRequest(code) ? "CON" : "NON"), this.#messageId);
	}

	/** Gives what it means to the endpoint, if anything. */
	private handleSignal(code: number): Uint8Array | undefined {
		const message = this.#message;
		const isWhole = message.decode(this.#reader.message(firstByte("NON"), 0)) === "ok";
		const critical = this.firstCritical();
		if (!isWhole || critical !== 0 || !(this.#isSettled || code === Signal.Csm || code === Signal.Abort)) {
			if (code === Signal.Csm) this.#badCsmOption = critical;
			this.abort();
			return undefined;
		}
		switch (code) {
			case Signal.Csm:
				// It may have come before ours went, and waited here.
				if (!this.#isSettled) this.#silentSince = Number.POSITIVE_INFINITY;
				this.#isSettled = true;
				this.#hasNewLimits = true;
				this.peerMessageLengthMax = this.uint(SignalOption.MaxMessageSize, 4) ?? this.peerMessageLengthMax;
				if (this.uint(SignalOption.BlockWiseTransfer, 0) !== undefined) this.peerHasBlocks = true;
				return undefined;
			case Signal.Ping:
				this.#dueToken.takeToken(message);
				// RFC 8323, 5.4.1: all that came before has been carried out, or is in the application's hands.
				this.#hasCustody = this.uint(SignalOption.Custody, 0) !== undefined;
				this.#due = Signal.Pong;
				return undefined;
			case Signal.Pong:
				return this.answerPing(message);
			case Signal.Release:
				this.release = this.readRelease();
				return undefined;
			case Signal.Abort:
				this.ended = "aborted";
				return undefined;
			default:
				return undefined;
		}
	}

	/**
	 * The Reset that answers a ping of the endpoint, by the Pong that brings back its Message ID as a token. libcoap's
	 * (4.3) brings back none: whatever Pong comes then, somebody is there.
	 */
	private answerPing(pong: DatagramMessage): Uint8Array | undefined {
		const { bytes, tokenLength } = pong;
		const at = HEADER_LENGTH;
		const messageId = tokenLength === PING_TOKEN_LENGTH ? bytes[at]! * 256 + bytes[at + 1]! : this.#pingId;
		this.#pingId = NO_PING;
		return messageId < 0 ? undefined : new Uint8Array([firstByte("RST"), Code.Empty, messageId >> 8, messageId & 0xff]);
	}

	/** The first option of the signal that must be understood and is not: none of those that are known is critical. */
	private firstCritical(): number {
		this.#message.rewind();
		while (this.#message.next()) if (isCritical(this.#message.optionNumber)) return this.#message.optionNumber;
		return 0;
	}

	/** The value of the signal's option; undefined where it is not there, or longer than it may be. */
	private uint(number: number, lengthMax: number): number | undefined {
		const message = this.#message;
		message.rewind();
		while (message.next()) {
			if (message.optionNumber !== number) continue;
			if (message.valueLength > lengthMax) return undefined;
			let value = 0;
			for (let i = 0; i < message.valueLength; i++) value = value * 256 + message.bytes[message.valueOffset + i]!;
			return value;
		}
		return undefined;
	}

	private readRelease(): Release {
		const holdOffSeconds = this.uint(SignalOption.HoldOff, 3) ?? 0;
		return { holdOffSeconds, alternativeAddress: this.#message.text(SignalOption.AlternativeAddress) };
	}

	/** Ends the connection for good, and says so (RFC 8323, 5.6). */
	abort(): void {
		this.say(Signal.Abort);
		this.ended = "fault";
	}

	/** Asks the peer to end the connection once everything is answered (RFC 8323, 5.5). */
	leave(): void {
		if (this.ended === undefined) this.say(Signal.Release);
	}

	/** Says a Release and ends the connection, as nobody waits for anything any more. */
	farewell(): void {
		this.leave();
		this.ended ??= "left";
	}

	/** An Empty message (RFC 8323, 3.4): it keeps the connection open on its way, and says nothing. */
	touch(): void {
		if (this.ended === undefined && this.#due === NOTHING) this.say(Code.Empty);
	}

	/** What is said of the connection itself goes as soon as there is room; there is one at a time. */
	private say(code: number): void {
		this.#dueToken.token = "";
		this.#due = code;
	}

	/** The next bytes, as many as there is room for. */
	pollTransmit(now: Instant, out: Transmit, source: StreamSource): boolean {
		if (this.#start === this.#end && !this.refill(now, source)) return false;
		const length = Math.min(this.#end - this.#start, this.#room, out.bytes.length);
		if (length === 0) {
			// The peer, or the way to it, takes nothing any more.
			this.await(now);
			return false;
		}
		out.bytes.set(this.#outbox.bytes.subarray(this.#start, this.#start + length));
		out.length = length;
		this.#start += length;
		this.#room -= length;
		return true;
	}

	/** Takes the next message into the outbox; not before it can leave, as by then there may be newer ones. */
	private refill(now: Instant, source: StreamSource): boolean {
		if (this.#room === 0) return false;
		for (;;) {
			if (this.#due !== NOTHING) return this.writeDue(now);
			if (this.ended !== undefined) return false;
			if (this.#hasNewLimits) this.tellLimits(source);
			if (!source.pollTransmit(now, this.#outbox)) {
				if (this.release !== undefined) this.ended = "released";
				return false;
			}
			if (this.takeMessage(now)) return true;
		}
	}

	/** RFC 8323, 5.3.2: whoever knows blocks and takes more than one of them takes them in BERT. */
	private tellLimits(source: StreamSource): void {
		const lengthMax = Math.min(this.peerMessageLengthMax, this.#outbox.bytes.length);
		this.#hasNewLimits = false;
		source.setMessageLength(lengthMax, this.peerHasBlocks && this.peerMessageLengthMax > BASE_MESSAGE_LENGTH);
	}

	/** Frames the endpoint's message; false where there is nothing to be said in a stream. */
	private takeMessage(now: Instant): boolean {
		const { bytes, length } = this.#outbox;
		const code = bytes[1]!;
		if (code !== Code.Empty) return length <= this.peerMessageLengthMax && this.post(now, length);
		const type = typeOf(bytes);
		if (type === "RST") this.handleRefused();
		if (type !== "CON") return false;
		this.#pingId = messageIdOf(bytes);
		bytes[4] = bytes[2]!;
		bytes[5] = bytes[3]!;
		bytes[0] = firstByte("NON") | PING_TOKEN_LENGTH;
		bytes[1] = Signal.Ping;
		return this.post(now, HEADER_LENGTH + PING_TOKEN_LENGTH);
	}

	/** What the endpoint would reject by a Reset: the last message was out of form, or answers nothing any more. */
	private handleRefused(): void {
		const message = this.#message;
		const isWhole = message.decode(this.#reader.message(firstByte("NON"), 0)) === "ok";
		if (!isWhole || isRequest(message.code)) this.abort();
		else if (isResponse(message.code) && message.has(Option.Observe)) {
			// RFC 8323, A.4: only so does the peer learn that nobody observes any more.
			this.#dueToken.takeToken(message);
			this.#due = Code.Get;
		}
	}

	private writeDue(now: Instant): boolean {
		const encoder = this.#encoder;
		const { bytes } = this.#outbox;
		const code = this.#due;
		this.#due = NOTHING;
		encoder.target(bytes);
		encoder.begin("NON", code, 0, this.#dueToken);
		if (code === Signal.Csm) {
			encoder.uint(SignalOption.MaxMessageSize, bytes.length);
			encoder.text(SignalOption.BlockWiseTransfer, "");
		} else if (code === Signal.Pong && this.#hasCustody) encoder.text(SignalOption.Custody, "");
		else if (code === Signal.Abort && this.#badCsmOption !== 0)
			encoder.uint(SignalOption.BadCsmOption, this.#badCsmOption);
		else if (code === Code.Get) encoder.uint(Option.Observe, 1);
		return this.post(now, encoder.end);
	}

	/** Frames what stands in the outbox. */
	private post(now: Instant, length: number): boolean {
		const { bytes } = this.#outbox;
		const code = bytes[1]!;
		if (this.isAnswered(code)) this.await(now);
		this.#start = frame(bytes, length);
		this.#end = length;
		return true;
	}

	/** Something is to come back: an answer, a Pong, the end, or the peer's own CSM if that is not here yet. */
	private isAnswered(code: number): boolean {
		if (code === Signal.Csm) return !this.#isSettled;
		return isRequest(code) || code === Signal.Ping || code === Signal.Release;
	}

	/** From now on the peer owes a sign of life. */
	private await(now: Instant): void {
		if (this.#silentSince === Number.POSITIVE_INFINITY) this.#silentSince = now;
	}

	pollTimeout(): Instant {
		if (this.isReadable || this.isDone) return 0;
		if (this.ended !== undefined) return Number.POSITIVE_INFINITY;
		return this.#silentSince + (this.#hasPinged ? PING_AFTER + PONG_TIMEOUT : PING_AFTER);
	}

	/** A connection whose other end is gone looks like one where there is nothing to say: it is asked, and given up. */
	handleTimeout(now: Instant): void {
		if (this.ended !== undefined || now < this.#silentSince + PING_AFTER) return;
		if (now >= this.#silentSince + PING_AFTER + PONG_TIMEOUT) this.ended = "silent";
		else if (!this.#hasPinged) {
			this.#hasPinged = true;
			if (this.#due === NOTHING) this.say(Signal.Ping);
		}
	}
}
