// Carries out what reach advises, and tells it what came of it: keepalives, the repair ladder, and measurements on
// sockets of their own.

import { Code } from "../coap/codes.js";
import type { EndpointEvent } from "../coap/endpoint.js";
import { isUnknown, Keeper, KeeperPing } from "../coap/keeper-ping.js";
import type { Instant, PathId, Transmit } from "../contract.js";
import { registrationTimes } from "../lwm2m/constants.js";
import type { Advice, ReachStatus } from "../reach/reach.js";
import type { Command } from "./agent.js";
import { Layers } from "./layers.js";
import { isEmptyMessage, PROBE_PATHS, Prober, promiseRequest } from "./prober.js";

/** Then another route is taken. */
const NO_PATHS = 3;
/** No exchange. */
const NONE = 0;

export abstract class Reaching extends Layers {
	/** A Register goes out as soon as there is a path. */
	protected isEager = false;
	/** One byte is to be sent. */
	private refreshIsDue = false;
	/** Over datagrams; made with the first. */
	private keeperPing: KeeperPing | undefined = undefined;
	/** Over a stream. */
	private pingExchange = NONE;
	private ticketExchange = NONE;
	/** Made when something is to be measured, and dropped when nothing is. */
	private prober: Prober | undefined = undefined;
	private nextProbePath: PathId = PROBE_PATHS;
	/** Repetitions that are accounted for. */
	private retransmittedCount = 0;
	/** Paths in a row that came to nothing. */
	protected noPathCount = 0;
	/** All ways were tried, and nobody was told so yet. */
	protected exhausted = false;

	reachStatus(now: Instant): ReachStatus {
		return this.options.reach.status(now);
	}

	/** True once after all ways to the server were tried in vain. */
	pollExhausted(): boolean {
		const { exhausted } = this;
		this.exhausted = false;
		return exhausted;
	}

	override handleReceived(now: Instant, path: PathId, bytes: Uint8Array): void {
		if (this.prober?.owns(path)) {
			this.prober.handleReceived(now, path, bytes);
			return this.measure(now);
		}
		if (path !== this.way.path) return;
		this.options.reach.handleReceived(now, bytes.length);
		if (bytes.length === 1 && this.stream === undefined) return this.handleByte(now, bytes);
		if (this.stream !== undefined && isEmptyMessage(bytes)) this.options.reach.handlePromiseKept(now);
		super.handleReceived(now, path, bytes);
	}

	/** The server says in a byte whether it knows who speaks. */
	private handleByte(now: Instant, bytes: Uint8Array): void {
		const { reach } = this.options;
		const known = this.keeperPing?.handleReceived(bytes);
		if (known !== undefined) {
			reach.handleAcknowledged(now, this.keeperPing!.tries);
			reach.handlePong(now, known);
		} else if (isUnknown(bytes)) reach.handleUnknown(now);
		this.settle(now);
	}

	override pollTransmit(now: Instant, out: Transmit): boolean {
		if (this.way.isOpen && this.writeByte(now, out)) {
			out.path = this.way.path;
			this.options.reach.handleSent(now, 1);
			return true;
		}
		return super.pollTransmit(now, out) || this.prober?.pollTransmit(now, out) === true;
	}

	private writeByte(now: Instant, out: Transmit): boolean {
		if (!this.refreshIsDue) return this.keeperPing?.pollTransmit(now, out) === true;
		this.refreshIsDue = false;
		out.bytes[0] = Keeper.Refresh;
		out.length = 1;
		return true;
	}

	pollCommand(): Command | undefined {
		return this.way.pollCommand() ?? this.prober?.pollCommand();
	}

	override pollTimeout(): Instant {
		const { keeperPing, prober } = this;
		let at = super.pollTimeout();
		if (keeperPing !== undefined && this.way.isOpen) at = Math.min(at, keeperPing.pollTimeout());
		if (prober !== undefined) at = Math.min(at, prober.pollTimeout());
		return at;
	}

	override handleTimeout(now: Instant): void {
		super.handleTimeout(now);
		// What is under way when the way is closed is never sent, and nobody is to wait for that.
		if (this.way.isOpen) this.keeperPing?.handleTimeout(now);
		if (this.keeperPing?.pollLost() === true) this.options.reach.handleLost(now);
		if (this.prober === undefined) return;
		this.prober.handleTimeout(now);
		this.measure(now);
	}

	/** A path could not be had, or is gone. Where there are others, some in a row are as good as a silent Register. */
	protected handleNoPath(now: Instant): void {
		if (++this.noPathCount < NO_PATHS && !this.options.reach.isTrying) return;
		if (this.way.routeCount === 1) {
			this.exhausted = true;
			return;
		}
		// Until one is of use: a server that comes back for a whole fleet is to find few of them under way.
		this.noPathCount = NO_PATHS - 1;
		this.options.reach.handleUnanswered(now);
	}

	/** True where the path is one of a measurement. */
	protected handleProbePath(now: Instant, path: PathId, isOpen: boolean): boolean {
		if (path < PROBE_PATHS) return false;
		if (isOpen) this.prober?.handleOpened(now, path);
		else this.prober?.handleClosed(now, path);
		this.measure(now);
		return true;
	}

