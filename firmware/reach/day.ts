// Bytes and wake-ups of a day, for those who pay for them.

import type { Instant } from "../contract.js";
import { DATAGRAM_OVERHEAD, STREAM_OVERHEAD } from "./constants.js";

const DAY_MS = 86_400_000;
/** What registering and measuring cost in less time than this says nothing of a day. */
const LEAST_MS = 3_600_000;
/** A radio that was silent for so long had gone to rest. */
const REST_MS = 10_000;
/** It is too early to say. */
const UNKNOWN = -1;

export class Day {
	/** Below 0: nothing was counted yet. */
	private startAt: Instant = -1;
	private activeAt: Instant = Number.NEGATIVE_INFINITY;
	private bytes = 0;
	private wakeups = 0;
	/** Of the day before, if there was one. */
	private lastBytes = UNKNOWN;
	private lastWakeups = UNKNOWN;

	/** So many bytes went or came, without the headers below them. */
	count(now: Instant, length: number, isStream: boolean): void {
		if (this.startAt < 0) this.startAt = now;
		else if (now - this.startAt >= DAY_MS) this.turn(now);
		this.bytes += (isStream ? STREAM_OVERHEAD : DATAGRAM_OVERHEAD) + length;
		if (now - this.activeAt >= REST_MS) this.wakeups++;
		this.activeAt = now;
	}

	/** What the figures stand on: a whole day, or the part of the first one that has passed. */
	countedSeconds(now: Instant): number {
		if (this.startAt < 0) return 0;
		return (this.lastBytes >= 0 ? DAY_MS : Math.min(DAY_MS, now - this.startAt)) / 1000;
	}

	/** Below 0 in the first hour. */
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

	/** The day before, or what the first one comes to if it goes on as it began. */
	private perDay(now: Instant, sum: number, last: number): number {
		if (last >= 0) return last;
		const passedMs = this.startAt < 0 ? 0 : now - this.startAt;
		return passedMs < LEAST_MS ? UNKNOWN : Math.round((sum * DAY_MS) / passedMs);
	}
}
