// What the agent knows of the NAT binding of a server account. Reach sends nothing: it observes and advises.

import type { Instant, Machine } from "../contract.js";

/** What to do next for a binding; the agent carries it out and reports what came of it. */
export type Advice =
	/** One byte that restarts the binding's time at the NAT, and that nobody acknowledges. */
	| "refresh"
	/** An Empty CON: whoever answers has heard us. */
	| "ping"
	/** An Update: it refreshes the binding and tells the server the address that we have now. */
	| "check"
	/** The same on a new socket after a fresh name resolution: the old way in is taken for dead. */
	| "new-socket"
	/** Start over: the server may have forgotten us. */
	| "register"
	/** Another transport to the same server: the one whose place is `Reach.transport`. */
	| "transport"
	/** All transports of this account were tried: another account may reach the server; here the first is next. */
	| "next-account"
	/**
	 * Measure the binding on fresh sockets, with the delays of `takeProbes`; over a stream, which has no others: ask the
	 * server to speak after the delay, and take its answer for that to a ping.
	 */
	| "probe";

/** Flags of what a server says in the elective option Reach; the agent hands them on as they are. */
export const ReachFlag = Object.freeze({
	/** It answers a refresh, or a ping, from an address that it does not know: whoever hears that has moved. */
	Keeper: 0x01,
	/** It measures bindings. */
	Probe: 0x02,
	/** The message came from another address than the one before. */
	Moved: 0x04,
	/** A downlink stayed unanswered. */
	Lost: 0x10,
	/** It counted refreshes. */
	Heard: 0x20,
});

/** What a server says of the way to us. */
export interface ServerWord {
	readonly flags: number;
	/** After how much silence of ours the first datagram was sent that stayed unanswered; -1 for none. */
	readonly lostSeconds: number;
	/** How many copies of it were sent. */
	readonly lostCount: number;
	/** Refreshes heard since it was last told our address; -1: not said. */
	readonly heardCount: number;
}

/** For people and for the server: how a binding stands. Seconds; `Infinity`: not known, or never. */
export interface ReachStatus {
	/** The network by its label; "" until one is given. */
	readonly network: string;
	/** What is counted on: the binding was seen alive after so much silence, or is taken to live for so long. */
	readonly lowerSeconds: number;
	/** What was seen; 0: nothing yet. */
	readonly provenSeconds: number;
	/** The binding was dead after so much silence. */
	readonly upperSeconds: number;
	/** Between two keepalives, before chance shortens it. */
	readonly intervalSeconds: number;
	/** What keeps the binding open; "none" while nothing is to be kept. */
	readonly kind: "none" | "refresh" | "ping" | "check";
	/** How often the server saw us under another address, as far as it says so. */
	readonly rebindingCount: number;
	/** The part of datagrams that is lost, 0 to 1, as estimated. */
	readonly loss: number;
	/** Time between a loss that was noticed and its repair, summed up since the start. */
	readonly unreachableSeconds: number;
	/** Of the last whole day; in the first one as if it went on so. Below 0: too early to say, or not counted. */
	readonly bytesPerDay: number;
	readonly wakeupsPerDay: number;
	/** What these two stand on, a day at most; 0: nothing is counted. */
	readonly countedSeconds: number;
	/** The place of the transport in use among those of the account. */
	readonly transport: number;
	/** The newest first: what failed, and how many seconds ago. */
	readonly failures: readonly ReachFailure[];
	/** Whether the server's offer to measure is used: there is none, one is to come, or is under way. */
	readonly probe: "none" | "waiting" | "measuring";
}

export interface ReachFailure {
	readonly kind: "unanswered" | "moved" | "expired" | "unknown-address" | "forgotten" | "no-way";
	readonly secondsAgo: number;
}

/** A pure observer and adviser of one account's path. */
export interface Reach extends Machine {
	/** The transport that is advised, as its place among those of the account. */
	readonly transport: number;
	/** The path was left another one for, and has not led to the server yet: at the first failure it is gone back. */
	readonly isTrying: boolean;
	/** Which of the transports is a stream that may be taken for its price, by its place; below 0: none. */
	handleRoutes(streamPlace: number): void;
	/** The network that the device is in, by label. What is remembered of it is taken up. */
	handleNetwork(now: Instant, label: string): void;
	/** A path is open, on the transport with this place of so many; a stream has a binding of its own kind. */
	handleOpened(now: Instant, transport: number, transportCount: number, stream: boolean): void;
	/**
	 * The registration stands: from now on the binding matters. `word` holds what the server offers; `queued`: it speaks
	 * only to a device that has just spoken (Queue Mode).
	 */
	handleStarted(now: Instant, word: ServerWord | undefined, queued: boolean): void;
	/** Nothing to keep open any more. */
	handleStopped(): void;
	/** Queue Mode: nobody speaks to the device until it speaks itself; handleAwake ends it. */
	handleAsleep(): void;
	handleAwake(now: Instant): void;
	/** A datagram of so many bytes left: most NATs restart the binding's time (RFC 4787, REQ-6); it proves nothing. */
	handleSent(now: Instant, length: number): void;
	/** A datagram of so many bytes came, of whatever worth; what it proves is told afterwards. */
	handleReceived(now: Instant, length: number): void;
	/** It was a request of the server: the binding lives, and the server knows our address. */
	handleDownlink(now: Instant): void;
	/** The server acknowledged a message of ours that was sent `tries` times. */
	handleAcknowledged(now: Instant, tries: number): void;
	/** A ping was answered. A server with the offer "Keeper" knows our address, or says that it does not. */
	handlePong(now: Instant, known: boolean): void;
	/** Over a stream the server spoke, as it was asked by the advice "probe". */
	handlePromiseKept(now: Instant): void;
	/** An Update was answered: the server knows our address. */
	handleTold(now: Instant, word: ServerWord | undefined): void;
	/** The server heard a refresh and does not know who sent it. */
	handleUnknown(now: Instant): void;
	/** A ping or an Update stayed unanswered. */
	handleLost(now: Instant): void;
	/** The server does not know the registration any more: a Register is under way. */
	handleForgotten(now: Instant): void;
	/** A Register stayed unanswered: the Registration waits before the next. */
	handleUnanswered(now: Instant): void;
	/** The binding of a fresh socket did, or did not, live for what was asked for; undefined: nobody can say. */
	handleProbed(now: Instant, delayMs: number, alive: boolean | undefined): void;
	/** The server would not measure. */
	handleProbeRefused(now: Instant): void;
	/**
	 * The delays that the advice "probe" asks for, in milliseconds; none when asked again. Below 0: of a binding that is
	 * used but once.
	 */
	takeProbes(): readonly number[];
	pollAdvice(): Advice | undefined;
	status(now: Instant): ReachStatus;
}
