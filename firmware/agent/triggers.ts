// What may come by SMS: a server's word that it wants to hear of the device, and nothing else (LwM2M Core, /1/x/21).
// Whoever knows the number can send one, so that keys decide where the account has some, and the rate in any case.

import { Code, isRequest } from "../coap/codes.js";
import { EXCHANGE_LIFETIME } from "../coap/constants.js";
import { DatagramMessage } from "../coap/message.js";
import { Option } from "../coap/options.js";
import type { Instant, Protection } from "../contract.js";
import { limits } from "../limits.js";
import type { Instance } from "../lwm2m/instance.js";
import { Server } from "../lwm2m/objects/server.js";
import { triggerTimes } from "./constants.js";

/** How a device is woken by SMS. */
export interface SmsOptions {
	/** What servers are told to send to; undefined: they know it otherwise, or never will. */
	readonly number?: string | undefined;
	/** Triggers without keys are carried out, for accounts that have none; default: false. */
	readonly acceptsPlain?: boolean | undefined;
}

/** What a trigger needs of an account. */
export interface Triggerable {
	/** Its instance of the Server object. */
	readonly server: Instance;
	/** Undefined: it has no keys. */
	readonly protection: Protection | undefined;
	/** Registration Update Trigger. */
	handleTrigger(now: Instant): void;
}

/**
 * What came of a message, in the words of the counters: an Update is sent; the Bootstrap-Request Trigger is refused, as
 * 4.05 would say if there were an answer; the account takes no triggers, or none without keys; another one was carried
 * out too short a time before; it came before; its keys do not fit; it is none.
 */
export type TriggerOutcome = "update" | "bootstrap" | "unwanted" | "limited" | "repeated" | "unauthentic" | "other";

/** How often each came out. */
export type TriggerCounts = Record<TriggerOutcome, number>;

const UPDATE = 8;
const BOOTSTRAP = 9;
const NO_RESOURCE = -1;

/** One for all accounts of a device with a modem. */
export class Triggers {
	readonly counts: TriggerCounts = {
		update: 0,
		bootstrap: 0,
		unwanted: 0,
		limited: 0,
		repeated: 0,
		unauthentic: 0,
		other: 0,
	};
	readonly #accounts: readonly Triggerable[];
	readonly #acceptsPlain: boolean;
	readonly #message = new DatagramMessage();
	/** When triggers of each account were carried out within the last hour. */
	readonly #carriedOut: Instant[][] = [];
	/** Of the last one without keys. */
	#messageId = NO_RESOURCE;
	#messageAt: Instant = 0;

	/** `acceptsPlain`: triggers without keys are carried out for accounts that have none. */
	constructor(accounts: readonly Triggerable[], acceptsPlain: boolean) {
		this.#accounts = accounts;
		this.#acceptsPlain = acceptsPlain;
	}

	/** The data of one short message, borrowed; whatever it is, it is counted. */
	handle(now: Instant, bytes: Uint8Array): TriggerOutcome {
		const outcome = this.judge(now, bytes);
		this.counts[outcome]++;
		return outcome;
	}

	private judge(now: Instant, bytes: Uint8Array): TriggerOutcome {
		const message = this.#message;
		if (message.decode(bytes) !== "ok" || !isRequest(message.code)) return "other";
		if (message.type !== "CON" && message.type !== "NON") return "other";
		return message.has(Option.Oscore) ? this.judgeProtected(now, bytes) : this.judgePlain(now);
	}

	/** The account is the one whose keys open it. */
	private judgeProtected(now: Instant, bytes: Uint8Array): TriggerOutcome {
		const opened = new Uint8Array(bytes.length);
		let outcome: TriggerOutcome = "unauthentic";
		for (let i = 0; i < this.#accounts.length; i++) {
			const length = this.#accounts[i]!.protection?.openRequest(now, bytes, opened, true);
			// A challenge nobody would answer: not before the server has proved once, over its usual way, that it is there.
			if (length === "replay" || length === "challenge") outcome = "repeated";
			if (typeof length !== "number") continue;
			if (this.#message.decode(opened.subarray(0, length)) !== "ok") return "other";
			return this.carryOut(now, i, this.resourceOf(this.#accounts[i]!));
		}
		return outcome;
	}

	/** The account is the one whose Server instance is named. */
	private judgePlain(now: Instant): TriggerOutcome {
		for (let i = 0; i < this.#accounts.length; i++) {
			const account = this.#accounts[i]!;
			const resource = this.resourceOf(account);
			if (resource === NO_RESOURCE) continue;
			if (account.protection !== undefined) return "unauthentic";
			if (!this.#acceptsPlain) return "unwanted";
			if (this.isKnown(now)) return "repeated";
			return this.carryOut(now, i, resource);
		}
		return "other";
	}

	/** RFC 7252, 4.2: the same Message ID within EXCHANGE_LIFETIME is the same message. */
	private isKnown(now: Instant): boolean {
		const { messageId } = this.#message;
		const isKnown = messageId === this.#messageId && now - this.#messageAt < EXCHANGE_LIFETIME;
		this.#messageId = messageId;
		this.#messageAt = now;
		return isKnown;
	}

	/** The resource of the account's own Server instance that the message executes; NO_RESOURCE for anything else. */
	private resourceOf({ server }: Triggerable): number {
		const message = this.#message;
		if (message.code !== Code.Post || message.badOption !== 0 || message.count(Option.UriPath) !== 3)
			return NO_RESOURCE;
		if (message.has(Option.UriQuery) || message.has(Option.Block1) || message.has(Option.Observe)) return NO_RESOURCE;
		if (message.decimal(Option.UriPath, 0) !== Server.objectId) return NO_RESOURCE;
		if (message.decimal(Option.UriPath, 1) !== server.instanceId) return NO_RESOURCE;
		const resource = message.decimal(Option.UriPath, 2);
		return resource === UPDATE || resource === BOOTSTRAP ? resource : NO_RESOURCE;
	}

	private carryOut(now: Instant, index: number, resource: number): TriggerOutcome {
		const account = this.#accounts[index]!;
		if (resource === NO_RESOURCE) return "other";
		if (account.server.get("trigger") !== true) return "unwanted";
		// There is no bootstrap: it is refused, and as nothing answers an SMS, that is all.
		if (resource === BOOTSTRAP) return "bootstrap";
		if (this.isTooSoon(now, index)) return "limited";
		account.handleTrigger(now);
		return "update";
	}

	/** An SMS costs its sender nothing, and each Update costs us bytes and battery. */
	private isTooSoon(now: Instant, index: number): boolean {
		this.#carriedOut[index] ??= [];
		const at = this.#carriedOut[index];
		while (at.length > 0 && now - at[0]! >= triggerTimes.hourMs) at.shift();
		if (at.length >= limits.triggerCount) return true;
		if (at.length > 0 && now - at[at.length - 1]! < triggerTimes.gapMs) return true;
		at.push(now);
		return false;
	}
}
