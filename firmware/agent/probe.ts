// One measurement on a fresh socket: its messages, their repetitions, and what the answers mean.

import { Code } from "../coap/codes.js";
import type { Encoder } from "../coap/encoder.js";
import type { DatagramMessage } from "../coap/message.js";
import { Option } from "../coap/options.js";
import { probeMessages } from "../coap/probe-messages.js";
import type { TokenBearer } from "../coap/token.js";
import type { Instant, PathId, Random } from "../contract.js";
import { probeTimes } from "./constants.js";

const MESSAGE_ID_RANGE = 0x1_0000;
/** Nobody who does not read our messages guesses it, and lets a dead binding seem to live. */
const TOKEN_LENGTH = 4;
const NO_NONCE = -1;

/**
 * opening: the socket is not there yet. asking: for the nonce. promoting: many a NAT keeps a binding longer once it has
 * seen a second exchange, later than the first. arming: asking for the late answer. listening: for it. ended: see
 * outcome.
 */
type State = "opening" | "asking" | "promoting" | "arming" | "listening" | "ended";

/** What became of it; "ticket": the server does not know the ticket any more, "unsupported": nor the messages. */
export type ProbeOutcome = "alive" | "dead" | "unknown" | "ticket" | "unsupported";

export class Probe {
	readonly path: PathId;
	/** As it was asked for, or less where less was proved. */
	delayMs: number;
	/** It was begun anew with another ticket. */
	isRenewed: boolean;
	outcome: ProbeOutcome = "unknown";
	/** When something is due: a repetition, the next step, the end. */
	dueAt: Instant = Number.POSITIVE_INFINITY;
	/** Something is to be sent now. */
	isDue = false;
	#state: State = "opening";
	#token = 0;
	#nonce = NO_NONCE;
	#tries = 0;
	/** When the NAT last saw us, so far as we know. */
	#sentAt: Instant = 0;
	/** When it saw us first, where the binding is to be used but once, which many a NAT forgets sooner; else Infinity. */
	#youngAt: Instant;

	constructor(path: PathId, delayMs: number, isRenewed: boolean, isYoung: boolean) {
		this.path = path;
		this.delayMs = delayMs;
		this.isRenewed = isRenewed;
		this.#youngAt = isYoung ? 0 : Number.POSITIVE_INFINITY;
	}

	get isYoung(): boolean {
		return this.#youngAt !== Number.POSITIVE_INFINITY;
	}

	get isEnded(): boolean {
		return this.#state === "ended";
	}

	handleOpened(now: Instant, random: Random): void {
		if (this.#state !== "opening") return;
		this.#token = random.uint32();
		if (this.isYoung) this.#youngAt = now;
		this.begin(now, "asking");
	}

	/** Of the message that is under way. */
	private get messageId(): number {
		return (this.#token + (this.#state === "asking" ? 1 : 2)) % MESSAGE_ID_RANGE;
	}

	private begin(now: Instant, state: "asking" | "arming"): void {
		this.#state = state;
		this.#tries = 0;
		this.isDue = true;
		this.dueAt = now;
	}

	/** Nothing more comes of it. */
	end(outcome: ProbeOutcome): void {
		this.#state = "ended";
		this.outcome = outcome;
		this.isDue = false;
		this.dueAt = Number.POSITIVE_INFINITY;
	}

	/** Writes the message that is due. */
	write(now: Instant, encoder: Encoder, token: TokenBearer, payload: Uint8Array): void {
		this.isDue = false;
		this.#sentAt = now;
		this.dueAt = now + probeTimes.ackMs * 2 ** this.#tries++;
		token.numberToken(this.#token, TOKEN_LENGTH);
		encoder.begin("CON", Code.Post, this.messageId, token);
		encoder.text(Option.UriPath, probeMessages.path);
		encoder.payload(this.#state === "asking" ? payload.subarray(0, probeMessages.ticketLength) : this.arm(payload));
	}

	/** Nonce and delay behind the ticket. */
	private arm(payload: Uint8Array): Uint8Array {
		const seconds = this.delayMs / 1000;
		let at = probeMessages.ticketLength;
		for (let shift = 24; shift >= 0; shift -= 8) payload[at++] = this.#nonce >>> shift;
		payload[at++] = seconds >> 8;
		payload[at] = seconds;
		return payload;
	}

	handleTimeout(now: Instant): void {
		if (now < this.dueAt || this.isDue) return;
		switch (this.#state) {
			case "asking":
			case "arming":
				if (this.#tries > probeTimes.maxRetransmit) this.end("unknown");
				else this.isDue = true;
				return;
			case "promoting":
				return this.begin(now, "arming");
			case "listening":
				return this.end("dead");
			case "opening":
			case "ended":
				return;
			default:
				this.#state satisfies never;
		}
	}

	/** A message that came to its socket; `token` is the drainer's to write. */
	handleReceived(now: Instant, message: DatagramMessage, token: TokenBearer): void {
		token.numberToken(this.#token, TOKEN_LENGTH);
		if (message.type === "NON") this.handleLate(now, message, token);
		else if (message.messageId !== this.messageId) return;
		else if (message.type === "RST") this.handleReset();
		else if (message.type === "ACK") this.handleAcknowledgement(now, message, token);
	}

	private handleReset(): void {
		if (this.#state === "asking" || this.#state === "arming") this.end("unsupported");
	}

	private handleAcknowledgement(now: Instant, message: DatagramMessage, token: TokenBearer): void {
		const { code } = message;
		if (code === Code.Empty) {
			if (this.#state === "arming") this.listen();
			return;
		}
		if ((this.#state !== "asking" && this.#state !== "arming") || !message.hasTokenOf(token)) return;
		if (this.#state === "asking" && code === Code.Changed) this.takeNonce(now, message.payload);
		else if (code === Code.Unauthorized) this.end("ticket");
		else if (code === Code.NotFound || code === Code.MethodNotAllowed) this.end("unsupported");
		else this.end("unknown");
	}

	private takeNonce(now: Instant, payload: Uint8Array | undefined): void {
		if (payload?.length !== probeMessages.nonceLength) return this.end("unsupported");
		this.#nonce = ((payload[0]! << 24) | (payload[1]! << 16) | (payload[2]! << 8) | payload[3]!) >>> 0;
		this.#state = "promoting";
		this.dueAt = now + (this.isYoung ? 0 : probeTimes.promotionMs);
	}

	private listen(): void {
		this.#state = "listening";
		this.isDue = false;
		this.dueAt = this.#sentAt + this.delayMs + probeTimes.lateMs;
	}

	/** RFC 7252, 5.2.3: it may overtake the Empty ACK, or that may be lost. */
	private handleLate(now: Instant, message: DatagramMessage, token: TokenBearer): void {
		if (this.#state !== "listening" && this.#state !== "arming") return;
		if (message.code !== Code.Changed || !message.hasTokenOf(token)) return;
		// Where the last repetition was lost on its way, the server counted from an earlier one than the NAT.
		this.delayMs = Math.min(this.delayMs, now - this.#sentAt);
		// What was said late, or again, was a second use.
		this.end(this.#sentAt - this.#youngAt > probeTimes.onceMs ? "unknown" : "alive");
	}
}
