// One server account, where the layers meet: path -> Session -> Endpoint -> registration and service, watched by reach.

import { codeText } from "../coap/codes.js";
import { DatagramEndpoint } from "../coap/datagram.js";
import type { EndpointEvent } from "../coap/endpoint.js";
import type { Instant, Machine, PathId, Transmit } from "../contract.js";
import { registrationTimes } from "../lwm2m/constants.js";
import type { Result } from "../lwm2m/deferral.js";
import type { Later } from "../lwm2m/object.js";
import { Server } from "../lwm2m/objects/server.js";
import { Registration, type RegistrationEvent } from "../lwm2m/registration.js";
import { Service, type ServiceEvent } from "../lwm2m/service.js";
import type { Advice } from "../reach/reach.js";
import type { AccountOptions, Order } from "./account-options.js";
import type { AgentEvent, Command } from "./agent.js";
import { disableTimeoutSeconds } from "./constants.js";
import { Diary, seconds } from "./diary.js";
import { Way } from "./way.js";

/** Whether a way to the server is wanted; "disabled": not before #enabledAt, by the server's own order (/1/x/4). */
type Will = "running" | "disabled" | "stopped";

export class Account implements Machine {
	readonly #options: AccountOptions;
	readonly #endpoint: DatagramEndpoint;
	readonly #registration: Registration;
	readonly #service: Service;
	readonly #way: Way;
	readonly #diary: Diary;
	#will: Will = "stopped";
	#networkIsUp = true;
	/** A server believes in an observation that ended here. */
	#observationLost = false;
	/** Registers that the service knows of. */
	#registerCount = 0;
	#enabledAt: Instant = Number.POSITIVE_INFINITY;
	#restart: Command | undefined;
	/** What the server ordered for the account of another one. */
	#order: Order | undefined;

	constructor(options: AccountOptions) {
		this.#options = options;
		this.#endpoint = new DatagramEndpoint({ random: options.random });
		this.#registration = new Registration(options.content, this.#endpoint, options.random);
		this.#service = new Service(options.content.model, this.#endpoint, options.shortServerId);
		this.#diary = new Diary(options.shortServerId);
		this.#way = new Way(options.uri, options.firstPath, options.random);
	}

	get shortServerId(): number {
		return this.#options.shortServerId;
	}

	start(now: Instant): void {
		this.#will = "running";
		this.#enabledAt = Number.POSITIVE_INFINITY;
		this.reopen(now);
	}

	/** De-registers and closes; "deregistered" follows in any case. */
	stop(now: Instant): void {
		this.#will = "stopped";
		this.#enabledAt = Number.POSITIVE_INFINITY;
		this.sayGoodbye(now);
		this.settle(now);
	}

	/** The network is there (again), or another one: everything old is forgotten but the registration. */
	handleNetwork(now: Instant, up: boolean): void {
		this.#networkIsUp = up;
		this.reopen(now);
		this.settle(now);
	}

	/** Another server executed a resource of this account's Server instance. */
	handleOrder(now: Instant, order: Order): void {
		this.obey(now, order);
		this.settle(now);
	}

