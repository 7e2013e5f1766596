// What the back end keeps for one registered device: its registration, its observations, its open commands.

import type { NotificationOrder } from "../../firmware/coap/observation.js";
import type { Instant, Token } from "../../firmware/contract.js";
import type { Operation } from "./operations.js";
import type { Peer } from "./peer.js";
import type { Registration } from "./registration.js";

/** A path that the device reports on by itself. The token outlives address and restart, the exchange does not. */
export interface Observation {
	readonly kind: "observation";
	readonly path: string;
	readonly accept: number | undefined;
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

/** One registered device. */
export class Device {
	registration: Registration;
	/** Undefined while nobody knows where it is: another device took its address. */
	peer: Peer | undefined;
	readonly observations = new Map<string, Observation>();
	/** In the order in which they were given. */
	readonly commands = new Set<Command>();

	constructor(registration: Registration) {
		this.registration = registration;
	}
}
