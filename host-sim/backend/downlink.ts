// What the back end wants of its devices: commands with a deadline, observations that outlive addresses and restarts.

import { Code, isSuccess } from "../../firmware/coap/codes.js";
import { ACK_TIMEOUT } from "../../firmware/coap/constants.js";
import type { ExchangeFailure, Message, Request } from "../../firmware/coap/endpoint.js";
import { NotificationOrder } from "../../firmware/coap/observation.js";
import { Option } from "../../firmware/coap/options.js";
import type { Instant } from "../../firmware/contract.js";
import type { CoreEvent, Outcome } from "./core-event.js";
import { ASLEEP, type Command, type Device, type Observation } from "./device.js";
import { rootPath } from "./links.js";
import { copyPayload, isNotification, joinPath } from "./messages.js";
import { type Operation, observeAgain } from "./operations.js";
import type { Peer } from "./peer.js";

/** How long an observation that a new Register ended is tried to be set up again. */
const RENEWAL_MS = 60_000;

/** Commands that may wait for one device. */
const COMMAND_COUNT = 256;

/** Our own commands, for which nobody waits. */
const NOBODY = 0;

const CONFIRMABLE = Object.freeze({ confirmable: true, maxRetransmit: undefined, urgent: undefined });

/** The downlink side of the core; it shares the core's events, and tells whom it touched by the core's two sets. */
export class Downlink {
	readonly #events: CoreEvent[];
	/** Peers that may have something to send, or another deadline. */
	readonly #ready: Set<Peer>;
	/** Devices that may have another deadline. */
	readonly #touched: Set<Device>;
	#lastHandle = NOBODY;

	constructor(events: CoreEvent[], ready: Set<Peer>, touched: Set<Device>) {
		this.#events = events;
		this.#ready = ready;
		this.#touched = touched;
	}

	/** Gives a device a command and returns its handle. */
	command(now: Instant, device: Device, operation: Operation, timeoutMs: number): number {
		const handle = ++this.#lastHandle;
		if (device.commands.size < COMMAND_COUNT) {
			this.#add(now, device, operation, timeoutMs, handle);
			this.send(now, device);
		} else this.#events.push({ kind: "finished", command: handle, outcome: { kind: "refused" } });
		return handle;
	}