	handleResolved(now: Instant, query: number, addresses: readonly string[]): void {
		if (this.#way.handleResolved(now, query, addresses)) return;
		this.#diary.add("waiting", `nobody knows the address of ${this.#options.uri.host}`);
	}

	handleOpened(now: Instant, path: PathId): void {
		if (!this.#way.handleOpened(path)) return;
		// What was begun while there was no way is begun anew: its time was running already.
		this.forgetExchanges(now);
		this.#registration.handlePathOpened(now);
		this.settle(now);
	}

	handleClosed(now: Instant, path: PathId): void {
		if (path !== this.#way.path) return;
		this.#way.handleClosed(now, path);
		this.forgetExchanges(now);
		this.settle(now);
	}

	handleReceived(now: Instant, path: PathId, bytes: Uint8Array): void {
		if (path !== this.#way.path) return;
		const session = this.#options.session;
		session.handleReceived(now, path, bytes);
		for (let plain = session.pollReceived(); plain !== undefined; plain = session.pollReceived()) {
			this.#endpoint.handleReceived(now, plain);
			this.settle(now);
		}
	}

	/** Completes what a handler put off. False: this server does not wait for it. */
	complete(now: Instant, later: Later, result: Result): boolean {
		const waited = this.#service.complete(now, later, result);
		this.settle(now);
		return waited;
	}

	/** A resource changed; -1 as its id stands for the whole instance. */
	handleChanged(now: Instant, objectId: number, instanceId: number, resourceId: number): void {
		this.#service.handleChanged(now, objectId, instanceId, resourceId);
		if (objectId === Server.objectId || instanceId < 0) this.#registration.handleContentChanged(now);
		this.settle(now);
	}

	pollEvent(): AgentEvent | undefined {
		return this.#diary.pollEvent();
	}

	pollCommand(): Command | undefined {
		const command = this.#way.pollCommand() ?? this.#restart;
		if (command === this.#restart) this.#restart = undefined;
		return command;
	}

	pollOrder(): Order | undefined {
		const order = this.#order;
		this.#order = undefined;
		return order;
	}

	pollTransmit(now: Instant, out: Transmit): boolean {
		if (!this.#way.isOpen) return false;
		const { session, reach } = this.#options;
		if (!session.pollTransmit(now, out) && !(this.#endpoint.pollTransmit(now, out) && session.seal(now, out)))
			return false;
		out.path = this.#way.path;
		reach.handleSent(now);
		return true;
	}

	pollTimeout(): Instant {
		const endpoint = this.#way.isOpen ? this.#endpoint.pollTimeout() : Number.POSITIVE_INFINITY;
		return Math.min(
			endpoint,
			this.#options.session.pollTimeout(),
			this.#registration.pollTimeout(),
			this.#service.pollTimeout(),
			this.#options.reach.pollTimeout(),
			this.#way.pollTimeout(),
			this.#enabledAt,
		);
	}

	handleTimeout(now: Instant): void {
		this.#options.session.handleTimeout(now);
		// Without a way nothing is repeated, nor given up for want of an answer.
		if (this.#way.isOpen) this.#endpoint.handleTimeout(now);
		this.#registration.handleTimeout(now);
		this.#service.handleTimeout(now);
		this.#options.reach.handleTimeout(now);
		this.#way.handleTimeout(now);
		if (now >= this.#enabledAt) this.start(now);
		this.settle(now);
	}

	/** Takes everything that one layer says to the others, until all are silent. */
	private settle(now: Instant): void {
		for (;;) {
			const endpoint = this.#endpoint.pollEvent();
			if (endpoint !== undefined) {
				this.handleEndpoint(now, endpoint);
				continue;
			}
			const registration = this.#registration.pollEvent();
			if (registration !== undefined) {
				this.handleRegistration(now, registration);
				continue;
			}
			const service = this.#service.pollEvent();
			if (service !== undefined) {
				this.handleService(now, service);
				continue;
			}
			const advice = this.#options.reach.pollAdvice();
			if (advice === undefined) break;
			this.follow(now, advice);
		}
		this.resetService(now);
	}

	/** A Register ends the observations when it leaves: the server may observe anew before its answer is here. */
	private resetService(now: Instant): void {
		const count = this.#registration.registerCount;
		if (count === this.#registerCount) return;
		this.#registerCount = count;
		this.#observationLost = false;
		this.#service.reset(now);
	}

	private handleEndpoint(now: Instant, event: EndpointEvent): void {
		switch (event.kind) {
			case "request":
				// It came through the binding to the address that the server knows: nothing proves more.
				this.#options.reach.handleProof(now);
				this.#service.handleRequest(now, event.exchange, event.message);
				return;
			case "response":
				this.#registration.handleResponse(now, event.exchange, event.message);
				return;
			case "failed":
				this.#registration.handleFailed(now, event.exchange, event.why);
				return;
			case "cancelled":
				this.#service.handleCancelled(now, event.exchange);
				if (event.why === "timeout") this.handleSilence(now);
				return;
			case "alive":
				return;
			default:
				event satisfies never;
		}
	}

	/**
	 * RFC 7641, 4.5 ends an observation whose CON notification stays unacknowledged, but a server behind a binding that
	 * died believes that it still observes: once the path is repaired, a Register makes it ask again.
	 */
	private handleSilence(now: Instant): void {
		this.#observationLost = this.#registration.registered;
		this.#registration.update(now, registrationTimes.checkRetransmit);
	}

	private handleRegistration(now: Instant, event: RegistrationEvent): void {
		const reach = this.#options.reach;
		switch (event.kind) {
			case "registered":
				this.#service.version = event.version;
				reach.handleStarted(now);
				this.#diary.add("registered", `${event.location} LwM2M ${event.version}`);
				return this.#diary.repaired();
			case "updated":
				reach.handleProof(now);
				this.#service.setReachable(now, true);
				this.#diary.add("updated", "");
				if (this.#observationLost) this.#registration.register(now);
				return this.#diary.repaired();
			case "forgotten":
				reach.handleStopped();
				return this.#diary.suspect(`the server answered the Update with ${codeText(event.code)}: registering`);
			case "lost":
				this.#diary.suspect("no answer to the Update");
				return reach.handleLost(now);
			case "refused":
				return this.#diary.add("waiting", `${codeText(event.code)}, next Register in ${seconds(event.retryMs)}`);
			case "unanswered":
				this.reopen(now);
				return this.#diary.add("waiting", `no answer, next Register in ${seconds(event.retryMs)}`);
			case "bootstrap-needed":
				this.reopen(now);
				return this.#diary.add("waiting", "a series of Registers failed; it goes on, as there is no bootstrap yet");
			case "deregistered":
				reach.handleStopped();
				this.#way.close();
				// Only now: a good-bye may take longer than the Disable Timeout.
				if (this.#will === "disabled") this.#enabledAt = now + this.disabledMs;
				return this.#diary.add("deregistered", "");
			default:
				event satisfies never;
		}
	}

	private handleService(now: Instant, event: ServiceEvent): void {
		switch (event.kind) {
			case "operation":
				return this.#diary.add("operation", `${event.operation} ${event.path} ${codeText(event.code)}`);
			case "handler-failed":
				return this.#diary.add("operation", `${event.path}: the application's handler failed: ${event.error}`);
			case "registration-update-trigger":
			case "disable":
				if (event.shortServerId === this.shortServerId) this.obey(now, event);
				else this.#order = event;
				return;
			case "lifetime":
				return; // it comes as a change of the model, too, whoever made it
			case "time":
				return this.#options.content.model.handleTime(now, event.unixSeconds);
			case "reboot":
			case "factory-reset":
				this.#restart = { kind: "restart", why: event.kind === "reboot" ? "execute" : event.kind };
				return;
			default:
				event satisfies never;
		}
	}

	private obey(now: Instant, order: Order): void {
		if (this.#will !== "running") return;
		if (order.kind === "registration-update-trigger") return this.#registration.update(now, undefined);
		this.#will = "disabled";
		this.sayGoodbye(now);
	}

	private sayGoodbye(now: Instant): void {
		this.#options.reach.handleStopped();
		this.#registration.deregister(now);
		if (!this.#way.isOpen) this.forgetExchanges(now);
	}

	private follow(now: Instant, advice: Advice): void {
		switch (advice) {
			case "check":
				return this.#registration.update(now, registrationTimes.checkRetransmit);
			case "new-socket":
				return this.reopen(now);
			case "register":
				this.#options.reach.handleStopped();
				return this.#registration.register(now);
			default:
				advice satisfies never;
		}
	}

	private get disabledMs(): number {
		return 1000 * ((this.#options.content.server.get("disableTimeout") as number | undefined) ?? disableTimeoutSeconds);
	}

	/** Goes the way anew, as far as one is wanted and there is a network. */
	private reopen(now: Instant): void {
		this.forgetExchanges(now);
		if (this.#will === "running" && this.#networkIsUp) this.#way.open();
		else this.#way.close();
	}

	/** Nothing of the old path is repeated raw on a new one: another address is another space of Message IDs. */
	private forgetExchanges(now: Instant): void {
		this.#registration.handlePathLost(now);
		this.#service.setReachable(now, false);
		this.#endpoint.handlePathChanged(now);
	}
}
