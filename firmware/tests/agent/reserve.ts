// A second account of one server, at another address, for where the first is out of reach.

import type { Model } from "../../lwm2m/model.js";
import { Security } from "../../lwm2m/objects/security.js";

/** Adds /0/1 for Short Server ID 1, as a reserve of /0/0. */
export function addReserve(model: Model): void {
	model.add(Security, 1, {
		serverUri: "coap://192.0.2.2",
		bootstrapServer: false,
		securityMode: 3,
		publicKeyOrIdentity: null,
		serverPublicKey: null,
		secretKey: null,
		shortServerId: 1,
	});
}
