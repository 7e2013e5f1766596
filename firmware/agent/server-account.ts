// What makes a server account: one Security and one Server instance that belong together.

import type { Model } from "../lwm2m/model.js";
import type { InitialValues, TypedInstance } from "../lwm2m/object.js";
import { Security } from "../lwm2m/objects/security.js";
import { Server } from "../lwm2m/objects/server.js";

type ServerResources = (typeof Server)["resources"];

export interface ServerAccount {
	/** coap://HOST:PORT */
	readonly serverUri: string;
	/** 1 to 65534; it ties the two instances together. */
	readonly shortServerId: number;
	readonly lifetimeSeconds: number;
	/** Further resources of the Server instance. */
	readonly server?: Partial<InitialValues<ServerResources>>;
}

/**
 * Adds an account without security (mode 3) to a model, as /0/x and /1/x with x one less than the Short Server ID.
 * Gives the Server instance.
 */
export function addServerAccount(model: Model, account: ServerAccount): TypedInstance<ServerResources> {
	const { serverUri, shortServerId, lifetimeSeconds } = account;
	const instanceId = shortServerId - 1;
	model.add(Security, instanceId, {
		serverUri,
		bootstrapServer: false,
		securityMode: 3,
		publicKeyOrIdentity: null,
		serverPublicKey: null,
		secretKey: null,
		shortServerId,
	});
	return model.add(Server, instanceId, {
		shortServerId,
		lifetime: lifetimeSeconds,
		notificationStoring: true,
		binding: "U",
		...account.server,
	});
}