	/** True where the event was of an exchange of ours; what was acknowledged to others is told to reach all the same. */
	protected handleReachEvent(now: Instant, event: EndpointEvent): boolean {
		const { reach } = this.options;
		switch (event.kind) {
			case "alive":
				this.handleAcknowledged(now);
				if (event.exchange !== this.pingExchange) return true;
				this.pingExchange = NONE;
				reach.handlePong(now, !event.acknowledged);
				return true;
			case "response":
				this.handleAcknowledged(now);
				if (event.exchange === this.pingExchange) {
					this.takePromise(now, event.message.code);
					return true;
				}
				if (event.exchange !== this.ticketExchange) return false;
				this.takeTicket(now, event.message.code, event.message.payload);
				return true;
			case "failed":
				this.retransmittedCount = this.endpoint.statistics.retransmitted;
				if (event.exchange === this.ticketExchange) this.takeTicket(now, 0, undefined);
				else if (event.exchange === this.pingExchange) {
					this.pingExchange = NONE;
					if (event.why !== "path-changed") reach.handleLost(now);
				} else return false;
				return true;
			case "request":
				reach.handleDownlink(now);
				return false;
			case "cancelled":
			case "doubted":
				this.retransmittedCount = this.endpoint.statistics.retransmitted;
				return false;
			default:
				return event satisfies never;
		}
	}

	/** How often a message was sent until it was acknowledged tells the losses. */
	private handleAcknowledged(now: Instant): void {
		const { retransmitted } = this.endpoint.statistics;
		this.options.reach.handleAcknowledged(now, 1 + retransmitted - this.retransmittedCount);
		this.retransmittedCount = retransmitted;
	}

	protected follow(now: Instant, advice: Advice): void {
		switch (advice) {
			case "refresh":
				// What the application has to say keeps the binding open as well.
				if (this.sender?.ride(now) === true) return;
				// A byte that is no message would break a stream.
				if (this.stream === undefined) this.refreshIsDue = true;
				else this.stream.touch();
				return;
			case "ping":
				return this.ping(now);
			case "check":
				// Nobody speaks to a device that sleeps before it has spoken: its binding may die.
				if (this.queueMode?.isAsleep !== true) this.registration.update(now, registrationTimes.checkRetransmit);
				return;
			case "next-account":
				this.exhausted = true;
				return this.takeWay(now, false);
			case "transport":
				return this.takeWay(now, true);
			case "new-socket":
				return this.reopen(now);
			case "register":
				return this.registration.register(now);
			case "probe":
				return this.probe(now);
			default:
				advice satisfies never;
		}
	}

	private ping(now: Instant): void {
		if (this.stream === undefined) {
			this.keeperPing ??= new KeeperPing();
			return this.keeperPing.start(now);
		}
		if (this.pingExchange !== NONE) this.endpoint.cancel(now, this.pingExchange);
		this.pingExchange = this.endpoint.ping(now, undefined);
		if (this.pingExchange === NONE) this.registration.update(now, registrationTimes.checkRetransmit);
	}

	/** Goes the way of the transport that reach wants; `atOnce`: a Register waits for nothing else. */
	private takeWay(now: Instant, atOnce: boolean): void {
		this.way.use(this.options.reach.transport);
		this.isEager = atOnce;
		this.reopen(now);
	}

	/** Goes the way anew, as far as one is wanted and there is a network. */
	protected abstract reopen(now: Instant): void;

	protected override forgetExchanges(now: Instant): void {
		this.refreshIsDue = false;
		this.keeperPing?.stop();
		super.forgetExchanges(now);
		this.retransmittedCount = this.endpoint.statistics.retransmitted;
	}

	/** The network is another one, or none: of what is measured nobody can say anything. */
	protected stopProbes(now: Instant): void {
		this.prober?.stop();
		this.measure(now);
	}

	private probe(now: Instant): void {
		const delays = this.options.reach.takeProbes();
		const { address, port } = this.way;
		if (this.way.isStream) return this.askPromise(now, delays[0]!);
		if (address === undefined) return this.options.reach.handleProbeRefused(now);
		this.prober ??= new Prober(this.options.random, this.nextProbePath + this.options.firstPath, address, port);
		for (let i = 0; i < delays.length; i++)
			if (!this.prober.probe(now, delays[i]!)) this.options.reach.handleProbed(now, delays[i]!, undefined);
		this.measure(now);
	}

	/** The answer comes at once; by an Empty message after the delay the server shows that the connection lives. */
	private askPromise(now: Instant, delayMs: number): void {
		this.pingExchange = this.endpoint.request(now, promiseRequest(delayMs));
		if (this.pingExchange === NONE) this.registration.update(now, registrationTimes.checkRetransmit);
	}

	private takePromise(now: Instant, code: number): void {
		this.pingExchange = NONE;
		if (code !== Code.Changed) this.options.reach.handleProbeRefused(now);
		this.options.reach.handlePong(now, true);
	}

	private takeTicket(now: Instant, code: number, payload: Uint8Array | undefined): void {
		this.ticketExchange = NONE;
		// Nobody is registered at the address that it came from.
		if (code === Code.Unauthorized && this.hasKeeper) this.options.reach.handleUnknown(now);
		this.prober?.handleTicket(now, code, payload);
		this.measure(now);
	}

	/** Takes what the prober has to say, until it is silent. */
	private measure(now: Instant): void {
		const prober = this.prober;
		if (prober === undefined) return;
		const { reach } = this.options;
		const request = prober.takeTicketRequest();
		if (request !== undefined) {
			this.ticketExchange = this.endpoint.request(now, request);
			if (this.ticketExchange === NONE) prober.handleTicket(now, 0, undefined);
		}
		for (let result = prober.pollResult(); result !== undefined; result = prober.pollResult()) {
			if (result.kind === "refused") reach.handleProbeRefused(now);
			else reach.handleProbed(now, result.delayMs, result.alive);
		}
		if (!prober.isIdle) return;
		this.nextProbePath = prober.nextPath - this.options.firstPath;
		this.prober = undefined;
	}
}
