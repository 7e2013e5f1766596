// The registration of this device with one server: Register, Update, De-register, and coming back after every failure.

import { Code } from "../coap/codes.js";
import type { Endpoint, ExchangeFailure, Message } from "../coap/endpoint.js";
import { type ReachWord, readReach } from "../coap/reach-option.js";
import type { Instant, Machine, Random } from "../contract.js";
import { registrationTimes as times } from "./constants.js";
import type { Instance } from "./instance.js";
import type { Model } from "./model.js";
import { isVersionRefusal, locationPath } from "./registration-answers.js";
import { deregisterRequest, registerRequest, updateRequest } from "./registration-requests.js";
import { initialDelayMs, isExhausted, retryDelayMs } from "./retry.js";

/** The LwM2M versions that a server and this device can agree on. */
export type Version = "1.2" | "1.1" | "1.0";

/** LwM2M versions offered, newest first: a refusal leads to the next one. */
const VERSIONS: readonly Version[] = Object.freeze(["1.2", "1.1", "1.0"]);

/** What the server is told of this device; read anew at each Register and Update. */
export interface RegistrationContent {
	readonly endpointName: string;
	/** Its instances are the object list. */
	readonly model: Model;
	/** The Server instance (/1/x): lifetime and binding. */
	readonly server: Instance;
	/** The device's number, for servers that may wake it by SMS (/1/x/21). */
	readonly smsNumber?: string | undefined;
	/** How long the device listens after each message in Queue Mode; undefined: as long as an exchange may last. */
	readonly awakeMs?: number | undefined;
	/** False: nothing is sent that only our own servers understand. */
	readonly elective?: boolean | undefined;
}

export type RegistrationEvent =
	/** `reach`: what the server says of the way to us; undefined from one that says nothing. */
	| {
			readonly kind: "registered";
			readonly version: Version;
			readonly location: string;
			readonly reach: ReachWord | undefined;
	  }
	| { readonly kind: "updated"; readonly reach: ReachWord | undefined }
	/** The server answered the Update by an error, mostly 4.04: it has forgotten us, a Register is under way. */
	| { readonly kind: "forgotten"; readonly code: number }
	/** An Update stayed unanswered; what next is the owner's decision. */
	| { readonly kind: "lost" }
	| { readonly kind: "refused"; readonly code: number; readonly retryMs: number }
	| { readonly kind: "unanswered"; readonly retryMs: number }
	/** A whole series of attempts failed. The seam for bootstrap (/1/x/16); until it exists the attempts go on. */
	| { readonly kind: "bootstrap-needed" }
	| { readonly kind: "deregistered" };

type State =
	| { readonly kind: "idle" }
	| { readonly kind: "registering"; readonly exchange: number }
	| { readonly kind: "registered"; readonly location: string }
	| { readonly kind: "updating"; readonly location: string; readonly exchange: number }
	| { readonly kind: "waiting" }
	/** A Register is under way that nobody wants any more: its answer says what to delete. */
	| { readonly kind: "leaving"; readonly exchange: number }
	| { readonly kind: "deregistering"; readonly exchange: number };

const IDLE: State = Object.freeze({ kind: "idle" });
const WAITING: State = Object.freeze({ kind: "waiting" });

export class Registration implements Machine {
	readonly #content: RegistrationContent;
	readonly #endpoint: Endpoint;
	readonly #random: Random;
	#state: State = IDLE;
	#versionIndex = 0;
	/** The lifetime and the object list (its revision) that the server knows; a difference goes with the next Update. */
	#sentLifetimeSeconds = 0;
	#sentRevision = UNKNOWN;
	#sentBinding = "";
	#failedAttempts = 0;
	#registerCount = 0;
	/** When registered: next Update. When waiting: next Register. */
	#dueAt: Instant = Number.POSITIVE_INFINITY;
	#assuredAt: Instant = Number.NEGATIVE_INFINITY;
	#event: RegistrationEvent | undefined;

	constructor(content: RegistrationContent, endpoint: Endpoint, random: Random) {
		this.#content = content;
		this.#endpoint = endpoint;
		this.#random = random;
	}

	get registered(): boolean {
		return this.#state.kind === "registered" || this.#state.kind === "updating";
	}

	/** The server answered the last that it was told. */
	get isAnswered(): boolean {
		return this.#state.kind === "registered";
	}

	/** How many Registers have begun: each of them ends what the server observed before. */
	get registerCount(): number {
		return this.#registerCount;
	}

