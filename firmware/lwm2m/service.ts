// One server's access to the model: its operations, its observations, its attributes.

import { encodeText } from "../bytes.js";
import { Code } from "../coap/codes.js";
import type { Endpoint, Message } from "../coap/endpoint.js";
import { ContentFormat, Option } from "../coap/options.js";
import type { Instant, Machine } from "../contract.js";
import { limits } from "../limits.js";
import { Attribute, type AttributeSet, Attributes, readAttributes } from "./attributes.js";
import { compositeFormat, readPathList, readPaths, writeComposite } from "./composite.js";
import { createInstance, deleteAt } from "./create.js";
import { type Deferral, Deferrals, type Result } from "./deferral.js";
import { discoverDepth, discoverLinks } from "./discover.js";
import { type Operation, type ServiceEvent, ServiceEvents } from "./events.js";
import { executeAt } from "./execute.js";
import { encoderFor } from "./formats/codec.js";
import type { Value } from "./formats/format.js";
import { DEFERRED, Handlers } from "./handlers.js";
import { defaultFormat, locate, operationOf, PARTIAL_WRITE, resourceAt } from "./locate.js";
import type { Model } from "./model.js";
import { Notifications } from "./notifications.js";
import type { Later, Resource } from "./object.js";
import { Server } from "./objects/server.js";
import { type Measured, Observation } from "./observation.js";
import { Path } from "./path.js";
import { read } from "./read.js";
import type { Version } from "./registration.js";
import { serverInstance } from "./standard-effects.js";
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
	readonly #shortServerId: number;
	readonly #events = new ServiceEvents();
	readonly #handlers: Handlers;
	readonly #attributes = new Attributes();
	readonly #notifications = new Notifications(this.#attributes);
	readonly #deferrals = new Deferrals();
	/** Of the request in hand: its path, and what goes into a 2.05 or, with Observe, into the observation. */
	readonly #path = new Path();
	#contentFormat = 0;
	#payload: Uint8Array | undefined;
	#requested: AttributeSet | undefined;
	/** Of a composite operation that reads. */
	#paths: readonly Path[] | undefined;
	/** For paths that last no longer than a call. */
	readonly #scratch = new Path();

	constructor(model: Model, endpoint: Endpoint, shortServerId: number) {
		this.#model = model;
		this.#endpoint = endpoint;
		this.#shortServerId = shortServerId;
		this.#handlers = new Handlers(model, this.#events);
	}

	/** How often a handler threw or gave what its resource cannot hold. */
	get failureCount(): number {
		return this.#handlers.failureCount;
	}

	/** A "request" event of the endpoint. */
	handleRequest(now: Instant, exchange: number, message: Message): void {
		const isPath = this.#path.fromMessage(message);
		this.#paths = undefined;
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
		this.#contentFormat = compositeFormat(message);
		if (this.#contentFormat < 0) return Code.NotAcceptable;
		const paths: Path[] = [];
		const code = readPathList(message, paths);
		if (code !== Code.Content) return code;
		this.#paths = paths;
		if (operation === "observe-composite" && !this.readRequested(message, undefined)) return Code.BadRequest;
		return this.encode(now);
	}

	private read(now: Instant, operation: Operation, message: Message): number {
		const resource = resourceAt(this.#model, this.#path);
		this.#contentFormat = message.uint(Option.Accept) ?? defaultFormat(this.#path, resource, this.version === "1.0");
		if (operation === "observe" && !this.readRequested(message, resource)) return Code.BadRequest;
		return this.encode(now);
	}

	/** Takes the attributes of an Observe; false where they are none. */
	private readRequested(message: Message, resource: Resource | undefined): boolean {
		this.#requested = message.count(Option.UriQuery) > 0 ? [] : undefined;
		return this.#requested === undefined || readAttributes(message, this.#path, resource, this.#requested);
	}

	/** Reads #path, or #paths, into #payload; gives 2.05, DEFERRED, or the code of what went wrong. */
	private encode(now: Instant): number {
		const path = this.#path;
		let buffer = new Uint8Array(path.depth < 3 ? USUAL_LENGTH : USUAL_VALUE_LENGTH);
		for (;;) {
			const encoder = encoderFor(this.#contentFormat, buffer, path);
			if (encoder === undefined) return Code.NotAcceptable;
			const code =
				this.#paths === undefined
					? read(this.#model, this.#handlers, now, path, encoder, this.#scratch)
					: readPaths(this.#model, this.#handlers, now, this.#paths, encoder, this.#scratch);
			if (code !== DEFERRED) this.#handlers.dropDeferral();
			if (code !== Code.Content) return code;
			const payload = encoder.finish();
			if (encoder.spoiled) return Code.NotAcceptable;
			if (payload !== undefined) {
				this.#payload = payload.length > 0 ? payload : undefined;
				return Code.Content;
			}
			if (encoder.length > limits.responseLength) return Code.InternalServerError;
			buffer = new Uint8Array(encoder.length);
		}
	}

	private discover(message: Message): number {
		const levels = discoverDepth(message, this.#path);
		if (levels < 0) return Code.BadRequest;
		this.#payload = encodeText(discoverLinks(this.#model, this.#attributes, this.#path, levels, this.version));
		this.#contentFormat = ContentFormat.LinkFormat;
		return Code.Content;
	}

	private writeAttributes(message: Message): number {
		const code = this.#attributes.write(this.#path, resourceAt(this.#model, this.#path), message);
		if (code === Code.Changed) this.#notifications.schedule();
		return code;
	}

	/** Answers a request for #path; with 2.05 #payload goes along, and an Observe begins. */
	private answer(now: Instant, exchange: number, operation: Operation | undefined, code: number): void {
		const wants = operation === "observe" || operation === "observe-composite";
		const observe = wants && code === Code.Content && !this.#notifications.isFullFor(this.#paths?.length ?? 0);
		const isOpen = this.respond(now, exchange, code, observe, undefined);
		this.#events.add({ kind: "operation", operation: operation ?? "unknown", path: this.#path.toString(), code });
		if (!observe || !isOpen) return;
		const observation = new Observation(exchange, this.#path, this.#contentFormat, now);
		if (this.#requested !== undefined) observation.requested = this.#requested;
		if (this.#paths !== undefined) observation.paths = this.#paths;
		const measured = this.measured();
		if (measured !== undefined) observation.told = measured;
		this.settleDefaults();
		this.#notifications.add(observation);
	}

	private respond(
		now: Instant,
		exchange: number,
		code: number,
		observe: boolean | undefined,
		confirmable: boolean | undefined,
	): boolean {
		const isContent = code === Code.Content;
		const contentFormat = isContent ? this.#contentFormat : undefined;
		const payload = isContent ? this.#payload : undefined;
		this.#payload = undefined;
		const locationPath = code === Code.Created ? this.#path.toString() : undefined;
		const response = { code, contentFormat, payload, locationPath, observe, confirmable };
		return this.#endpoint.respond(now, exchange, response);
	}

	/** Keeps a request, or a notification, open whose handlers said Later; gives DEFERRED, or 5.03 where too many are. */
	private defer(now: Instant, exchange: number, operation: Operation): number {
		const deferral = this.#handlers.takeDeferral();
		deferral.begin(now, exchange, operation, this.#path, this.#contentFormat, this.#requested);
		deferral.paths = this.#paths;
		return this.#deferrals.add(deferral) ? DEFERRED : Code.ServiceUnavailable;
	}

	/** Answers what a handler put off: a value for a Read (null: it has none), a Status for any. False: nobody waits. */
	complete(now: Instant, later: Later, result: Result): boolean {
		const deferral = this.#deferrals.find(later);
		if (deferral === undefined) return false;
		const item = deferral.waitsFor(later)!;
		item.result = result;
		if (result === "changed" && item.value !== undefined) this.#handlers.stored(item.instance, item.index, item.value);
		if (result === "changed" && deferral.operation === "execute") this.#handlers.executed(item.instance, item.index);
		if (!deferral.settled) return true;
		this.#deferrals.remove(deferral.exchange);
		this.finish(now, deferral);
		return true;
	}

	private finish(now: Instant, deferral: Deferral): void {
		const { exchange, operation } = deferral;
		this.#path.copy(deferral.path);
		this.#contentFormat = deferral.contentFormat;
		this.#requested = deferral.requested;
		this.#paths = deferral.paths;
		let code = deferral.reads ? this.encodeResults(now, deferral) : codeOf(deferral.status);
		if (operation === "delete" && code === Code.Changed) code = Code.Deleted;
		if (operation !== "notify") this.answer(now, exchange, operation, code);
		else this.sendNotification(now, this.#notifications.find(exchange), code);
	}

	private encodeResults(now: Instant, deferral: Deferral): number {
		this.#handlers.results = deferral;
		const code = this.encode(now);
		this.#handlers.results = undefined;
		this.#handlers.dropDeferral();
		// A handler that says Later only now had its chance.
		return code === DEFERRED ? Code.ServiceUnavailable : code;
	}

	/** A "cancelled" event of the endpoint: that observation is gone. */
	handleCancelled(_now: Instant, exchange: number): void {
		this.#notifications.remove(exchange);
		this.#deferrals.remove(exchange);
	}

	/** A change that model.pollChange gave; -1 stands for a whole instance, or a whole object. */
	handleChanged(_now: Instant, objectId: number, instanceId: number, resourceId: number): void {
		if (objectId === Server.objectId) this.settleDefaults();
		if (instanceId < 0) this.#attributes.dropGone(this.#model);
		this.#notifications.handleChanged(this.#scratch.set(objectId, instanceId, resourceId, -1));
	}

	/** False: the server is out of reach, or does not know our new address yet; it is told what is observed later. */
	setReachable(now: Instant, isReachable: boolean): void {
		if (!isReachable) return this.#notifications.hold();
		if (!this.#notifications.isHeld) return;
		const stores = serverInstance(this.#model, this.#shortServerId)?.get("notificationStoring");
		this.#notifications.release(now, stores !== false);
	}

	/** A new registration: the server observes anew. What it wrote, attributes too, stays. */
	reset(now: Instant): void {
		while (this.#notifications.count > 0) {
			const exchange = this.#notifications.first.exchange;
			this.#endpoint.cancel(now, exchange);
			this.handleCancelled(now, exchange);
		}
		this.#notifications.release(now, true);
	}

	pollTimeout(): Instant {
		return Math.min(this.#notifications.pollTimeout(), this.#deferrals.pollTimeout());
	}

	handleTimeout(now: Instant): void {
		for (let due = this.#notifications.due(now); due !== undefined; due = this.#notifications.due(now))
			this.notify(now, due);
		for (let late = this.#deferrals.takeExpired(now); late !== undefined; late = this.#deferrals.takeExpired(now)) {
			this.#path.copy(late.path);
			if (late.operation !== "notify") this.answer(now, late.exchange, late.operation, Code.GatewayTimeout);
			else this.skipNotification(now, this.#notifications.find(late.exchange));
		}
	}

	private notify(now: Instant, observation: Observation): void {
		observation.changed = false;
		this.#path.copy(observation);
		this.#contentFormat = observation.contentFormat;
		this.#paths = observation.paths;
		const code = this.encode(now);
		if (code !== DEFERRED) this.sendNotification(now, observation, code);
		else if (this.defer(now, observation.exchange, "notify") === DEFERRED) this.#notifications.suspend(observation);
		else this.skipNotification(now, observation);
	}

	/** RFC 7641, 4.2: a notification that is not 2.05 is the last one. */
	private sendNotification(now: Instant, observation: Observation | undefined, code: number): void {
		if (observation === undefined) return;
		this.#notifications.wake(observation);
		const measured = code === Code.Content ? this.measured() : undefined;
		if (measured !== undefined) {
			if (!this.isDue(now, observation, measured)) return this.#notifications.letGo(observation, now, measured);
			observation.told = measured;
		}
		const mode = this.#notifications.value(observation, Attribute.con);
		const confirmable =
			(mode ?? serverInstance(this.#model, this.#shortServerId)?.get("defaultNotificationMode")) === 1;
		const isOpen = this.respond(now, observation.exchange, code, undefined, confirmable);
		this.#events.add({ kind: "operation", operation: "notify", path: this.#path.toString(), code });
		if (isOpen && code === Code.Content) this.#notifications.resume(observation, now);
		else this.#notifications.remove(observation.exchange);
	}

	private isDue(now: Instant, observation: Observation, measured: Measured): boolean {
		if (this.#notifications.isWorthTelling(observation, measured)) return true;
		return now >= this.#notifications.overdueAt(observation);
	}

	/** The value that was read last, of one resource or resource instance that conditions may speak of. */
	private measured(): Measured | undefined {
		const { depth, resourceInstanceId } = this.#path;
		const read = this.#handlers.value;
		const value = depth === 4 && Array.isArray(read) ? (read[resourceInstanceId] as Value | undefined) : read;
		return depth >= 3 && (typeof value === "number" || typeof value === "boolean") ? value : undefined;
	}

	/** Lets one notification go by, as its value could not be had; the next change, or pmax, tries again. */
	private skipNotification(now: Instant, observation: Observation | undefined): void {
		if (observation !== undefined) this.#notifications.resume(observation, now);
	}

	private settleDefaults(): void {
		this.#notifications.setDefaults(serverInstance(this.#model, this.#shortServerId));
	}

	pollEvent(): ServiceEvent | undefined {
		return this.#events.poll();
	}
}

/** First guesses at the bytes of an answer; one that is longer is encoded again, into a buffer of its very length. */
const USUAL_VALUE_LENGTH = 32;
const USUAL_LENGTH = 128;
