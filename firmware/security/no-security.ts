// The Session without security (LwM2M security mode 3): it copies. For laboratories and for first light.

import type { Instant, PathId, Session, SessionEvent, Transmit } from "../contract.js";

/** Passes datagrams through unchanged; one at a time, as the drain order demands. */
export class NoSecurity implements Session {
	#received: Uint8Array | undefined;
	#path: PathId = 0;

	handleReceived(_now: Instant, path: PathId, bytes: Uint8Array): void {
		this.#received = bytes;
		this.#path = path;
	}

	pollReceived(out: Transmit): boolean {
		const bytes = this.#received;
		this.#received = undefined;
		// A datagram above our buffer cannot be CoAP that we could answer: it is dropped whole, never cut.
		if (bytes === undefined || bytes.length > out.bytes.length) return false;
		out.bytes.set(bytes);
		out.length = bytes.length;
		out.path = this.#path;
		return true;
	}

	seal(_now: Instant, plain: Uint8Array, out: Transmit): boolean {
		out.bytes.set(plain);
		out.length = plain.length;
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
