// The layers towards one server, each above the next: path -> Session -> Endpoint -> registration and service, watched
// by reach; and Queue Mode, which says when they may be deaf.

import { DatagramEndpoint } from "../coap/datagram.js";
import type { EndpointEvent } from "../coap/endpoint.js";
import { ReachFlag, type ReachWord } from "../coap/reach-option.js";
import { Stream } from "../coap/stream.js";
import type { Instant, PathId, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import { IDLE_GRACE, registrationTimes } from "../lwm2m/constants.js";
import type { Outgoing } from "../lwm2m/outgoing.js";
import { isQueued, QueueMode } from "../lwm2m/queue-mode.js";
import { Registration, type RegistrationEvent } from "../lwm2m/registration.js";
import { Sender } from "../lwm2m/send.js";
import { Service, type ServiceEvent } from "../lwm2m/service.js";
import type { Advice } from "../reach/reach.js";
import type { AccountOptions, AccountStatus } from "./account-options.js";
import { Diary } from "./diary.js";
import { streamPlaceOf } from "./routes.js";
import { Way } from "./way.js";

/** What one layer says to another is the account's business. It inherits these: another object costs heap. */
export abstract class Layers {
	protected readonly options: AccountOptions;
	protected readonly endpoint: DatagramEndpoint;
	protected readonly registration: Registration;
	protected readonly service: Service;
	protected readonly way: Way;
	protected readonly diary: Diary;
	/** On a path that is a connection; made when there is one. */
	protected stream: Stream | undefined = undefined;
	/** When the way is to be gone anew: as soon as the answer has left that was the last one to go the old way. */
	protected rerouteAt: Instant = Number.POSITIVE_INFINITY;
	/** What was observed ended with a connection, and the server knows it. */
	protected observationsEnded = false;
	/** The server knows the extension Reach: it goes on with its observations wherever the device is next. */
	protected hasKeeper = false;
	/** While the server queues what it has to say. */
	protected queueMode: QueueMode | undefined = undefined;
	/** What the application sends unasked; made when it first does. */
	protected sender: Sender | undefined = undefined;
	/** When the server that ordered silence may be registered with again. */
	protected enabledAt: Instant = Number.POSITIVE_INFINITY;
	/** Registers that the service knows of. */
	private registerCount = 0;

	constructor(options: AccountOptions) {
		this.options = options;
		const { protection, random } = options;
		this.endpoint = new DatagramEndpoint({ random, protection, doubtsResets: true });
		this.registration = new Registration(options.content, this.endpoint, options.random);
		this.service = new Service(options.content.model, this.endpoint, options.shortServerId);
		this.diary = new Diary(options.shortServerId);
		this.way = new Way(options.routes, options.firstPath, options.random);
		options.reach.handleRoutes(streamPlaceOf(options.routes, options.content.server));
	}

	get status(): AccountStatus {
		const { host, port, transport } = this.way;
		return {
			shortServerId: this.options.shortServerId,
			host,
			port,
			transport,
			registered: this.registration.registered,
			open: this.way.isOpen,
			asleep: this.queueMode?.isAsleep,
			statistics: this.endpoint.statistics,
		};
	}

	handleReceived(now: Instant, path: PathId, bytes: Uint8Array): void {
		if (path !== this.way.path) return;
		const session = this.options.session;
		this.stayAwake(now);
		if (this.stream !== undefined) {
			this.way.handleProof();
			this.stream.handleReceived(bytes);
			return this.receive(now, this.stream);
		}
		session.handleReceived(now, path, bytes);
		for (let plain = session.pollReceived(); plain !== undefined; plain = session.pollReceived()) {
			this.endpoint.handleReceived(now, plain);
			this.settle(now);
		}
	}

	handleWritable(_now: Instant, path: PathId, room: number): void {
		if (path === this.way.path) this.stream?.handleWritable(room);
	}

	/** One message of a stream at a time: what comes of it goes before the next is looked at. */
	private receive(now: Instant, stream: Stream): void {
		const message = stream.pollReceived();
		if (message !== undefined) {
			this.endpoint.handleReceived(now, message);
			this.settle(now);
		}
		stream.keep();
	}

	pollTransmit(now: Instant, out: Transmit): boolean {
		if (!this.way.isOpen) return false;
		const { session, reach } = this.options;
		if (this.stream !== undefined) {
			if (!this.stream.pollTransmit(now, out, this.endpoint)) return false;
		} else if (!session.pollTransmit(now, out) && !(this.endpoint.pollTransmit(now, out) && session.seal(now, out)))
			return false;
		out.path = this.way.path;
		this.stayAwake(now);
		reach.handleSent(now, out.length);
		this.sender?.ride(now);
		return true;
	}

	pollTimeout(): Instant {
		const endpoint = this.way.isOpen ? this.endpoint.pollTimeout() : Number.POSITIVE_INFINITY;
		return Math.min(
			endpoint,
			this.options.session.pollTimeout(),
			this.stream?.pollTimeout() ?? Number.POSITIVE_INFINITY,
			this.rerouteAt,
			this.registration.pollTimeout(),
			this.service.pollTimeout(),
			this.way.isOpen ? this.options.reach.pollTimeout() : Number.POSITIVE_INFINITY,
			this.way.pollTimeout(),
			this.queueMode?.pollTimeout() ?? Number.POSITIVE_INFINITY,
			this.sender?.pollTimeout() ?? Number.POSITIVE_INFINITY,
			this.enabledAt,
		);
	}

	handleTimeout(now: Instant): void {
		this.options.session.handleTimeout(now);
		if (this.stream !== undefined) this.serve(now, this.stream);
		// Without a way nothing is repeated, nor given up for want of an answer.
		if (this.way.isOpen) this.endpoint.handleTimeout(now);
		this.registration.handleTimeout(now);
		this.wake(now);
		this.service.handleTimeout(now);
		this.sender?.handleTimeout(now);
		if (this.way.isOpen) this.options.reach.handleTimeout(now);
		if (this.way.handleTimeout(now)) this.handleOverdue(now);
	}

	private serve(now: Instant, stream: Stream): void {
		stream.handleTimeout(now);
		if (stream.isDone) this.handleStreamEnd(now, stream);
		else this.receive(now, stream);
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
			if (this.sender?.takeLost() === true) this.registration.update(now, registrationTimes.checkRetransmit);
			const advice = this.options.reach.pollAdvice();
			if (advice === undefined) break;
			this.follow(now, advice);
		}
		const count = this.registration.registerCount;
		if (count === this.registerCount) return;
		this.registerCount = count;
		this.handleRegisterSent(now);
	}

	/** A path that was sought did not come about. */
	protected abstract handleOverdue(now: Instant): void;
	/** The connection is of no more use. */
	protected abstract handleStreamEnd(now: Instant, stream: Stream): void;
	protected abstract handleEndpoint(now: Instant, event: EndpointEvent): void;
	protected abstract handleRegistration(now: Instant, event: RegistrationEvent): void;
	protected abstract handleRegisterSent(now: Instant): void;
	protected abstract handleService(now: Instant, event: ServiceEvent): void;
	protected abstract follow(now: Instant, advice: Advice): void;

	/** The path that was waited for is there; a connection has its stream from now on. */
	protected takePath(now: Instant): void {
		// What was begun while there was no way is begun anew: its time was running already.
		this.forgetExchanges(now);
		this.endpoint.isReliable = this.way.isStream;
		this.endpoint.setMessageLength(limits.messageLength, false);
		if (this.way.isStream) this.stream = new Stream({ random: this.options.random });
	}

	/** Nothing of the old path is repeated raw on a new one: another address is another space of Message IDs. */
	protected forgetExchanges(now: Instant): void {
		if (this.stream !== undefined) this.forgetStream();
		this.registration.handlePathLost(now);
		this.setReachable(now, false);
		this.endpoint.handlePathChanged(now);
	}

	/** RFC 8323, A.4: what was observed over a connection is observed no more; a server of ours knows it by its token. */
	private forgetStream(): void {
		this.stream = undefined;
		if (this.service.observationCount > 0) this.observationsEnded = !this.hasKeeper;
	}

	/** Takes up a Send; what becomes of it is told by the events "sent" and "unsent". */
	send(now: Instant, outgoing: Outgoing): void {
		const { model, server } = this.options.content;
		const { endpoint, registration, service } = this;
		if (this.sender === undefined) {
			this.sender = new Sender({ model, endpoint, server, random: this.options.random });
			this.sender.version = service.version;
			this.sender.setReachable(now, registration.registered && service.isReachable);
		}
		this.sender.add(now, outgoing);
		this.wake(now);
		this.sender.handleTimeout(now);
		this.settle(now);
	}

	/** What another account of the same server has yet to tell is told from here. */
	takeSends(now: Instant, from: Layers): void {
		const { sender } = from;
		if (sender === undefined) return;
		from.sender = undefined;
		this.sender = sender;
		sender.move(now, this.endpoint);
		sender.version = this.service.version;
		sender.setReachable(now, this.registration.registered && this.service.isReachable);
	}

	/** False: the server is out of reach, or does not know our new address yet. */
	protected setReachable(now: Instant, isReachable: boolean): void {
		this.service.setReachable(now, isReachable);
		this.sender?.setReachable(now, isReachable);
	}

	/** What the Register that was just answered told of the binding (/1/x/7) holds until the next. */
	protected chooseMode(now: Instant): void {
		this.queueMode = isQueued(this.options.content.server.get("binding") as string)
			? new QueueMode(this.options.content.awakeMs)
			: undefined;
		this.queueMode?.handleExchange(now);
	}

	/** What the server says of Queue Mode: that nothing waits there, or, by saying nothing, that something may. */
	protected hearWord(now: Instant, word: ReachWord | undefined, graceMs = IDLE_GRACE): void {
		const isIdle = word !== undefined && (word.flags & ReachFlag.Idle) !== 0;
		this.queueMode?.handleWord(now, isIdle ? graceMs : undefined);
	}

	/** In Queue Mode each message prolongs the time in which the device listens. */
	private stayAwake(now: Instant): void {
		if (this.queueMode?.handleExchange(now) !== true) return;
		this.diary.add("awake", "");
		this.options.reach.handleAwake(now);
	}

	/** Falls asleep in Queue Mode, or has something to tell: an Update goes first, as the binding may be another one. */
	private wake(now: Instant): void {
		const queueMode = this.queueMode;
		if (queueMode === undefined) return;
		const wasAsleep = queueMode.isAsleep;
		queueMode.handleTimeout(now, this.endpoint.isBusy);
		if (!queueMode.isAsleep || !this.registration.registered) return;
		if (!wasAsleep) {
			this.diary.add("asleep", "");
			this.options.reach.handleAsleep();
		}
		const sendAt = this.sender?.pollTimeout() ?? Number.POSITIVE_INFINITY;
		const isQuiet = this.service.pollTimeout() > now;
		// A server of ours knows by the keys of a Send who speaks, from wherever it comes.
		const sendTells = this.options.protection !== undefined && this.hasKeeper;
		if (isQuiet && (sendAt > now || sendTells)) return;
		this.setReachable(now, false);
		this.registration.update(now, undefined);
	}
}
