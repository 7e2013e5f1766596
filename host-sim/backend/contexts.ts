// The OSCORE contexts of all devices: found by the identifier in a message, bound to one endpoint name each.

import type { Instant, Protection, Random, Refusal } from "../../firmware/contract.js";
import { Envelope } from "../../firmware/security/oscore/envelope.js";
import { type ContextMemory, RenewingServer } from "../../firmware/security/oscore/renewing-server.js";
import type { Primitives } from "../../firmware/security/primitives.js";
import type { Credential } from "./credentials.js";
import { hex } from "./hex.js";

/** One device's keys, and what came of them. */
export interface Association {
	readonly endpointName: string;
	readonly server: RenewingServer;
}

/** The name of the keys that a device has now, in no way secret; undefined where it has agreed on none yet. */
export function keysNow({ server }: Association): string | undefined {
	return server.idContext === undefined ? undefined : hex(server.idContext);
}

export interface ContextsOptions {
	readonly primitives: Primitives;
	readonly random: Random;
	readonly credentials: readonly Credential[];
	/** What an earlier life knew of a device's context; it is forgotten with this one if not given. */
	readonly memoryOf?: (endpointName: string) => ContextMemory;
}

export class Contexts {
	readonly #options: ContextsOptions;
	/** By all that makes a credential: one that was taken away and comes back goes on, so that no nonce is used twice. */
	readonly #all = new Map<string, Association>();
	readonly #byIdentifier = new Map<string, Association>();
	readonly #byName = new Map<string, Association>();
	readonly #envelope = new Envelope();

	constructor(options: ContextsOptions) {
		this.#options = options;
		this.replace(options.credentials);
	}

	/** From now on these devices have keys, and no others; who had the same before goes on with them. */
	replace(credentials: readonly Credential[]): void {
		this.#byIdentifier.clear();
		this.#byName.clear();
		for (const credential of credentials) {
			const association = this.#associationOf(credential);
			this.#byIdentifier.set(hex(credential.senderId), association);
			this.#byName.set(credential.endpointName, association);
		}
	}

	#associationOf(credential: Credential): Association {
		const { endpointName, masterSecret, masterSalt, senderId, recipientId } = credential;
		const identity = [endpointName, ...[masterSecret, masterSalt, senderId, recipientId].map(hex)].join(" ");
		const known = this.#all.get(identity);
		if (known !== undefined) return known;
		const { primitives, random, memoryOf } = this.#options;
		// What devices ask of us may be late; what they must not do is be believed by another one's key.
		const options = { primitives, random, mustBeFresh: () => false };
		const parameters = { masterSecret, masterSalt, idContext: undefined, senderId: recipientId, recipientId: senderId };
		const server = new RenewingServer(options, parameters, memoryOf?.(endpointName));
		const association = { endpointName, server };
		this.#all.set(identity, association);
		return association;
	}

	/** Whose keys a device with this name has to use; undefined where it has none. */
	of(endpointName: string): Association | undefined {
		return this.#byName.get(endpointName);
	}

	/** Who says to have written a request. */
	claimed(message: Uint8Array): Association | Refusal {
		const refusal = this.#envelope.read(message);
		if (refusal !== undefined) return refusal;
		const { kid } = this.#envelope.option;
		return (kid && this.#byIdentifier.get(hex(kid))) ?? "no-context";
	}
}

/** The protection of one remote address, from which one device speaks, or after a NAT's reboot another one. */
export class PeerProtection implements Protection {
	readonly #contexts: Contexts;
	/** Whose request was opened last. */
	opened: Association | undefined = undefined;
	/** To whom requests of ours go. */
	#bound: Association | undefined = undefined;
	requestNumber = -1;

	constructor(contexts: Contexts) {
		this.#contexts = contexts;
	}

	/** From now on that device is spoken to here. */
	bind(association: Association | undefined): void {
		this.#bound = association;
	}

	get speaker(): Association | undefined {
		return this.opened;
	}

	protectRequest(plain: Uint8Array, into: Uint8Array): number {
		const length = this.#bound?.server.protectRequest(plain, into) ?? 0;
		this.requestNumber = this.#bound?.server.requestNumber ?? -1;
		return length;
	}

	protectResponse(plain: Uint8Array, requestNumber: number, numbered: boolean, into: Uint8Array): number {
		return this.opened?.server.protectResponse(plain, requestNumber, numbered, into) ?? 0;
	}

	openRequest(now: Instant, outer: Uint8Array, into: Uint8Array): number | Refusal | "challenge" {
		const claimed = this.#contexts.claimed(outer);
		if (typeof claimed === "string") return claimed;
		const result = claimed.server.openRequest(now, outer, into);
		if (typeof result === "number" || result === "challenge") this.opened = claimed;
		this.requestNumber = claimed.server.requestNumber;
		return result;
	}

	challenge(now: Instant, into: Uint8Array): number {
		return this.opened?.server.challenge(now, into) ?? 0;
	}

	openResponse(now: Instant, outer: Uint8Array, requestNumber: number, into: Uint8Array): number | Refusal {
		return this.#bound?.server.openResponse(now, outer, requestNumber, into) ?? "no-context";
	}
}
