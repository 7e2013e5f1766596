// The keepalive of a device that learns how long its binding lives: it takes all evidence that comes for nothing, lets
// a willing server measure the rest, and spends as few bytes as the losses and moves that it sees allow.

import type { Instant, Random } from "../contract.js";
import { Binding } from "./binding.js";
import { learningNumbers as numbers, keepaliveTimes as times } from "./constants.js";
import { cheapest } from "./cost.js";
import { Day } from "./day.js";
import { Growth } from "./growth.js";
import { Keepalive } from "./keepalive.js";
import { Ladder } from "./ladder.js";
import { Loss } from "./loss.js";
import { Measurement } from "./measurement.js";
import type { Memory } from "./memory.js";
import { Moves } from "./moves.js";
import { type Advice, type Reach, ReachFlag, type ReachStatus, type ServerWord } from "./reach.js";
import { StreamBinding } from "./stream-binding.js";
import { Trouble } from "./trouble.js";

const NEVER: Instant = Number.POSITIVE_INFINITY;
const NOTHING: readonly number[] = Object.freeze([]);

export class LearningReach implements Reach {
	private readonly random: Random;
	private readonly memory: Memory;
	private readonly udp = new Binding();
	/** Made with the first stream. */
	private stream: StreamBinding | undefined = undefined;
	private readonly keepalive = new Keepalive();
	private readonly loss = new Loss();
	private readonly moves = new Moves();
	private readonly ladder = new Ladder();
	private readonly trouble = new Trouble();
	private readonly measurement: Measurement;
	/** Made where nobody measures. */
	private growth: Growth | undefined = undefined;
	private readonly day = new Day();
	private label = "";
	private isStarted = false;
	/** The server speaks only to a device that has just spoken (Queue Mode). */
	private isQueued = false;
	private isAsleep = false;
	private isStream = false;
	/** Flags of the server's offer. */
	private offer = 0;
	private advice: Advice | undefined = undefined;
	private probes: readonly number[] = NOTHING;
	/** What was asked for and has no outcome yet, and when none is expected any more. */
	private awaited: "ping" | "check" | undefined = undefined;
	private awaitedUntil: Instant = NEVER;
	/** An Update is to be sent, whatever the schedule says. */
	private checkAt: Instant = NEVER;
	private acknowledgedAt: Instant = 0;
	private downlinkAt: Instant = Number.NEGATIVE_INFINITY;
	private inboundAt: Instant = 0;
	/** Before the datagram that came last: how long nothing had passed the NAT. */
	private silenceMs = 0;
	/** The longest silence of ours since the server was last known to know our address. */
	private gapMs = 0;

	constructor(random: Random, memory: Memory) {
		this.random = random;
		this.memory = memory;
		this.measurement = new Measurement(random);
		this.recall();
	}

	get transport(): number {
		return this.ladder.transport;
	}

	private get binding(): Binding {
		return this.isStream ? this.stream! : this.udp;
	}

	/** Nobody measures: what downlinks prove is all there is. */
	private get isGrowing(): boolean {
		return this.isStream || (this.offer & ReachFlag.Probe) === 0;
	}

	/** The server speaks over a stream when it is asked to. */
	private get promises(): boolean {
		return this.isStream && (this.offer & ReachFlag.Probe) !== 0;
	}

	handleNetwork(now: Instant, label: string): void {
		if (label === this.label) return;
		this.memory.save(now, this.udp, this.stream);
		this.label = label;
		this.recall();
		this.measurement.end();
		this.moves.forget();
	}

	/** Takes up what is known of this network. */
	private recall(): void {
		this.memory.load(this.label);
		this.memory.restore(this.udp, false);
		if (this.stream !== undefined) this.memory.restore(this.stream, true);
		this.ladder.transport = this.memory.transport;
	}

	handleOpened(now: Instant, transport: number, transportCount: number, stream: boolean): void {
		if (stream && this.stream === undefined) {
			this.stream = new StreamBinding();
			this.memory.restore(this.stream, true);
		}
		this.ladder.handleOpened(transport, transportCount);
		// Another path while an answer is waited for: the stream itself gave up the one before.
		this.loseAnswer();
		this.isStream = stream;
		this.stream?.handleOpened();
		this.settle();
		this.keepalive.handleSent(now);
		if (stream) this.measurement.end();
		else this.keepalive.handleYoung();
		this.inboundAt = now;
		this.gapMs = 0;
		this.reschedule();
		// The first thing said on a new path is an Update.
		if (this.isStarted) this.await("check", now);
	}

