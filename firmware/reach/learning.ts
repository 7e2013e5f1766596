// The keepalive of a device that learns how long its binding lives: it takes all evidence that comes for nothing, lets
// a willing server measure the rest, and spends as few bytes as the losses and moves that it sees allow.

import type { Instant, Random } from "../contract.js";
import { Awaited } from "./awaited.js";
import { Bindings } from "./bindings.js";
import { type Choice, recallChoice } from "./choice.js";
import { learningNumbers as numbers, keepaliveTimes as times } from "./constants.js";
import { Day } from "./day.js";
import { judgeMove, judgeProbe, judgeSilence, refute } from "./evidence.js";
import { Growth } from "./growth.js";
import { Keepalive } from "./keepalive.js";
import { Ladder } from "./ladder.js";
import { Loss } from "./loss.js";
import { Measurement } from "./measurement.js";
import type { Memory } from "./memory.js";
import { Moves } from "./moves.js";
import { planFor } from "./plan.js";
import { type Advice, type Reach, ReachFlag, type ReachStatus, type ServerWord } from "./reach.js";
import { report } from "./report.js";
import { Silence } from "./silence.js";
import { Trouble } from "./trouble.js";

const NOTHING: readonly number[] = Object.freeze([]);
/** Among the transports. */
const NO_PLACE = -1;

export class LearningReach implements Reach {
	readonly bindings: Bindings;
	readonly day = new Day();
	readonly keepalive = new Keepalive();
	readonly ladder = new Ladder();
	readonly loss = new Loss();
	readonly measurement: Measurement;
	readonly trouble = new Trouble();
	isStarted = false;
	readonly random: Random;
	private readonly awaited = new Awaited();
	readonly moves = new Moves();
	private readonly silence = new Silence();
	/** Made where nobody measures. */
	private growth: Growth | undefined = undefined;
	/** Made where a stream may be taken for its price. */
	private choice: Choice | undefined = undefined;
	/** The server speaks only to a device that has just spoken (Queue Mode). */
	private isQueued = false;
	private isAsleep = false;
	/** Flags of the server's offer. */
	private offer = 0;
	private advice: Advice | undefined = undefined;
	private probes: readonly number[] = NOTHING;
	private acknowledgedAt: Instant = 0;
	/** Of a socket that was opened since the server was told our address it will see another one. */
	private isNew = false;
	private downlinkAt: Instant = Number.NEGATIVE_INFINITY;

	constructor(random: Random, memory: Memory) {
		this.random = random;
		this.measurement = new Measurement(random);
		this.bindings = new Bindings(memory);
		this.ladder.transport = this.bindings.transport;
	}

	get transport(): number {
		return this.ladder.transport;
	}

	private get isStream(): boolean {
		return this.bindings.isStream;
	}

	/** Nobody measures: what downlinks prove is all there is. */
	get isGrowing(): boolean {
		return this.isStream || (this.offer & ReachFlag.Probe) === 0;
	}

	get isTrying(): boolean {
		return this.ladder.isTrying;
	}

	/** The server measures, or speaks over a stream when it is asked to. */
	get isMeasured(): boolean {
		return (this.offer & ReachFlag.Probe) !== 0 && !this.isQueued;
	}

	handleRoutes(streamPlace: number): void {
		this.choice = recallChoice(streamPlace, this.bindings, this.ladder);
	}

	handleNetwork(now: Instant, label: string): void {
		if (!this.bindings.handleNetwork(now, label)) return;
		this.ladder.transport = this.bindings.transport;
		this.handleRoutes(this.choice?.place ?? NO_PLACE);
		this.measurement.end();
		this.moves.forget();
		this.keepalive.isLasting = false;
	}

