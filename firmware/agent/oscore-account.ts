// OSCORE for the accounts whose Security instance points to keys (/0/x/17).

import type { Protection, Store } from "../contract.js";
import type { Instance } from "../lwm2m/instance.js";
import type { Model } from "../lwm2m/model.js";
import { OscoreObject } from "../lwm2m/objects/oscore.js";
import type { SecurityParameters } from "../security/oscore/context.js";
import { Oscore, type OscoreOptions } from "../security/oscore/oscore.js";
import { RenewingClient } from "../security/oscore/renewing-client.js";
import { storedContext } from "../security/oscore/stored-context.js";

/** Gives the protection of an account; throws RangeError where its keys are missing or cannot be used. */
export type Protect = (model: Model, security: Instance) => Protection;

/** COSE numbers of what is built. */
const AEAD_ALGORITHM = 10;
const HMAC_ALGORITHM = -10;

/** Keys that are renewed at each start (RFC 8613, B.2), as LwM2M has it: nothing of them need be stored. */
export function renewingOscore(options: OscoreOptions): Protect {
	return (model, security) => new RenewingClient(options, parametersOf(keysOf(model, security)));
}

/**
 * The same, but keys with an ID Context (/21/x/6) are used as they are, for servers that cannot renew: their sequence
 * numbers are stored ahead (B.1.1), and after a start the server's first request is met with an Echo (B.1.2).
 */
export function storedOscore(options: OscoreOptions, store: Store): Protect {
	const renewing = renewingOscore(options);
	return (model, security) => {
		const parameters = parametersOf(keysOf(model, security));
		if (parameters.idContext === undefined) return renewing(model, security);
		return new Oscore(options, storedContext(options.primitives, parameters, store));
	};
}

function parametersOf(keys: Instance): SecurityParameters {
	return {
		masterSecret: keys.get("masterSecret") as Uint8Array,
		masterSalt: (keys.get("masterSalt") as Uint8Array | undefined) ?? new Uint8Array(0),
		idContext: keys.get("idContext") as Uint8Array | undefined,
		senderId: keys.get("senderId") as Uint8Array,
		recipientId: keys.get("recipientId") as Uint8Array,
	};
}

/** The OSCORE instance (/21) that a Security instance points to. */
function keysOf(model: Model, security: Instance): Instance {
	const link = security.get("oscoreSecurityMode") as string;
	for (let i = 0; i < model.instances.length; i++) {
		const instance = model.instances[i]!;
		if (instance.definition.objectId !== OscoreObject.objectId) continue;
		if (link !== `${OscoreObject.objectId}:${instance.instanceId}`) continue;
		if ((instance.get("aeadAlgorithm") ?? AEAD_ALGORITHM) !== AEAD_ALGORITHM)
			throw new RangeError("the only AEAD algorithm of OSCORE here is AES-CCM-16-64-128 (10)");
		if ((instance.get("hmacAlgorithm") ?? HMAC_ALGORITHM) !== HMAC_ALGORITHM)
			throw new RangeError("the only HMAC algorithm of OSCORE here is HKDF with SHA-256 (-10)");
		return instance;
	}
	throw new RangeError(`/0/x/17 points to ${link}, and no OSCORE instance (/21) is there`);
}
