// One server's access to the model: its operations, its observations, its attributes.

import { decodeText, encodeText } from "../bytes.js";
import { Code } from "../coap/codes.js";
import type { Endpoint, Message } from "../coap/endpoint.js";
import { ContentFormat, Option } from "../coap/options.js";
import type { Instant, Machine } from "../contract.js";
import { limits } from "../limits.js";
import { Attributes, type Periods, readPeriods } from "./attributes.js";
import { type Deferral, Deferrals, type Result } from "./deferral.js";
import { discoverLinks } from "./discover.js";
import { type Operation, type ServiceEvent, ServiceEvents } from "./events.js";
import { decode, encoderFor, isReadable } from "./formats/codec.js";
import type { Entry } from "./formats/format.js";
import { DEFERRED, Handlers } from "./handlers.js";
import type { Instance } from "./instance.js";
import { defaultFormat, locate, operationOf, resourceAt } from "./locate.js";
import type { Model } from "./model.js";
import { Notifications, Observation } from "./notifications.js";
import type { Later } from "./object.js";
import { Server } from "./objects/server.js";
import { Path } from "./path.js";
import { read } from "./read.js";
import type { Version } from "./registration.js";
import { codeOf } from "./status.js";
import { applyWrite, checkWrite } from "./write.js";

export type { Operation, ServiceEvent } from "./events.js";

/** One per server account. It answers through the endpoint, and sends notifications when handleTimeout says so. */
export class Service implements Machine {
	/** What Register settled with this server; it decides the default content formats. */
	version: Version = "1.2";
	readonly #model: Model;
	readonly #endpoint: Endpoint;
	readonly #shortServerId: number;
	readonly #events = new ServiceEvents();
	readonly #handlers: Handlers;
	readonly #attributes = new Attributes();
	readonly #notifications = new Notifications();
	readonly #deferrals = new Deferrals();
	/** The path of the request in hand, and a second one for changes. */
	readonly #path = new Path();
	readonly #changed = new Path();
	/** What the last #encode gave. */
	#payload: Uint8Array | undefined;

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
		const path = this.#path;
		const isPath = path.fromMessage(message);
		const operation = operationOf(message, path);
		const code = isPath ? locate(this.#model, path, operation) : Code.NotFound;
		if (code !== Code.Content) this.#answer(now, exchange, operation, code);
		else if (operation === "discover") this.#discover(now, exchange);
		else if (operation === "write-attributes") this.#writeAttributes(now, exchange, message);
		else if (operation === "write") this.#write(now, exchange, message);
		else if (operation === "execute") this.#execute(now, exchange, message);
		else this.#read(now, exchange, message, operation as Operation);
	}

	#read(now: Instant, exchange: number, message: Message, operation: Operation): void {
		const resource = resourceAt(this.#model, this.#path);
		const speaks10 = this.version === "1.0";
		const contentFormat = message.uint(Option.Accept) ?? defaultFormat(this.#path, resource, speaks10);
		const requested: Periods = { minimum: -1, maximum: -1 };
		if (operation === "observe" && !readPeriods(message, requested)) {
			this.#answer(now, exchange, operation, Code.BadRequest);
			return;
		}
		const code = this.#encode(now, this.#path, contentFormat);
		if (code !== DEFERRED) this.#answerRead(now, exchange, operation, contentFormat, code, requested);
		else this.#defer(now, exchange, operation, contentFormat, requested);
	}

	/** Answers a Read or Observe of #path with what #encode gave. */
	#answerRead(
		now: Instant,
		exchange: number,
		operation: Operation,
		contentFormat: number,
		code: number,
		requested: Periods,
	): void {
		const observe = operation === "observe" && code === Code.Content && !this.#notifications.isFull;
		const isOpen = this.#answer(now, exchange, operation, code, contentFormat, observe);
		if (!observe || !isOpen) return;
		const observation = new Observation(exchange, this.#path, contentFormat, requested, now);
		this.#settlePeriods(observation);
		this.#notifications.add(observation);
	}

	/** Reads a path into #payload; gives 2.05, DEFERRED, or the code of what went wrong. */
	#encode(now: Instant, path: Path, contentFormat: number): number {
		this.#payload = undefined;
		let buffer = this.#model.scratch;
		for (;;) {
			const encoder = encoderFor(contentFormat, buffer, path);
			if (encoder === undefined) return Code.NotAcceptable;
			const code = read(this.#model, this.#handlers, now, path, encoder);
			if (code !== DEFERRED) this.#handlers.dropDeferral();
			if (code !== Code.Content) return code;
			const payload = encoder.finish();
			if (encoder.spoiled) return Code.NotAcceptable;
			if (payload !== undefined) {
				// A copy, as the endpoint keeps a large payload until its blocks are fetched.
				this.#payload = payload.length > 0 ? payload.slice() : undefined;
				return Code.Content;
			}
			if (encoder.length > limits.responseLength) return Code.InternalServerError;
			buffer = new Uint8Array(encoder.length);
		}
	}

	#write(now: Instant, exchange: number, message: Message): void {
		const instance = this.#model.find(this.#path.objectId, this.#path.instanceId)!;
		const code = this.#applyWrite(instance, message);
		if (code !== DEFERRED) this.#handlers.dropDeferral();
		if (code === DEFERRED) this.#defer(now, exchange, "write", 0, undefined);
		else this.#answer(now, exchange, "write", code);
	}

