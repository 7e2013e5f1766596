// Send (LwM2M Core 1.2, 6.4.6) to one server: what the application wants it told waits here, goes as few messages as it
// can, and is forgotten once the server has it.

import { Code, codeText, isSuccess } from "../coap/codes.js";
import type { Endpoint, ExchangeFailure, Message, Request } from "../coap/endpoint.js";
import { ContentFormat } from "../coap/options.js";
import type { Instant, Machine, Random, Token } from "../contract.js";
import { limits } from "../limits.js";
import { sendTimes as times } from "./constants.js";
import type { Instance } from "./instance.js";
import type { Model } from "./model.js";
import type { Outgoing } from "./outgoing.js";
import type { Version } from "./registration.js";
import { encodeRecords, Records } from "./send-records.js";

/** "sent": the server has it; "unsent": it never will. */
export interface SendEvent {
	readonly kind: "sent" | "unsent";
	readonly handle: number;
	/** The server's answer, or the reason. */
	readonly detail: string;
}

export interface SenderOptions {
	readonly model: Model;
	readonly endpoint: Endpoint;
	/** The Server instance (/1/x), for Mute Send. */
	readonly server: Instance;
	readonly random: Random;
}

const NONE = 0;
/** All that the queue may hold ends at once where the server mutes, and a new one makes room before that. */
const EVENT_COUNT = 2 * limits.sendCount;
const NO_QUERY: readonly string[] = Object.freeze([]);
/** Bytes of a token as the endpoint makes them, in hexadecimal digits. */
const TOKEN_DIGITS = 4;

/** One per server account that has ever sent. Nothing leaves before the server is known to know us. */
export class Sender implements Machine {
	readonly #options: SenderOptions;
	#endpoint: Endpoint;
	/** Oldest first. Those at its head may be under way: as many as #underWay says. */
	readonly #queue: Outgoing[] = [];
	/** Until somebody polls them, the oldest out first. */
	readonly #events: SendEvent[] = [];
	#isLost = false;
	#underWay = 0;
	#exchange = NONE;
	/** Of what is, or was last, under way: its repetitions bear it, too. */
	#token: Token | undefined;
	#tries = 0;
	#retryAt: Instant = Number.NEGATIVE_INFINITY;
	#isReachable = false;
	/** So many at the head are to go, as one of them was due: all that waited then goes with it. */
	#dueCount = 0;
	/** The version that the server speaks. */
	version: Version = "1.2";
	/** Sends that made room for newer ones. */
	droppedCount = 0;

	constructor(options: SenderOptions) {
		this.#options = options;
		this.#endpoint = options.endpoint;
	}

	/** Goes on over another way to the same server, once that is said to be reachable. */
	move(now: Instant, endpoint: Endpoint): void {
		this.setReachable(now, false);
		this.#endpoint = endpoint;
	}

	/** Takes one up; what it becomes is told by an event. */
	add(now: Instant, outgoing: Outgoing): void {
		const refusal = this.refusal;
		if (refusal !== undefined) return this.tell("unsent", outgoing, refusal);
		while (this.isFullFor(outgoing) && this.dropOldest());
		if (this.isFullFor(outgoing)) {
			this.droppedCount++;
			return this.tell("unsent", outgoing, "no room");
		}
		this.#queue.push(outgoing);
		if (outgoing.dueAt <= now) this.#dueCount = this.#queue.length;
	}

	/** LwM2M Core 1.2, /1/x/23: what is absent mutes, too. */
	private get refusal(): string | undefined {
		if (this.version === "1.0") return "the server speaks LwM2M 1.0";
		return this.#options.server.get("muteSend") === false ? undefined : "muted";
	}

