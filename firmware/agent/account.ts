// One server account: whether a way to the server is wanted, and what each layer's word means to the others.

import { codeText } from "../coap/codes.js";
import type { EndpointEvent } from "../coap/endpoint.js";
import { ReachFlag, readReach } from "../coap/reach-option.js";
import type { Stream } from "../coap/stream.js";
import type { Instant, Machine, PathId, Protection } from "../contract.js";
import { ASKED_GRACE, registrationTimes } from "../lwm2m/constants.js";
import type { Result } from "../lwm2m/deferral.js";
import type { Instance } from "../lwm2m/instance.js";
import type { Later } from "../lwm2m/object.js";
import { Server } from "../lwm2m/objects/server.js";
import type { RegistrationEvent } from "../lwm2m/registration.js";
import type { ServiceEvent } from "../lwm2m/service.js";
import type { Order } from "./account-options.js";
import type { AgentEvent, Command } from "./agent.js";
import { disableTimeoutSeconds, wayTimes } from "./constants.js";
import { depart } from "./departure.js";
import { Reaching } from "./reaching.js";
import { note } from "./registration-diary.js";
import { routesOf, streamPlaceOf } from "./routes.js";
import type { Transport } from "./server-uri.js";
import type { Triggerable } from "./triggers.js";

/** Whether a way to the server is wanted; "disabled": not before enabledAt, by the server's own order (/1/x/4). */
type Will = "running" | "disabled" | "stopped";

export class Account extends Reaching implements Machine, Triggerable {
	#will: Will = "stopped";
	#networkIsUp = true;
	#label: string | undefined;
	/** The Register that a next one waits for found nobody, in this network. */
	#isUnheard = false;
	/** A server believes in an observation that ended here. */
	#observationLost = false;
	#restart: Command | undefined;
	/** What the server ordered for the account of another one. */
	#order: Order | undefined;
	/** Servers that come later in order (/1/x/13) need not wait for this one any more. */
	#letsPass = false;

	/** /1/x/13: servers are registered with in ascending order; undefined: whenever. */
	get priorityOrder(): number | undefined {
		return this.options.content.server.get("registrationPriorityOrder") as number | undefined;
	}

	/** Whether the next server in order may be registered with: this one is, or failed without blocking (/1/x/15). */
	get letsPass(): boolean {
		return this.#letsPass || this.#will !== "running";
	}

	/** A registration stands, and its server answers: without a way, or an answer, it says nothing of its own end. */
	get isReached(): boolean {
		return this.registration.isAnswered && this.way.isOpen;
	}

	/** A way to its server is wanted. */
	get isRunning(): boolean {
		return this.#will === "running";
	}

	/** Its server may speak at any time. */
	get isListening(): boolean {
		return this.isRunning && this.queueMode?.isAsleep !== true;
	}

	get shortServerId(): number {
		return this.options.shortServerId;
	}

	/** Its instance of the Server object. */
	get server(): Instance {
		return this.options.content.server;
	}

	/** Of the way that is gone or sought. */
	get transport(): Transport {
		return this.way.transport;
	}

	get protection(): Protection | undefined {
		return this.options.protection;
	}

	start(now: Instant): void {
		this.#will = "running";
		this.enabledAt = Number.POSITIVE_INFINITY;
		this.way.use(this.options.reach.transport);
		this.reopen(now);
	}

	/** De-registers and closes; "deregistered" follows in any case. */
	stop(now: Instant): void {
		this.#will = "stopped";
		this.enabledAt = Number.POSITIVE_INFINITY;
		this.sayGoodbye(now);
		this.settle(now);
	}

