// A context that outlives this start without a renewal (RFC 8613, B.1): its sender sequence numbers are stored ahead.

import { Reader, Writer } from "../../bytes.js";
import type { Store } from "../../contract.js";
import type { Primitives } from "../primitives.js";
import { KEY_LENGTH, NONCE_LENGTH, PARTIAL_IV_LENGTH } from "./constants.js";
import { SecurityContext, type SecurityParameters, type SequenceOptions } from "./context.js";
import { ReplayWindow } from "./replay-window.js";

/** K of B.1.1: a write to flash for so many messages, and what a restart costs in numbers (docs/decisions/0010). */
export const RESERVED_COUNT = 256;
/** One byte more than a Partial IV: what is stored may lie behind the last number of all. */
const NUMBER_LENGTH = PARTIAL_IV_LENGTH + 1;
const DIGEST_LENGTH = 32;
/** Bytes of the digest in the record's key, which may have limits.storeKeyLength characters. */
const NAME_LENGTH = 5;

/**
 * Goes on where the last start left off. As it is not stored which requests there were, a context that was used before
 * has no window: its first request is met with an Echo (B.1.2).
 */
export function storedContext(primitives: Primitives, parameters: SecurityParameters, store: Store): SecurityContext {
	const key = keyOf(primitives, parameters);
	const stored = store.read(key);
	const first = stored === undefined ? 0 : new Reader(stored).uint(NUMBER_LENGTH);
	const sequence = { first, step: RESERVED_COUNT, reserve: (until: number) => writeNumber(store, key, until) };
	const window = stored === undefined && marks(store, key) ? new ReplayWindow() : undefined;
	return new SecurityContext(primitives, parameters, sequence, window);
}

/** Notes that the context is in use, before any request can have come; false where nothing can be stored. */
function marks(store: Store, key: string): boolean {
	try {
		writeNumber(store, key, 0);
		return true;
	} catch {
		return false;
	}
}

function writeNumber(store: Store, key: string, number: number): void {
	const value = new Uint8Array(NUMBER_LENGTH);
	new Writer(value).uint(number, NUMBER_LENGTH);
	store.write(key, value);
}

const NOT_TAKEN: SequenceOptions = Object.freeze({ first: 0, step: 0, reserve: () => {} });

/** The same keys have the same record, however the accounts are numbered; other keys have another one. */
function keyOf(primitives: Primitives, parameters: SecurityParameters): string {
	const { senderKey, commonIv } = new SecurityContext(primitives, parameters, NOT_TAKEN, undefined);
	const all = new Uint8Array(KEY_LENGTH + NONCE_LENGTH);
	all.set(senderKey);
	all.set(commonIv, KEY_LENGTH);
	const digest = new Uint8Array(DIGEST_LENGTH);
	primitives.sha256(all, digest);
	let key = "osc:";
	for (let i = 0; i < NAME_LENGTH; i++) key += digest[i]!.toString(16).padStart(2, "0");
	return key;
}
