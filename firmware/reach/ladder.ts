// The repair ladder: what follows when the step before it stayed unanswered. Each step is a new message, none gives up.

import { backOffMs, unit } from "../back-off.js";
import type { Instant, Random } from "../contract.js";
import { betterTransport, soonMs } from "./constants.js";
import type { Advice } from "./reach.js";

const NEVER: Instant = Number.POSITIVE_INFINITY;
/** No transport. */
const NONE = -1;

/** Where it stands; any proof puts it back to the ground. */
export class Ladder {
	/** The transport to take, as its place among those of the account. */
	transport = 0;
	/** The best of them: the first, if none was chosen for its price. */
	home = 0;
	private transportCount = 1;
	private step = 0;
	/** Transports in a row on which a Register stayed unanswered. */
	private failedCount = 0;
	/** When a better transport is to be tried, how often one was, and where to go back to if it fails. */
	private betterAt: Instant = NEVER;
	private betterCount = 0;
	private formerTransport = NONE;

	/** A path is open on this transport, whoever chose it. */
	handleOpened(transport: number, transportCount: number): void {
		this.transport = transport;
		this.transportCount = Math.max(1, transportCount);
	}

	handleProof(): void {
		this.step = 0;
		this.failedCount = 0;
		this.formerTransport = NONE;
	}

	/** The transport of now was left another one for, and did not prove itself yet. */
	get isTrying(): boolean {
		return this.formerTransport !== NONE;
	}

	/** No transport led to the server. */
	get isRoundOver(): boolean {
		return this.failedCount >= this.transportCount;
	}

	/** Another transport is the best one from now on; if it does not work, this one is gone back to. */
	prefer(home: number): Advice {
		this.home = home;
		this.betterCount = 0;
		return this.goHome();
	}

	private goHome(): Advice {
		this.betterAt = NEVER;
		this.formerTransport = this.transport;
		this.transport = this.home;
		return "transport";
	}

	/** The server was reached by this transport: where it is not the best, that one is tried again after a while. */
	handleReached(now: Instant, random: Random): void {
		if (this.transport === this.home) {
			this.betterCount = 0;
			this.betterAt = NEVER;
		} else if (this.isRoundOver && this.home === 0) {
			// It was not the transport that failed: which of them came through first says nothing.
			this.betterAt = now + soonMs * (0.5 + 1.5 * unit(random));
		} else if (this.betterAt === NEVER) this.betterAt = now + backOffMs(betterTransport, this.betterCount++, random);
	}

	/** A ping stayed unanswered, or an Update, which would have told our address. */
	handleLost(wasPing: boolean): Advice {
		if (this.isTrying) return this.goBack();
		if (this.step === 0 && wasPing) {
			this.step = 1;
			return "check";
		}
		this.step = this.step < 2 ? 2 : 3;
		return this.step === 2 ? "new-socket" : "register";
	}

	private goBack(): Advice {
		this.transport = this.formerTransport;
		this.formerTransport = NONE;
		return "transport";
	}

	/** A Register stayed unanswered; the Registration itself waits before it tries the same way again. */
	handleUnanswered(): Advice {
		this.step = 3;
		this.failedCount++;
		if (this.isTrying && !this.isRoundOver) return this.goBack();
		this.formerTransport = NONE;
		// It is on the preferred transport that the Registration waits: a connection would be dead by then.
		const isRoundOver = this.failedCount % this.transportCount === 0;
		this.transport = isRoundOver ? 0 : (this.transport + 1) % this.transportCount;
		return isRoundOver ? "next-account" : "transport";
	}

	get timeoutAt(): Instant {
		return this.betterAt;
	}

	/** The best transport may work by now; if not, this one is gone back to. */
	tryBetter(now: Instant): Advice | undefined {
		return now < this.betterAt ? undefined : this.goHome();
	}
}
