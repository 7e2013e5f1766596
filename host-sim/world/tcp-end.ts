// One end of a TCP connection in virtual time (RFC 9293), as honest as the count of its packets needs: handshake, data
// in order, delayed acknowledgements, retransmission after a measured time-out, FIN and RST. There is no congestion
// control and no fast retransmission: a device's traffic is too thin for either.

import type { Instant, Machine } from "../../firmware/contract.js";
import { ACK, FIN, RST, SYN } from "../nat/tcp-flags.js";
import { TCP_HEADERS_LENGTH } from "./meter.js";
import { MSS_OPTION_LENGTH, type TcpStack } from "./tcp-stack.js";

/** A segment as both ends and the NAT see it. Places in a stream are counted from its SYN, which is 0. */
export interface VirtualSegment {
	readonly flags: number;
	readonly sequence: number;
	readonly acknowledgment: number;
	readonly payload: Uint8Array;
	/** Of the IP packet, with all headers and options. */
	readonly length: number;
	/** Options of each later segment that the sender of a SYN offers. */
	readonly offers: number;
}

/** Why a connection is over. */
export type TcpEnding =
	/** Nobody listens there. */
	| "refused"
	| "reset"
	/** The peer sends no more. */
	| "ended"
	/** Nobody acknowledged. */
	| "timeout";

export type TcpEvent =
	| { readonly kind: "connected" }
	| { readonly kind: "data" }
	/** There is more room to write than before. */
	| { readonly kind: "room" }
	| { readonly kind: "over"; readonly why: TcpEnding };

const NOTHING: Uint8Array = new Uint8Array(0);
const OUT_OF_ORDER_COUNT = 8;
/** After our end the peer's may come for so long (tcp_fin_timeout of Linux). */
const LINGER_MS = 60_000;

export class TcpEnd implements Machine {
	/** Nothing more is sent, and nothing more is understood. */
	isClosed = false;
	isConnected = false;
	readonly #stack: TcpStack;
	readonly #segments: VirtualSegment[] = [];
	readonly #events: TcpEvent[] = [];
	readonly #received: Uint8Array[] = [];
	/** Came too early. */
	#early: VirtualSegment[] = [];
	#optionsLength = 0;
	/** What was written and not yet acknowledged; its first byte is at #unacknowledged, or 1. */
	#pending: Uint8Array = NOTHING;
	#unacknowledged = 0;
	#next = 0;
	#expected = 0;
	#isEnding = false;
	#hasSentEnd = false;
	#hasAnswered = false;
	#peerEnded = false;
	#attempts = 0;
	#timeoutAt: Instant = Infinity;
	#ackAt: Instant = Infinity;
	/** Segments that the next acknowledgement covers. */
	#owed = 0;
	/** RFC 6298, 2: what is measured, on which place, since when; undefined: nothing. */
	#measured: { readonly place: number; readonly at: Instant } | undefined;
	#smoothedMs = 0;
	#variationMs = 0;

	/** Opens a connection; its SYN is ready to be sent. */
	static connect(now: Instant, stack: TcpStack): TcpEnd {
		const end = new TcpEnd(stack);
		end.#sendFirst(now, SYN, stack.optionsLength);
		return end;
	}

	/** Answers a SYN. */
	static accept(now: Instant, stack: TcpStack, syn: VirtualSegment): TcpEnd {
		const end = new TcpEnd(stack);
		end.#optionsLength = Math.min(stack.optionsLength, syn.offers);
		end.#expected = 1;
		end.#sendFirst(now, SYN | ACK, end.#optionsLength);
		return end;
	}

	private constructor(stack: TcpStack) {
		this.#stack = stack;
	}

	/** Bytes that may be written now. */
	get room(): number {
		const canWrite = this.isConnected && !this.isClosed && !this.#isEnding;
		return canWrite ? this.#stack.bufferLength - this.#pending.length : 0;
	}

	/** Bytes that can be read. */
	get available(): number {
		return this.#received.reduce((sum, { length }) => sum + length, 0);
	}

	/** The next piece, of at most so many bytes. */
	read(most = Infinity): Uint8Array | undefined {
		const first = this.#received[0];
		if (first === undefined || first.length <= most) return this.#received.shift();
		this.#received[0] = first.subarray(most);
		return first.subarray(0, most);
	}

	/** False: there is no room for it. */
	write(now: Instant, bytes: Uint8Array): boolean {
		if (bytes.length > this.room) return false;
		this.#pending = joined(this.#pending, bytes);
		this.#transmit(now);
		return true;
	}

	/** Sends what was written, and then no more; what still comes is acknowledged and dropped. */
	close(now: Instant): void {
		if (!this.isConnected) return this.abort();
		this.#isEnding = true;
		this.#transmit(now);
	}

