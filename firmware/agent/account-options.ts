// What an account is made of, and what one account's server may want of another account.

import type { DatagramStatistics } from "../coap/association.js";
import type { PathId, Protection, Random, Session } from "../contract.js";
import type { Instance } from "../lwm2m/instance.js";
import type { RegistrationContent } from "../lwm2m/registration.js";
import type { ServiceEvent } from "../lwm2m/service.js";
import type { Reach } from "../reach/reach.js";
import type { ServerUri, Transport } from "./server-uri.js";

export interface AccountOptions {
	readonly shortServerId: number;
	/** Its instance of the Security object. */
	readonly security: Instance;
	/** Where the server is, the preferred way first, as the instances say (routesOf). */
	readonly routes: readonly ServerUri[];
	readonly content: RegistrationContent;
	readonly session: Session;
	/** Undefined without OSCORE. */
	readonly protection: Protection | undefined;
	readonly reach: Reach;
	readonly random: Random;
	readonly firstPath: PathId;
}

/** An Execute of a resource of the Server instance (/1/x) with this Short Server ID, whichever server executed it. */
export type Order = Extract<ServiceEvent, { readonly kind: "registration-update-trigger" | "disable" }>;

/** How an account stands; for people, logs and tests only. */
export interface AccountStatus {
	readonly shortServerId: number;
	readonly host: string;
	readonly port: number;
	readonly transport: Transport;
	readonly registered: boolean;
	/** There is a socket on its way to the server. */
	readonly open: boolean;
	/** Queue Mode: the server does not speak first. Undefined without Queue Mode. */
	readonly asleep: boolean | undefined;
	readonly statistics: Readonly<DatagramStatistics>;
}
