// The side that answers a renewal of keys (RFC 8613, B.2): a server, which has one for each device it has keys of.

import type { Instant, Protection, Refusal } from "../../contract.js";
import { NONE } from "./constants.js";
import type { SecurityParameters, SequenceOptions } from "./context.js";
import { Envelope } from "./envelope.js";
import { Oscore, type OscoreOptions, partialIvOf, writeUnauthorized } from "./oscore.js";
import { join, Renewing, SHARE_LENGTH, unwrap, wrap } from "./renewal.js";

/** Shares of the server that wait for a second request, oldest out first. */
const PENDING_COUNT = 16;
/** Numbers that are reserved at once: one write to the disk for each so many requests of ours. */
const SEQUENCE_STEP = 1024;

/** What has to be known of a context to take it up again: no number below `first` is left (RFC 8613, B.1.1). */
export interface SavedContext {
	readonly idContext: Uint8Array;
	readonly first: number;
}

/** Keeps contexts over a restart; `save` returns when it is safe, and throws where it cannot be. */
export interface ContextMemory {
	readonly saved: SavedContext | undefined;
	save(context: SavedContext): void;
}

const FORGETFUL: ContextMemory = Object.freeze({ saved: undefined, save: () => {} });

/** What both sides have thrown in so far: R1 and R2. */
interface Share {
	readonly first: Uint8Array;
	readonly second: Uint8Array;
}

/** Of one credential. */
export class RenewingServer implements Protection {
	readonly #options: OscoreOptions;
	readonly #renewing: Renewing;
	readonly #envelope = new Envelope();
	/** The answers that nobody has proved to have. */
	readonly #pending: Share[] = [];
	/** Under it everything is protected, once there was a renewal. */
	oscore: Oscore | undefined = undefined;
	/** What protects the answer to a first request. */
	#answer: Oscore | undefined = undefined;
	#share: Share | undefined = undefined;
	/** The Partial IV of that first request, and the Common IV of its context. */
	#requestPartialIv = NONE;
	#requestIv: Uint8Array | undefined = undefined;

	readonly #memory: ContextMemory;

	constructor(options: OscoreOptions, parameters: SecurityParameters, memory: ContextMemory = FORGETFUL) {
		this.#options = options;
		this.#renewing = new Renewing(options, parameters);
		this.#memory = memory;
		const { saved } = memory;
		if (saved !== undefined)
			this.oscore = new Oscore(options, this.#renewing.context(saved.idContext, this.sequence(saved), false));
	}

	/** What tells the keys from all others before them: when it changes, what was agreed is void. */
	get idContext(): Uint8Array | undefined {
		return this.oscore?.context.idContext;
	}

	/** True where no newer request than the one that was opened last has come. */
	get isNewest(): boolean {
		return this.oscore?.context.window?.highest === partialIvOf(this.requestNumber);
	}

	private sequence({ idContext, first }: SavedContext): SequenceOptions {
		return { first, step: SEQUENCE_STEP, reserve: (until) => this.#memory.save({ idContext, first: until }) };
	}

	get requestNumber(): number {
		return this.oscore?.requestNumber ?? NONE;
	}

	protectRequest(plain: Uint8Array, into: Uint8Array): number {
		return this.oscore?.protectRequest(plain, into) ?? 0;
	}

	protectResponse(plain: Uint8Array, requestNumber: number, numbered: boolean, into: Uint8Array): number {
		return this.oscore?.protectResponse(plain, requestNumber, numbered, into) ?? 0;
	}

	openResponse(now: Instant, outer: Uint8Array, requestNumber: number, into: Uint8Array): number | Refusal {
		return this.oscore?.openResponse(now, outer, requestNumber, into) ?? "no-context";
	}

	/**
	 * "challenge" also for a first request: it has been verified, but may be old, so it is not carried out. After the
	 * second one `oscore` has another context.
	 */
	openRequest(now: Instant, outer: Uint8Array, into: Uint8Array): number | Refusal | "challenge" {
		this.#answer = undefined;
		const refusal = this.#envelope.read(outer);
		if (refusal !== undefined) return refusal;
		const { kidContext } = this.#envelope.option;
		const idContext = unwrap(kidContext);
		const current = this.oscore;
		if (idContext === undefined) {
			// Of worn keys the device is not told by them: it begins anew when it has been refused often enough.
			if (kidContext !== undefined || current === undefined || current.isWorn) return "no-context";
			return current.openRequest(now, outer, into);
		}
		// Until the client has an answer under the new context it goes on to say which one it means.
		if (current !== undefined && this.#renewing.equal(idContext, current.context.idContext!))
			return current.openRequest(now, outer, into);
		if (idContext.length === SHARE_LENGTH) return this.takeFirst(now, outer, idContext, into);
		return this.takeSecond(now, outer, idContext, into);
	}

	challenge(now: Instant, into: Uint8Array): number {
		const answer = this.#answer;
		if (answer === undefined) return this.oscore?.challenge(now, into) ?? 0;
		const share = this.#share!;
		if (!this.#pending.includes(share)) this.#pending.push(share);
		if (this.#pending.length > PENDING_COUNT) this.#pending.shift();
		const plain = writeUnauthorized(this.#envelope.message, undefined);
		// RFC 8613, B.2: under these keys nothing else is ever protected, so the request's nonce will do.
		return answer.protectResponse(plain, this.#requestPartialIv, false, into, wrap(share.second), this.#requestIv);
	}

	private takeFirst(now: Instant, outer: Uint8Array, first: Uint8Array, into: Uint8Array): Refusal | "challenge" {
		const asking = this.#renewing.oscore(first);
		const result = asking.openRequest(now, outer, into);
		// Whether it is fresh is seen from the second one.
		if (typeof result !== "number" && result !== "challenge") return result;
		// Whoever repeats a first request is told the same again, and pushes nobody out.
		const known = this.#pending.find((share) => this.#renewing.equal(share.first, first));
		const share = known ?? { first, second: this.#renewing.share() };
		this.#share = share;
		this.#answer = this.#renewing.oscore(join(share.second, first));
		this.#requestPartialIv = partialIvOf(asking.requestNumber);
		this.#requestIv = asking.context.commonIv;
		return "challenge";
	}

	private takeSecond(
		now: Instant,
		outer: Uint8Array,
		idContext: Uint8Array,
		into: Uint8Array,
	): number | Refusal | "challenge" {
		const second = idContext.subarray(0, SHARE_LENGTH);
		if (!this.#pending.some((share) => this.#renewing.equal(share.second, second))) return "no-context";
		const proving = this.#renewing.oscore(idContext);
		const result = proving.openRequest(now, outer, into);
		if (typeof result !== "number" && result !== "challenge") return result;
		const saved = { idContext, first: 0 };
		try {
			this.#memory.save(saved);
		} catch {
			return "no-context";
		}
		// What was begun before and is finished later was held up: the device has forgotten it.
		this.#pending.length = 0;
		const context = this.#renewing.context(idContext, this.sequence(saved));
		// The same instance goes on, so that what was asked before cannot be answered with the new keys.
		if (this.oscore === undefined) this.oscore = new Oscore(this.#options, context);
		else this.oscore.adopt(context);
		return this.oscore.openRequest(now, outer, into);
	}
}
