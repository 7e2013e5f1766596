// What the back end keeps for one registered device: its registration, its observations, its open commands.

import type { NotificationOrder } from "../../firmware/coap/observation.js";
import type { Instant, Token } from "../../firmware/contract.js";
import type { Observed, Operation } from "./operations.js";
import type { Peer } from "./peer.js";
import { expiresAt, type Registration } from "./registration.js";
import type { Scheduled } from "./schedule.js";

/** What the device reports on by itself. The token outlives address and restart, the exchange does not. */
export interface Observation extends Observed {
	readonly kind: "observation";
	readonly token: Token;
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
	sentAt: Instant;
	sentCount: number;
	/** The device said that it has it; only its answer is missing. */
	acknowledged: boolean;
	/** It went unanswered: it is sent again when the device next speaks. */
	waiting: boolean;
}

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
	readonly observations = new Map<string, Observation>();
	/** In the order in which they were given. */
	readonly commands = new Set<Command>();
	/** In Queue Mode the device listens until here; Infinity: it always does; ASLEEP: it does not. */
	awakeUntil: Instant = Number.POSITIVE_INFINITY;

	constructor(registration: Registration) {
		this.registration = registration;
	}

	/** When something is to be done about it: a command has waited enough, it falls asleep, its registration ends. */
	nextAt(): Instant {
		let at = expiresAt(this.registration);
		if (this.awakeUntil > ASLEEP) at = Math.min(at, this.awakeUntil);
		for (const { deadlineAt } of this.commands) at = Math.min(at, deadlineAt);
		return at;
	}
}
