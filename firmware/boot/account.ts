// What the settings say of servers, as the model and the agent want it.

import { addServerAccount } from "../agent/server-account.js";
import { parseServerUri } from "../agent/server-uri.js";
import type { Model } from "../lwm2m/model.js";
import { DEFAULT_KEEPALIVE_SECONDS } from "./constants.js";
import type { AccountSettings, Settings } from "./settings.js";

const NO_PSK = "credentials of the mode psk are not built yet, only oscore";

/** How long Disable (/1/x/4) keeps the device away, as the registry proposes. */
const DISABLE_TIMEOUT_SECONDS = 86_400;

/** The accounts in the order of their Security instances. */
function inOrder(settings: Settings): readonly AccountSettings[] {
	return settings.accounts.slice().sort((left, right) => left.shortServerId - right.shortServerId);
}

/** Adds the accounts (/0 and /1); throws where one of them cannot be followed. */
export function addAccounts(model: Model, settings: Settings): void {
	for (const { serverUri, shortServerId, lifetimeSeconds, credentials } of inOrder(settings)) {
		if (credentials?.mode === "psk") throw new RangeError(NO_PSK);
		addServerAccount(model, {
			serverUri,
			shortServerId,
			lifetimeSeconds,
			oscore: credentials,
			server: {
				disable: null,
				disableTimeout: DISABLE_TIMEOUT_SECONDS,
				defaultMinimumPeriod: 0,
				defaultNotificationMode: 0,
				supportedServerVersions: null,
			},
		});
	}
}

/** How long each account's binding may stay unchecked, in milliseconds. */
export function keepalives(settings: Settings): number[] {
	return inOrder(settings).map(({ keepaliveSeconds = DEFAULT_KEEPALIVE_SECONDS }) =>
		keepaliveSeconds === 0 ? Number.POSITIVE_INFINITY : 1000 * keepaliveSeconds,
	);
}

/** Why a board cannot follow the accounts, as one sentence; undefined when it can. */
export function accountFault(settings: Settings, hasPrimitives: boolean): string | undefined {
	for (const { serverUri, credentials } of settings.accounts) {
		if (credentials?.mode === "psk") return NO_PSK;
		if (credentials !== undefined && !hasPrimitives) return "this board has no cryptography for credentials";
		try {
			parseServerUri(serverUri);
		} catch (error) {
			return error instanceof Error ? error.message : String(error);
		}
	}
	return undefined;
}