	handleStarted(now: Instant, word: ServerWord | undefined, queued = false): void {
		this.isStarted = true;
		this.isQueued = queued;
		this.isAsleep = false;
		this.offer = word?.flags ?? 0;
		this.loss.restart();
		// A server that comes back for a whole fleet has other things to do than to measure what is known.
		if (this.measurement.state !== "none") this.measurement.begin(now, this.udp);
		this.handleTold(now, word);
	}

	/** What was offered holds for the whole registration, but not on each path: an Update alone may lead to another. */
	private takeOffer(now: Instant): void {
		this.keepalive.mustTell = !this.isStream && (this.offer & ReachFlag.Keeper) === 0;
		if (this.isGrowing || this.isQueued) this.measurement.end();
		else if (this.measurement.state === "none") this.measurement.begin(now, this.udp);
	}

	handleStopped(): void {
		this.isStarted = false;
		this.settle();
		this.advice = undefined;
	}

	handleAsleep(): void {
		this.isAsleep = true;
		this.settle();
	}

	handleAwake(now: Instant): void {
		this.isAsleep = false;
		this.keepalive.handleSent(now);
		this.keepalive.handleKnown(now);
	}

	handleSent(now: Instant, length: number): void {
		this.day.count(now, length);
		this.touch(now);
		if (length === 1) this.loss.handleRefresh();
	}

	handleReceived(now: Instant, length: number): void {
		this.day.count(now, length);
		// Some NATs let what comes in count as well (RFC 4787, REQ-6): only silence on both ways proves something.
		this.silenceMs = now - Math.max(this.keepalive.uplinkAt, this.inboundAt);
		this.inboundAt = now;
	}

	handleDownlink(now: Instant): void {
		if (!this.isStarted) return;
		const { binding, keepalive, silenceMs } = this;
		this.downlinkAt = now;
		if (this.isGrowing) {
			this.growth ??= new Growth();
			// By the interval that it came in, before what it proves makes another one of it.
			if (this.growth.handleDownlink(now, binding, silenceMs, keepalive.spacing)) this.doubt(now);
		}
		if (binding.handleAlive(silenceMs)) this.learn();
		this.prove(now);
	}

	handleAcknowledged(now: Instant, tries: number): void {
		const { keepalive, loss } = this;
		if (!this.isStream) loss.handleAnswered(tries);
		keepalive.isLossy = loss.part > times.promotionLoss;
		// What came through before this is known of the last time only that something was acknowledged.
		const mayHaveEnded = now - this.acknowledgedAt > this.binding.trustedMs;
		this.acknowledgedAt = now;
		keepalive.handleAcknowledged(now, !this.isStream && mayHaveEnded && (tries > 1 || keepalive.isLossy));
	}

	handlePong(now: Instant, known: boolean): void {
		this.settle();
		if (this.isStream) this.stream!.handleAnswered(this.gapMs);
		if (known || this.isStream) this.prove(now);
		else this.handleUnknown(now);
	}

	handlePromiseKept(now: Instant): void {
		if (!this.isStarted || this.stream?.handleKept(this.silenceMs) !== true) return;
		this.learn();
		this.prove(now);
	}

	handleTold(now: Instant, word: ServerWord | undefined): void {
		// A registration that was given up may still stand where another way leads to it.
		this.isStarted = true;
		this.settle();
		this.takeOffer(now);
		const flags = word?.flags ?? 0;
		if ((this.offer & ReachFlag.Keeper) !== 0) this.loss.handleHeard(word?.heardCount ?? -1);
		if ((flags & ReachFlag.Moved) !== 0 && !this.isStream) this.handleMoved(now);
		if ((flags & ReachFlag.Lost) !== 0 && this.binding.handleDoubt(1000 * word!.lostSeconds)) this.doubt(now);
		if (this.isStream && this.stream!.handleTold(now, this.gapMs)) this.doubt(now);
		this.ladder.handleReached(now, this.random);
		this.memory.handleTransport(this.ladder.transport);
		this.keepalive.handleTold(now);
		this.prove(now);
		this.reschedule();
	}

	handleUnknown(now: Instant): void {
		if (!this.isStarted || this.awaited === "check") return;
		this.trouble.add(now, "unknown-address");
		this.loss.handleUnknown();
		this.settle();
		this.checkAt = now + Math.max(0, times.unknownMs - this.keepalive.sinceTold(now));
	}

