// What the settings say of servers, as the model and the agent want it.

import { addServerAccount } from "../agent/server-account.js";
import { parseServerUri } from "../agent/server-uri.js";
import type { Model } from "../lwm2m/model.js";
import type { AccountSettings, Settings } from "./settings.js";

const NO_PSK = "credentials of the mode psk are not built yet, only oscore";

/** How long Disable (/1/x/4) keeps the device away, as the registry proposes. */
const DISABLE_TIMEOUT_SECONDS = 86_400;

/** The accounts in the order of their Security instances. */
function inOrder(settings: Settings): readonly AccountSettings[] {
	return settings.accounts.slice().sort((left, right) => left.shortServerId - right.shortServerId);
}

/** Adds the accounts (/0 and /1); throws where one of them cannot be followed. `hasModem`: servers may wake it. */
export function addAccounts(model: Model, settings: Settings, hasModem: boolean): void {
	for (const { serverUri, secondaryServerUri, awakeSeconds, credentials, ...account } of inOrder(settings)) {
		if (credentials?.mode === "psk") throw new RangeError(NO_PSK);
		addServerAccount(model, {
			serverUri,
			secondaryServerUri,
			shortServerId: account.shortServerId,
			lifetimeSeconds: account.lifetimeSeconds,
			queueMode: awakeSeconds !== undefined,
			oscore: credentials,
			server: {
				disable: null,
				disableTimeout: DISABLE_TIMEOUT_SECONDS,
				defaultMinimumPeriod: 0,
				defaultNotificationMode: 0,
				supportedServerVersions: null,
				preferredTransport: null,
				muteSend: false,
				...(hasModem && { trigger: true }),
			},
		});
	}
}

/** How long each account's binding may stay unchecked, in milliseconds; undefined: as long as the device learns. */
export function keepalives(settings: Settings): (number | undefined)[] {
	return inOrder(settings).map(({ keepaliveSeconds }) =>
		keepaliveSeconds === 0 ? Number.POSITIVE_INFINITY : keepaliveSeconds && 1000 * keepaliveSeconds,
	);
}

/** How long the device listens after each message, in milliseconds, for each account in Queue Mode. */
export function windows(settings: Settings): (number | undefined)[] {
	return inOrder(settings).map(({ awakeSeconds }) => (awakeSeconds === undefined ? undefined : 1000 * awakeSeconds));
}

/** Why a board cannot follow the accounts, as one sentence; undefined when it can. */
export function accountFault(settings: Settings, hasPrimitives: boolean, hasModem: boolean): string | undefined {
	if (settings.sms !== undefined && !hasModem) return "this board has no modem for sms";
	for (const { serverUri, secondaryServerUri = serverUri, credentials } of settings.accounts) {
		if (credentials?.mode === "psk") return NO_PSK;
		if (credentials !== undefined && !hasPrimitives) return "this board has no cryptography for credentials";
		try {
			parseServerUri(serverUri);
			parseServerUri(secondaryServerUri);
		} catch (error) {
			return error instanceof Error ? error.message : String(error);
		}
	}
	return undefined;
}
