// What most tests begin with: settings for the board, and a board that is provisioned and registered.

import type { Reply } from "../../host-sim/console/client.js";
import type { Account, Bench, Board, Settings } from "../rig/board.js";

/** From a start to "registered", on the slowest board. */
export const REGISTER_MS = 20_000;
/** No Update of the lifetime's own falls into a test. */
const LIFETIME_SECONDS = 3600;

export const SHORT_SERVER_ID = 1;

/** Settings with one account, which leads through the board's own NAT to the back end. */
export function settingsFor(board: Board, endpointName: string, account: Partial<Account> = {}): Settings {
	return {
		endpointName,
		...(board.network === undefined ? {} : { network: board.network }),
		accounts: [
			{
				serverUri: board.link.serverUri,
				shortServerId: SHORT_SERVER_ID,
				lifetimeSeconds: LIFETIME_SECONDS,
				...account,
			},
		],
	};
}

/** Gives settings; they are used from the next start. */
export async function provision(board: Board, settings: Settings): Promise<void> {
	await board.console.request("provision", { settings });
}

/** Restarts by the console. */
export async function restart(board: Board): Promise<void> {
	await board.restarts(() => board.console.request("restart"));
}

/** Provisions, starts anew and waits until the board is registered. Gives its name. */
export async function register(
	{ board }: Pick<Bench, "board">,
	account: Partial<Account> = {},
	within = REGISTER_MS,
): Promise<string> {
	const endpointName = `${board.id}-device`;
	await provision(board, settingsFor(board, endpointName, account));
	await restart(board);
	await board.event("registered", { within });
	return endpointName;
}

/** A member of an answer that is an object. */
export function member(answer: Reply, name: string): Reply {
	return (answer[name] ?? {}) as Reply;
}

export function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