	/** At once, with a RST where the peer knows of the connection. */
	abort(): void {
		if (this.isClosed) return;
		if (this.isConnected) this.#push(RST | ACK, this.#next);
		this.#finish();
	}

	handleSegment(now: Instant, segment: VirtualSegment): void {
		if (this.isClosed) return;
		if ((segment.flags & RST) !== 0) return this.#end(this.isConnected ? "reset" : "refused");
		if ((segment.flags & SYN) !== 0) return this.#handleSyn(now, segment);
		const room = this.room;
		this.#handleAcknowledgment(now, segment.acknowledgment);
		if (this.isConnected) this.#handleSequence(now, segment);
		if (this.room > room && room > 0) this.#events.push({ kind: "room" });
		this.#transmit(now);
		if (!this.#isEndAcknowledged) return;
		if (this.#peerEnded) this.#finish();
		else this.#timeoutAt = now + LINGER_MS;
	}

	pollSegment(): VirtualSegment | undefined {
		return this.#segments.shift();
	}

	pollEvent(): TcpEvent | undefined {
		return this.#events.shift();
	}

	pollTimeout(): Instant {
		return Math.min(this.#timeoutAt, this.#ackAt);
	}

	handleTimeout(now: Instant): void {
		if (this.#ackAt <= now) this.#push(ACK, this.#next);
		if (this.#timeoutAt > now) return;
		if (this.#isEndAcknowledged) return this.#finish();
		const { retries, synRetries } = this.#stack;
		if (this.#attempts >= (this.#unacknowledged === 0 ? synRetries : retries)) return this.#end("timeout");
		this.#attempts++;
		// RFC 6298, 5.4: the earliest again; what follows it goes out once that was acknowledged. Karn: not measured.
		this.#measured = undefined;
		this.#repeatFirst();
		this.#timeoutAt = now + this.#waitMs();
	}

	get #isEndAcknowledged(): boolean {
		return this.#hasSentEnd && this.#unacknowledged === this.#next;
	}

	#sendFirst(now: Instant, flags: number, offers: number): void {
		this.#push(flags, 0, NOTHING, offers);
		this.#next = 1;
		this.#measured = { place: 0, at: now };
		this.#timeoutAt = now + this.#waitMs();
	}

	#repeatFirst(): void {
		const { maximumSegmentLength, optionsLength } = this.#stack;
		const place = this.#unacknowledged;
		if (place === 0) {
			const isAnswer = this.#expected > 0;
			this.#push(isAnswer ? SYN | ACK : SYN, 0, NOTHING, isAnswer ? this.#optionsLength : optionsLength);
		} else if (this.#pending.length > 0) this.#push(ACK, place, this.#pending.subarray(0, maximumSegmentLength));
		else this.#push(FIN | ACK, place);
	}

	#handleSyn(now: Instant, segment: VirtualSegment): void {
		if ((segment.flags & ACK) === 0) {
			// Our answer was lost.
			if (this.#unacknowledged === 0 && this.#expected === 1) this.#repeatFirst();
			return;
		}
		if (this.#expected === 0) {
			this.#expected = 1;
			this.#optionsLength = Math.min(this.#stack.optionsLength, segment.offers);
			this.#handleAcknowledgment(now, 1);
		}
		// Also where the acknowledgement of it was lost.
		this.#push(ACK, this.#next);
	}

	#handleAcknowledgment(now: Instant, place: number): void {
		if (place <= this.#unacknowledged || place > this.#next) return;
		if (this.#unacknowledged === 0) {
			this.isConnected = true;
			this.#events.push({ kind: "connected" });
		}
		const start = Math.max(1, this.#unacknowledged);
		this.#pending = this.#pending.subarray(Math.min(place - start, this.#pending.length));
		this.#unacknowledged = place;
		this.#attempts = 0;
		this.#measure(now, place);
		this.#timeoutAt = place < this.#next ? now + this.#waitMs() : Infinity;
	}

	#handleSequence(now: Instant, segment: VirtualSegment): void {
		if (occupies(segment) === 0) return;
		if (segment.sequence > this.#expected) {
			if (this.#early.length < OUT_OF_ORDER_COUNT) this.#early.push(segment);
			// RFC 5681, 3.2: at once.
			return this.#push(ACK, this.#next);
		}
		if (segment.sequence < this.#expected) return this.#push(ACK, this.#next);
		this.#take(segment);
		if (this.#early.length > 0) {
			const early = this.#early.sort((left, right) => left.sequence - right.sequence);
			this.#early = [];
			for (const one of early) if (one.sequence === this.#expected) this.#take(one);
		}
		this.#owed++;
		const { acksFirstAtOnce, acksEndAtOnce } = this.#stack;
		const isAtOnce = this.#peerEnded ? acksEndAtOnce || this.#hasSentEnd : acksFirstAtOnce && !this.#hasAnswered;
		// RFC 9293, 3.8.6.3: at least for every second segment.
		if (this.#owed >= 2 || isAtOnce) this.#push(ACK, this.#next);
		else this.#ackAt = now + this.#stack.delayedAckMs;
	}

	#take({ payload, flags }: VirtualSegment): void {
		this.#expected += payload.length;
		if (payload.length > 0 && !this.#isEnding) {
			this.#received.push(payload);
			this.#events.push({ kind: "data" });
		}
		if ((flags & FIN) === 0 || this.#peerEnded) return;
		this.#expected++;
		this.#peerEnded = true;
		if (!this.#isEnding) this.#events.push({ kind: "over", why: "ended" });
	}

	/** Sends what was not sent yet. */
	#transmit(now: Instant): void {
		if (!this.isConnected || this.isClosed) return;
		const start = Math.max(1, this.#unacknowledged);
		const before = this.#next;
		while (this.#next < start + this.#pending.length) {
			const at = this.#next - start;
			const payload = this.#pending.subarray(at, at + this.#stack.maximumSegmentLength);
			this.#push(ACK, this.#next, payload);
			this.#next += payload.length;
		}
		if (this.#isEnding && !this.#hasSentEnd) {
			this.#push(FIN | ACK, this.#next);
			this.#next++;
			this.#hasSentEnd = true;
		}
		if (this.#next === before) return;
		if (this.#expected > 1) this.#hasAnswered = true;
		this.#measured ??= { place: before, at: now };
		if (this.#timeoutAt === Infinity) this.#timeoutAt = now + this.#waitMs();
	}

	/** RFC 6298, 2.2 and 2.3. */
	#measure(now: Instant, place: number): void {
		const measured = this.#measured;
		if (measured === undefined || place <= measured.place) return;
		const roundTripMs = now - measured.at;
		this.#measured = undefined;
		if (this.#smoothedMs === 0) {
			this.#smoothedMs = roundTripMs;
			this.#variationMs = roundTripMs / 2;
			return;
		}
		this.#variationMs += (Math.abs(this.#smoothedMs - roundTripMs) - this.#variationMs) / 4;
		this.#smoothedMs += (roundTripMs - this.#smoothedMs) / 8;
	}

	#waitMs(): number {
		const { firstTimeoutMs, leastMarginMs, mostTimeoutMs } = this.#stack;
		const marginMs = Math.max(leastMarginMs, 4 * this.#variationMs);
		const waitMs = this.#smoothedMs === 0 ? firstTimeoutMs : this.#smoothedMs + marginMs;
		return Math.ceil(Math.min(mostTimeoutMs, waitMs * 2 ** this.#attempts));
	}

	#push(flags: number, sequence: number, payload = NOTHING, offers = 0): void {
		const optionsLength = (flags & SYN) === 0 ? this.#optionsLength : this.#synOptionsLength(flags);
		const length = TCP_HEADERS_LENGTH + optionsLength + payload.length;
		this.#segments.push({ flags, sequence, acknowledgment: this.#expected, payload: payload.slice(), length, offers });
		if ((flags & ACK) === 0) return;
		this.#ackAt = Infinity;
		this.#owed = 0;
	}

	/** An answer offers no more than it was offered; the maximum segment size alone is always said. */
	#synOptionsLength(flags: number): number {
		const { synOptionsLength, optionsLength } = this.#stack;
		return (flags & ACK) === 0 || this.#optionsLength === optionsLength ? synOptionsLength : MSS_OPTION_LENGTH;
	}

	#end(why: TcpEnding): void {
		if (!this.#isEnding) this.#events.push({ kind: "over", why });
		this.#finish();
	}

	#finish(): void {
		this.isClosed = true;
		this.#timeoutAt = Infinity;
		this.#ackAt = Infinity;
	}
}

/** The RST that a segment gets where nobody knows its connection (RFC 9293, 3.10.7.1); undefined for a RST. */
export function refusalOf({ flags, sequence, acknowledgment, payload }: VirtualSegment): VirtualSegment | undefined {
	if ((flags & RST) !== 0) return undefined;
	const isFirst = (flags & ACK) === 0;
	return {
		flags: isFirst ? RST | ACK : RST,
		sequence: isFirst ? 0 : acknowledgment,
		acknowledgment: isFirst ? sequence + payload.length + 1 : 0,
		payload: NOTHING,
		length: TCP_HEADERS_LENGTH,
		offers: 0,
	};
}

function occupies({ flags, payload }: VirtualSegment): number {
	return payload.length + ((flags & FIN) === 0 ? 0 : 1);
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
	const both = new Uint8Array(left.length + right.length);
	both.set(left);
	both.set(right, left.length);
	return both;
}
