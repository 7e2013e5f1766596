// One TCP connection of a board, ended at the gateway: enough of RFC 9293 for a peer one cable away. In order only,
// go back to the first unacknowledged byte after a time-out, no congestion control, no urgent data, no time stamps.

import type { Instant } from "../../firmware/contract.js";
import type { Segment } from "./segment.js";
import { ACK, FIN, RST, SYN } from "./tcp-flags.js";

/** What we take at once; the outside socket behind it holds the rest. */
const WINDOW = 0x4000;
const OUR_MAXIMUM_LENGTH = 1460;
/** RFC 9293, 3.7.1: what a peer takes that did not say. */
const DEFAULT_MAXIMUM_LENGTH = 536;
const FIRST_TIMEOUT_MS = 300;
const ATTEMPT_COUNT = 8;

/** What a connection wants done outside. */
export type FlowAction =
	| { readonly kind: "open" | "end" | "abort" }
	| { readonly kind: "data"; readonly bytes: Buffer };

/** Places in the stream we send are counted from our SYN, which is 0: no connection here lives for 4 GB. */
export class TcpFlow {
	/** Both directions are closed, or it was aborted: nothing more comes. */
	finished = false;
	timeoutAt: Instant = Infinity;
	readonly #first: Segment;
	readonly #initial: number;
	readonly #segments: Segment[] = [];
	readonly #actions: FlowAction[] = [{ kind: "open" }];
	#opened = false;
	/** The next byte we expect, as the peer counts. */
	#expected: number;
	#peerWindow: number;
	/** The first place not acknowledged, and the first not sent. */
	#unacknowledged = 0;
	#next = 0;
	/** From #unacknowledged on, without SYN and FIN. */
	#pending = Buffer.alloc(0);
	/** Nothing more comes from outside; our FIN was acknowledged. */
	#ending = false;
	#ended = false;
	#peerEnded = false;
	#attempts = 0;

	/** `first` is the peer's SYN, `initial` our initial sequence number. */
	constructor(first: Segment, initial: number) {
		this.#first = first;
		this.#initial = initial;
		this.#expected = (first.sequence + 1) >>> 0;
		this.#peerWindow = first.window;
	}

	/** Bytes from outside that the board has not acknowledged. */
	get pendingLength(): number {
		return this.#pending.length;
	}

	pollSegment(): Segment | undefined {
		return this.#segments.shift();
	}

	pollAction(): FlowAction | undefined {
		return this.#actions.shift();
	}

	/** The connection outside stands. */
	handleOpened(now: Instant): void {
		this.#opened = true;
		this.#transmit(now);
	}

	/** The connection outside is refused or was reset. */
	handleAborted(): void {
		this.#push(RST | ACK, this.#next);
		this.#finish();
	}

	handleData(now: Instant, bytes: Buffer): void {
		this.#pending = Buffer.concat([this.#pending, bytes]);
		this.#transmit(now);
	}

	/** The peer outside sends no more. */
	handleEnded(now: Instant): void {
		this.#ending = true;
		this.#transmit(now);
	}

	handleSegment(now: Instant, segment: Segment): void {
		if ((segment.flags & RST) !== 0) {
			this.#actions.push({ kind: "abort" });
			this.#finish();
			return;
		}
		if (!this.#opened) return;
		if ((segment.flags & SYN) !== 0) {
			if (this.#unacknowledged === 0) this.#next = 0; // our answer was lost
		} else {
			this.#handleAcknowledgment(segment);
			this.#handlePayload(segment);
		}
		this.#transmit(now);
		if (this.#peerEnded && this.#ended) this.#finish();
	}

	handleTimeout(now: Instant): void {
		if (now < this.timeoutAt) return;
		if (++this.#attempts > ATTEMPT_COUNT) {
			this.#actions.push({ kind: "abort" });
			this.handleAborted();
			return;
		}
		this.#next = this.#unacknowledged;
		this.#transmit(now, 1);
	}

	/** The place of our FIN. */
	get #endPlace(): number {
		return Math.max(1, this.#unacknowledged) + this.#pending.length;
	}

	#handleAcknowledgment({ flags, acknowledgment, window }: Segment): void {
		if ((flags & ACK) === 0) return;
		this.#peerWindow = window;
		const place = (acknowledgment - this.#initial) >>> 0;
		const endPlace = this.#endPlace;
		// What was sent before a time-out may be acknowledged after it.
		if (this.#ended || place <= this.#unacknowledged || place > (this.#ending ? endPlace + 1 : endPlace)) return;
		this.#pending = this.#pending.subarray(place - Math.max(1, this.#unacknowledged));
		this.#ended = place > endPlace;
		this.#unacknowledged = place;
		this.#next = Math.max(this.#next, place);
		this.#attempts = 0;
		this.timeoutAt = Infinity;
	}

	#handlePayload({ sequence, flags, payload }: Segment): void {
		const hasEnd = (flags & FIN) !== 0;
		if (payload.length === 0 && !hasEnd) return;
		if (sequence === this.#expected && !this.#peerEnded) {
			this.#expected = (this.#expected + payload.length + (hasEnd ? 1 : 0)) >>> 0;
			if (payload.length > 0) this.#actions.push({ kind: "data", bytes: Buffer.from(payload) });
			if (hasEnd) this.#actions.push({ kind: "end" });
			this.#peerEnded = hasEnd;
		}
		this.#push(ACK, this.#next);
	}

	/** Sends what the peer's window takes; `least` bytes even when it takes none, to hear when it does again. */
	#transmit(now: Instant, least = 0): void {
		if (!this.#opened || this.finished) return;
		if (this.#next === 0) {
			this.#push(SYN | ACK, 0);
			this.#next = 1;
		}
		const limit = this.#first.maximumLength ?? DEFAULT_MAXIMUM_LENGTH;
		const start = Math.max(1, this.#unacknowledged);
		const room = Math.max(this.#peerWindow, least);
		while (this.#unacknowledged > 0 && this.#next < start + Math.min(this.#pending.length, room)) {
			const at = this.#next - start;
			const payload = this.#pending.subarray(at, Math.min(at + limit, room));
			this.#push(ACK, this.#next, payload);
			this.#next += payload.length;
		}
		if (this.#ending && !this.#ended && this.#unacknowledged > 0 && this.#next === this.#endPlace) {
			this.#push(FIN | ACK, this.#next);
			this.#next++;
		}
		const waits = this.#next > this.#unacknowledged || this.#pending.length > 0;
		if (!waits) this.timeoutAt = Infinity;
		else if (this.timeoutAt === Infinity || this.timeoutAt <= now) {
			this.timeoutAt = now + FIRST_TIMEOUT_MS * 2 ** this.#attempts;
		}
	}

	#push(flags: number, place: number, payload = Buffer.alloc(0)): void {
		this.#segments.push({
			source: this.#first.destination,
			destination: this.#first.source,
			sequence: (this.#initial + place) >>> 0,
			acknowledgment: this.#expected,
			flags,
			window: WINDOW,
			...((flags & SYN) === 0 ? {} : { maximumLength: OUR_MAXIMUM_LENGTH }),
			payload,
		});
	}

	#finish(): void {
		this.finished = true;
		this.timeoutAt = Infinity;
	}
}
