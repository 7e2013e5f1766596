// The layers towards one server, each above the next: path -> Session -> Endpoint -> registration and service, watched
// by reach; and Queue Mode, which says when they may be deaf.

import { DatagramEndpoint } from "../coap/datagram.js";
import type { EndpointEvent } from "../coap/endpoint.js";
import type { Instant, PathId, Transmit } from "../contract.js";
import { isQueued, QueueMode } from "../lwm2m/queue-mode.js";
import { Registration, type RegistrationEvent } from "../lwm2m/registration.js";
import { Service, type ServiceEvent } from "../lwm2m/service.js";
import type { Advice } from "../reach/reach.js";
import type { AccountOptions, AccountStatus } from "./account-options.js";
import { Diary } from "./diary.js";
import { Way } from "./way.js";

/** What one layer says to another is the account's business. It inherits these: another object costs heap. */
export abstract class Layers {
	protected readonly options: AccountOptions;
	protected readonly endpoint: DatagramEndpoint;
	protected readonly registration: Registration;
	protected readonly service: Service;
	protected readonly way: Way;
	protected readonly diary: Diary;
	/** While the server queues what it has to say. */
	protected queueMode: QueueMode | undefined = undefined;
	/** When the server that ordered silence may be registered with again. */
	protected enabledAt: Instant = Number.POSITIVE_INFINITY;
	/** Registers that the service knows of. */
	private registerCount = 0;

	constructor(options: AccountOptions) {
		this.options = options;
		this.endpoint = new DatagramEndpoint({ random: options.random, protection: options.protection });
		this.registration = new Registration(options.content, this.endpoint, options.random);
		this.service = new Service(options.content.model, this.endpoint, options.shortServerId);
		this.diary = new Diary(options.shortServerId);
		this.way = new Way(options.uri, options.firstPath, options.random);
	}

	get status(): AccountStatus {
		const { shortServerId, uri } = this.options;
		return {
			shortServerId,
			host: uri.host,
			port: uri.port,
			registered: this.registration.registered,
			open: this.way.isOpen,
			statistics: this.endpoint.statistics,
		};
	}

	handleReceived(now: Instant, path: PathId, bytes: Uint8Array): void {
		if (path !== this.way.path) return;
		const session = this.options.session;
		this.stayAwake(now);
		session.handleReceived(now, path, bytes);
		for (let plain = session.pollReceived(); plain !== undefined; plain = session.pollReceived()) {
			this.endpoint.handleReceived(now, plain);
			this.settle(now);
		}
	}

	pollTransmit(now: Instant, out: Transmit): boolean {
		if (!this.way.isOpen) return false;
		const { session, reach } = this.options;
		if (!session.pollTransmit(now, out) && !(this.endpoint.pollTransmit(now, out) && session.seal(now, out)))
			return false;
		out.path = this.way.path;
		this.stayAwake(now);
		reach.handleSent(now);
		return true;
	}

	pollTimeout(): Instant {
		const endpoint = this.way.isOpen ? this.endpoint.pollTimeout() : Number.POSITIVE_INFINITY;
		return Math.min(
			endpoint,
			this.options.session.pollTimeout(),
			this.registration.pollTimeout(),
			this.service.pollTimeout(),
			this.options.reach.pollTimeout(),
			this.way.pollTimeout(),
			this.queueMode?.pollTimeout() ?? Number.POSITIVE_INFINITY,
			this.enabledAt,
		);
	}

	handleTimeout(now: Instant): void {
		this.options.session.handleTimeout(now);
		// Without a way nothing is repeated, nor given up for want of an answer.
		if (this.way.isOpen) this.endpoint.handleTimeout(now);
		this.registration.handleTimeout(now);
		this.wake(now);
		this.service.handleTimeout(now);
		this.options.reach.handleTimeout(now);
		this.way.handleTimeout(now);
	}

	/** Takes everything that one layer says to the others, until all are silent. */
	protected settle(now: Instant): void {
		for (;;) {
			const endpoint = this.endpoint.pollEvent();
			if (endpoint !== undefined) {
				this.handleEndpoint(now, endpoint);
				continue;
			}
			const registration = this.registration.pollEvent();
			if (registration !== undefined) {
				this.handleRegistration(now, registration);
				continue;
			}
			const service = this.service.pollEvent();
			if (service !== undefined) {
				this.handleService(now, service);
				continue;
			}
			const advice = this.options.reach.pollAdvice();
			if (advice === undefined) break;
			this.follow(now, advice);
		}
		const count = this.registration.registerCount;
		if (count === this.registerCount) return;
		this.registerCount = count;
		this.handleRegisterSent(now);
	}

	protected abstract handleEndpoint(now: Instant, event: EndpointEvent): void;
	protected abstract handleRegistration(now: Instant, event: RegistrationEvent): void;
	protected abstract handleRegisterSent(now: Instant): void;
	protected abstract handleService(now: Instant, event: ServiceEvent): void;
	protected abstract follow(now: Instant, advice: Advice): void;

	/** Nothing of the old path is repeated raw on a new one: another address is another space of Message IDs. */
	protected forgetExchanges(now: Instant): void {
		this.registration.handlePathLost(now);
		this.service.setReachable(now, false);
		this.endpoint.handlePathChanged(now);
	}

	/** What the Register that was just answered told of the binding (/1/x/7) holds until the next. */
	protected chooseMode(now: Instant): void {
		this.queueMode = isQueued(this.options.content.server.get("binding") as string) ? new QueueMode() : undefined;
		this.queueMode?.handleExchange(now);
	}

	/** In Queue Mode each message prolongs the time in which the device listens. */
	private stayAwake(now: Instant): void {
		if (this.queueMode?.handleExchange(now) === true) this.diary.add("awake", "");
	}

	/** Falls asleep in Queue Mode, or has something to tell: an Update goes first, as the binding may be another one. */
	private wake(now: Instant): void {
		const queueMode = this.queueMode;
		if (queueMode === undefined) return;
		const wasAsleep = queueMode.isAsleep;
		queueMode.handleTimeout(now);
		if (!queueMode.isAsleep || !this.registration.registered) return;
		if (!wasAsleep) this.diary.add("asleep", "");
		if (this.service.pollTimeout() > now) return;
		this.service.setReachable(now, false);
		this.registration.update(now, undefined);
	}
}