	/** The network is there (again), or another one: everything old is forgotten but the registration. */
	handleNetwork(now: Instant, label: string | undefined): void {
		this.#networkIsUp = label !== undefined;
		if (label !== undefined) {
			this.options.reach.handleNetwork(now, label);
			// What was tried elsewhere says nothing of the server.
			if (label !== this.#label && this.#isUnheard) this.isEager = true;
			this.#label = label;
		}
		this.way.use(this.options.reach.transport);
		this.stopProbes(now);
		this.reopen(now);
		this.settle(now);
	}

	/** Another server executed a resource of this account's Server instance. */
	handleOrder(now: Instant, order: Order): void {
		this.obey(now, order);
		this.settle(now);
	}

	/** The server asked by SMS to hear of us (/1/x/8): at once and over the usual way, whatever was waited for. */
	handleTrigger(now: Instant): void {
		if (this.#will !== "running") return;
		this.diary.add("operation", `Execute /1/${this.server.instanceId}/8 by SMS`);
		if (!this.way.isOpen) this.reopen(now);
		else if (this.registration.registered) this.registration.update(now, undefined);
		else this.registration.register(now);
		this.settle(now);
	}

	handleResolved(now: Instant, query: number, addresses: readonly string[]): void {
		if (this.way.handleResolved(now, query, addresses)) return;
		this.handleFailure();
		this.diary.add("waiting", `nobody knows the address of ${this.way.host}`);
		this.handleNoPath(now);
		this.settle(now);
	}

	handleOpened(now: Instant, path: PathId): void {
		if (this.handleProbePath(now, path, true) || !this.way.handleOpened(path)) return;
		const { isStream, routeCount, routeIndex } = this.way;
		this.takePath(now);
		this.options.reach.handleOpened(now, Math.max(0, routeIndex), routeCount, isStream);
		const { registered } = this.registration;
		if (registered ? this.observationsEnded : this.isEager) this.registration.register(now);
		else this.registration.handlePathOpened(now);
		this.isEager = false;
		this.settle(now);
	}

	handleClosed(now: Instant, path: PathId, detail?: string): void {
		if (this.handleProbePath(now, path, false) || path !== this.way.path) return;
		if (detail !== undefined) this.diary.add("waiting", `${this.way.host}: ${detail}`);
		const { stream } = this;
		// After a Release the server may be quicker than we with closing.
		if (stream?.release !== undefined || stream?.ended === "left") this.handleStreamEnd(now, stream);
		else {
			this.way.handleClosed(now, path);
			this.handleNoUse(now);
		}
		this.settle(now);
	}

	protected handleOverdue(now: Instant): void {
		this.handleFailure();
		this.handleNoPath(now);
	}

	protected handleStreamEnd(now: Instant, { ended, release }: Stream): void {
		if (ended === "left") {
			this.forgetExchanges(now);
			return this.way.close();
		}
		if (release === undefined) this.way.leave(now, 0);
		else this.diary.add("waiting", depart(now, this.way, release, this.options.protection !== undefined));
		this.handleNoUse(now);
	}

	private handleNoUse(now: Instant): void {
		this.handleFailure();
		this.forgetExchanges(now);
		this.handleNoPath(now);
	}

	/** The device ends: connections say so (RFC 8323, 5.5). */
	farewell(): void {
		this.stream?.farewell();
	}

	/** Completes what a handler put off. False: this server does not wait for it. */
	complete(now: Instant, later: Later, result: Result): boolean {
		const waited = this.service.complete(now, later, result);
		this.settle(now);
		return waited;
	}

	/** A resource changed; -1 as its id stands for the whole instance. */
	handleChanged(now: Instant, objectId: number, instanceId: number, resourceId: number): void {
		this.service.handleChanged(now, objectId, instanceId, resourceId);
		if (objectId === Server.objectId || instanceId < 0) this.registration.handleContentChanged(now);
		if (objectId === Server.objectId && instanceId === this.server.instanceId) this.handleRouteChanged(now, resourceId);
		this.settle(now);
	}

	/** Another binding (/1/x/7) or preference (/1/x/22): the preferred route is taken, the others are there in need. */
	private handleRouteChanged(now: Instant, resourceId: number): void {
		const { binding, preferredTransport } = Server.resources;
		if (resourceId !== binding.id && resourceId !== preferredTransport.id) return;
		const { reach, security } = this.options;
		const { transport } = reach;
		const routes = routesOf(security, this.server);
		this.way.routes = routes;
		reach.handleRoutes(streamPlaceOf(routes, this.server));
		const isUnwanted = resourceId === preferredTransport.id ? !this.way.isPreferred : reach.transport !== transport;
		if (this.way.isOpen && isUnwanted) this.rerouteAt = now + wayTimes.rerouteMs;
	}

	pollEvent(): AgentEvent | undefined {
		return this.diary.pollEvent() ?? this.pollSendEvent();
	}

	private pollSendEvent(): AgentEvent | undefined {
		const event = this.sender?.pollEvent();
		return event === undefined ? undefined : { shortServerId: this.shortServerId, ...event };
	}

	override pollCommand(): Command | undefined {
		const command = super.pollCommand() ?? this.#restart;
		if (command === this.#restart) this.#restart = undefined;
		return command;
	}

	pollOrder(): Order | undefined {
		const order = this.#order;
		this.#order = undefined;
		return order;
	}

	override handleTimeout(now: Instant): void {
		super.handleTimeout(now);
		if (now >= this.enabledAt) this.start(now);
		if (now >= this.rerouteAt) this.reopen(now);
		this.settle(now);
	}

	/** The way to the server, or all attempts to register, failed; the next server waits if this one blocks. */
	private handleFailure(): void {
		if (this.options.content.server.get("registrationFailureBlock") !== true) this.#letsPass = true;
	}

	/** It ends the observations when it leaves: the server may observe anew before its answer is here. */
	protected handleRegisterSent(now: Instant): void {
		this.#observationLost = false;
		this.observationsEnded = false;
		this.service.reset(now);
	}

	protected handleEndpoint(now: Instant, event: EndpointEvent): void {
		if (this.handleReachEvent(now, event)) return;
		switch (event.kind) {
			case "request":
				// Only Queue Mode asks for more than the request itself, and each look into a message costs.
				if (this.queueMode !== undefined) this.hearWord(now, readReach(event.message), ASKED_GRACE);
				this.service.handleRequest(now, event.exchange, event.message);
				return;
			case "response":
				if (this.sender?.handleResponse(now, event.exchange, event.message) === true)
					return this.hearWord(now, readReach(event.message));
				this.registration.handleResponse(now, event.exchange, event.message);
				return;
			case "failed":
				if (this.sender?.handleFailed(now, event.exchange, event.why) === true) return;
				this.registration.handleFailed(now, event.exchange, event.why);
				return;
			case "cancelled":
				this.service.handleCancelled(now, event.exchange);
				if (event.why === "timeout") this.handleSilence(now);
				return;
			case "alive":
				return;
			case "doubted":
				return this.handleDoubt(now, event.exchange);
			default:
				event satisfies never;
		}
	}

	/**
	 * A server may reject what comes from where it knows nobody: it is told where we are, and then the same once more.
	 * Where it does not observe any more it rejects that, too (docs/decisions/0015).
	 */
	private handleDoubt(now: Instant, exchange: number): void {
		if (this.registration.assure(now)) return this.service.handleDoubted(now, exchange);
		this.endpoint.cancel(now, exchange);
		this.service.handleCancelled(now, exchange);
	}

	/**
	 * RFC 7641, 4.5 ends an observation whose CON notification stays unacknowledged, but a server behind a binding that
	 * died believes that it still observes: once the path is repaired, a Register makes it ask again.
	 */
	private handleSilence(now: Instant): void {
		this.#observationLost = this.registration.registered;
		this.registration.update(now, registrationTimes.checkRetransmit);
	}

	protected handleRegistration(now: Instant, event: RegistrationEvent): void {
		const reach = this.options.reach;
		note(this.diary, event, this.options.content.server);
		switch (event.kind) {
			case "registered":
				this.#isUnheard = false;
				this.service.version = event.version;
				this.hasKeeper = ((event.reach?.flags ?? 0) & ReachFlag.Keeper) !== 0;
				this.#letsPass = true;
				this.exhausted = false;
				this.noPathCount = 0;
				this.chooseMode(now);
				this.hearWord(now, event.reach);
				if (this.sender !== undefined) this.sender.version = event.version;
				this.sender?.setReachable(now, true);
				return reach.handleStarted(now, event.reach, this.queueMode !== undefined);
			case "updated":
				this.noPathCount = 0;
				reach.handleTold(now, event.reach);
				this.hearWord(now, event.reach);
				this.setReachable(now, true);
				if (this.#observationLost) this.registration.register(now);
				return;
			case "forgotten":
				return reach.handleForgotten(now);
			case "lost":
				return reach.handleLost(now);
			case "refused":
				this.#isUnheard = false;
				return;
			case "bootstrap-needed":
				this.handleFailure();
				return reach.handleUnanswered(now);
			case "unanswered":
				this.#isUnheard = true;
				return reach.handleUnanswered(now);
			case "deregistered":
				// Started again before the good-bye was answered: the way is wanted, and the way of now is another one.
				if (this.#will === "running") return;
				reach.handleStopped();
				// The connection ends once its Release has left.
				if (this.stream === undefined) this.way.close();
				else this.stream.farewell();
				// Only now: a good-bye may take longer than the Disable Timeout.
				if (this.#will === "disabled") this.enabledAt = now + this.disabledMs;
				return;
			default:
				event satisfies never;
		}
	}

	protected handleService(now: Instant, event: ServiceEvent): void {
		switch (event.kind) {
			case "operation":
				return this.diary.add("operation", `${event.operation} ${event.path} ${codeText(event.code)}`);
			case "handler-failed":
				return this.diary.add("operation", `${event.path}: the application's handler failed: ${event.error}`);
			case "registration-update-trigger":
			case "disable":
				if (event.shortServerId === this.shortServerId) this.obey(now, event);
				else this.#order = event;
				return;
			case "lifetime":
				return; // it comes as a change of the model, too, whoever made it
			case "time":
				return this.options.content.model.handleTime(now, event.unixSeconds);
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
		if (order.kind === "registration-update-trigger") return this.prompt(now, order.binding);
		this.#will = "disabled";
		this.sayGoodbye(now);
	}

	/** /1/x/8: an Update, over the binding that the server named if there is such a way. */
	private prompt(now: Instant, binding: "U" | "T" | undefined): void {
		const routeIndex = binding === undefined ? -1 : this.way.routeOver(binding);
		if (routeIndex < 0 || routeIndex === this.way.routeIndex) return this.registration.update(now, undefined);
		this.way.use(routeIndex);
		this.rerouteAt = now + wayTimes.rerouteMs;
	}

	private sayGoodbye(now: Instant): void {
		this.options.reach.handleStopped();
		this.sender?.setReachable(now, false);
		this.registration.deregister(now);
		if (!this.way.isOpen) this.forgetExchanges(now);
	}

	private get disabledMs(): number {
		return 1000 * ((this.options.content.server.get("disableTimeout") as number | undefined) ?? disableTimeoutSeconds);
	}

	/** Goes the way anew, as far as one is wanted and there is a network. */
	protected reopen(now: Instant): void {
		this.rerouteAt = Number.POSITIVE_INFINITY;
		this.forgetExchanges(now);
		if (this.#will === "running" && this.#networkIsUp) this.way.open(now);
		else this.way.close();
	}
}
