// Bytes and wake-ups of a day, for those who pay for them.

import type { Instant } from "../contract.js";
import { DATAGRAM_OVERHEAD } from "./constants.js";

const DAY_MS = 86_400_000;
/** A radio that was silent for so long had gone to rest. */
const REST_MS = 10_000;

export class Day {
	/** Below 0: nothing was counted yet. */
	private startAt: Instant = -1;
	private activeAt: Instant = Number.NEGATIVE_INFINITY;
	private bytes = 0;
	private wakeups = 0;
	/** Of the day before; below 0 there was none. */
	private lastBytes = -1;
	private lastWakeups = -1;

	/** A datagram of so many bytes, without IP and UDP, went or came. */
	count(now: Instant, length: number): void {
		if (this.startAt < 0) this.startAt = now;
		else if (now - this.startAt >= DAY_MS) this.turn(now);
		this.bytes += DATAGRAM_OVERHEAD + length;
		if (now - this.activeAt >= REST_MS) this.wakeups++;
		this.activeAt = now;
	}

	bytesPerDay(now: Instant): number {
		return this.perDay(now, this.bytes, this.lastBytes);
	}

	wakeupsPerDay(now: Instant): number {
		return this.perDay(now, this.wakeups, this.lastWakeups);
	}

	private turn(now: Instant): void {
		const days = Math.floor((now - this.startAt) / DAY_MS);
		this.lastBytes = Math.round(this.bytes / days);
		this.lastWakeups = Math.round(this.wakeups / days);
		this.bytes = 0;
		this.wakeups = 0;
		this.startAt += days * DAY_MS;
	}

	/** The day before, or what the first one would come to; an hour at least is taken for the part. */
	private perDay(now: Instant, sum: number, last: number): number {
		if (last >= 0) return last;
		return Math.round((sum * DAY_MS) / Math.max(DAY_MS / 24, now - this.startAt));
	}
}
