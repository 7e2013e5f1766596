// A device that has the choice between datagrams and a stream, as far as reach sees it: two ways to one server, whose
// bindings live for different times, in virtual time and without a byte.

import type { Store } from "../../contract.js";
import { LearningReach } from "../../reach/learning.js";
import { Memory } from "../../reach/memory.js";
import { networkId, putNetwork } from "../../reach/networks.js";
import { type Advice, ReachFlag, type ReachStatus, type ServerWord } from "../../reach/reach.js";
import { FixedRandom } from "../random.js";

export interface ForkOptions {
	/** The binding of datagrams is known to live for so long. */
	readonly udpSeconds: number;
	/** The binding of a connection lives for so long, and nobody knows. */
	readonly tcpSeconds: number;
	/** Where the stream is among the routes; 1 if not given. */
	readonly streamPlace?: number;
	/** What the server offers; keeper bytes and probes if not given. */
	readonly flags?: number;
	readonly isQueued?: boolean;
	/** The application says something so often; never if not given. */
	readonly wordSeconds?: number;
	/** What an earlier life left; else it is made. */
	readonly store?: Store;
}

const LABEL = "wifi:home";
const SERVER = "coap.example:5683";
const LENGTH = 40;
/** A connection that gives no answer is given up after so long, and another one is there after as much again. */
const GIVEN_UP_MS = 40_000;
const STREAM = 1;

export class Fork {
	now = 0;
	readonly reach: LearningReach;
	readonly store: Store;
	/** Each change of the way, as "stream" and "datagrams", with its instant. */
	readonly turns: { readonly at: number; readonly to: "stream" | "datagrams" }[] = [];
	/** The server's process is down: connections are refused. */
	isDown = false;
	readonly #options: ForkOptions;
	#events: { at: number; run: () => void }[] = [];
	#isStream = false;
	#usedAt = 0;
	/** Connections are told apart, so that nothing is heard of one that is gone. */
	#path = 0;

	constructor(options: ForkOptions) {
		this.#options = options;
		this.store = options.store ?? storeWith(options.udpSeconds);
		this.reach = new LearningReach(new FixedRandom(), new Memory(this.store, SERVER));
		this.reach.handleRoutes(options.streamPlace ?? STREAM);
		this.reach.handleNetwork(0, LABEL);
		this.#open(this.reach.transport);
		const { flags = ReachFlag.Keeper | ReachFlag.Probe, isQueued = false } = options;
		this.reach.handleStarted(0, { ...NOTHING_SAID, flags }, isQueued);
		this.#drain();
		if (options.wordSeconds !== undefined) this.speak(options.wordSeconds);
	}

	get status(): ReachStatus {
		return this.reach.status(this.now);
	}

	/** The server would be heard. */
	get isReachable(): boolean {
		return this.now - this.#usedAt < this.#lifetimeMs;
	}

	get #lifetimeMs(): number {
		return 1000 * (this.#isStream ? this.#options.tcpSeconds : this.#options.udpSeconds);
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

	/** From now on the application says something each so many seconds, whatever way it goes. */
	speak(seconds: number): void {
		this.#events.push({
			at: this.now + 1000 * seconds,
			run: () => {
				this.#ask(LENGTH);
				this.speak(seconds);
			},
		});
		this.#events.sort((left, right) => left.at - right.at);
	}

	/** The server says that what it hears comes from elsewhere. */
	move(): void {
		this.reach.handleTold(this.now, { ...NOTHING_SAID, flags: ReachFlag.Moved });
	}

	/** The NAT forgets all it knows: a connection is dead, and a datagram comes from elsewhere. */
	forget(): void {
		this.#usedAt = Number.NEGATIVE_INFINITY;
	}

	/** The server's end closes the connection, and no other can be had until it is up again. */
	refuse(): void {
		this.#path++;
		this.isDown = true;
		this.reach.handleUnanswered(this.now);
		this.#drain();
	}

	#after(milliseconds: number, run: () => void): void {
		const path = this.#path;
		this.#events.push({ at: this.now + milliseconds, run: () => path === this.#path && run() });
		this.#events.sort((left, right) => left.at - right.at);
	}

	#open(transport: number): void {
		this.#path++;
		this.#isStream = transport === STREAM;
		this.#usedAt = this.now;
		this.reach.handleOpened(this.now, transport, 2, this.#isStream);
	}

	/** True: it came through to the server, and the answer back. */
	#ask(length: number): boolean {
		const arrives = !this.#isStream || this.isReachable;
		this.reach.handleSent(this.now, length);
		if (!arrives || (this.#isStream && this.isDown)) return false;
		this.#usedAt = this.now;
		this.reach.handleReceived(this.now, length);
		this.reach.handleAcknowledged(this.now, 1);
		return true;
	}

	#drain(): void {
		for (let advice = this.reach.pollAdvice(); advice !== undefined; advice = this.reach.pollAdvice())
			this.#follow(advice);
	}

	#follow(advice: Advice): void {
		if (advice === "probe") return this.#measure(this.reach.takeProbes());
		if (advice === "transport") return this.#take(this.reach.transport);
		const isRefresh = advice === "refresh";
		if (!this.#ask(isRefresh ? 1 : LENGTH)) return this.#giveUp();
		if (advice === "ping") this.reach.handlePong(this.now, true);
		else if (!isRefresh) this.reach.handleTold(this.now, NOTHING_SAID);
	}

	#take(transport: number): void {
		this.turns.push({ at: this.now, to: transport === STREAM ? "stream" : "datagrams" });
		if (transport === STREAM && this.isDown) return this.reach.handleUnanswered(this.now);
		this.#open(transport);
		if (this.#ask(LENGTH)) this.reach.handleTold(this.now, NOTHING_SAID);
	}

	/** A connection that is dead is given up, and the next one follows it on the same way. */
	#giveUp(): void {
		this.#after(GIVEN_UP_MS, () => {
			this.#open(STREAM);
			if (this.#ask(LENGTH)) this.reach.handleTold(this.now, NOTHING_SAID);
		});
	}

	#measure(delays: readonly number[]): void {
		if (!this.#isStream) {
			for (const delayMs of delays)
				this.#after(Math.abs(delayMs), () =>
					this.reach.handleProbed(this.now, delayMs, Math.abs(delayMs) < this.#lifetimeMs),
				);
			return;
		}
		if (!this.#ask(LENGTH)) return this.#giveUp();
		this.reach.handlePong(this.now, true);
		this.#after(delays[0]!, () => {
			if (!this.isReachable) return;
			this.reach.handleReceived(this.now, 2);
			this.reach.handlePromiseKept(this.now);
		});
	}
}

const NOTHING_SAID: ServerWord = Object.freeze({ flags: 0, lostSeconds: -1, lostCount: 0, heardCount: -1 });

/** Flash in which the lifetime of datagrams stands. */
function storeWith(udpSeconds: number): Store {
	const values = new Map<string, Uint8Array>();
	const udp = { lowerSeconds: udpSeconds - 1, upperSeconds: udpSeconds };
	const stream = { lowerSeconds: 0, upperSeconds: 0 };
	const record = { udp, stream, moveCount: 0, transport: 0, isChosen: false };
	values.set("reach", putNetwork(undefined, networkId(`${LABEL} ${SERVER}`), record));
	return {
		read: (key) => values.get(key),
		write: (key, value) => void values.set(key, value),
		delete: (key) => void values.delete(key),
		keys: () => [...values.keys()],
	};
}
