// The poll contract: the types by which the shell, the agent and the machines below it speak to each other.
// After each handle… call the owner drains: pollEvent, pollCommand, pollTransmit, then one pollTimeout.

/** Monotone milliseconds since start as a double; io/clock unwraps the 32-bit Time.ticks. `Infinity` means never. */
export type Instant = number;

/** One way to one remote address: a UDP socket, or a TCP, TLS or WebSocket connection. A small integer. */
export type PathId = number;

/** A CoAP token as lower-case hex: 28 B on XS where a Uint8Array(8) costs about 130 B, and a Map key as it is. */
export type Token = string;

/** What a machine fills when it has bytes to send; allocated once by the drainer, reused for ever. */
export interface Transmit {
	readonly bytes: Uint8Array;
	length: number;
	path: PathId;
}

/** Time-driven state; pollTimeout allocates nothing, handleTimeout does all that is due and may be called early. */
export interface Machine {
	pollTimeout(): Instant;
	handleTimeout(now: Instant): void;
}

/** Injected; fill throws if the source is unfit, and then no key, token or identifier is made. */
export interface Random {
	fill(into: Uint8Array): void;
	/** A uniform integer from 0 to 2^32 - 1. */
	uint32(): number;
}

/**
 * Injected, synchronous: a write or delete returns only when it survives a power cut, so that "store, then send" is two
 * statements. Keys are 1 to 15 printable ASCII characters. It throws StoreFull or StoreFailed with the old value kept.
 */
export interface Store {
	/** A fresh copy; undefined when there is none. */
	read(key: string): Uint8Array | undefined;
	write(key: string, value: Uint8Array): void;
	delete(key: string): void;
	/** The keys that have a value, in no order. */
	keys(): string[];
}

/** Datagram security of one peer. It outlives its path: `moved` says that the newest authentic record took another. */
export interface Session extends Machine {
	handleReceived(now: Instant, path: PathId, bytes: Uint8Array): void;
	/** One decrypted datagram, borrowed until the next call; undefined when there is none. */
	pollReceived(): Uint8Array | undefined;
	/**
	 * Turns the plain datagram in `out` into a protected one, in place. False: not connected, or no room for it.
	 * A retransmission is sealed again, with a new sequence number.
	 */
	seal(now: Instant, out: Transmit): boolean;
	/** Flights, alerts and path challenges of the session itself. */
	pollTransmit(now: Instant, out: Transmit): boolean;
	pollEvent(): SessionEvent | undefined;
	/** State for sleep and power cut; undefined where it cannot be resumed. */
	save(): Uint8Array | undefined;
}

/** Why a message was not opened. */
export type Refusal = "not-protected" | "bad-option" | "no-context" | "replay" | "bad";

/**
 * Message security (RFC 8613), between the message layer below it (type, Message ID, deduplication, retransmission that
 * repeats bytes) and requests, blocks and Observe above. It turns whole messages into others of the same type, Message
 * ID and token; where a length is returned, 0 means that it could not. No timer.
 */
export interface Protection {
	/** What binds a response to its request: of the one that was protected or opened last. */
	readonly requestNumber: number;
	/** Who wrote the request that was opened last, where that may be one or another. */
	readonly speaker?: object | undefined;
	/** True where answers that cannot be opened lead to new keys, if there are enough of them. */
	readonly renews?: boolean;
	protectRequest(plain: Uint8Array, into: Uint8Array): number;
	/** `numbered`: the response is, or may be, not the only one to its request. */
	protectResponse(plain: Uint8Array, requestNumber: number, numbered: boolean, into: Uint8Array): number;
	/**
	 * The length of the plain request; "challenge": `challenge` makes the answer, and nothing is carried out. One that
	 * `mayBeLate` is not asked whether it was held up on its way; it is still no replay, or challenged.
	 */
	openRequest(now: Instant, outer: Uint8Array, into: Uint8Array, mayBeLate?: boolean): number | Refusal | "challenge";
	/** The protected answer to the request that was opened last. */
	challenge(now: Instant, into: Uint8Array): number;
	/** The length of the plain response; "again": the request is to be sealed and sent once more, as a new one. */
	openResponse(now: Instant, outer: Uint8Array, requestNumber: number, into: Uint8Array): number | Refusal | "again";
}

export interface SessionEvent {
	readonly kind: "connected" | "moved" | "closed" | "failed";
	readonly path: PathId;
	readonly alert: number;
}
