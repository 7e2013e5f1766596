// One fresh binding of a device that measures, and the few messages that are written to it.

import { Code } from "../../firmware/coap/codes.js";
import { Encoder } from "../../firmware/coap/encoder.js";
import type { DatagramMessage, MessageType } from "../../firmware/coap/message.js";
import { TokenBearer } from "../../firmware/coap/token.js";
import type { Instant, Random } from "../../firmware/contract.js";
import type { Device } from "./device.js";
import type { Outbox } from "./outbox.js";
import type { Scheduled } from "./schedule.js";

const NOTHING = new Uint8Array(0);
/** Header, the longest token, marker and nonce. */
const MESSAGE_LENGTH = 20;
const MESSAGE_ID_RANGE = 2 ** 16;

/** From its first request until its late answer. */
export class Opening implements Scheduled {
	dueAt: Instant = Number.POSITIVE_INFINITY;
	heapIndex = -1;
	readonly device: Device;
	readonly address: string;
	readonly nonce: Uint8Array;
	/** Wrong nonces that came from its address. */
	failures = 0;
	/** When it was asked for the late answer; below 0: it was not yet. */
	armedAt: Instant = -1;
	delayMs = 0;
	/** Of the request for it. */
	readonly token = new TokenBearer();
	#messageId = 0;

	constructor(device: Device, address: string, nonce: Uint8Array) {
		this.device = device;
		this.address = address;
		this.nonce = nonce;
	}

	get isArmed(): boolean {
		return this.armedAt >= 0;
	}

	arm(now: Instant, request: DatagramMessage, delayMs: number): void {
		this.armedAt = now;
		this.delayMs = delayMs;
		this.token.takeToken(request);
		this.#messageId = request.messageId;
	}

	/** True for a repetition of the request for the late answer. */
	isOf(request: DatagramMessage): boolean {
		return request.messageId === this.#messageId && request.hasTokenOf(this.token);
	}
}

export class ProbeWriter {
	readonly #outbox: Outbox;
	readonly #encoder = new Encoder();
	#messageId: number;

	constructor(random: Random, outbox: Outbox) {
		this.#outbox = outbox;
		this.#messageId = random.uint32() % MESSAGE_ID_RANGE;
	}

	/** A response in the ACK of its request. */
	answer(address: string, request: DatagramMessage, code: number, payload: Uint8Array = NOTHING): void {
		this.#send(address, "ACK", code, request.messageId, request, payload);
	}

	/** An Empty ACK: the response comes later. */
	acknowledge(address: string, { messageId }: DatagramMessage): void {
		this.#send(address, "ACK", Code.Empty, messageId, undefined, NOTHING);
	}

	/** The late answer: a NON, so that no repetition of it is taken for a binding that lived longer. */
	speak({ address, token }: Opening): void {
		this.#messageId = (this.#messageId + 1) % MESSAGE_ID_RANGE;
		this.#send(address, "NON", Code.Changed, this.#messageId, token, NOTHING);
	}

	#send(
		address: string,
		type: MessageType,
		code: number,
		messageId: number,
		token: TokenBearer | undefined,
		payload: Uint8Array,
	): void {
		const bytes = new Uint8Array(MESSAGE_LENGTH);
		const encoder = this.#encoder;
		encoder.target(bytes);
		encoder.begin(type, code, messageId, token);
		encoder.payload(payload);
		this.#outbox.add(address, bytes.subarray(0, encoder.end));
	}
}