	handleLost(now: Instant): void {
		const wasPing = this.awaited === "ping";
		this.loseAnswer();
		this.settle();
		this.trouble.add(now, "unanswered");
		// What was said over a connection that gives no answer any more is not said again over the same.
		this.advice = this.ladder.handleLost(wasPing && !this.isStream);
		if (this.advice === "check") this.await("check", now);
		else if (this.advice === "register") this.isStarted = false;
	}

	handleForgotten(now: Instant): void {
		this.trouble.add(now, "forgotten");
		this.handleStopped();
	}

	handleUnanswered(now: Instant): void {
		this.handleStopped();
		this.trouble.add(now, "no-way");
		this.advice = this.ladder.handleUnanswered();
	}

	handleProbed(now: Instant, delayMs: number, alive: boolean | undefined): void {
		// A move ends the binding of a probe as well as a loss hides its answer.
		const enough = this.loss.enough(numbers.doubt, this.moves.perMs * delayMs);
		if (this.measurement.handleProbed(now, this.udp, delayMs, alive, enough)) this.learn();
	}

	handleProbeRefused(now: Instant): void {
		if (this.isStream) this.offer &= ~ReachFlag.Probe;
		else this.measurement.handleRefused(now);
	}

	takeProbes(): readonly number[] {
		const probes = this.probes;
		this.probes = NOTHING;
		return probes;
	}

	pollAdvice(): Advice | undefined {
		const advice = this.advice;
		this.advice = undefined;
		if (advice !== undefined) return advice;
		return this.probes.length > 0 ? "probe" : undefined;
	}

	pollTimeout(): Instant {
		if (!this.isStarted || this.isAsleep) return this.memory.timeoutAt;
		return Math.min(this.dueAt, this.measurement.timeoutAt, this.ladder.timeoutAt, this.memory.timeoutAt);
	}

	/** When something is to be advised, or what was advised is to be forgotten. */
	private get dueAt(): Instant {
		if (this.awaited !== undefined) return this.awaitedUntil;
		return Math.min(this.keepalive.dueAt, this.checkAt);
	}

	handleTimeout(now: Instant): void {
		this.memory.save(now, this.udp, this.stream);
		if (!this.isStarted || this.isAsleep) return;
		if (now >= this.awaitedUntil) this.settle();
		if (now >= this.dueAt) this.advise(now);
		this.advice = this.ladder.tryBetter(now) ?? this.advice;
		if (now < this.measurement.timeoutAt) return;
		// No binding will be seen to live much longer than moves leave it.
		if (!this.measurement.isUrgent && this.udp.lowerMs * this.moves.perMs >= 1) this.measurement.finish(now);
		else this.probes = this.measurement.handleTimeout(now, this.udp);
	}

	status(now: Instant): ReachStatus {
		const { binding, day, isStarted, keepalive, trouble } = this;
		return {
			network: this.label,
			lowerSeconds: binding.trustedMs / 1000,
			upperSeconds: binding.upperMs / 1000,
			intervalSeconds: keepalive.schedule.intervalMs / 1000,
			kind: isStarted ? keepalive.schedule.kind : "none",
			rebindingCount: this.udp.moveCount,
			loss: this.loss.part,
			unreachableSeconds: Math.round(trouble.sum(now) / 1000),
			bytesPerDay: day.bytesPerDay(now),
			wakeupsPerDay: day.wakeupsPerDay(now),
			transport: this.ladder.transport,
			failures: trouble.failures(now),
			probe: this.measurement.state,
		};
	}

	/** What is acknowledged prolongs the window of Queue Mode, which then would never end. */
	private refresh(now: Instant): void {
		this.advice = "refresh";
		this.touch(now);
		this.keepalive.handleKnown(now);
		this.keepalive.space(this.random, 0);
	}

