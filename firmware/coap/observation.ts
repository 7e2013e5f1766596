// Observe (RFC 7641): what the observed side keeps of each observer, and how an observer tells new from old.

import type { Instant } from "../contract.js";
import { OBSERVE_FRESHNESS, OBSERVE_MODULUS } from "./constants.js";
import { TokenBearer } from "./token.js";

/** One entry in the list of observers (RFC 7641, 4.1): identified by the peer and its token. */
export class Observation extends TokenBearer {
	readonly handle: number;
	/** The cache key of the registration: later blocks of a notification are asked for by it. */
	readonly key: number;
	/** The block size that the observer asked for. */
	readonly sizeExponent: number;
	/** Of the newest NON notification: a Reset that carries it ends the observation. */
	messageId = -1;
	/** When the observer last proved its interest: by registering, or by acknowledging a notification. */
	confirmedAt: Instant;
	/** A NON notification to be sent; a newer one takes its place (RFC 7641, 4.5.2). */
	unsent: Uint8Array | undefined = undefined;

	constructor(handle: number, token: TokenBearer, key: number, sizeExponent: number, now: Instant) {
		super();
		this.takeToken(token);
		this.handle = handle;
		this.key = key;
		this.sizeExponent = sizeExponent;
		this.confirmedAt = now;
	}
}

/** The order of notifications as their observer sees it (RFC 7641, 3.4). */
export class NotificationOrder {
	#value: number;
	#at: Instant;

	constructor(value: number, now: Instant) {
		this.#value = value;
		this.#at = now;
	}

	/** True for a notification that is newer than all accepted before; it then is the newest. */
	accept(value: number, now: Instant): boolean {
		const ahead = (value - this.#value + OBSERVE_MODULUS) % OBSERVE_MODULUS;
		const newer = (ahead > 0 && ahead < OBSERVE_MODULUS / 2) || now > this.#at + OBSERVE_FRESHNESS;
		if (!newer) return false;
		this.#value = value;
		this.#at = now;
		return true;
	}
}
