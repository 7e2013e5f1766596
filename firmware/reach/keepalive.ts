// When something is to be sent so that a binding lives, and what: the schedule, the liveness deadlines, and chance.

import { unit } from "../back-off.js";
import type { Instant, Random } from "../contract.js";
import { messageLengths, keepaliveTimes as times } from "./constants.js";
import type { Schedule } from "./cost.js";

const NEVER: Instant = Number.POSITIVE_INFINITY;

/** Counts from the last datagram: whatever was sent for other reasons keeps the binding open as well. */
export class Keepalive {
	schedule: Schedule = { kind: "refresh", intervalMs: times.floorMs };
	/** Only an Update tells the server our address: it takes the place of each ping. */
	mustTell = true;
	/** The last datagram of ours. */
	uplinkAt: Instant = 0;
	/** When the server last was known to know where we are, when it was asked, and when it was told. */
	private knownAt: Instant = 0;
	private askedAt: Instant = 0;
	private toldAt: Instant = 0;
	private spacingMs: number = times.floorMs;
	/** Our address was seen to change. */
	isMoving = false;
	/** Datagrams get lost: one alone may not arrive. */
	isLossy = false;
	/** A second use makes a young binding a lasting one. */
	private promoteAt: Instant = NEVER;
	private promotedAt: Instant = 0;
	/** The binding may have begun anew, and was not used a second time yet. */
	private isYoung = false;
	/** Bindings last without; and how often in a row that was not seen. */
	isLasting = false;
	private missCount = 0;

	/** False: it is the schedule that there is. */
	take({ kind, intervalMs }: Schedule): boolean {
		if (this.schedule.kind === kind && Math.abs(this.schedule.intervalMs - intervalMs) < times.sameMs) return false;
		this.schedule = { kind, intervalMs };
		return true;
	}

	/** A binding may have begun anew. */
	handleYoung(): void {
		this.isYoung = true;
		this.promoteAt = NEVER;
	}

	/** A binding that was used but once lived, or did not. True: that may have been a move, so once more. */
	handleProbed(alive: boolean | undefined): boolean {
		this.isLasting = alive === true;
		this.missCount = this.isLasting || !this.isMoving ? 0 : (this.missCount + 1) % times.lastingTries;
		return this.missCount > 0;
	}

	/** The path is a stream now, which needs no second use. */
	handleStream(): void {
		this.handlePromoted();
	}

	handleSent(now: Instant): void {
		this.uplinkAt = now;
		if (now >= this.promoteAt) this.handlePromoted();
	}

	/** The server knows where we are. */
	handleKnown(now: Instant): void {
		this.knownAt = now;
		this.askedAt = now;
	}

	/**
	 * Something was acknowledged; `doubtful`: the binding may have ended unnoticed before, and begun anew. A NAT that was
	 * started anew and gave it the same port shows that to nobody: so now and then it is doubtful in any case.
	 */
	handleAcknowledged(now: Instant, doubtful: boolean): void {
		if (doubtful) this.isYoung = true;
		if (this.promoteAt !== NEVER) return;
		const sinceMs = now - this.promotedAt;
		if (!this.isYoung && sinceMs < (this.isEluding ? this.schedule.intervalMs / 2 : times.toldMs)) return;
		if (this.isLasting || this.schedule.intervalMs <= times.promotedByMs) return;
		this.promotedAt = now;
		this.promoteAt = now + times.promotionMs;
	}

	private handlePromoted(): void {
		this.isYoung = false;
		this.promoteAt = NEVER;
	}

	/** It moves, and is silent for so long that a NAT may give it the same port then: nobody sees that. */
	private get isEluding(): boolean {
		return this.isMoving && this.schedule.intervalMs >= times.heldMs;
	}

	handleTold(now: Instant): void {
		this.toldAt = now;
	}

	/** How long ago the server was told where we are. */
	sinceTold(now: Instant): number {
		return now - this.toldAt;
	}

	/** Fresh chance for the next interval; `longMs` instead of that of the schedule where it is longer. */
	space(random: Random, longMs: number): void {
		this.spacingMs = Math.max(this.schedule.intervalMs, longMs) * (1 - times.jitter * unit(random));
	}

	/** Between the last datagram and the next keepalive, chance taken off. */
	get spacing(): number {
		return this.spacingMs;
	}

	/** How long nobody may have told that the server knows where we are: less where it could not tell that we moved. */
	private get deadlineMs(): number {
		if (!this.mustTell) return times.acknowledgedMs;
		return Math.min(times.acknowledgedMs, Math.max(times.untoldMs, 10 * this.schedule.intervalMs));
	}

	/** After this was sent: how long until something is acknowledged that must be, whatever the interval. */
	leftAfter(now: Instant, kind: Schedule["kind"]): number {
		return (kind === "refresh" ? this.knownAt : now) + this.deadlineMs - now;
	}

	/** When `next` is to be asked. */
	get dueAt(): Instant {
		return Math.min(this.intervalEnd, this.knownAt + this.deadlineMs, this.promoteAt);
	}

	/** Where we may move any time, only what would tell so counts: a notification from a new address does not. */
	private get intervalEnd(): Instant {
		return (this.isMoving ? this.askedAt : this.uplinkAt) + this.spacingMs;
	}

	/** What is to be sent now. */
	next(now: Instant): Schedule["kind"] {
		const { kind, intervalMs } = this.schedule;
		const isPromotion = now >= this.promoteAt && now < this.intervalEnd;
		// Once an hour a byte will do, as nothing speaks for a new one.
		const isSure = isPromotion && this.isLossy && this.isYoung;
		if (this.promoteAt !== NEVER) this.handlePromoted();
		const ping = this.mustTell ? "check" : "ping";
		// A promotion that got lost leaves the binding a short one, dead in each interval until it begins anew.
		if (isPromotion) return isSure ? ping : "refresh";
		this.askedAt = now;
		if (kind === "check") return kind;
		const leftMs = this.toldAt + times.toldMs - now;
		const isQuiet = kind === "refresh" && !this.isAcknowledgementDue(now);
		// An Update takes the place of the last ping before it must be sent.
		if (leftMs < (kind === "refresh" && !isQuiet ? this.deadlineMs : intervalMs)) return "check";
		return isQuiet ? "refresh" : ping;
	}

	/**
	 * Whether it is cheaper to be acknowledged now than at the deadline, which comes before the next interval ends: now
	 * the exchange comes early, and then the interval would be cut short.
	 */
	private isAcknowledgementDue(now: Instant): boolean {
		const { intervalMs } = this.schedule;
		const leftMs = this.knownAt + this.deadlineMs - now;
		if (leftMs <= 0) return true;
		if (leftMs >= intervalMs) return false;
		const { check, ping, refresh } = messageLengths;
		const early = (((this.mustTell ? check : ping) - refresh) * leftMs) / this.deadlineMs;
		return early <= refresh * (1 - leftMs / intervalMs);
	}
}