	private advise(now: Instant): void {
		if (this.isQueued && now < this.checkAt) return this.refresh(now);
		const { binding, growth, keepalive } = this;
		if (this.moves.rest(now)) this.reschedule();
		if (this.isStream && this.stream!.handleBroken(now - keepalive.uplinkAt)) this.doubt(now);
		// A binding that did not live through a grown interval may have begun anew under another address.
		const isRisky = this.isGrowing && keepalive.spacing > binding.trustedMs;
		const isForced = now >= this.checkAt;
		const next = keepalive.next(now);
		const kind = isRisky || isForced ? "check" : next;
		this.advice = kind;
		// Whatever comes of it: the next is due an interval from now.
		this.touch(now);
		const isLong = growth !== undefined && this.isWorthRisk(now) && growth.isLong(now, binding);
		keepalive.space(this.random, isLong ? growth.lifetimeMs(binding) - times.guardMs : 0);
		if (kind !== "refresh") this.await(kind, now);
		if (kind === "ping") this.askPromise();
	}

	/** Over a stream a server that measures is asked to speak after a longer silence, in place of a ping. */
	private askPromise(): void {
		const wantedMs = this.promises ? this.stream!.wantedMs : 0;
		if (wantedMs === 0) return;
		this.stream!.handleAsked(wantedMs);
		this.advice = undefined;
		this.probes = [wantedMs];
		this.keepalive.space(this.random, (wantedMs + numbers.promiseMs) / (1 - times.jitter));
	}

	private await(kind: "ping" | "check", now: Instant): void {
		this.awaited = kind;
		this.awaitedUntil = now + times.outcomeMs;
		this.checkAt = NEVER;
	}

	/** Nothing is waited for any more. */
	private settle(): void {
		this.awaited = undefined;
		this.awaitedUntil = NEVER;
		this.checkAt = NEVER;
	}

	/** Over a stream its loss tells something of the lifetime. */
	private loseAnswer(): void {
		if (this.isStream && this.awaited !== undefined)
			this.stream!.handleLost(this.awaitedUntil - times.outcomeMs, this.gapMs);
	}

	/** A datagram of ours passes the NAT. */
	private touch(now: Instant): void {
		this.gapMs = Math.max(this.gapMs, now - this.keepalive.uplinkAt);
		this.keepalive.handleSent(now);
	}

	/** The server reaches us. */
	private prove(now: Instant): void {
		this.gapMs = 0;
		this.keepalive.handleKnown(now);
		this.trouble.handleProof(now);
		this.ladder.handleProof();
	}

	private handleMoved(now: Instant): void {
		const { binding, gapMs, keepalive, moves } = this;
		binding.moveCount++;
		this.trouble.add(now, "moved");
		moves.handleMoved(now, keepalive.schedule.intervalMs);
		keepalive.isMoving = true;
		// The exchange that told so was the first of a new binding.
		keepalive.handleYoung();
		keepalive.handleAcknowledged(now, true);
		// What nothing has proven yet may be too long: then each keepalive comes from another address.
		const isExpiry = binding.lowerMs === 0 ? moves.inRow >= numbers.movesInRow : this.isGrowing;
		if (isExpiry && gapMs > binding.lowerMs && binding.handleDead(gapMs)) this.doubt(now);
		else if (moves.takeDoubt()) this.measurement.verify(now, 1 / moves.perMs);
	}

	/** The binding does not live as long as was thought. */
	private doubt(now: Instant): void {
		this.trouble.add(now, "expired");
		this.measurement.hasten(now);
		this.learn();
	}

	private learn(): void {
		this.memory.handleNews();
		this.reschedule();
	}

	/** Downlinks come often enough that a grown interval soon shows what it is worth. */
	private isWorthRisk(now: Instant): boolean {
		return this.isGrowing && !this.promises && now - this.downlinkAt < numbers.downlinkMs;
	}

	private reschedule(): void {
		const { binding, isStream, keepalive, moves } = this;
		keepalive.isMoving = moves.isMoving;
		const lifetimeMs = binding.trustedMs;
		const guardMs = Math.min(times.guardMs, lifetimeMs / 20);
		const { kind, intervalMs } = cheapest(lifetimeMs - guardMs, isStream ? 0 : this.loss.part, {
			stream: isStream,
			mustTell: keepalive.mustTell,
			movesPerMs: moves.perMs,
		});
		// RFC 8085, 3.5: only a network that was seen to need it is kept open in smaller steps.
		const isShort = !isStream && binding.upperMs !== NEVER;
		const bounded = Math.max(isShort ? times.leastMs : times.floorMs, intervalMs);
		if (keepalive.schedule.kind === kind && Math.abs(keepalive.schedule.intervalMs - bounded) < times.sameMs) return;
		keepalive.schedule = { kind, intervalMs: bounded };
		keepalive.space(this.random, 0);
	}
}