	#applyWrite(instance: Instance, message: Message): number {
		const path = this.#path;
		const contentFormat = message.uint(Option.ContentFormat) ?? (path.depth >= 3 ? ContentFormat.Text : -1);
		if (!isReadable(contentFormat)) return Code.UnsupportedContentFormat;
		const entries: Entry[] = [];
		const mode = message.code === Code.Put && path.depth < 4 ? "replace" : "update";
		if (!decode(contentFormat, message.payload ?? NOTHING, path, this.#model, entries)) return Code.BadRequest;
		const code = checkWrite(instance, path, entries, mode);
		return code === Code.Changed ? applyWrite(this.#handlers, instance, path, entries, mode) : code;
	}

	#execute(now: Instant, exchange: number, message: Message): void {
		const instance = this.#model.find(this.#path.objectId, this.#path.instanceId)!;
		const payload = message.payload ?? NOTHING;
		const argument = decodeText(payload, 0, payload.length);
		const contentFormat = message.uint(Option.ContentFormat) ?? ContentFormat.Text;
		let code: number = Code.BadRequest;
		if (contentFormat !== ContentFormat.Text) code = Code.UnsupportedContentFormat;
		else if (argument !== undefined)
			code = this.#handlers.execute(instance, instance.indexOf(this.#path.resourceId), argument);
		if (code === DEFERRED) this.#defer(now, exchange, "execute", 0, undefined);
		else this.#answer(now, exchange, "execute", code);
	}

	#discover(now: Instant, exchange: number): void {
		this.#payload = encodeText(discoverLinks(this.#model, this.#attributes, this.#path, this.version));
		this.#answer(now, exchange, "discover", Code.Content, ContentFormat.LinkFormat);
	}