	private isFullFor({ packed }: Outgoing): boolean {
		let length = packed.length;
		for (let i = 0; i < this.#queue.length; i++) length += this.#queue[i]!.packed.length;
		return this.#queue.length >= limits.sendCount || length > limits.sendLength;
	}

	/** False: all that is left may be with the server already. */
	private dropOldest(): boolean {
		if (this.#queue.length === this.#underWay) return false;
		this.droppedCount++;
		if (this.#dueCount > this.#underWay) this.#dueCount--;
		this.tell("unsent", this.#queue.splice(this.#underWay, 1)[0]!, "newer ones needed its room");
		return true;
	}

	/** Something else goes, or must: what has waited for half of its time goes with it. True: something does. */
	ride(now: Instant): boolean {
		for (let i = this.#underWay; i < this.#queue.length; i++)
			if (this.#queue[i]!.rideAt <= now) this.#dueCount = this.#queue.length;
		this.proceed(now);
		return this.#exchange !== NONE;
	}

	/** False: the way is gone, or the server does not know our new address yet. What was under way goes again. */
	setReachable(now: Instant, isReachable: boolean): void {
		this.#isReachable = isReachable;
		if (isReachable) return this.proceed(now);
		if (this.#exchange === NONE) return;
		this.#endpoint.cancel(now, this.#exchange);
		this.#exchange = NONE;
	}

	/** True when the exchange was ours. */
	handleResponse(now: Instant, exchange: number, message: Message): boolean {
		if (exchange !== this.#exchange || exchange === NONE) return false;
		this.#exchange = NONE;
		const { code } = message;
		if (isSuccess(code)) this.finish("sent", codeText(code));
		else if (code === Code.NotFound && this.#tries === 1) this.lose();
		else if (code < Code.InternalServerError) this.finish("unsent", codeText(code));
		else this.retry(now, codeText(code));
		this.proceed(now);
		return true;
	}

	/** True when the exchange was ours. */
	handleFailed(now: Instant, exchange: number, why: ExchangeFailure): boolean {
		if (exchange !== this.#exchange || exchange === NONE) return false;
		this.#exchange = NONE;
		if (why === "rejected") this.finish("unsent", "no message can hold it");
		else if (why !== "path-changed") {
			if (this.#tries > 1) this.retry(now, "no answer");
			this.lose();
		}
		this.proceed(now);
		return true;
	}

	/** Nothing goes before the registration has been looked at. */
	private lose(): void {
		this.#isReachable = false;
		this.#isLost = true;
	}

	/** True once when a message stayed unanswered, or the server does not know us: time to look at the registration. */
	takeLost(): boolean {
		const isLost = this.#isLost;
		this.#isLost = false;
		return isLost;
	}

	private retry(now: Instant, why: string): void {
		if (this.#tries >= times.tryCount) this.finish("unsent", why);
		else this.#retryAt = now + times.retryMs * 2 ** Math.max(0, this.#tries - 2);
	}

	/** What was under way has come to its end. */
	private finish(kind: "sent" | "unsent", detail: string): void {
		const finished = this.#queue.splice(0, this.#underWay);
		this.#underWay = 0;
		this.#tries = 0;
		this.#token = undefined;
		this.#retryAt = Number.NEGATIVE_INFINITY;
		this.#dueCount = Math.max(0, this.#dueCount - finished.length);
		for (let i = 0; i < finished.length; i++) this.tell(kind, finished[i]!, detail);
	}

	private tell(kind: "sent" | "unsent", { handle }: Outgoing, detail: string): void {
		if (this.#events.length === EVENT_COUNT) this.#events.shift();
		this.#events.push({ kind, handle, detail });
	}

	pollEvent(): SendEvent | undefined {
		return this.#events.shift();
	}

	/** When something is to go, whether or not it can. */
	pollTimeout(): Instant {
		if (this.#exchange !== NONE || this.#queue.length === 0) return Number.POSITIVE_INFINITY;
		if (!this.#isReachable) return Number.POSITIVE_INFINITY;
		let dueAt = this.#dueCount > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
		for (let i = 0; i < this.#queue.length; i++) dueAt = Math.min(dueAt, this.#queue[i]!.dueAt);
		return Math.max(dueAt, this.#retryAt);
	}

	handleTimeout(now: Instant): void {
		for (let i = this.#underWay; i < this.#queue.length; i++)
			if (this.#queue[i]!.dueAt <= now) this.#dueCount = this.#queue.length;
		this.proceed(now);
	}

	/** Sends the next message, where one is due and none is under way. */
	private proceed(now: Instant): void {
		if (this.#exchange !== NONE || !this.#isReachable || this.#dueCount === 0 || now < this.#retryAt) return;
		const refusal = this.refusal;
		if (refusal !== undefined) this.dropAll(refusal);
		while (this.#dueCount > 0) {
			if (this.#underWay === 0) this.choose();
			const payload = this.encode(now);
			if (payload !== undefined) return this.send(now, payload);
			if (this.#underWay === 1) this.finish("unsent", "its format cannot say it");
			else this.halve();
		}
	}

	/** Together they are too much for one message. */
	private halve(): void {
		this.#underWay = Math.ceil(this.#underWay / 2);
		this.#token = undefined;
	}

	/** The oldest one, and with it all behind it that the same message can hold. */
	private choose(): void {
		const first = this.#queue[0]!;
		let count = first.count;
		this.#underWay = 1;
		for (let i = 1; i < this.#queue.length; i++) {
			const next = this.#queue[i]!;
			count += next.count;
			if (!first.timed || !next.timed || next.contentFormat !== first.contentFormat) return;
			if (count > limits.entryCount) return;
			this.#underWay++;
		}
	}

	/** One message, whose times are those of now where the clock was never set. */
	private encode(now: Instant): Uint8Array | undefined {
		const packed: Uint8Array[] = [];
		for (let i = 0; i < this.#underWay; i++) packed.push(this.#queue[i]!.packed);
		const { timed } = this.#queue[0]!;
		const payload = encodeRecords(new Records(packed), this.contentFormat, this.#options.model, now, timed);
		// What is joined is to fit one datagram; what is large by itself goes in blocks.
		const isTooLong = payload !== undefined && this.#underWay > 1 && payload.length > limits.blockLength;
		return isTooLong ? undefined : payload;
	}

	/** LwM2M 1.1 knows no LwM2M-CBOR. */
	private get contentFormat(): number {
		const { contentFormat } = this.#queue[0]!;
		const isKnown = contentFormat !== ContentFormat.LwM2mCbor || this.version === "1.2";
		return isKnown ? contentFormat : ContentFormat.SenmlCbor;
	}

	private send(now: Instant, payload: Uint8Array): void {
		this.#token ??= token(this.#options.random);
		this.#exchange = this.#endpoint.request(now, sendRequest(this.contentFormat, payload, this.#token));
		if (this.#exchange === NONE) this.#retryAt = now + times.busyRetryMs;
		else this.#tries++;
	}

	private dropAll(why: string): void {
		this.#underWay = this.#queue.length;
		this.finish("unsent", why);
	}
}

function sendRequest(contentFormat: number, payload: Uint8Array, token: Token): Request {
	return {
		code: Code.Post,
		confirmable: true,
		path: "/dp",
		query: NO_QUERY,
		contentFormat,
		accept: undefined,
		observe: undefined,
		payload,
		maxRetransmit: times.maxRetransmit,
		urgent: undefined,
		token,
	};
}

function token(random: Random): Token {
	return (random.uint32() & 0xffff).toString(16).padStart(TOKEN_DIGITS, "0");
}
