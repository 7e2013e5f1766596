// The contexts of RFC 8613, Appendix C, and what a test needs around them.

import { limits } from "../../../limits.js";
import { SecurityContext, type SecurityParameters, type SequenceOptions } from "../../../security/oscore/context.js";
import type { OscoreOptions } from "../../../security/oscore/oscore.js";
import { ReplayWindow } from "../../../security/oscore/replay-window.js";
import { fromHex, toHex } from "../../coap/hex.js";
import { SeededRandom } from "../../random.js";
import { plainPrimitives } from "../plain-primitives.js";

const MASTER_SECRET = "0102030405060708090a0b0c0d0e0f10";
const MASTER_SALT = "9e7ca92223786340";

/** The parameters of C.1, C.2 and C.3 as the client has them. */
export const EXAMPLES = {
	"C.1": parameters(MASTER_SALT, undefined, "", "01"),
	"C.2": parameters("", undefined, "00", "01"),
	"C.3": parameters(MASTER_SALT, "37cbf3210017a2d3", "", "01"),
} as const;

function parameters(salt: string, idContext: string | undefined, senderId: string, recipientId: string) {
	return {
		masterSecret: fromHex(MASTER_SECRET),
		masterSalt: fromHex(salt),
		idContext: idContext === undefined ? undefined : fromHex(idContext),
		senderId: fromHex(senderId),
		recipientId: fromHex(recipientId),
	};
}

/** The same agreement, seen from the other side. */
export function mirrored(of: SecurityParameters): SecurityParameters {
	return { ...of, senderId: of.recipientId, recipientId: of.senderId };
}

/** What both sides run on in tests; nothing has to be fresh. */
export function optionsOf(seed = 1, mustBeFresh: OscoreOptions["mustBeFresh"] = () => false): OscoreOptions {
	return { primitives: plainPrimitives, random: new SeededRandom(seed), mustBeFresh };
}

/** What a function writes, as hex, or why it does not. */
export function run(call: (into: Uint8Array) => number | string): string {
	const into = new Uint8Array(limits.messageLength);
	const length = call(into);
	return typeof length === "string" ? length : toHex(into.subarray(0, length));
}

/** A context whose next number is `first`, and that reserves without a store. */
export function contextOf(of: SecurityParameters, first = 0, sequence: Partial<SequenceOptions> = {}): SecurityContext {
	const options: SequenceOptions = { first, step: 100, reserve: () => {}, ...sequence };
	return new SecurityContext(plainPrimitives, of, options, new ReplayWindow());
}
