// One server's access to the model: its operations, its observations, its attributes.

import { encodeText } from "../bytes.js";
import { Code } from "../coap/codes.js";
import type { Endpoint, Message } from "../coap/endpoint.js";
import { ContentFormat, Option } from "../coap/options.js";
import type { Instant, Machine } from "../contract.js";
import { type AttributeSet, Attributes, readAttributes } from "./attributes.js";
import { compositeFormat, readPathList, writeComposite } from "./composite.js";
import { createInstance, deleteAt } from "./create.js";
import { type Deferral, Deferrals, type Result } from "./deferral.js";
import { discoverDepth, discoverLinks } from "./discover.js";
import { type Operation, type ServiceEvent, ServiceEvents } from "./events.js";
import { executeAt } from "./execute.js";
import { DEFERRED, Handlers } from "./handlers.js";
import { defaultFormat, locate, operationOf, PARTIAL_WRITE, resourceAt } from "./locate.js";
import type { Model } from "./model.js";
import type { Later, Resource } from "./object.js";
import { Server } from "./objects/server.js";
import type { Observation } from "./observation.js";
import type { Path } from "./path.js";
import type { Version } from "./registration.js";
import { Reporting } from "./reporting.js";
import { Representation } from "./representation.js";
import { codeOf } from "./status.js";
import { writeAt } from "./write.js";

export type { Operation, ServiceEvent } from "./events.js";

/**
 * One per server account. It answers through the endpoint, and sends notifications when handleTimeout says so. Methods
 * here and wherever instances count are private by keyword: for each #method, XS gives each instance 16 bytes.
 */
export class Service implements Machine {
	/** What Register settled with this server; it decides the default content formats. */
	version: Version = "1.2";
	readonly #model: Model;
	readonly #endpoint: Endpoint;
	readonly #events = new ServiceEvents();
	readonly #handlers: Handlers;
	readonly #attributes = new Attributes();
	readonly #reporting: Reporting;
	readonly #deferrals = new Deferrals();
	/** What the request in hand, or the notification, reads; and its path, which it has whatever it does. */
	readonly #representation: Representation;
	readonly #path: Path;
	/** Attributes that came with the Observe in hand. */
	#requested: AttributeSet | undefined;

	constructor(model: Model, endpoint: Endpoint, shortServerId: number) {
		this.#model = model;
		this.#endpoint = endpoint;
		this.#handlers = new Handlers(model, this.#events);
		this.#representation = new Representation(model, this.#handlers);
		this.#path = this.#representation.path;
		this.#reporting = new Reporting(endpoint, this.#events, this.#representation, this.#attributes, shortServerId);
	}

	get observationCount(): number {
		return this.#reporting.notifications.count;
	}

	/** How often a handler threw or gave what its resource cannot hold. */
	get failureCount(): number {
		return this.#handlers.failureCount;
	}

	/** False: what is to be told is kept until the server is known to know us. */
	get isReachable(): boolean {
		return !this.#reporting.notifications.isHeld;
	}