	handleOpened(now: Instant, transport: number, transportCount: number, stream: boolean): void {
		this.ladder.handleOpened(transport, transportCount);
		// Another path while an answer is waited for: the stream itself gave up the one before.
		const wasLost = stream && this.isStream && this.awaited.kind !== undefined;
		const isHeir = wasLost && this.silence.longestMs <= this.bindings.stream!.trustedMs;
		this.loseAnswer();
		this.bindings.handleOpened(stream);
		this.awaited.settle();
		this.keepalive.handleSent(now);
		if (stream) {
			this.measurement.end();
			this.keepalive.handleStream();
		} else this.keepalive.handleYoung();
		this.isNew = true;
		this.silence.handleOpened(now);
		this.reschedule();
		// What was waited for on the path before is no interval of this one.
		this.keepalive.space(this.random, 0);
		// The first thing said on a new path is an Update.
		if (this.isStarted) this.awaited.ask("check", now);
		if (stream) this.advice = this.choice?.handleStream(now, this, isHeir) ?? this.advice;
	}

	handleStarted(now: Instant, word: ServerWord | undefined, queued = false): void {
		this.isStarted = true;
		this.isQueued = queued;
		this.isAsleep = false;
		this.offer = word?.flags ?? 0;
		this.loss.restart();
		// A server that comes back for a whole fleet has other things to do than to measure what is known.
		if (this.measurement.state !== "none") this.measurement.begin(now, this.bindings.udp);
		this.handleTold(now, word);
	}

	/** What was offered holds for the whole registration, but not on each path: an Update alone may lead to another. */
	private takeOffer(now: Instant): void {
		this.keepalive.mustTell = !this.isStream && (this.offer & ReachFlag.Keeper) === 0;
		if (this.isGrowing || this.isQueued) this.measurement.end();
		else if (this.measurement.state === "none") this.measurement.begin(now, this.bindings.udp);
	}

	handleStopped(): void {
		this.isStarted = false;
		this.awaited.settle();
		this.advice = undefined;
	}

	handleAsleep(): void {
		this.isAsleep = true;
		this.awaited.settle();
	}

	handleAwake(now: Instant): void {
		this.isAsleep = false;
		this.keepalive.handleSent(now);
		this.keepalive.handleKnown(now);
	}

	handleSent(now: Instant, length: number): void {
		this.day.count(now, length, this.isStream);
		this.touch(now);
		if (length === 1) this.loss.handleRefresh();
		if (this.isStream) this.bindings.stream!.handleSent();
		if (length > 1 || this.isStream) this.choice?.handleSent();
	}

	handleReceived(now: Instant, length: number): void {
		this.day.count(now, length, this.isStream);
		this.silence.handleReceived(now, this.keepalive.uplinkAt);
	}

	handleDownlink(now: Instant): void {
		if (!this.isStarted) return;
		const binding = this.bindings.current;
		const silenceMs = this.silence.bothMs;
		this.downlinkAt = now;
		if (this.isGrowing) {
			this.growth ??= new Growth();
			// By the interval that it came in, before what it proves makes another one of it.
			const { awaited, keepalive } = this;
			const answers = awaited.kind === "check" || keepalive.sinceTold(now) < numbers.reactionMs;
			if (this.growth.handleDownlink(now, binding, silenceMs, keepalive.spacing, answers)) this.doubt(now);
		}
		if (binding.handleAlive(silenceMs)) this.learn();
		this.prove(now);
	}

	handleAcknowledged(now: Instant, tries: number): void {
		const { keepalive, loss } = this;
		if (!this.isStream) loss.handleAnswered(tries);
		keepalive.isLossy = loss.part > times.promotionLoss;
		// What came through before this is known of the last time only that something was acknowledged.
		const mayHaveEnded = now - this.acknowledgedAt > this.bindings.current.trustedMs;
		this.acknowledgedAt = now;
		if (!this.isStream) keepalive.handleAcknowledged(now, mayHaveEnded && (tries > 1 || keepalive.isLossy));
	}

	handlePong(now: Instant, known: boolean): void {
		this.awaited.settle();
		if (this.isStream) this.bindings.stream!.handleAnswered(this.silence.longestMs);
		if (known || this.isStream) this.prove(now);
		else this.handleUnknown(now);
	}

	handlePromiseKept(now: Instant): void {
		if (!this.isStarted || this.bindings.stream?.handleKept(this.silence.bothMs) !== true) return;
		this.learn();
		this.prove(now);
	}

