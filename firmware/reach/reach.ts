// What the agent knows of the NAT binding of a server account. Reach sends nothing: it observes and advises.

import type { Instant, Machine } from "../contract.js";

/** What to do next for a binding; the agent carries it out and reports the outcome by handleProof or handleLost. */
export type Advice =
	/** An acknowledged exchange that refreshes the binding and tells the server the address we have now. */
	| "check"
	/** The same on a new socket after a fresh name resolution: the old way in is taken for dead. */
	| "new-socket"
	/** Start over: the server may have forgotten us. */
	| "register";

/** A pure observer and adviser of one account's path. A later reach learns the interval; this one is told. */
export interface Reach extends Machine {
	/** The registration stands: from now on the binding matters. */
	handleStarted(now: Instant): void;
	/** Nothing to keep open any more. */
	handleStopped(): void;
	/** A datagram left: most NATs restart the binding's time (RFC 4787, REQ-6), but it proves nothing. */
	handleSent(now: Instant): void;
	/** The server's word reached us, and the server knows our address: an answered Update or a request of the server. */
	handleProof(now: Instant): void;
	/** An acknowledged exchange stayed unanswered. */
	handleLost(now: Instant): void;
	pollAdvice(): Advice | undefined;
}