	#add(now: Instant, device: Device, operation: Operation, timeoutMs: number, handle: number): void {
		this.#touched.add(device);
		device.commands.add({
			kind: "command",
			handle,
			device,
			operation,
			deadlineAt: now + timeoutMs,
			exchange: 0,
			sentAt: now,
			sentCount: 0,
			acknowledged: false,
			waiting: false,
		});
	}

	/** Hands over what is due, in order, as far as the endpoint takes it. */
	send(now: Instant, device: Device): void {
		const peer = device.peer;
		if (peer === undefined || device.awakeUntil === ASLEEP) return;
		for (const command of device.commands) {
			if (command.exchange !== 0 || command.waiting) continue;
			command.exchange = peer.endpoint.request(now, this.#request(device, command.operation));
			if (command.exchange === 0) {
				if (isUnderWay(device)) break;
				this.#finish(now, command, { kind: "refused" });
				continue;
			}
			peer.uses.set(command.exchange, command);
			this.#suspend(now, peer, command);
			command.sentAt = now;
			command.acknowledged = false;
			if (command.sentCount++ > 0) {
				const endpointName = device.registration.endpointName;
				this.#events.push({ kind: "resent", endpointName, operation: command.operation });
			}
		}
		this.#ready.add(peer);
	}

	/** An operation as a request of CoAP. */
	#request({ registration }: Device, operation: Operation): Request {
		const root = rootPath(registration.links).replace(/\/$/, "");
		const path = operation.composite === undefined ? operation.path : "";
		return { ...operation, path: root + path, ...CONFIRMABLE };
	}

	/** Asking for an observation again, or for its end, takes over its token: its exchange is gone from the endpoint. */
	#suspend(now: Instant, peer: Peer, { device, operation }: Command): void {
		const observation = operation.observe === undefined ? undefined : device.observations.get(operation.path);
		if (observation === undefined) return;
		peer.uses.delete(observation.exchange);
		peer.endpoint.cancel(now, observation.exchange);
		observation.exchange = 0;
	}

	/** The device has spoken, so its path is open: what went unanswered is sent again. */
	handleUplink(now: Instant, device: Device): void {
		for (const command of device.commands) {
			// What runs twice when it comes twice is not sent anew while the device may have it: a POST that is still
			// repeated by itself, or one that was acknowledged.
			const repeatable = command.operation.code !== Code.Post;
			const stalled = command.exchange !== 0 && !command.acknowledged && now - command.sentAt > ACK_TIMEOUT;
			if (stalled && repeatable) this.#cancel(now, device, command);
			if (repeatable || !command.acknowledged) command.waiting = false;
		}
		this.send(now, device);
	}

	/** Leaves the device's path: nothing old is repeated elsewhere, and answers to it are answers to nobody. */
	leave(now: Instant, device: Device): void {
		for (const command of device.commands) this.#cancel(now, command.device, command);
		for (const observation of device.observations.values()) this.#cancel(now, device, observation);
	}

	/** Goes on at the device's new path: observations by their tokens, commands as new messages. */
	settle(now: Instant, device: Device): void {
		const peer = device.peer;
		if (peer === undefined) return;
		for (const observation of device.observations.values()) this.#resume(now, device, peer, observation);
	}

	#resume(now: Instant, device: Device, peer: Peer, observation: Observation): void {
		const request = this.#request(device, observeAgain(observation));
		observation.exchange = peer.endpoint.resume(now, observation.token, request);
		this.#ready.add(peer);
		if (observation.exchange === 0) this.endObservation(now, device, observation);
		else peer.uses.set(observation.exchange, observation);
	}

	/** A Register ends the observations on the device's side: they are asked for again at the next `send`. */
	renew(now: Instant, device: Device): void {
		for (const command of device.commands) {
			// The device may have carried it out before it began anew; a Reboot sent again would never end.
			const carriedOut = command.operation.code === Code.Post && command.sentCount > 0;
			if (carriedOut) this.#finish(now, command, { kind: "no-answer" });
			// What was accepted before the Register ended with it, though the answer may still arrive: it is asked again.
			else if (command.operation.observe === 0) this.#cancel(now, device, command);
		}
		for (const observation of [...device.observations.values()]) {
			this.endObservation(now, device, observation);
			this.#add(now, device, observeAgain(observation), RENEWAL_MS, NOBODY);
		}
	}

	/** The device is gone. */
	abandon(now: Instant, device: Device): void {
		for (const command of device.commands) this.#finish(now, command, { kind: "no-answer" });
		for (const observation of device.observations.values()) this.endObservation(now, device, observation);
	}

	handleTimeout(now: Instant, device: Device): void {
		for (const command of device.commands) {
			if (command.deadlineAt <= now) this.#finish(now, command, { kind: "no-answer" });
		}
	}

	/** An Empty ACK: the device has the command, only its answer is missing. */
	handleAlive(peer: Peer, exchange: number): void {
		const use = peer.uses.get(exchange);
		if (use?.kind === "command") use.acknowledged = true;
	}

	handleFailed(now: Instant, peer: Peer, exchange: number, why: ExchangeFailure): void {
		const use = peer.uses.get(exchange);
		peer.uses.delete(exchange);
		if (use === undefined) return;
		use.exchange = 0;
		if (use.kind === "command") this.#restore(now, use.device, use.operation);
		if (use.kind === "observation") {
			if (peer.device !== undefined) this.endObservation(now, peer.device, use);
		} else if (why === "reset" || why === "rejected") this.#finish(now, use, { kind: "rejected" });
		else use.waiting = why === "timeout";
	}

	handleResponse(now: Instant, peer: Peer, exchange: number, message: Message, roundTripMs: number): void {
		const use = peer.uses.get(exchange);
		if (use === undefined) return;
		if (use.kind === "observation") return this.#handleNotification(now, peer, use, message);
		peer.uses.delete(exchange);
		if (use.operation.observe !== undefined) this.#handleObserveAnswer(now, peer, use, message);
		this.#finish(now, use, {
			kind: "response",
			code: message.code,
			contentFormat: message.uint(Option.ContentFormat),
			payload: copyPayload(message),
			location: joinPath(message, Option.LocationPath),
			roundTripMs,
		});
	}

	#handleObserveAnswer(now: Instant, peer: Peer, command: Command, message: Message): void {
		const { device, exchange, operation } = command;
		const { path, composite, accept } = operation;
		if (!isSuccess(message.code)) return;
		const old = device.observations.get(path);
		if (old !== undefined) this.endObservation(now, device, old);
		if (operation.observe !== 0 || !isNotification(message)) return;
		const { token } = message;
		const order = new NotificationOrder(message.uint(Option.Observe) ?? 0, now);
		const observation: Observation = { kind: "observation", path, composite, accept, token, order, exchange };
		device.observations.set(path, observation);
		peer.uses.set(exchange, observation);
		this.#events.push({ kind: "observation", endpointName: device.registration.endpointName, path, active: true });
	}

	#handleNotification(now: Instant, peer: Peer, observation: Observation, message: Message): void {
		const device = peer.device;
		if (device === undefined) return;
		if (isSuccess(message.code) && isNewest(now, observation, message)) {
			const contentFormat = message.uint(Option.ContentFormat);
			const endpointName = device.registration.endpointName;
			const payload = copyPayload(message);
			const { path, composite } = observation;
			this.#events.push({ kind: "notified", endpointName, path, composite, contentFormat, payload });
		}
		if (!isNotification(message)) this.endObservation(now, device, observation);
		this.handleUplink(now, device);
	}

	/** Forgets an observation without a word to the device: its next notification gets a Reset. */
	endObservation(now: Instant, device: Device, observation: Observation): void {
		this.#cancel(now, device, observation);
		const path = observation.path;
		if (device.observations.get(path) !== observation) return;
		device.observations.delete(path);
		this.#events.push({ kind: "observation", endpointName: device.registration.endpointName, path, active: false });
	}

	#finish(now: Instant, command: Command, outcome: Outcome): void {
		if (outcome.kind === "no-answer") this.#cancel(now, command.device, command);
		const { device, operation } = command;
		device.commands.delete(command);
		this.#touched.add(device);
		const observation = operation.observe === undefined ? undefined : device.observations.get(operation.path);
		// Whether the device had an unanswered cancellation nobody knows: if not, its next notification gets a Reset.
		if (observation !== undefined && operation.observe === 1) this.endObservation(now, device, observation);
		else this.#restore(now, device, operation);
		if (command.handle === NOBODY) return;
		this.#events.push({ kind: "finished", command: command.handle, outcome });
	}

	/** Takes something back from the path. */
	#cancel(now: Instant, device: Device, use: Command | Observation): void {
		const peer = device.peer;
		if (peer !== undefined && use.exchange !== 0) {
			peer.endpoint.cancel(now, use.exchange);
			peer.uses.delete(use.exchange);
			this.#ready.add(peer);
		}
		use.exchange = 0;
		if (use.kind === "command") this.#restore(now, device, use.operation);
	}

	/** The observation whose token an operation had taken over listens again: else its notifications meet a Reset. */
	#restore(now: Instant, device: Device, operation: Operation): void {
		const observation = operation.observe === undefined ? undefined : device.observations.get(operation.path);
		if (observation?.exchange === 0 && device.peer !== undefined) this.#resume(now, device, device.peer, observation);
	}
}

/** RFC 7641, 3.4: the endpoint knows the order since the device's last move, the observation since its beginning. */
function isNewest(now: Instant, observation: Observation, message: Message): boolean {
	const value = message.uint(Option.Observe);
	if (value === undefined) return true;
	observation.order ??= new NotificationOrder(value - 1, now);
	return observation.order.accept(value, now);
}

function isUnderWay(device: Device): boolean {
	for (const command of device.commands) if (command.exchange !== 0) return true;
	return false;
}
