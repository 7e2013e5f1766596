// CoAP towards one peer, both roles. coap/datagram implements it; over a connection coap/stream frames its messages.

import type { Instant, Machine, Token, Transmit } from "../contract.js";

/** A parsed message over borrowed bytes: options are read through a cursor, never as an array of objects. */
export interface Message {
	readonly code: number;
	readonly token: Token;
	/** A view of the borrowed bytes, made anew at each access; undefined when the message has none. */
	readonly payload: Uint8Array | undefined;
	/** The n-th value (from 0) of a repeatable option, as a view of the borrowed bytes. */
	option(number: number, occurrence?: number): Uint8Array | undefined;
	/** The first value of an option as an unsigned integer (RFC 7252, 3.2). */
	uint(number: number): number | undefined;
	/** How often an option occurs. */
	count(number: number): number;
	/** The n-th value as UTF-8 text. */
	text(number: number, occurrence?: number): string | undefined;
	/** The n-th value as an ASCII decimal from 0 to 65535 without leading zeros; -1 where it is none. */
	decimal(number: number, occurrence: number): number;
}

/** A request to the peer; the endpoint adds Message ID, token and block options. */
export interface Request {
	readonly code: number;
	readonly confirmable: boolean;
	/** Uri-Path as "/3/0/9"; "" for none. */
	readonly path: string;
	/** Uri-Query, one entry an option: "lt=300". */
	readonly query: readonly string[];
	readonly contentFormat: number | undefined;
	readonly accept: number | undefined;
	/** 0 register, 1 cancel (RFC 7641). With 0 the exchange stays open and gives a "response" for each notification. */
	readonly observe: 0 | 1 | undefined;
	readonly payload: Uint8Array | undefined;
	/** Fewer retransmissions than MAX_RETRANSMIT, for a liveness check that must not take 93 s. */
	readonly maxRetransmit: number | undefined;
	/** True: a CON goes out at once, beside the NSTART others. For what repairs the way that they may be waiting for. */
	readonly urgent: boolean | undefined;
	/** The value of the elective option Reach; undefined: without. */
	readonly reach?: Uint8Array | undefined;
	/** The token of an earlier try, by which the peer may know this one for a repetition; used unless it is in use. */
	readonly token?: Token | undefined;
}

/** An answer to a peer's request; payloads above one block go out by Block2. */
export interface Response {
	readonly code: number;
	readonly contentFormat: number | undefined;
	readonly payload: Uint8Array | undefined;
	/** Location-Path as "/rd/5a3f". */
	readonly locationPath: string | undefined;
	/** Location-Query, one entry an option: "first=1". */
	readonly locationQuery?: readonly string[] | undefined;
	/** ETag, 1 to 8 bytes that name this representation; one in blocks has an ETag of ours if it is not given. */
	readonly entityTag?: Uint8Array | undefined;
	/**
	 * Only for a request with Observe 0: true accepts it. The exchange then stays open as an observation, and each later
	 * `respond` with the same exchange is a notification. Undefined or false answers plainly and ends the exchange.
	 */
	readonly observe: boolean | undefined;
	/** Only for notifications: CON instead of NON. */
	readonly confirmable: boolean | undefined;
	/** The value of the elective option Reach; undefined: without. */
	readonly reach?: Uint8Array | undefined;
}