	/** A "request" event of the endpoint. */
	handleRequest(now: Instant, exchange: number, message: Message): void {
		const isPath = this.#path.fromMessage(message);
		this.#representation.paths = undefined;
		let operation = operationOf(this.#model, message, this.#path);
		let code = isPath ? locate(this.#model, this.#path, operation) : Code.NotFound;
		if (code === PARTIAL_WRITE) operation = "write";
		if (code === Code.Content || code === PARTIAL_WRITE) code = this.perform(now, operation!, message);
		if (code === DEFERRED) code = this.defer(now, exchange, operation!);
		if (code !== DEFERRED) this.answer(now, exchange, operation, code);
	}

	/** Carries out an operation on #path; gives the code of the answer, or DEFERRED. */
	private perform(now: Instant, operation: Operation, message: Message): number {
		switch (operation) {
			case "discover":
				return this.discover(message);
			case "write-attributes":
				return this.writeAttributes(message);
			case "write":
				return writeAt(this.#model, this.#handlers, this.#path, message);
			case "execute":
				return executeAt(this.#model, this.#handlers, this.#path, message);
			case "create":
				return createInstance(this.#model, this.#handlers, this.#path, message);
			case "delete":
				return deleteAt(this.#model, this.#handlers, this.#path);
			case "write-composite":
				return writeComposite(this.#model, this.#handlers, message);
			case "read-composite":
			case "observe-composite":
			case "cancel-composite":
				return this.readComposite(now, operation, message);
			default:
				return this.read(now, operation, message);
		}
	}

	private readComposite(now: Instant, operation: Operation, message: Message): number {
		this.#representation.contentFormat = compositeFormat(message);
		if (this.#representation.contentFormat < 0) return Code.NotAcceptable;
		const paths: Path[] = [];
		const code = readPathList(message, paths);
		if (code !== Code.Content) return code;
		this.#representation.paths = paths;
		if (operation === "observe-composite" && !this.readRequested(message, undefined)) return Code.BadRequest;
		return this.#representation.encode(now);
	}

	private read(now: Instant, operation: Operation, message: Message): number {
		const resource = resourceAt(this.#model, this.#path);
		this.#representation.contentFormat =
			message.uint(Option.Accept) ?? defaultFormat(this.#path, resource, this.version === "1.0");
		if (operation === "observe" && !this.readRequested(message, resource)) return Code.BadRequest;
		return this.#representation.encode(now);
	}

	/** Takes the attributes of an Observe; false where they are none. */
	private readRequested(message: Message, resource: Resource | undefined): boolean {
		this.#requested = message.count(Option.UriQuery) > 0 ? [] : undefined;
		return this.#requested === undefined || readAttributes(message, this.#path, resource, this.#requested);
	}

	private discover(message: Message): number {
		const levels = discoverDepth(message, this.#path);
		if (levels < 0) return Code.BadRequest;
		const links = discoverLinks(this.#model, this.#attributes, this.#path, levels, this.version);
		this.#representation.payload = encodeText(links);
		this.#representation.contentFormat = ContentFormat.LinkFormat;
		return Code.Content;
	}

	private writeAttributes(message: Message): number {
		const code = this.#attributes.write(this.#path, resourceAt(this.#model, this.#path), message);
		if (code === Code.Changed) this.#reporting.notifications.schedule();
		return code;
	}

	/** Answers the request in hand; with 2.05 an Observe begins. */
	private answer(now: Instant, exchange: number, operation: Operation | undefined, code: number): void {
		const representation = this.#representation;
		const { path, paths } = representation;
		const wants = operation === "observe" || operation === "observe-composite";
		const observe = wants && code === Code.Content && !this.#reporting.notifications.isFullFor(paths?.length ?? 0);
		const isOpen = this.#endpoint.respond(now, exchange, representation.respond(code, observe, undefined));
		this.#events.add({ kind: "operation", operation: operation ?? "unknown", path: path.toString(), code });
		if (observe && isOpen) this.#reporting.begin(now, exchange, this.#requested);
	}

	/** Keeps a request, or a notification, open whose handlers said Later; gives DEFERRED, or 5.03 where too many are. */
	private defer(now: Instant, exchange: number, operation: Operation): number {
		const deferral = this.#handlers.takeDeferral();
		deferral.begin(now, exchange, operation, this.#path, this.#representation.contentFormat, this.#requested);
		deferral.paths = this.#representation.paths;
		return this.#deferrals.add(deferral) ? DEFERRED : Code.ServiceUnavailable;
	}

	/** Answers what a handler put off: a value for a Read (null: it has none), a Status for any. False: nobody waits. */
	complete(now: Instant, later: Later, result: Result): boolean {
		const deferral = this.#deferrals.find(later);
		if (deferral === undefined) return false;
		const item = deferral.waitsFor(later)!;
		item.result = result;
		const writes = result === "changed" && item.value !== undefined;
		if (writes && !this.#handlers.stored(item.instance, item.index, item.value)) item.result = "internal-error";
		if (result === "changed" && deferral.operation === "execute")
			this.#handlers.executed(item.instance, item.index, "");
		if (!deferral.settled) return true;
		this.#deferrals.remove(deferral.exchange);
		this.finish(now, deferral);
		return true;
	}

	private finish(now: Instant, deferral: Deferral): void {
		const { exchange, operation } = deferral;
		this.#representation.begin(deferral.path, deferral.paths, deferral.contentFormat);
		this.#requested = deferral.requested;
		let code = deferral.reads ? this.encodeResults(now, deferral) : codeOf(deferral.status);
		if (operation === "delete" && code === Code.Changed) code = Code.Deleted;
		if (operation !== "notify") return this.answer(now, exchange, operation, code);
		const observation = this.#reporting.notifications.find(exchange);
		if (observation !== undefined) this.#reporting.report(now, observation, code);
	}

	private encodeResults(now: Instant, deferral: Deferral): number {
		this.#handlers.results = deferral;
		const code = this.#representation.encode(now);
		this.#handlers.results = undefined;
		this.#handlers.dropDeferral();
		// A handler that says Later only now had its chance.
		return code === DEFERRED ? Code.ServiceUnavailable : code;
	}

	/** A "cancelled" event of the endpoint: that observation is gone. */
	handleCancelled(_now: Instant, exchange: number): void {
		this.#reporting.end(exchange);
		this.#deferrals.remove(exchange);
	}

	/** A "doubted" event of the endpoint: what was told last is told again, when the server is said to be reachable. */
	handleDoubted(now: Instant, exchange: number): void {
		this.#reporting.repeat(now, exchange);
	}

	/** A change that model.pollChange gave; -1 stands for a whole instance, or a whole object. */
	handleChanged(_now: Instant, objectId: number, instanceId: number, resourceId: number): void {
		if (objectId === Server.objectId) this.#reporting.settleDefaults();
		if (instanceId < 0) this.#attributes.dropGone(this.#model);
		this.#reporting.notifications.handleChanged(this.#representation.scratch.set(objectId, instanceId, resourceId, -1));
	}

	/** False: the server is out of reach, or does not know our new address yet; it is told what is observed later. */
	setReachable(now: Instant, isReachable: boolean): void {
		this.#reporting.setReachable(now, isReachable);
	}

	/** A new registration: the server observes anew. What it wrote, attributes too, stays. */
	reset(now: Instant): void {
		const { notifications } = this.#reporting;
		for (let i = 0; i < notifications.count; i++) this.#deferrals.remove(notifications.at(i).exchange);
		this.#reporting.reset(now);
	}

	pollTimeout(): Instant {
		return Math.min(this.#reporting.notifications.pollTimeout(), this.#deferrals.pollTimeout());
	}

	handleTimeout(now: Instant): void {
		const { notifications } = this.#reporting;
		for (let due = notifications.due(now); due !== undefined; due = notifications.due(now)) this.notify(now, due);
		for (let late = this.#deferrals.takeExpired(now); late !== undefined; late = this.#deferrals.takeExpired(now)) {
			this.#representation.begin(late.path, late.paths, late.contentFormat);
			if (late.operation !== "notify") this.answer(now, late.exchange, late.operation, Code.GatewayTimeout);
			else this.#reporting.skip(now, notifications.find(late.exchange));
		}
	}

	private notify(now: Instant, observation: Observation): void {
		observation.changed = false;
		this.#representation.begin(observation, observation.paths, observation.contentFormat);
		const code = this.#representation.encode(now);
		if (code !== DEFERRED) this.#reporting.report(now, observation, code);
		else if (this.defer(now, observation.exchange, "notify") !== DEFERRED) this.#reporting.skip(now, observation);
		else this.#reporting.notifications.suspend(observation);
	}

	pollEvent(): ServiceEvent | undefined {
		return this.#events.poll();
	}
}