	handleTold(now: Instant, word: ServerWord | undefined): void {
		// A registration that was given up may still stand where another way leads to it.
		this.isStarted = true;
		this.awaited.settle();
		this.takeOffer(now);
		const flags = word?.flags ?? 0;
		if ((this.offer & ReachFlag.Keeper) !== 0) this.loss.handleHeard(word?.heardCount ?? -1);
		if ((flags & ReachFlag.Moved) !== 0 && !this.isStream && !this.isNew) this.handleMoved(now);
		this.isNew = false;
		if ((flags & ReachFlag.Lost) !== 0 && judgeSilence(word!, this)) this.doubt(now);
		if (this.isStream && this.bindings.stream!.handleTold(now, this.silence.longestMs)) this.doubt(now);
		this.choice?.handleReached(now, this);
		this.ladder.handleReached(now, this.random);
		this.bindings.handleTransport(this.ladder.transport, this.isStream && this.choice?.isMade === true);
		this.keepalive.handleTold(now);
		this.prove(now);
		this.reschedule();
		this.advice = this.choice?.weigh(now, this) ?? this.advice;
	}

	handleUnknown(now: Instant): void {
		if (!this.isStarted || this.awaited.kind === "check") return;
		this.trouble.add(now, "unknown-address");
		this.loss.handleUnknown();
		this.awaited.settle();
		// Where a binding lives for less it has to be told so often.
		const leastMs = Math.min(times.unknownMs, this.keepalive.schedule.intervalMs);
		this.awaited.checkAt = now + Math.max(0, leastMs - this.keepalive.sinceTold(now));
	}

	handleLost(now: Instant): void {
		const wasPing = this.awaited.kind === "ping";
		this.loseAnswer();
		if (!this.isStream) this.keepalive.handleYoung();
		this.awaited.settle();
		this.trouble.add(now, "unanswered");
		// What was said over a connection that gives no answer any more is not said again over the same.
		this.advice = this.ladder.handleLost(wasPing && !this.isStream);
		if (this.advice === "check") this.awaited.ask("check", now);
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
		if (delayMs < 0) {
			if (this.keepalive.handleProbed(alive)) this.probes = [delayMs];
			return this.reschedule();
		}
		if (judgeProbe(now, delayMs, alive, this)) this.learn();
		else this.reschedule();
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
		if (!this.isStarted || this.isAsleep) return this.bindings.timeoutAt;
		return Math.min(this.dueAt, this.measurement.timeoutAt, this.ladder.timeoutAt, this.bindings.timeoutAt);
	}

	/** When something is to be advised, or what was advised is to be forgotten. */
	private get dueAt(): Instant {
		const { awaited } = this;
		return awaited.kind === undefined ? Math.min(this.keepalive.dueAt, awaited.checkAt) : awaited.until;
	}

	handleTimeout(now: Instant): void {
		this.bindings.save(now);
		if (!this.isStarted || this.isAsleep) return;
		if (now >= this.awaited.until) this.awaited.settle();
		if (now >= this.dueAt) this.advise(now);
		this.advice = this.ladder.tryBetter(now) ?? this.advice;
		if (now < this.measurement.timeoutAt) return;
		const { measurement } = this;
		if (this.isVain(now)) measurement.finish(now);
		else this.probes = measurement.handleTimeout(now, this.bindings.udp);
		if (measurement.state === "waiting") this.askYoung();
		this.reschedule();
	}

	/** Among moves, which are not watched for ever: after the first try few bindings will be seen to outlive them. */
	private isVain(now: Instant): boolean {
		const { bindings, measurement, moves } = this;
		if (moves.perMs > 0 && measurement.isLong(now)) return true;
		return !measurement.isUrgent && !measurement.isFirst && bindings.udp.lowerMs * moves.perMs >= 1;
	}

	/** Whether a binding has to be used a second time. */
	private askYoung(): void {
		if (this.keepalive.isLasting || this.measurement.isSettled) return;
		if (this.bindings.udp.lowerMs > times.lastingMs) this.probes = [-times.lastingMs];
	}

