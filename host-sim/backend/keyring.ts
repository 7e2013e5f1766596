// Keys for tests of the back end: what a file of credentials and a log of contexts would hold, in memory.

import type { Random } from "../../firmware/contract.js";
import { RenewingClient } from "../../firmware/security/oscore/renewing-client.js";
import type { SavedContext } from "../../firmware/security/oscore/renewing-server.js";
import type { Primitives } from "../../firmware/security/primitives.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { Contexts } from "./contexts.js";
import type { CoreSecurity } from "./core.js";
import type { Credential } from "./credentials.js";

export class Keyring {
	readonly primitives: Primitives;
	/** Whose devices have keys; a test takes some away, or adds some, between two lives. */
	readonly credentials: Credential[];
	/** Devices without keys may register, too. */
	noSecurity = false;
	/** What outlives the back end; a test clears it. */
	readonly saved = new Map<string, SavedContext>();
	/** Before and after it is written; a test may throw. */
	onSave: (endpointName: string) => void = () => {};
	onSaved: (endpointName: string) => void = () => {};
	readonly #random: Random;

	constructor(primitives: Primitives, names: readonly string[], seed = 77) {
		this.primitives = primitives;
		this.#random = new SeededRandom(seed);
		this.credentials = names.map((name) => this.newCredential(name));
	}

	newCredential(endpointName: string): Credential {
		return {
			endpointName,
			masterSecret: this.#bytes(16),
			masterSalt: this.#bytes(8),
			senderId: this.#bytes(3),
			recipientId: Uint8Array.of(0),
		};
	}

	/** What a life of the back end knows of keys. */
	security(): CoreSecurity {
		const contexts = new Contexts({
			primitives: this.primitives,
			random: this.#random,
			credentials: this.credentials,
			memoryOf: (endpointName) => ({
				saved: this.saved.get(endpointName),
				save: (context) => {
					this.onSave(endpointName);
					this.saved.set(endpointName, context);
					this.onSaved(endpointName);
				},
			}),
		});
		return { contexts, noSecurity: this.noSecurity };
	}

	/** A start of a device with the keys of that name. */
	device(endpointName: string, mustBeFresh: (code: number) => boolean = () => false): RenewingClient {
		const keys = this.credentials.find((one) => one.endpointName === endpointName)!;
		return new RenewingClient(
			{ primitives: this.primitives, random: this.#random, mustBeFresh },
			{ ...keys, idContext: undefined },
		);
	}

	#bytes(length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		this.#random.fill(bytes);
		return bytes;
	}
}
