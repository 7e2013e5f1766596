// One server account, where the layers meet: path -> Session -> Endpoint -> registration and service, watched by reach.

import { codeText } from "../coap/codes.js";
import { DatagramEndpoint } from "../coap/datagram.js";
import type { EndpointEvent } from "../coap/endpoint.js";
import type { Instant, Machine, PathId, Random, Session, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import { registrationTimes } from "../lwm2m/constants.js";
import { Registration, type RegistrationContent, type RegistrationEvent } from "../lwm2m/registration.js";
import { Service, type ServiceEvent } from "../lwm2m/service.js";
import type { Advice, Reach } from "../reach/reach.js";
import type { AgentEvent, Command, RestartReason } from "./agent.js";
import type { ServerUri } from "./server-uri.js";
import { Way } from "./way.js";

export interface AccountOptions {
	readonly shortServerId: number;
	readonly uri: ServerUri;
	readonly content: RegistrationContent;
	readonly session: Session;
	readonly reach: Reach;
	readonly random: Random;
	readonly firstPath: PathId;
}

/** LwM2M 1.2, /1/x/5: how long a disabled server is left alone when nothing else is said. */
const DISABLE_TIMEOUT_SECONDS = 86_400;

export class Account implements Machine {
	readonly #options: AccountOptions;
	readonly #endpoint: DatagramEndpoint;
	readonly #registration: Registration;
	readonly #service: Service;
	readonly #way: Way;
	readonly #events: AgentEvent[] = [];
	#suspect = false;
	/** A server believes in an observation that ended here. */
	#observationLost = false;
	/** Registers that the service knows of. */
	#registerCount = 0;
	#enabledAt: Instant = Number.POSITIVE_INFINITY;
	#restart: RestartReason | undefined;

	constructor(options: AccountOptions) {
		this.#options = options;
		this.#endpoint = new DatagramEndpoint({ random: options.random });
		this.#registration = new Registration(options.content, this.#endpoint, options.random);
		this.#service = new Service(options.content.model, this.#endpoint, options.shortServerId);
		this.#way = new Way(options.uri, options.firstPath, options.random);
	}

	/** The server's side of the model, for completing what a handler put off. */
	get service(): Service {
		return this.#service;
	}

	start(): void {
		this.#way.open();
	}

	/** De-registers and closes; "deregistered" follows in any case. */
	stop(now: Instant): void {
		this.#options.reach.handleStopped();
		this.#registration.deregister(now);
		this.settle(now);
	}

	/** The network is there (again), or another one: everything old is forgotten but the registration. */
	handleNetwork(now: Instant, up: boolean): void {
		if (up) this.reopen(now);
		else this.loseWay(now);
		this.settle(now);
	}

	handleResolved(now: Instant, query: number, addresses: readonly string[]): void {
		this.#way.handleResolved(now, query, addresses);
	}

	handleOpened(now: Instant, path: PathId): void {
		if (!this.#way.handleOpened(path)) return;
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

	/** A resource changed; -1 as its id stands for the whole instance. */
	handleChanged(now: Instant, objectId: number, instanceId: number, resourceId: number): void {
		this.#service.handleChanged(now, objectId, instanceId, resourceId);
		this.settle(now);
	}

	pollEvent(): AgentEvent | undefined {
		return this.#events.shift();
	}

	pollCommand(): Command | undefined {
		const command = this.#way.pollCommand();
		if (command !== undefined || this.#restart === undefined) return command;
		const why = this.#restart;
		this.#restart = undefined;
		return { kind: "restart", why };
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
		this.#endpoint.handleTimeout(now);
		this.#registration.handleTimeout(now);
		this.#service.handleTimeout(now);
		this.#options.reach.handleTimeout(now);
		this.#way.handleTimeout(now);
		if (now >= this.#enabledAt) {
			this.#enabledAt = Number.POSITIVE_INFINITY;
			this.#way.open();
		}
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

	/**
	 * A Register ends the observations: when it leaves, not when it is answered. The server may observe anew at once, and
	 * its request may overtake the answer.
	 */
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
				this.emit("registered", `${event.location} LwM2M ${event.version}`);
				return this.repaired();
			case "updated":
				reach.handleProof(now);
				this.emit("updated", "");
				if (this.#observationLost) this.#registration.register(now);
				return this.repaired();
			case "forgotten":
				reach.handleStopped();
				return this.suspectNow(`the server answered the Update with ${codeText(event.code)}: registering`);
			case "lost":
				this.suspectNow("no answer to the Update");
				return reach.handleLost(now);
			case "refused":
				return this.emit("waiting", `${codeText(event.code)}, next Register in ${seconds(event.retryMs)}`);
			case "unanswered":
				this.reopen(now);
				return this.emit("waiting", `no answer, next Register in ${seconds(event.retryMs)}`);
			case "bootstrap-needed":
				this.reopen(now);
				return this.emit("waiting", "a series of Registers failed; it goes on, as there is no bootstrap yet");
			case "deregistered":
				reach.handleStopped();
				this.#way.close();
				return this.emit("deregistered", "");
			default:
				event satisfies never;
		}
	}

	private handleService(now: Instant, event: ServiceEvent): void {
		switch (event.kind) {
			case "operation":
				return this.emit("operation", `${event.operation} ${event.path} ${codeText(event.code)}`);
			case "handler-failed":
				return this.emit("operation", `${event.path}: the application's handler failed: ${event.error}`);
			case "registration-update-trigger":
			case "lifetime":
				return this.#registration.update(now, undefined);
			case "disable":
				this.#registration.deregister(now);
				this.#enabledAt = now + 1000 * this.disableTimeoutSeconds;
				return;
			case "time":
				return;
			case "reboot":
				this.#restart = "execute";
				return;
			case "factory-reset":
				this.#restart = "factory-reset";
				return;
			default:
				event satisfies never;
		}
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

	private get disableTimeoutSeconds(): number {
		return (this.#options.content.server.get("disableTimeout") as number | undefined) ?? DISABLE_TIMEOUT_SECONDS;
	}

	private reopen(now: Instant): void {
		this.forgetExchanges(now);
		this.#way.open();
	}

	private loseWay(now: Instant): void {
		this.forgetExchanges(now);
		this.#way.close();
	}

	/** Nothing of the old path is repeated raw on a new one: another address is another space of Message IDs. */
	private forgetExchanges(now: Instant): void {
		this.#registration.handlePathLost();
		this.#endpoint.handlePathChanged(now);
	}

	private suspectNow(detail: string): void {
		if (!this.#suspect) this.emit("suspect", detail);
		this.#suspect = true;
	}

	private repaired(): void {
		if (this.#suspect) this.emit("repaired", "");
		this.#suspect = false;
	}

	private emit(kind: AgentEvent["kind"], detail: string): void {
		if (this.#events.length === limits.eventCount) this.#events.shift();
		this.#events.push({ kind, shortServerId: this.#options.shortServerId, detail });
	}
}

function seconds(milliseconds: number): string {
	return `${Math.round(milliseconds / 1000)} s`;
}
