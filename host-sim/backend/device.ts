// What the back end keeps for one registered device: its registration, its observations, its open commands.

import type { PendingRequest } from "../../firmware/coap/endpoint.js";
import type { NotificationOrder } from "../../firmware/coap/observation.js";
import type { Instant, Token } from "../../firmware/contract.js";
import type { Association } from "./contexts.js";
import type { Observed, Operation } from "./operations.js";
import type { Peer } from "./peer.js";
import { expiresAt, type Registration } from "./registration.js";
import type { Scheduled } from "./schedule.js";
import { SentMemory } from "./sent-memory.js";
import { Silence } from "./silence.js";

/** What the device reports on by itself. The token outlives address and restart, the exchange does not. */
export interface Observation extends Observed {
	readonly kind: "observation";
	readonly token: Token;
	/** What binds its notifications to the request for them; below 0 without keys. */
	readonly requestNumber: number;
	/** Which notification is the newest, also after the device has moved; undefined before the first. */
	order: NotificationOrder | undefined;
	exchange: number;
}

/** An operation that waits for its answer until its deadline, whatever happens to the path meanwhile. */
export interface Command {
	readonly kind: "command";
	/** What the caller knows it by; 0: it is our own, nobody waits for it. */
	readonly handle: number;
	readonly device: Device;
	readonly operation: Operation;
	readonly deadlineAt: Instant;
	/** 0 while it is not on its way. */
	exchange: number;
	/** Its request, once there is one: what is sent again is the same message, so that it is carried out once. */
	pending: PendingRequest | undefined;
	/** When the request was handed over, and where to. */
	firstSentAt: Instant;
	askedAt: string;
	/** It went unanswered: it is sent again when the device next speaks. */
	waiting: boolean;
	/** Nobody waits for it at our side: it outlives a restart, and what it became is told by an event. */
	readonly isQueued: boolean;
	/** It may be repeated less often than it should, as the device's address is not proved yet. */
	isCurtailed: boolean;
}

/** A queued command without its exchange, which ends with the process. */
export type SavedCommand = Pick<Command, "handle" | "operation" | "deadlineAt">;

/** Before any instant. */
export const ASLEEP: Instant = Number.NEGATIVE_INFINITY;

/** One registered device. */
export class Device implements Scheduled {
	readonly kind = "device";
	dueAt: Instant = Number.POSITIVE_INFINITY;
	heapIndex = -1;
	registration: Registration;
	/** Undefined while nobody knows where it is: another device took its address. */
	peer: Peer | undefined;
	/** Its keys; undefined without any (NoSec). */
	association: Association | undefined;
	/** Which keys it registered under (`keysNow`): others are told of no observation. */
	keys: string | undefined;
	/** The Partial IV of its newest Register or Update: a notification from before it is no news. */
	newest: number | undefined;
	readonly observations = new Map<string, Observation>();
	/** In the order in which they were given. */
	readonly commands = new Set<Command>();
	/** In Queue Mode the device listens until here; Infinity: it always does; ASLEEP: it does not. */
	awakeUntil: Instant = Number.POSITIVE_INFINITY;

	/** In Queue Mode: how long it listens where it was told that nothing waits for it; 0: it was not told so. */
	idleMs = 0;
	/** What it sent lately. */
	readonly sends = new SentMemory();
	/** What it did not answer, and may be told of. */
	readonly silence: Silence;

	constructor(registration: Registration) {
		this.registration = registration;
		this.silence = new Silence(registration.updatedAt);
	}

	/** When something is to be done about it: a command has waited enough, it falls asleep, its registration ends. */
	nextAt(): Instant {
		let at = expiresAt(this.registration);
		if (this.awakeUntil > ASLEEP) at = Math.min(at, this.awakeUntil);
		for (const { deadlineAt } of this.commands) at = Math.min(at, deadlineAt);
		return at;
	}
}
