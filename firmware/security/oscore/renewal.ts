// The key renewal of RFC 8613, B.2, by which a device starts afresh at each boot: both sides throw in random bytes, so
// that no key, and with it no nonce, is used twice, whatever either side has forgotten.

import { SecurityContext, type SecurityParameters, type SequenceOptions } from "./context.js";
import { Oscore, type OscoreOptions } from "./oscore.js";
import { ReplayWindow } from "./replay-window.js";

/** Bytes of R1, R2 and R3: what each step adds to the ID Context. */
export const SHARE_LENGTH = 8;
/** The numbers of a context that does not outlive this start need not be stored. */
const VOLATILE = Object.freeze({ first: 0, step: 2 ** 41, reserve: () => {} });

/** What both renewing sides have. */
export class Renewing {
	readonly #options: OscoreOptions;
	readonly #parameters: SecurityParameters;

	constructor(options: OscoreOptions, parameters: SecurityParameters) {
		this.#options = options;
		this.#parameters = parameters;
	}

	/** A new share: it must be random, not only unique. */
	share(): Uint8Array {
		const bytes = new Uint8Array(SHARE_LENGTH);
		this.#options.random.fill(bytes);
		return bytes;
	}

	/** A context that was never used before, or one that is taken up again: then without a window. */
	context(idContext: Uint8Array, sequence: SequenceOptions = VOLATILE, isNew = true): SecurityContext {
		const window = isNew ? new ReplayWindow() : undefined;
		return new SecurityContext(this.#options.primitives, { ...this.#parameters, idContext }, sequence, window);
	}

	oscore(idContext: Uint8Array): Oscore {
		return new Oscore(this.#options, this.context(idContext));
	}

	equal(left: Uint8Array, right: Uint8Array): boolean {
		return this.#options.primitives.equal(left, right);
	}
}

export function join(left: Uint8Array, right: Uint8Array): Uint8Array {
	const joined = new Uint8Array(left.length + right.length);
	joined.set(left);
	joined.set(right, left.length);
	return joined;
}

/** B.2 puts the ID Context on the wire as a CBOR byte string. */
export function wrap(idContext: Uint8Array): Uint8Array {
	const { length } = idContext;
	return join(length < 24 ? Uint8Array.of(0x40 + length) : Uint8Array.of(0x58, length), idContext);
}

/** One share or two; undefined where a kid context is no byte string of B.2. */
export function unwrap(kidContext: Uint8Array | undefined): Uint8Array | undefined {
	const length = kidContext === undefined ? 0 : kidContext.length - 1;
	// A server may put a check value of as many bytes behind its share, so two of them are also what one side sends.
	if (length !== SHARE_LENGTH && length !== 2 * SHARE_LENGTH) return undefined;
	return kidContext![0] === 0x40 + length ? kidContext!.slice(1) : undefined;
}