export type EndpointEvent =
	/** A request of the peer; the message is borrowed until the next handle… call. Answer it with `respond`. */
	| { readonly kind: "request"; readonly exchange: number; readonly message: Message }
	/** A response or notification to our request; borrowed likewise, its payload whole (blocks are joined inside). */
	| { readonly kind: "response"; readonly exchange: number; readonly message: Message; readonly roundTripMs: number }
	| { readonly kind: "failed"; readonly exchange: number; readonly why: ExchangeFailure }
	/**
	 * Something answers: an Empty ACK (`acknowledged`), or the Reset that RFC 7252 wants for a ping. To a ping, a server
	 * with the extension Reach says by an ACK that nobody is registered there (docs/reach-extension.md).
	 */
	| { readonly kind: "alive"; readonly exchange: number; readonly acknowledged: boolean }
	/** The peer ended an observation here: Reset, Observe 1, or a CON notification unanswered. Its exchange is gone. */
	| {
			readonly kind: "cancelled";
			readonly exchange: number;
			readonly why: "reset" | "deregister" | "timeout" | "replaced";
	  }
	/** The peer rejected a notification: it ended the observation, or does not know who speaks. The next is a CON. */
	| { readonly kind: "doubted"; readonly exchange: number };

export type ExchangeFailure = "timeout" | "reset" | "path-changed" | "rejected";

/** CoAP towards one peer. Exchange handles are positive integers, never reused within 2^31 exchanges. */
export interface Endpoint extends Machine {
	/** An exchange of either side is open, observations apart: whoever sleeps now misses something. */
	readonly isBusy: boolean;
	/** Plain bytes: one whole datagram, or any piece of a stream. Never throws on bytes. */
	handleReceived(now: Instant, bytes: Uint8Array): void;
	/** Returns the exchange handle; 0 when a limit is reached. Blocks, Observe and retransmission are inside. */
	request(now: Instant, request: Request): number;
	/** An Empty CON (RFC 7252, 4.3): answered by "alive" or "failed". Returns the exchange handle; 0 at the limit. */
	ping(now: Instant, maxRetransmit: number | undefined): number;
	/** Answers at once or later: an Empty ACK goes by itself at ackAt. False: that exchange is gone. */
	respond(now: Instant, exchange: number, response: Response): boolean;
	/** Forgets one of our requests, or ends an observation of ours without a word. */
	cancel(now: Instant, exchange: number): void;
	/**
	 * A new address on either side: requests fail as "path-changed", observations stay, and what the peer waits for goes
	 * out as a new message. Of what the peer asked before it is still known that it was.
	 */
	handlePathChanged(now: Instant): void;
	/** False: nothing to send. Fills bytes and length, not path. */
	pollTransmit(now: Instant, out: Transmit): boolean;
	pollEvent(): EndpointEvent | undefined;
}

/** A request of ours while, or after, it was under way: to be gone on with where its peer has moved to. */
export interface PendingRequest {
	readonly messageId: number;
	readonly token: Token;
	readonly requestNumber: number;
	/** False: no peer can have it. */
	readonly wasSent: boolean;
	/** When its message was sent, before all repetitions; Infinity while it waits for its turn. */
	readonly begunAt: Instant;
	/** Bytes of its message; 0 once it is acknowledged. */
	readonly length: number;
	/** The peer has it; only the response is missing. */
	readonly isAcknowledged: boolean;
}

/** What the observing side needs when the observed one moved to another address, or when we were started anew. */
export interface ResumableEndpoint extends Endpoint {
	/**
	 * An exchange that waits for notifications with this token, as if its request had been answered; 0 at the limit. With
	 * the request that it began with, the further blocks of a large notification can be fetched; where messages are
	 * protected, its request number (Protection) binds them to it.
	 */
	resume(now: Instant, token: Token, request?: Request, requestNumber?: number): number;

	/** The request of an exchange of ours; undefined where that is over. */
	pending(exchange: number): PendingRequest | undefined;
	/** Sends the message of a request again at once, if it is not acknowledged; its repetitions begin anew. */
	repeat(now: Instant, exchange: number, maxRetransmit?: number): void;
	/**
	 * Goes on with a request that another endpoint began, or that failed here: the same message is sent again, with its
	 * Message ID and token, so that a peer that had it does nothing twice; of one that was acknowledged the response is
	 * waited for. Returns the exchange handle here; 0 at the limit. In the former endpoint it is to be cancelled before.
	 */
	adopt(now: Instant, pending: PendingRequest, maxRetransmit?: number): number;
}
