// A device behind a NAT, as far as reach sees it: a line that forgets, loses and moves, and a server that knows where
// the device was last. In virtual time, without a byte.

import type { Random, Store } from "../../contract.js";
import { LearningReach } from "../../reach/learning.js";
import { Memory } from "../../reach/memory.js";
import { type Advice, ReachFlag, type ReachStatus, type ServerWord } from "../../reach/reach.js";
import { FixedRandom } from "../random.js";

export interface LineOptions {
	/** A binding without a word from inside lives for so long. */
	lifetimeMs: number;
	/** A binding that was used but once lives for so long. */
	youngMs?: number;
	/** A binding that began anew has the port of the one before: nobody sees that it died. */
	preservesPort?: boolean;
	/** True for a datagram that gets lost. */
	loses?: () => boolean;
	/** A server that knows nothing of our extension. */
	stock?: boolean;
	random?: Random;
	store?: Store;
	label?: string;
}

/** What was sent, or advised: "refresh", "ping", "check" for each transmission. */
export interface Act {
	readonly at: number;
	readonly kind: Advice;
}

/** From a transmission to the next one of the same message. */
const REPEATED_MS = { ping: [2_500, 5_000, 10_000, 20_000], check: [2_500, 5_000, 10_000] } as const;
/** What the server sent, and nobody answered. */
const COPIES = 5;
/** A message of some size. */
const LENGTH = 40;

export class Line {
	now = 0;
	readonly acts: Act[] = [];
	readonly reach: LearningReach;
	/** The server's process is down. */
	isDown = false;
	/** What it says with the next answer to an Update. */
	lostSeconds = -1;
	readonly options: LineOptions;
	#events: { at: number; run: () => void }[] = [];
	#uplinkAt = 0;
	#port = 1;
	#moveCount = 0;
	#knownPort = 0;
	#heardCount = 0;

	constructor(options: LineOptions) {
		this.options = options;
		const memory = new Memory(options.store, "coap.example:5683");
		this.reach = new LearningReach(options.random ?? new FixedRandom(), memory);
		if (options.label !== undefined) this.reach.handleNetwork(0, options.label);
		this.#open();
		this.#register();
	}

	get status(): ReachStatus {
		return this.reach.status(this.now);
	}

	/** A datagram of the server would arrive. */
	get isReachable(): boolean {
		return this.#knownPort === this.#port && this.now - this.#uplinkAt < this.options.lifetimeMs;
	}

	/** The times between two things sent since an instant. */
	silencesSince(at: number): number[] {
		const acts = this.acts.filter((act) => act.at >= at);
		return acts.slice(1).map((act, i) => act.at - acts[i]!.at);
	}

	run(milliseconds: number): void {
		const end = this.now + milliseconds;
		for (let steps = 0; steps < 200_000; steps++) {
			const at = Math.min(this.reach.pollTimeout(), this.#events[0]?.at ?? Number.POSITIVE_INFINITY);
			if (at > end) break;
			this.now = Math.max(this.now, at);
			while (this.#events.length > 0 && this.#events[0]!.at <= this.now) this.#events.shift()!.run();
			if (this.reach.pollTimeout() <= this.now) this.reach.handleTimeout(this.now);
			this.#drain();
		}
		this.now = end;
	}

	/** The NAT forgets all it knows, and gives other ports. */
	move(): void {
		this.#port++;
		this.#moveCount++;
	}

	/** The server asks something. True: it was heard, and answered. */
	ask(): boolean {
		if (!this.isReachable || this.#isLost()) return false;
		this.reach.handleReceived(this.now, LENGTH);
		this.reach.handleDownlink(this.now);
		this.#send(LENGTH);
		this.#drain();
		return true;
	}

	/** The device says something of its own accord, which nobody acknowledges. */
	say(): void {
		this.#send(LENGTH);
	}

	#after(milliseconds: number, run: () => void): void {
		const at = this.now + milliseconds;
		let place = this.#events.length;
		while (place > 0 && this.#events[place - 1]!.at > at) place--;
		this.#events.splice(place, 0, { at, run });
	}

	#isLost(): boolean {
		return this.options.loses?.() === true;
	}

	/** True: it came through to the server. */
	#send(length: number): boolean {
		this.reach.handleSent(this.now, length);
		if (this.#isLost()) return false;
		const hasDied = this.now - this.#uplinkAt >= this.options.lifetimeMs;
		if (hasDied && this.options.preservesPort !== true) this.#port++;
		this.#uplinkAt = this.now;
		return !this.isDown;
	}

	#receive(length: number): boolean {
		if (this.#isLost()) return false;
		this.reach.handleReceived(this.now, length);
		return true;
	}

	#open(): void {
		this.#port++;
		this.#uplinkAt = this.now;
		this.reach.handleOpened(this.now, 0, 1, false);
	}

	#register(): void {
		this.#send(LENGTH);
		this.#knownPort = this.#port;
		this.#heardCount = 0;
		this.#receive(LENGTH);
		const flags = ReachFlag.Keeper | ReachFlag.Probe;
		this.reach.handleStarted(
			this.now,
			this.options.stock === true ? undefined : { flags, lostSeconds: -1, lostCount: 0, heardCount: -1 },
		);
	}

