// The side that starts a renewal of keys (RFC 8613, B.2): a device at boot.

import type { Instant, Protection, Refusal } from "../../contract.js";
import { RENEWAL_NUMBER } from "./constants.js";
import type { SecurityParameters } from "./context.js";
import { Envelope } from "./envelope.js";
import type { Oscore, OscoreOptions } from "./oscore.js";
import { join, Renewing, unwrap, wrap } from "./renewal.js";

/** RFC 8613, 8.4: an answer without protection may be anybody's; so many are not ignored any more. */
const REFUSALS_TO_RESTART = 3;

/** Needs no memory but the secret: whatever it was before, it starts with keys that nobody ever had. */
export class RenewingClient implements Protection {
	readonly #renewing: Renewing;
	/** Under it everything is protected. */
	readonly oscore: Oscore;
	/** R1. */
	#share: Uint8Array;
	/** asking: under R1. proving: under R2 and R3, not confirmed. renewed: as if there had been no renewal. */
	#state: "asking" | "proving" | "renewed" = "asking";
	/** Answers without protection that holds, since the last one with it. */
	#refusals = 0;

	constructor(options: OscoreOptions, parameters: SecurityParameters) {
		this.#renewing = new Renewing(options, parameters);
		this.#share = this.#renewing.share();
		this.oscore = this.#renewing.oscore(this.#share);
	}

	get isRenewed(): boolean {
		return this.#state === "renewed";
	}

	/** The keys have served for long enough, or too many have tried them. */
	private get isWorn(): boolean {
		return this.oscore.isWorn || this.oscore.context.nextSequenceNumber >= RENEWAL_NUMBER;
	}

	/** Begins anew: the server has forgotten what was agreed. */
	restart(): void {
		this.#share = this.#renewing.share();
		this.#state = "asking";
		this.#refusals = 0;
		this.oscore.adopt(this.#renewing.context(this.#share));
	}

	get requestNumber(): number {
		return this.oscore.requestNumber;
	}

	protectRequest(plain: Uint8Array, into: Uint8Array): number {
		if (this.isRenewed && this.isWorn) this.restart();
		const { idContext } = this.oscore.context;
		return this.oscore.protectRequest(plain, into, this.isRenewed ? undefined : wrap(idContext!));
	}

	protectResponse(plain: Uint8Array, requestNumber: number, numbered: boolean, into: Uint8Array): number {
		return this.oscore.protectResponse(plain, requestNumber, numbered, into);
	}

	openRequest(now: Instant, outer: Uint8Array, into: Uint8Array, mayBeLate?: boolean): number | Refusal | "challenge" {
		return this.oscore.openRequest(now, outer, into, mayBeLate);
	}

	challenge(now: Instant, into: Uint8Array): number {
		return this.oscore.challenge(now, into);
	}

	get renews(): boolean {
		return true;
	}

	/** "again" after the server's share, and where the server has refused so often that it may have forgotten us. */
	openResponse(now: Instant, outer: Uint8Array, requestNumber: number, into: Uint8Array): number | Refusal | "again" {
		const result = this.openAny(now, outer, requestNumber, into);
		if (typeof result === "number" || result === "again") this.#refusals = 0;
		else if (++this.#refusals >= REFUSALS_TO_RESTART) {
			this.restart();
			return "again";
		}
		return result;
	}

	private openAny(
		now: Instant,
		outer: Uint8Array,
		requestNumber: number,
		into: Uint8Array,
	): number | Refusal | "again" {
		if (this.#state === "asking") return this.takeShare(now, outer, requestNumber, into);
		const result = this.oscore.openResponse(now, outer, requestNumber, into);
		if (typeof result === "number") this.#state = "renewed";
		return result;
	}

	/** RFC 8613, B.2, step 3: the answer to the first request is protected by what R2, which may be long, and R1 give. */
	private takeShare(now: Instant, outer: Uint8Array, requestNumber: number, into: Uint8Array): Refusal | "again" {
		// Once a start: it need not live as long as the device.
		const envelope = new Envelope();
		const refusal = envelope.read(outer);
		if (refusal !== undefined) return refusal;
		const second = unwrap(envelope.option.kidContext);
		if (second === undefined) return "no-context";
		const answer = this.#renewing.context(join(second, this.#share));
		const result = this.oscore.openResponse(now, outer, requestNumber, into, answer);
		if (typeof result !== "number") return result;
		this.#state = "proving";
		this.oscore.adopt(this.#renewing.context(join(second, this.#renewing.share())));
		return "again";
	}
}
