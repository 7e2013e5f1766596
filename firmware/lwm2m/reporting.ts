// Information Reporting (LwM2M Core, 6.4) towards one server: observations begin, are told of, and wait for the server.

import { Code } from "../coap/codes.js";
import type { Endpoint } from "../coap/endpoint.js";
import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import { Attribute, type AttributeSet, type Attributes } from "./attributes.js";
import type { ServiceEvents } from "./events.js";
import { joinPacks, type TimedPack } from "./formats/senml-history.js";
import { History } from "./history.js";
import type { Instance } from "./instance.js";
import { Notifications } from "./notifications.js";
import { type Measured, Observation } from "./observation.js";
import type { Representation } from "./representation.js";
import { serverInstance } from "./standard-effects.js";

/** Sends notifications when they are due; their values are read by its owner, whose handlers may put them off. */
export class Reporting {
	readonly notifications: Notifications;
	readonly #endpoint: Endpoint;
	readonly #events: ServiceEvents;
	readonly #representation: Representation;
	readonly #shortServerId: number;
	/** There is one only while something is kept. */
	#history: History | undefined;

	constructor(
		endpoint: Endpoint,
		events: ServiceEvents,
		representation: Representation,
		attributes: Attributes,
		shortServerId: number,
	) {
		this.#endpoint = endpoint;
		this.#events = events;
		this.#representation = representation;
		this.#shortServerId = shortServerId;
		this.notifications = new Notifications(attributes);
	}

	/** An Observe of what is in hand was accepted. */
	begin(now: Instant, exchange: number, requested: AttributeSet | undefined): void {
		const { path, paths, contentFormat, measured } = this.#representation;
		const observation = new Observation(exchange, path, contentFormat, now);
		if (requested !== undefined) observation.requested = requested;
		if (paths !== undefined) observation.paths = paths;
		if (measured !== undefined) observation.told = measured;
		this.settleDefaults();
		this.notifications.add(observation);
	}

	/** That observation is over. */
	end(exchange: number): void {
		this.notifications.remove(exchange);
		this.#history?.drop(exchange);
	}

	/** Ends all observations, as a new registration does. */
	reset(now: Instant): void {
		while (this.notifications.count > 0) {
			const { exchange } = this.notifications.at(0);
			this.#endpoint.cancel(now, exchange);
			this.notifications.remove(exchange);
		}
		this.#history = undefined;
		this.notifications.release(now, true);
	}

	/** False: the server is out of reach, or does not know our new address yet; it is told what is observed later. */
	setReachable(now: Instant, isReachable: boolean): void {
		const { notifications } = this;
		if (isReachable !== notifications.isHeld) return;
		const stores = this.server?.get("notificationStoring") !== false;
		if (!isReachable) return notifications.hold(stores);
		if (!stores) this.#history = undefined;
		for (let i = 0; this.#history !== undefined && i < notifications.count; i++) {
			const observation = notifications.at(i);
			if (this.#history.count(observation.exchange) > 0) observation.changed = true;
		}
		notifications.release(now, stores);
	}

	/** /1/x/2 and /1/x/3 may have changed. */
	settleDefaults(): void {
		this.notifications.setDefaults(this.server);
	}

	private get server(): Instance | undefined {
		return serverInstance(this.#representation.model, this.#shortServerId);
	}

	/** What was told last may not have been heard: it is told again, once the server is reachable. */
	repeat(now: Instant, exchange: number): void {
		const observation = this.notifications.find(exchange);
		if (observation === undefined) return;
		observation.changed = true;
		delete observation.told;
		this.setReachable(now, false);
	}

	/** What an observation is about was read, with this code: tells it, keeps it, or lets it go by. */
	report(now: Instant, observation: Observation, code: number): void {
		this.notifications.wake(observation);
		if (this.notifications.isHeld) return this.keep(now, observation, code);
		const kept = this.#history === undefined ? undefined : this.takeKept(this.#history, observation.exchange);
		const isHistory = kept !== undefined && code === Code.Content;
		const isNews = this.isNews(now, observation, code);
		if (isHistory) this.join(now, kept, isNews);
		if (isHistory || isNews) this.send(now, observation, code, isHistory);
	}

	/** Out of reach: keeps as many values as hqmax says, or remembers that the newest one is to be told. */
	private keep(now: Instant, observation: Observation, code: number): void {
		const { notifications } = this;
		const representation = this.#representation;
		const most = notifications.mostKept(observation);
		if (most > 0 && code === Code.Content) {
			if (!this.isNews(now, observation, code)) return;
			this.#history ??= new History();
			const payload = representation.payload ?? NOTHING;
			representation.payload = undefined;
			if (this.#history.add(observation.exchange, now, payload, most)) return notifications.resume(observation, now);
		}
		observation.changed = true;
		notifications.suspend(observation);
	}

	private takeKept(history: History, exchange: number): TimedPack[] | undefined {
		const kept = history.packs(exchange);
		if (kept.length === 0) return undefined;
		history.drop(exchange);
		if (history.isEmpty) this.#history = undefined;
		return kept;
	}

	/** Makes what was kept the payload, with what is in hand behind it where that is news; unless it gets too long. */
	private join(now: Instant, kept: TimedPack[], isNews: boolean): void {
		const representation = this.#representation;
		const { contentFormat, model, payload } = representation;
		const newest = kept[kept.length - 1]!.bytes;
		if (isNews && payload !== undefined && !isSame(payload, newest)) kept.push({ bytes: payload, time: now });
		for (let i = 0; i < kept.length; i++) {
			const pack = kept[i]!;
			pack.time = model.unixTime(pack.time) ?? Math.round(pack.time - now) / 1000;
		}
		const joined = joinPacks(contentFormat, kept);
		if (joined.length <= limits.responseLength) representation.payload = joined;
	}

	/** Whether what was read is to be told; if not, the observation is told so. */
	private isNews(now: Instant, observation: Observation, code: number): boolean {
		const measured = code === Code.Content ? this.#representation.measured : undefined;
		if (measured === undefined) return true;
		if (!this.isDue(now, observation, measured)) {
			this.notifications.letGo(observation, now, measured);
			return false;
		}
		observation.told = measured;
		return true;
	}

	private isDue(now: Instant, observation: Observation, measured: Measured): boolean {
		if (this.notifications.isWorthTelling(observation, measured)) return true;
		return now >= this.notifications.overdueAt(observation);
	}

	/** RFC 7641, 4.2: a notification that is not 2.05 is the last one. What was kept is to arrive: it goes as a CON. */
	private send(now: Instant, observation: Observation, code: number, isHistory: boolean): void {
		const mode = this.notifications.value(observation, Attribute.con) ?? this.server?.get("defaultNotificationMode");
		const response = this.#representation.respond(code, undefined, isHistory || mode === 1);
		const isOpen = this.#endpoint.respond(now, observation.exchange, response);
		const path = this.#representation.path.toString();
		this.#events.add({ kind: "operation", operation: "notify", path, code });
		if (isOpen && code === Code.Content) this.notifications.resume(observation, now);
		else this.end(observation.exchange);
	}

	/** Lets one notification go by, as its value could not be had; the next change, or pmax, tries again. */
	skip(now: Instant, observation: Observation | undefined): void {
		if (observation !== undefined) this.notifications.resume(observation, now);
	}
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
	if (left.length !== right.length) return false;
	for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
	return true;
}

const NOTHING = new Uint8Array(0);
