// For how long nothing passed the NAT: what a datagram that comes then proves, and one that is lost denies.

import type { Instant } from "../contract.js";

export class Silence {
	/** Before the datagram that came last: for how long nothing had passed on either way. */
	bothMs = 0;
	/** The longest silence of ours since the server was last known to know our address. */
	longestMs = 0;
	private inboundAt: Instant = 0;

	handleOpened(now: Instant): void {
		this.inboundAt = now;
		this.longestMs = 0;
	}

	/** A datagram of ours passes the NAT; the one before did at `uplinkAt`. */
	handleSent(now: Instant, uplinkAt: Instant): void {
		this.longestMs = Math.max(this.longestMs, now - uplinkAt);
	}

	/** Some NATs let what comes in count as well (RFC 4787, REQ-6): only silence on both ways proves something. */
	handleReceived(now: Instant, uplinkAt: Instant): void {
		this.bothMs = now - Math.max(uplinkAt, this.inboundAt);
		this.inboundAt = now;
	}

	/** The server reaches us. */
	handleProof(): void {
		this.longestMs = 0;
	}
}