	#drain(): void {
		for (let advice = this.reach.pollAdvice(); advice !== undefined; advice = this.reach.pollAdvice())
			this.#follow(advice);
	}

	#follow(advice: Advice): void {
		if (advice === "probe") {
			const before = this.#moveCount;
			for (const delayMs of this.reach.takeProbes())
				this.#after(Math.abs(delayMs), () => this.#probed(delayMs, this.#moveCount > before));
			return;
		}
		this.acts.push({ at: this.now, kind: advice });
		if (advice === "refresh") this.#refresh();
		else if (advice === "ping" || advice === "check") this.#try(advice, 1);
		else if (advice === "register") this.#after(1_000, () => this.#register());
		else {
			this.#open();
			this.#try("check", 1);
		}
	}

	#outlives(delayMs: number): boolean {
		const { lifetimeMs, youngMs = lifetimeMs } = this.options;
		return delayMs < 0 ? -delayMs < youngMs : delayMs < lifetimeMs;
	}

	#probed(delayMs: number, hasMoved: boolean): void {
		this.reach.handleProbed(this.now, delayMs, !hasMoved && this.#outlives(delayMs) && !this.#isLost());
		this.#drain();
	}

	#refresh(): void {
		if (!this.#send(1)) return;
		if (this.#port === this.#knownPort) this.#heardCount++;
		else if (this.options.stock !== true && this.#receive(1)) this.reach.handleUnknown(this.now);
	}

	#try(kind: "ping" | "check", tries: number): void {
		const answered = this.#send(kind === "ping" ? 1 : LENGTH) && this.#serve(kind, tries);
		if (answered) return;
		const waits = REPEATED_MS[kind];
		this.#after(waits[tries - 1]!, () => {
			if (tries < waits.length) this.#try(kind, tries + 1);
			else this.reach.handleLost(this.now);
			this.#drain();
		});
	}

	#serve(kind: "ping" | "check", tries: number): boolean {
		const moved = this.#port !== this.#knownPort;
		if (kind === "check") this.#knownPort = this.#port;
		else if (!moved) this.#heardCount++;
		if (!this.#receive(LENGTH)) return false;
		this.reach.handleAcknowledged(this.now, tries);
		if (kind === "ping") this.reach.handlePong(this.now, !moved);
		else this.reach.handleTold(this.now, this.options.stock === true ? undefined : this.#word(moved));
		return true;
	}

	#word(moved: boolean): ServerWord {
		const { lostSeconds } = this;
		const heardCount = this.#heardCount;
		this.#heardCount = 0;
		this.lostSeconds = -1;
		const flags = (moved ? ReachFlag.Moved : 0) | (lostSeconds < 0 ? 0 : ReachFlag.Lost) | ReachFlag.Heard;
		return { flags, lostSeconds, lostCount: COPIES, heardCount };
	}
}
