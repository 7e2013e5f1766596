// What makes a server account: one Security and one Server instance that belong together.

import type { Model } from "../lwm2m/model.js";
import type { InitialValues, TypedInstance } from "../lwm2m/object.js";
import { OscoreObject } from "../lwm2m/objects/oscore.js";
import { Security } from "../lwm2m/objects/security.js";
import { Server } from "../lwm2m/objects/server.js";
import { bindingOf } from "./routes.js";

type ServerResources = (typeof Server)["resources"];

/** What both sides of an account agree on (RFC 8613, 3.2); each identifier has at most 7 bytes. */
export interface OscoreKeys {
	readonly masterSecret: Uint8Array;
	readonly masterSalt?: Uint8Array | undefined;
	/** The device's own. */
	readonly senderId: Uint8Array;
	/** The server's. */
	readonly recipientId: Uint8Array;
	/** Given: the keys are used as they are, and not renewed at each start (`storedOscore`). */
	readonly idContext?: Uint8Array | undefined;
}

export interface ServerAccount {
	/** coap://HOST:PORT, or another scheme of agent/server-uri. */
	readonly serverUri: string;
	/** The same server by another transport, for where the first is blocked. */
	readonly secondaryServerUri?: string | undefined;
	/** 1 to 65534; it ties the two instances together. */
	readonly shortServerId: number;
	readonly lifetimeSeconds: number;
	/** The device listens only for a while after each message (LwM2M Core 1.2, 6.5). */
	readonly queueMode?: boolean;
	/** Keys for OSCORE; without them the account has no security. */
	readonly oscore?: OscoreKeys | undefined;
	/** Further resources of the Server instance. */
	readonly server?: Partial<InitialValues<ServerResources>>;
}

/**
 * Adds an account to a model, as /0/x and /1/x, and /21/x where it has keys, with x one less than the Short Server ID;
 * the security mode is 3 in any case, as OSCORE is none of the transport. Gives the Server instance.
 */
export function addServerAccount(model: Model, account: ServerAccount): TypedInstance<ServerResources> {
	const { serverUri, secondaryServerUri, shortServerId, lifetimeSeconds, oscore } = account;
	const uris = secondaryServerUri === undefined ? [serverUri] : [serverUri, secondaryServerUri];
	const instanceId = shortServerId - 1;
	model.add(Security, instanceId, {
		serverUri,
		...(secondaryServerUri === undefined ? undefined : { secondaryServerUri }),
		bootstrapServer: false,
		securityMode: 3,
		publicKeyOrIdentity: null,
		serverPublicKey: null,
		secretKey: null,
		shortServerId,
		...(oscore === undefined ? undefined : { oscoreSecurityMode: `${OscoreObject.objectId}:${instanceId}` }),
	});
	if (oscore !== undefined) addOscoreKeys(model, instanceId, oscore);
	return model.add(Server, instanceId, {
		shortServerId,
		lifetime: lifetimeSeconds,
		notificationStoring: true,
		binding: bindingOf(uris) + (account.queueMode === true ? "Q" : ""),
		...account.server,
	});
}

function addOscoreKeys(model: Model, instanceId: number, keys: OscoreKeys): void {
	const { masterSecret, masterSalt, senderId, recipientId, idContext } = keys;
	model.add(OscoreObject, instanceId, {
		masterSecret,
		senderId,
		recipientId,
		...(masterSalt === undefined ? undefined : { masterSalt }),
		...(idContext === undefined ? undefined : { idContext }),
	});
}
