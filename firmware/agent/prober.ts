// Measures how long a NAT keeps a binding open, on sockets of their own: never over the one that the server knows us by
// (docs/reach-extension.md). Made when it is needed, and dropped when it is idle. Sans-IO by the poll contract.

import { Code } from "../coap/codes.js";
import { Encoder } from "../coap/encoder.js";
import type { Request } from "../coap/endpoint.js";
import { DatagramMessage } from "../coap/message.js";
import { ARM_LENGTH, probeMessages } from "../coap/probe-messages.js";
import { TokenBearer } from "../coap/token.js";
import type { Instant, Machine, PathId, Random, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import type { Command } from "./agent.js";
import { probeTimes } from "./constants.js";
import { Probe } from "./probe.js";

/**
 * What came of it; `alive` undefined: nobody can say; a delay below 0: of a binding that was used but once. "refused":
 * this server measures nothing for us.
 */
export type ProbeResult =
	| { readonly kind: "probed"; readonly delayMs: number; readonly alive: boolean | undefined }
	| { readonly kind: "refused" };

const { delaySecondsMax, delaySecondsMin, path, ticketLength, ticketMs, ticketUses } = probeMessages;

/** The first of the paths of all probers: those of the ways to the servers stay below. */
export const PROBE_PATHS = 1_000_000_000;

/** Added to a delay that waits, which is whole seconds else: the binding is to be used but once. */
const YOUNG_MS = 1;

/** Repetitions of the request for a ticket. */
const TICKET_TRIES = 3;

export class Prober implements Machine {
	readonly #random: Random;
	readonly #address: string;
	readonly #port: number;
	#nextPath: PathId;
	readonly #probes: Probe[] = [];
	/** Delays that wait for a socket or a ticket; below 0: it was tried with another ticket before. */
	readonly #waiting: number[] = [];
	readonly #commands: Command[] = [];
	readonly #results: ProbeResult[] = [];
	readonly #encoder = new Encoder();
	readonly #message = new DatagramMessage();
	readonly #token = new TokenBearer();
	/** The ticket, and room for what goes behind it. */
	readonly #payload = new Uint8Array(ARM_LENGTH);
	#usesLeft = 0;
	#expiresAt: Instant = 0;
	#ticket: "none" | "wanted" | "asked" = "none";
	#ticketTries = 0;
	#ticketAt: Instant = Number.POSITIVE_INFINITY;

	/** `firstPath`: PROBE_PATHS and the account's index at first, later the `nextPath` of the prober before. */
	constructor(random: Random, firstPath: PathId, address: string, port: number) {
		this.#random = random;
		this.#nextPath = firstPath;
		this.#address = address;
		this.#port = port;
	}

	get nextPath(): PathId {
		return this.#nextPath;
	}

	/** Nothing is measured, and all that was is told: it may be dropped. */
	get isIdle(): boolean {
		const { length } = this.#probes;
		return length + this.#waiting.length + this.#commands.length + this.#results.length === 0;
	}

	/**
	 * Asks whether a binding lives for so long, in whole seconds from 1 to 900; below 0: one that is used but once.
	 * False: too many wait already.
	 */
	probe(now: Instant, delayMs: number): boolean {
		if (this.#waiting.length + this.#probes.length >= limits.probeCount) return false;
		const seconds = Math.min(Math.max(delaySecondsMin, Math.round(Math.abs(delayMs) / 1000)), delaySecondsMax);
		this.#waiting.push(seconds * 1000 + (delayMs < 0 ? YOUNG_MS : 0));
		this.advance(now);
		return true;
	}

	/** Closes all sockets; of what was under way nobody can say anything. */
	stop(): void {
		for (let i = 0; i < this.#probes.length; i++) this.#probes[i]!.end("unknown");
		this.settle();
		for (let i = 0; i < this.#waiting.length; i++) {
			const { delayMs, isYoung } = unpack(this.#waiting[i]!);
			this.tell(delayMs, isYoung, undefined);
		}
		this.#waiting.length = 0;
		this.#ticket = "none";
		this.#ticketAt = Number.POSITIVE_INFINITY;
	}

	/** The request for a ticket, to be sent over the account's own association; once each time it is wanted. */
	takeTicketRequest(): Request | undefined {
		if (this.#ticket !== "wanted") return undefined;
		this.#ticket = "asked";
		return ticketRequest();
	}

	/** The answer to it; code 0: there was none. */
	handleTicket(now: Instant, code: number, payload: Uint8Array | undefined): void {
		if (this.#ticket !== "asked") return;
		this.#ticket = "none";
		if (code === Code.Changed && payload?.length === ticketLength) {
			this.#payload.set(payload);
			this.#usesLeft = ticketUses;
			this.#expiresAt = now + ticketMs - probeTimes.lateMs;
			this.#ticketTries = 0;
			this.advance(now);
		} else if (code === 0) this.stop();
		else {
			const retryMs = retryMsAfter(code);
			if (retryMs > 0 && ++this.#ticketTries < TICKET_TRIES) this.#ticketAt = now + retryMs;
			else this.refuse();
		}
	}

	private refuse(): void {
		this.#waiting.length = 0;
		this.stop();
		this.#results.push(REFUSED);
	}

	/** Begins with what waits, as far as there are sockets and uses of a ticket. */
	private advance(now: Instant): void {
		while (this.#waiting.length > 0 && this.#probes.length < limits.probeSocketCount) {
			if (this.#usesLeft === 0 || now > this.#expiresAt) {
				if (this.#ticket === "none" && this.#ticketAt === Number.POSITIVE_INFINITY) this.#ticket = "wanted";
				return;
			}
			this.#usesLeft--;
			this.open(this.#waiting.shift()!);
		}
	}

	private open(waiting: number): void {
		const path = this.#nextPath;
		this.#nextPath += limits.accountCount;
		const { delayMs, isRenewed, isYoung } = unpack(waiting);
		this.#probes.push(new Probe(path, delayMs, isRenewed, isYoung));
		this.#commands.push({ kind: "open", path, transport: "udp", address: this.#address, port: this.#port });
	}

	/** True for a path of ours. */
	owns(path: PathId): boolean {
		return this.find(path) !== undefined;
	}

	private find(path: PathId): Probe | undefined {
		for (let i = 0; i < this.#probes.length; i++) if (this.#probes[i]!.path === path) return this.#probes[i];
		return undefined;
	}

	handleOpened(now: Instant, path: PathId): void {
		this.find(path)?.handleOpened(now, this.#random);
	}

	/** The socket is gone, or there was none to be had. */
	handleClosed(now: Instant, path: PathId): void {
		const probe = this.find(path);
		if (probe === undefined) return;
		this.#probes.splice(this.#probes.indexOf(probe), 1);
		this.tell(probe.delayMs, probe.isYoung, undefined);
		this.advance(now);
	}

	/** The bytes are borrowed for the call. */
	handleReceived(now: Instant, path: PathId, bytes: Uint8Array): void {
		const probe = this.find(path);
		if (probe === undefined || this.#message.decode(bytes) !== "ok") return;
		probe.handleReceived(now, this.#message, this.#token);
		if (!probe.isEnded) return;
		this.settle();
		this.advance(now);
	}

	pollTransmit(now: Instant, out: Transmit): boolean {
		for (let i = 0; i < this.#probes.length; i++) {
			const probe = this.#probes[i]!;
			if (!probe.isDue) continue;
			this.#encoder.target(out.bytes);
			probe.write(now, this.#encoder, this.#token, this.#payload);
			out.length = this.#encoder.end;
			out.path = probe.path;
			return true;
		}
		return false;
	}

	pollCommand(): Command | undefined {
		return this.#commands.shift();
	}

	pollResult(): ProbeResult | undefined {
		return this.#results.shift();
	}

	pollTimeout(): Instant {
		let at = this.#ticketAt;
		for (let i = 0; i < this.#probes.length; i++) if (this.#probes[i]!.dueAt < at) at = this.#probes[i]!.dueAt;
		return at;
	}

	handleTimeout(now: Instant): void {
		if (now >= this.#ticketAt) {
			this.#ticketAt = Number.POSITIVE_INFINITY;
			this.#ticket = "wanted";
		}
		for (let i = 0; i < this.#probes.length; i++) this.#probes[i]!.handleTimeout(now);
		this.settle();
		this.advance(now);
	}

	/** Takes leave of those that have ended. */
	private settle(): void {
		let isRefused = false;
		for (let i = 0; i < this.#probes.length; ) {
			const probe = this.#probes[i]!;
			if (!probe.isEnded) {
				i++;
				continue;
			}
			this.#probes.splice(i, 1);
			this.#commands.push({ kind: "close", path: probe.path });
			if (probe.outcome === "unsupported") isRefused = true;
			else if (probe.outcome === "ticket") this.renew(probe);
			else this.tell(probe.delayMs, probe.isYoung, probe.outcome === "unknown" ? undefined : probe.outcome === "alive");
		}
		if (isRefused) this.refuse();
	}

	/** A server that was started anew knows no ticket of before: another one is tried, once. */
	private renew(probe: Probe): void {
		this.#usesLeft = 0;
		if (probe.isRenewed) this.tell(probe.delayMs, probe.isYoung, undefined);
		else this.#waiting.push(-probe.delayMs - (probe.isYoung ? YOUNG_MS : 0));
	}

	private tell(delayMs: number, isYoung: boolean, alive: boolean | undefined): void {
		this.#results.push({ kind: "probed", delayMs: isYoung ? -delayMs : delayMs, alive });
	}
}

/** A delay that waits. */
function unpack(waiting: number): { delayMs: number; isRenewed: boolean; isYoung: boolean } {
	const youngMs = Math.abs(waiting) % 1000;
	return { delayMs: Math.abs(waiting) - youngMs, isRenewed: waiting < 0, isYoung: youngMs > 0 };
}

/** After how long a server that refused a ticket so may give one; 0: never. */
function retryMsAfter(code: number): number {
	if (code === Code.TooManyRequests) return probeTimes.ticketRetryMs;
	// Its binding had died: the Update that follows tells the server the new address.
	return code === Code.Unauthorized ? probeTimes.strangerRetryMs : 0;
}

const REFUSED: ProbeResult = Object.freeze({ kind: "refused" });

/** Padded, so that the answer is no longer. */
function ticketRequest(): Request {
	return {
		code: Code.Post,
		confirmable: true,
		path: `/${path}`,
		query: [],
		contentFormat: undefined,
		accept: undefined,
		observe: undefined,
		payload: new Uint8Array(ticketLength),
		maxRetransmit: undefined,
		urgent: undefined,
	};
}

/** Over a stream, where there is but one socket: the server is to send an Empty message after so much silence. */
export function promiseRequest(delayMs: number): Request {
	const seconds = Math.round(delayMs / 1000);
	return { ...ticketRequest(), payload: Uint8Array.of(seconds >> 8, seconds & 0xff) };
}

/** RFC 8323, 3.2 and 3.4: what the server sends then, where nothing else comes with it. */
export function isEmptyMessage(piece: Uint8Array): boolean {
	return piece.length === 2 && piece[0] === 0 && piece[1] === Code.Empty;
}
