// The Session without security (LwM2M security mode 3): bytes pass as they are. For laboratories and for first light.

import type { Instant, PathId, Session, SessionEvent, Transmit } from "../contract.js";

/** Passes datagrams through unchanged; one at a time, as the drain order demands. */
export class NoSecurity implements Session {
	#received: Uint8Array | undefined;

	handleReceived(_now: Instant, _path: PathId, bytes: Uint8Array): void {
		this.#received = bytes;
	}

	pollReceived(): Uint8Array | undefined {
		const bytes = this.#received;
		this.#received = undefined;
		return bytes;
	}

	seal(_now: Instant, _out: Transmit): boolean {
		return true;
	}

	pollTransmit(_now: Instant, _out: Transmit): boolean {
		return false;
	}

	pollEvent(): SessionEvent | undefined {
		return undefined;
	}

	pollTimeout(): Instant {
		return Number.POSITIVE_INFINITY;
	}

	handleTimeout(_now: Instant): void {}

	save(): Uint8Array | undefined {
		return undefined;
	}
}