	#writeAttributes(now: Instant, exchange: number, message: Message): void {
		const code = this.#attributes.write(this.#path, message);
		if (code === Code.Changed) this.#settleAllPeriods();
		this.#answer(now, exchange, "write-attributes", code);
	}

	/** Answers a request for #path; with 2.05 #payload goes along. False: the exchange is gone. */
	#answer(
		now: Instant,
		exchange: number,
		operation: Operation | undefined,
		code: number,
		contentFormat?: number,
		observe?: boolean,
	): boolean {
		const payload = code === Code.Content ? this.#payload : undefined;
		this.#payload = undefined;
		const isOpen = this.#endpoint.respond(now, exchange, {
			code,
			contentFormat: code === Code.Content ? contentFormat : undefined,
			payload,
			locationPath: undefined,
			observe,
			confirmable: undefined,
		});
		this.#events.add({ kind: "operation", operation: operation ?? "unknown", path: this.#path.toString(), code });
		return isOpen;
	}

	/** Keeps a request open whose handlers said Later. */
	#defer(
		now: Instant,
		exchange: number,
		operation: Operation,
		contentFormat: number,
		requested: Periods | undefined,
	): void {
		const deferral = this.#handlers.takeDeferral();
		deferral.begin(now, exchange, operation, this.#path, contentFormat, requested);
		if (!this.#deferrals.add(deferral)) this.#answer(now, exchange, operation, Code.ServiceUnavailable);
	}

	/** Answers what a handler put off: a value for a Read (null: it has none), a Status for any. False: nobody waits. */
	complete(now: Instant, later: Later, result: Result): boolean {
		const deferral = this.#deferrals.find(later);
		if (deferral === undefined) return false;
		const item = deferral.waitsFor(later)!;
		item.result = result;
		if (result === "changed" && deferral.operation === "write")
			this.#handlers.stored(item.instance, item.index, item.value!);
		if (result === "changed" && deferral.operation === "execute") this.#handlers.executed(item.instance, item.index);
		if (!deferral.settled) return true;
		this.#deferrals.remove(deferral.exchange);
		this.#finish(now, deferral);
		return true;
	}

	#finish(now: Instant, deferral: Deferral): void {
		const { exchange, operation, contentFormat } = deferral;
		this.#path.copy(deferral.path);
		if (operation === "write" || operation === "execute") {
			this.#answer(now, exchange, operation, codeOf(deferral.status));
			return;
		}
		this.#handlers.results = deferral;
		const encoded = this.#encode(now, this.#path, contentFormat);
		this.#handlers.results = undefined;
		// A handler that says Later only now had its chance.
		this.#handlers.dropDeferral();
		const code = encoded === DEFERRED ? Code.ServiceUnavailable : encoded;
		const observation = operation === "notify" ? this.#notifications.find(exchange) : undefined;
		if (observation !== undefined) this.#sendNotification(now, observation, code);
		else if (operation !== "notify")
			this.#answerRead(now, exchange, operation, contentFormat, code, deferral.requested);
	}

	/** A "cancelled" event of the endpoint: that observation is gone. */
	handleCancelled(_now: Instant, exchange: number): void {
		this.#notifications.remove(exchange);
		this.#deferrals.remove(exchange);
	}

	/** A change that model.pollChange gave; resourceId -1 stands for the whole instance. */
	handleChanged(_now: Instant, objectId: number, instanceId: number, resourceId: number): void {
		if (objectId === Server.objectId) this.#settleAllPeriods();
		this.#notifications.handleChanged(this.#changed.set(objectId, instanceId, resourceId, -1));
	}

	/** A new registration: the server knows nothing of its observations any more. What it wrote, attributes too, stays. */
	reset(now: Instant): void {
		while (this.#notifications.count > 0) {
			const exchange = this.#notifications.at(0).exchange;
			this.#endpoint.cancel(now, exchange);
			this.handleCancelled(now, exchange);
		}
	}

	pollTimeout(): Instant {
		return Math.min(this.#notifications.pollTimeout(), this.#deferrals.pollTimeout());
	}

	handleTimeout(now: Instant): void {
		for (let due = this.#notifications.due(now); due !== undefined; due = this.#notifications.due(now))
			this.#notify(now, due);
		for (let late = this.#deferrals.takeExpired(now); late !== undefined; late = this.#deferrals.takeExpired(now)) {
			this.#path.copy(late.path);
			const observation = late.operation === "notify" ? this.#notifications.find(late.exchange) : undefined;
			if (observation !== undefined) this.#skipNotification(now, observation);
			else this.#answer(now, late.exchange, late.operation, Code.GatewayTimeout);
		}
	}

	#notify(now: Instant, observation: Observation): void {
		observation.changed = false;
		const code = this.#encode(now, observation.path, observation.contentFormat);
		if (code !== DEFERRED) {
			this.#sendNotification(now, observation, code);
			return;
		}
		const deferral = this.#handlers.takeDeferral();
		const { exchange, path, contentFormat } = observation;
		deferral.begin(now, exchange, "notify", path, contentFormat, undefined);
		observation.waiting = this.#deferrals.add(deferral);
		if (observation.waiting) this.#notifications.schedule();
		else this.#skipNotification(now, observation);
	}

	/** RFC 7641, 4.2: a notification that is not 2.05 is the last one. */
	#sendNotification(now: Instant, observation: Observation, code: number): void {
		const isOpen = this.#endpoint.respond(now, observation.exchange, {
			code,
			contentFormat: code === Code.Content ? observation.contentFormat : undefined,
			payload: code === Code.Content ? this.#payload : undefined,
			locationPath: undefined,
			observe: undefined,
			confirmable: this.#serverInstance()?.get("defaultNotificationMode") === 1,
		});
		this.#payload = undefined;
		this.#events.add({ kind: "operation", operation: "notify", path: observation.path.toString(), code });
		if (isOpen && code === Code.Content) observation.notified(now);
		else this.#notifications.remove(observation.exchange);
		this.#notifications.schedule();
	}

	/** Lets one notification go by, as its value could not be had; the next change, or pmax, tries again. */
	#skipNotification(now: Instant, observation: Observation): void {
		observation.notified(now);
		this.#notifications.schedule();
	}

	/** LwM2M Core, 5.1.2: periods of the Observe, else attributes from near to far, else the server's defaults. */
	#settlePeriods(observation: Observation): void {
		const periods = observation.periods;
		periods.minimum = observation.requested.minimum;
		periods.maximum = observation.requested.maximum;
		this.#attributes.inherit(observation.path, periods);
		const server = this.#serverInstance();
		if (periods.minimum < 0) periods.minimum = (server?.get("defaultMinimumPeriod") as number | undefined) ?? 0;
		if (periods.maximum < 0) periods.maximum = (server?.get("defaultMaximumPeriod") as number | undefined) ?? 0;
	}

	#settleAllPeriods(): void {
		for (let i = 0; i < this.#notifications.count; i++) this.#settlePeriods(this.#notifications.at(i));
		this.#notifications.schedule();
	}

	/** The Server instance of this very server. */
	#serverInstance(): Instance | undefined {
		const instances = this.#model.instances;
		for (let i = 0; i < instances.length; i++) {
			const instance = instances[i]!;
			if (instance.definition.objectId !== Server.objectId) continue;
			if (instance.get("shortServerId") === this.#shortServerId) return instance;
		}
		return undefined;
	}

	pollEvent(): ServiceEvent | undefined {
		return this.#events.poll();
	}
}

/** The payload of a message that has none. */
const NOTHING = new Uint8Array(0);