	/** The version that the server accepted, or the one to be offered next. */
	get version(): Version {
		return VERSIONS[this.#versionIndex]!;
	}

	private get lifetimeSeconds(): number {
		return this.#content.server.get("lifetime") as number;
	}

	/** Registers now, whatever went before. */
	register(now: Instant): void {
		this.abandon(now);
		const exchange = this.#endpoint.request(now, registerRequest(this.#content, this.version, this.#failedAttempts));
		if (exchange === 0) {
			this.wait(now);
			return;
		}
		this.remember();
		this.#sentBinding = this.binding;
		this.#state = { kind: "registering", exchange };
		this.#registerCount++;
	}

	/**
	 * Tells the server that we live, where, and what changed. Nothing when there is no registration or an Update is under
	 * way. `maxRetransmit` shortens the wait of a liveness check.
	 */
	update(now: Instant, maxRetransmit: number | undefined): void {
		if (this.#state.kind !== "registered") return;
		const { location } = this.#state;
		const lifetimeSeconds = this.lifetimeSeconds === this.#sentLifetimeSeconds ? undefined : this.lifetimeSeconds;
		const hasList = this.#content.model.revision !== this.#sentRevision;
		const request = updateRequest(this.#content, this.version, location, lifetimeSeconds, hasList, maxRetransmit);
		const exchange = this.#endpoint.request(now, request);
		if (exchange === 0) {
			this.#dueAt = now + times.busyRetryMs;
			return;
		}
		this.remember();
		this.#state = { kind: "updating", location, exchange };
	}

	/** The server may not know us, or not where we are: an Update at once. False: it has had one for that just now. */
	assure(now: Instant): boolean {
		if (this.#state.kind !== "registered") return true;
		if (now < this.#assuredAt + times.assureMs) return false;
		this.#assuredAt = now;
		this.update(now, undefined);
		return true;
	}

	/** What was sent is what the server knows, and nothing is due before its answer. */
	private remember(): void {
		this.#sentLifetimeSeconds = this.lifetimeSeconds;
		this.#sentRevision = this.#content.model.revision;
		this.#dueAt = Number.POSITIVE_INFINITY;
	}

	/**
	 * The Server instance or the object list may have changed: LwM2M Core, 6.2.2 wants it told. Queue Mode is nothing
	 * that an Update could tell of, so that another binding asks for a Register.
	 */
	handleContentChanged(now: Instant): void {
		if (this.#state.kind !== "registered") return;
		if (this.#sentBinding !== this.binding) this.register(now);
		else if (this.isOutdated) this.update(now, undefined);
	}

	private get binding(): string {
		return this.#content.server.get("binding") as string;
	}

	/** Says good-bye; "deregistered" follows in any case, answered or not. */
	deregister(now: Instant): void {
		const state = this.#state;
		if (state.kind === "registering") {
			this.#state = { kind: "leaving", exchange: state.exchange };
			this.#dueAt = now + times.leaveMs;
			return;
		}
		const location = state.kind === "registered" || state.kind === "updating" ? state.location : undefined;
		this.abandon(now);
		const exchange = location === undefined ? 0 : this.#endpoint.request(now, deregisterRequest(location));
		if (exchange === 0) return this.end();
		this.#state = { kind: "deregistering", exchange };
	}

	private leave(now: Instant, location: string): void {
		this.#dueAt = Number.POSITIVE_INFINITY;
		this.#state = { kind: "registered", location };
		this.deregister(now);
	}

	private giveUp(now: Instant, exchange: number): void {
		this.#endpoint.cancel(now, exchange);
		this.end();
	}

	/** The path is gone: an exchange under way is forgotten, the registration itself stays. */
	handlePathLost(now: Instant): void {
		const state = this.#state;
		if ("exchange" in state) this.#endpoint.cancel(now, state.exchange);
		if (state.kind === "updating") this.loseUpdate(state.location);
		else if (state.kind === "registering") this.#state = IDLE;
		else if (state.kind === "leaving" || state.kind === "deregistering") this.end();
	}

	/** A path is open: Update first, Register where there is nothing to update; a wait is kept. */
	handlePathOpened(now: Instant): void {
		if (this.#state.kind === "registered") this.update(now, times.checkRetransmit);
		else if (this.#state.kind === "idle") this.begin(now);
	}

	/** The first Register of all may be told to wait. */
	private begin(now: Instant): void {
		if (this.#registerCount === 0) this.#versionIndex = newestVersion(this.#content.server);
		const delayMs = this.#registerCount === 0 ? initialDelayMs(this.#content.server) : 0;
		if (delayMs === 0) return this.register(now);
		this.#state = WAITING;
		this.#dueAt = now + delayMs;
	}

	/** True when the exchange was ours. */
	handleResponse(now: Instant, exchange: number, message: Message): boolean {
		const state = this.#state;
		switch (state.kind) {
			case "registering":
				if (exchange !== state.exchange) return false;
				this.handleRegisterAnswer(now, message);
				return true;
			case "updating":
				if (exchange !== state.exchange) return false;
				this.handleUpdateAnswer(now, message, state.location);
				return true;
			case "leaving":
				if (exchange !== state.exchange) return false;
				if (locationPath(message) === "") this.end();
				else this.leave(now, locationPath(message));
				return true;
			case "deregistering":
				if (exchange !== state.exchange) return false;
				this.end();
				return true;
			case "idle":
			case "registered":
			case "waiting":
				return false;
			default:
				return state satisfies never;
		}
	}

	/** True when the exchange was ours. */
	handleFailed(now: Instant, exchange: number, _why: ExchangeFailure): boolean {
		const state = this.#state;
		if (!("exchange" in state) || state.exchange !== exchange) return false;
		if (state.kind === "registering") {
			this.fail(now, undefined);
		} else if (state.kind === "updating") {
			this.loseUpdate(state.location);
			this.#event = { kind: "lost" };
		} else this.end();
		return true;
	}

	pollEvent(): RegistrationEvent | undefined {
		const event = this.#event;
		this.#event = undefined;
		return event;
	}

	pollTimeout(): Instant {
		return this.#dueAt;
	}

	handleTimeout(now: Instant): void {
		if (now < this.#dueAt) return;
		this.#dueAt = Number.POSITIVE_INFINITY;
		if (this.#state.kind === "waiting") this.register(now);
		else if (this.#state.kind === "leaving") this.giveUp(now, this.#state.exchange);
		else this.update(now, undefined);
	}

	private handleRegisterAnswer(now: Instant, message: Message): void {
		const code = message.code;
		const location = locationPath(message);
		// Without a location nothing can be updated: a server that gives none is asked again after a while, and no sooner.
		if (code === Code.Created && location !== "") {
			this.#failedAttempts = 0;
			this.#state = { kind: "registered", location };
			this.scheduleUpdate(now);
			this.#event = { kind: "registered", version: this.version, location, reach: readReach(message) };
			return;
		}
		const older = this.#versionIndex + 1;
		if (isVersionRefusal(code) && older < VERSIONS.length) {
			this.#versionIndex = older;
			this.#state = IDLE;
			return this.register(now);
		}
		this.#versionIndex = newestVersion(this.#content.server);
		this.fail(now, code);
	}

	/** A Register was refused by a code, or stayed unanswered. */
	private fail(now: Instant, code: number | undefined): void {
		const retryMs = this.wait(now);
		if (isExhausted(this.#content.server, this.#failedAttempts)) this.#event = { kind: "bootstrap-needed" };
		else this.#event = code === undefined ? { kind: "unanswered", retryMs } : { kind: "refused", code, retryMs };
	}

	private handleUpdateAnswer(now: Instant, message: Message, location: string): void {
		if (message.code === Code.Changed) {
			this.#state = { kind: "registered", location };
			this.scheduleUpdate(now);
			this.#event = { kind: "updated", reach: readReach(message) };
			return;
		}
		this.#state = IDLE;
		this.register(now);
		this.#event = { kind: "forgotten", code: message.code };
	}

	/** Whether the server took what the Update told is not known: the next one tells it again. */
	private loseUpdate(location: string): void {
		this.#state = { kind: "registered", location };
		this.#sentLifetimeSeconds = UNKNOWN;
		this.#sentRevision = UNKNOWN;
	}

	/** True when the server was told something else than what is so now. */
	private get isOutdated(): boolean {
		return this.lifetimeSeconds !== this.#sentLifetimeSeconds || this.#content.model.revision !== this.#sentRevision;
	}

	/** Early enough that an Update with all its retransmissions ends before the lifetime does. */
	private scheduleUpdate(now: Instant): void {
		const lifetimeMs = this.#sentLifetimeSeconds === 0 ? Infinity : this.#sentLifetimeSeconds * 1000;
		// What changed while the answer was under way is told at once.
		this.#dueAt = this.isOutdated ? now : now + lifetimeMs - Math.min(lifetimeMs / 2, times.updateMarginMs);
	}

	/** Waits as the server wishes, with jitter and within bounds: fleets spread, and nobody ever gives up. */
	private wait(now: Instant): number {
		const waitMs = retryDelayMs(this.#content.server, ++this.#failedAttempts, this.#random);
		this.#state = WAITING;
		this.#dueAt = now + waitMs;
		return waitMs;
	}

	private end(): void {
		this.#state = IDLE;
		this.#dueAt = Number.POSITIVE_INFINITY;
		this.#event = { kind: "deregistered" };
	}

	private abandon(now: Instant): void {
		const state = this.#state;
		if ("exchange" in state) this.#endpoint.cancel(now, state.exchange);
		this.#state = IDLE;
		this.#dueAt = Number.POSITIVE_INFINITY;
	}
}

/** The place of the newest version that the server speaks by its own word (/1/x/25); of our newest without one. */
function newestVersion(server: Instance): number {
	const spoken = server.get("supportedServerVersions");
	if (!Array.isArray(spoken)) return 0;
	for (let i = 0; i < VERSIONS.length; i++) if (spoken.indexOf(VERSIONS[i]) >= 0) return i;
	return 0;
}

/** No revision of any model, no lifetime of any registration. */
const UNKNOWN = -1;
