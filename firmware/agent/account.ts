// One server account: whether a way to the server is wanted, and what each layer's word means to the others.

import { codeText } from "../coap/codes.js";
import type { EndpointEvent } from "../coap/endpoint.js";
import type { Instant, Machine, PathId } from "../contract.js";
import { registrationTimes } from "../lwm2m/constants.js";
import type { Result } from "../lwm2m/deferral.js";
import type { Later } from "../lwm2m/object.js";
import { Server } from "../lwm2m/objects/server.js";
import type { RegistrationEvent } from "../lwm2m/registration.js";
import type { ServiceEvent } from "../lwm2m/service.js";
import type { Advice } from "../reach/reach.js";
import type { Order } from "./account-options.js";
import type { AgentEvent, Command } from "./agent.js";
import { disableTimeoutSeconds } from "./constants.js";
import { Layers } from "./layers.js";
import { note } from "./registration-diary.js";

/** Whether a way to the server is wanted; "disabled": not before enabledAt, by the server's own order (/1/x/4). */
type Will = "running" | "disabled" | "stopped";

export class Account extends Layers implements Machine {
	#will: Will = "stopped";
	#networkIsUp = true;
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

	get shortServerId(): number {
		return this.options.shortServerId;
	}

	start(now: Instant): void {
		this.#will = "running";
		this.enabledAt = Number.POSITIVE_INFINITY;
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
		if (this.way.handleResolved(now, query, addresses)) return;
		this.handleFailure();
		this.diary.add("waiting", `nobody knows the address of ${this.options.uri.host}`);
	}

	handleOpened(now: Instant, path: PathId): void {
		if (!this.way.handleOpened(path)) return;
		// What was begun while there was no way is begun anew: its time was running already.
		this.forgetExchanges(now);
		this.registration.handlePathOpened(now);
		this.settle(now);
	}

	handleClosed(now: Instant, path: PathId): void {
		if (path !== this.way.path) return;
		this.way.handleClosed(now, path);
		this.handleFailure();
		this.forgetExchanges(now);
		this.settle(now);
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
		this.settle(now);
	}

	pollEvent(): AgentEvent | undefined {
		return this.diary.pollEvent();
	}

	pollCommand(): Command | undefined {
		const command = this.way.pollCommand() ?? this.#restart;
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
		this.settle(now);
	}

	/** The way to the server, or all attempts to register, failed; the next server waits if this one blocks. */
	private handleFailure(): void {
		if (this.options.content.server.get("registrationFailureBlock") !== true) this.#letsPass = true;
	}

	/** It ends the observations when it leaves: the server may observe anew before its answer is here. */
	protected handleRegisterSent(now: Instant): void {
		this.#observationLost = false;
		this.service.reset(now);
	}

	protected handleEndpoint(now: Instant, event: EndpointEvent): void {
		switch (event.kind) {
			case "request":
				// It came through the binding to the address that the server knows: nothing proves more.
				this.options.reach.handleProof(now);
				this.service.handleRequest(now, event.exchange, event.message);
				return;
			case "response":
				this.registration.handleResponse(now, event.exchange, event.message);
				return;
			case "failed":
				this.registration.handleFailed(now, event.exchange, event.why);
				return;
			case "cancelled":
				this.service.handleCancelled(now, event.exchange);
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
		this.#observationLost = this.registration.registered;
		this.registration.update(now, registrationTimes.checkRetransmit);
	}

	protected handleRegistration(now: Instant, event: RegistrationEvent): void {
		const reach = this.options.reach;
		note(this.diary, event, this.options.content.server);
		switch (event.kind) {
			case "registered":
				this.service.version = event.version;
				this.#letsPass = true;
				this.chooseMode(now);
				return reach.handleStarted(now);
			case "updated":
				reach.handleProof(now);
				this.service.setReachable(now, true);
				if (this.#observationLost) this.registration.register(now);
				return;
			case "forgotten":
				return reach.handleStopped();
			case "lost":
				return reach.handleLost(now);
			case "refused":
				return;
			case "bootstrap-needed":
				this.handleFailure();
				return this.reopen(now);
			case "unanswered":
				return this.reopen(now);
			case "deregistered":
				reach.handleStopped();
				this.way.close();
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
		if (order.kind === "registration-update-trigger") return this.registration.update(now, undefined);
		this.#will = "disabled";
		this.sayGoodbye(now);
	}

	private sayGoodbye(now: Instant): void {
		this.options.reach.handleStopped();
		this.registration.deregister(now);
		if (!this.way.isOpen) this.forgetExchanges(now);
	}

	protected follow(now: Instant, advice: Advice): void {
		switch (advice) {
			case "check":
				// Nobody speaks to a device in Queue Mode before it has spoken: its binding may die.
				if (this.queueMode !== undefined) return;
				return this.registration.update(now, registrationTimes.checkRetransmit);
			case "new-socket":
				return this.reopen(now);
			case "register":
				this.options.reach.handleStopped();
				return this.registration.register(now);
			default:
				advice satisfies never;
		}
	}

	private get disabledMs(): number {
		return 1000 * ((this.options.content.server.get("disableTimeout") as number | undefined) ?? disableTimeoutSeconds);
	}

	/** Goes the way anew, as far as one is wanted and there is a network. */
	private reopen(now: Instant): void {
		this.forgetExchanges(now);
		if (this.#will === "running" && this.#networkIsUp) this.way.open(now);
		else this.way.close();
	}
}
