// The other side of the frozen scenario with OSCORE. A server with keys takes much heap itself: so there is one that
// really speaks, and one that only plays, from flash, what the first one said.

import primitives from "pinhole/primitives";
import { type Protect, renewingOscore } from "../../../firmware/agent/oscore-account.js";
import type { OscoreKeys } from "../../../firmware/agent/server-account.js";
import { Writer } from "../../../firmware/bytes.js";
import { isRequest } from "../../../firmware/coap/codes.js";
import { RenewingServer } from "../../../firmware/security/oscore/renewing-server.js";
import { Board, type Command } from "./server.js";

/** As `pinhole credentials` makes them. */
const MASTER_SECRET = Object.freeze([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const MASTER_SALT = Object.freeze([8, 7, 6, 5, 4, 3, 2, 1]);
const SENDER_ID = Object.freeze([0x51, 0x52, 0x53]);
const RECIPIENT_ID = Object.freeze([0]);

/** The longest datagram of the device, its registration, and of the server. */
const LONGEST_SENT = 400;
const LONGEST_RECEIVED = 160;

/** What the server says of itself, and what it makes of each datagram of the device. */
export interface Recording {
	readonly requests: readonly Uint8Array[];
	readonly arrivals: readonly {
		readonly sent: Uint8Array;
		/** Empty where it was for OSCORE alone, or nothing at all. */
		readonly plain: Uint8Array;
		/** Empty where there is none. */
		readonly answer: Uint8Array;
	}[];
}

/** The keys of the account, as the device has them. */
export function scenarioKeys(): OscoreKeys {
	return {
		masterSecret: Uint8Array.from(MASTER_SECRET),
		masterSalt: Uint8Array.from(MASTER_SALT),
		senderId: Uint8Array.from(SENDER_ID),
		recipientId: Uint8Array.from(RECIPIENT_ID),
	};
}

abstract class KeyedBoard extends Board {
	/** No command has to prove that it is fresh: that would be an exchange more. */
	readonly #protect: Protect;

	constructor() {
		super(new Writer(new Uint8Array(LONGEST_RECEIVED)));
		this.#protect = renewingOscore({ primitives, random: this, mustBeFresh: () => false });
	}

	override get protect(): Protect {
		return this.#protect;
	}

	protected say(bytes: Uint8Array): void {
		this.outgoing.bytes!.set(bytes);
		this.outgoing.length = bytes.length;
	}
}

/** Reads what the device sent only when the device is done with it, so that neither disturbs the other's figures. */
export class SecuredBoard extends KeyedBoard {
	readonly #server: RenewingServer;
	readonly #inbox = new Uint8Array(LONGEST_SENT);
	#inboxLength = 0;
	readonly #plain = new Uint8Array(LONGEST_SENT);
	readonly #sealed = new Uint8Array(LONGEST_RECEIVED);
	/** From a token's number to the request number; the server numbers without a gap. */
	#distance = 0;
	readonly requests: Uint8Array[] = [];
	readonly arrivals: Recording["arrivals"][number][] = [];
	/** Whether a recording is made. */
	readonly #records: boolean;

	constructor(records: boolean) {
		super();
		this.#records = records;
		let drawn = 0;
		// The device's chance is the same whether this server is there or not.
		const random = { fill: (into: Uint8Array) => void into.fill(++drawn), uint32: () => ++drawn };
		const { masterSecret, masterSalt = new Uint8Array(0), senderId, recipientId } = scenarioKeys();
		this.#server = new RenewingServer(
			{ primitives, random, mustBeFresh: () => false },
			{ masterSecret, masterSalt, idContext: undefined, senderId: recipientId, recipientId: senderId },
		);
	}

	override prepare(command: Command): void {
		super.prepare(command);
		const plain = this.writer.bytes!.subarray(0, this.writer.length);
		const request = this.#sealed.subarray(0, this.#server.protectRequest(plain, this.#sealed));
		this.#distance = this.#server.requestNumber - tokenNumber(plain);
		if (this.#records) this.requests.push(request.slice());
		this.say(request);
	}

	override handleSent(bytes: Uint8Array): void {
		if (this.#inboxLength > 0) throw new Error("two datagrams at once");
		this.#inbox.set(bytes);
		this.#inboxLength = bytes.length;
	}

	override hasMail(): boolean {
		if (this.#inboxLength > 0) {
			const sent = this.#inbox.subarray(0, this.#inboxLength);
			this.#inboxLength = 0;
			this.handleArrival(sent);
		}
		return super.hasMail();
	}

	/** Opens what came, and seals the answer. */
	private handleArrival(sent: Uint8Array): void {
		this.writer.length = 0;
		const plain = this.open(sent);
		if (plain.length > 0) super.handleSent(plain);
		const answer = this.answer(sent);
		if (answer.length > 0) this.say(answer);
		if (this.#records) this.arrivals.push({ sent: sent.slice(), plain: plain.slice(), answer: answer.slice() });
	}

	private open(sent: Uint8Array): Uint8Array {
		if (sent[1] === 0) return sent.subarray(0, 0);
		const length = isRequest(sent[1]!)
			? this.#server.openRequest(this.ticks, sent, this.#plain)
			: this.#server.openResponse(this.ticks, sent, this.#distance + tokenNumber(sent), this.#plain);
		if (length === "challenge") return sent.subarray(0, 0);
		if (typeof length !== "number") throw new Error(`the server refuses: ${length}`);
		return this.#plain.subarray(0, length);
	}

	private answer(sent: Uint8Array): Uint8Array {
		const reply = this.writer.bytes!.subarray(0, this.writer.length);
		// An Acknowledgement has nothing to hide.
		if (!isRequest(sent[1]!)) return reply;
		const { requestNumber } = this.#server;
		const length =
			reply.length === 0
				? this.#server.challenge(this.ticks, this.#sealed)
				: this.#server.protectResponse(reply, requestNumber, false, this.#sealed);
		return this.#sealed.subarray(0, length);
	}
}

/** Plays a recording to a device that says what it said then, to the last bit. */
export class ReplayedBoard extends KeyedBoard {
	readonly #recording: Recording;
	#requestCount = 0;
	#arrivalCount = 0;

	constructor(recording: Recording) {
		super();
		this.#recording = recording;
	}

	override prepare(_command: Command): void {
		this.codes.length = 0;
		this.say(this.#recording.requests[this.#requestCount++]!);
	}

	override handleSent(bytes: Uint8Array): void {
		const { sent, plain, answer } = this.#recording.arrivals[this.#arrivalCount++]!;
		if (!primitives.equal(bytes, sent)) throw new Error(`datagram ${this.#arrivalCount} is not the recorded one`);
		if (plain.length > 0) super.handleSent(plain);
		if (answer.length > 0) this.say(answer);
	}
}

/** The server's tokens are numbers in a row. */
function tokenNumber(message: Uint8Array): number {
	return (message[6]! << 8) | message[7]!;
}