	status(now: Instant): ReachStatus {
		return report(now, this);
	}

	/** What is acknowledged prolongs the window of Queue Mode, which then would never end. */
	private refresh(now: Instant): void {
		this.advice = "refresh";
		this.touch(now);
		this.keepalive.handleKnown(now);
		this.keepalive.space(this.random, 0);
	}

	private advise(now: Instant): void {
		if (this.isQueued && now < this.awaited.checkAt) return this.refresh(now);
		const { growth, keepalive } = this;
		const binding = this.bindings.current;
		if (this.moves.rest(now)) this.reschedule();
		if (this.isStream) {
			if (this.bindings.stream!.handleBroken(now - keepalive.uplinkAt)) this.doubt(now);
			this.advice = this.choice?.weigh(now, this);
			if (this.advice !== undefined) return;
		}
		// A binding that did not live through a grown interval may have begun anew under another address; where there are
		// promises they say so.
		const isUnmeasured = this.isGrowing && !this.isMeasured;
		const isRisky = isUnmeasured && keepalive.spacing > binding.trustedMs;
		const isForced = now >= this.awaited.checkAt;
		const next = keepalive.next(now);
		const kind = isRisky || isForced ? "check" : next;
		this.advice = kind;
		// Whatever comes of it: the next is due an interval from now.
		this.touch(now);
		// Downlinks come often enough that a grown interval soon shows what it is worth.
		const isBold = growth !== undefined && isUnmeasured && now - this.downlinkAt < numbers.downlinkMs;
		keepalive.space(this.random, isBold ? growth.longMs(now, binding, keepalive.leftAfter(now, kind)) : 0);
		if (kind !== "refresh") this.awaited.ask(kind, now);
		if (kind === "check" || this.isStream) this.choice?.handleAdvised();
		if (kind === "ping" && this.isStream && this.isMeasured) this.askPromise(now);
	}

	/** Over a stream a server that measures is asked to speak after a longer silence, in place of a ping. */
	private askPromise(now: Instant): void {
		const wantedMs = this.bindings.stream!.ask(now);
		if (wantedMs === 0) return;
		this.advice = undefined;
		this.probes = [wantedMs];
		this.keepalive.space(this.random, (wantedMs + numbers.promiseMs) / (1 - times.jitter));
	}

	/** Over a stream its loss tells something of the lifetime. */
	private loseAnswer(): void {
		if (this.isStream && this.awaited.kind !== undefined)
			this.bindings.stream!.handleLost(this.awaited.askedAt, this.silence.longestMs);
	}

	/** A datagram of ours passes the NAT. */
	private touch(now: Instant): void {
		this.silence.handleSent(now, this.keepalive.uplinkAt);
		this.keepalive.handleSent(now);
	}

	/** The server reaches us. */
	private prove(now: Instant): void {
		this.silence.handleProof();
		this.keepalive.handleKnown(now);
		this.trouble.handleProof(now);
		this.ladder.handleProof();
	}

	private handleMoved(now: Instant): void {
		this.trouble.add(now, "moved");
		if (judgeMove(now, this.silence.longestMs, this)) this.doubt(now);
	}

	/** The binding does not live as long as was thought. */
	private doubt(now: Instant): void {
		refute(this);
		this.trouble.add(now, "expired");
		this.measurement.hasten(now);
		this.learn();
	}

	private learn(): void {
		this.bindings.handleNews();
		this.reschedule();
	}

	/** What is measured is not to be mistaken for moves. */
	get isWatching(): boolean {
		return this.moves.perMs > 0 && !this.isStream && this.measurement.state === "measuring";
	}

	private reschedule(): void {
		const { isStream, keepalive, loss, moves } = this;
		keepalive.isMoving = moves.isMoving;
		const { mustTell } = keepalive;
		const way = { isStream, mustTell, isFragile: !keepalive.isLasting && !mustTell, isWatched: this.isWatching };
		if (keepalive.take(planFor(this.bindings.current, loss, moves, way))) keepalive.space(this.random, 0);
	}
}
