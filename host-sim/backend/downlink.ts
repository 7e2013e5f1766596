// What the back end wants of its devices: commands with a deadline, observations that outlive addresses and restarts.

import { Code, isSuccess } from "../../firmware/coap/codes.js";
import { ACK_TIMEOUT, HEADER_LENGTH, MAX_RETRANSMIT } from "../../firmware/coap/constants.js";
import type { ExchangeFailure, Message, Request } from "../../firmware/coap/endpoint.js";
import { NotificationOrder } from "../../firmware/coap/observation.js";
import { Option } from "../../firmware/coap/options.js";
import { UNPROTECTED } from "../../firmware/coap/token.js";
import type { Instant } from "../../firmware/contract.js";
import { isNewest, isSafe, isUnanswered, isUncertain, isUnderWay, lengthMax } from "./asked-before.js";
import type { CoreEvent, Outcome } from "./core-event.js";
import { ASLEEP, type Command, type Device, type Observation, type SavedCommand } from "./device.js";
import { rootPath } from "./links.js";
import { copyPayload, joinPath } from "./messages.js";
import { type Operation, observeAgain } from "./operations.js";
import type { Peer } from "./peer.js";
import { lastWord } from "./reach-word.js";

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

	/** Gives a device a command and returns its handle; `isQueued`: nobody waits for it, however long it takes. */
	command(now: Instant, device: Device, operation: Operation, timeoutMs: number, isQueued = false): number {
		const handle = ++this.#lastHandle;
		if (device.commands.size < COMMAND_COUNT) {
			this.#add(now, device, operation, timeoutMs, handle, isQueued);
			this.send(now, device);
		} else this.#tellEnd(device, operation, handle, isQueued, { kind: "refused" });
		return handle;
	}

	/** Takes up a queued command of an earlier life. */
	restore(now: Instant, device: Device, { operation, handle, deadlineAt }: SavedCommand): void {
		this.#lastHandle = Math.max(this.#lastHandle, handle);
		this.#add(now, device, operation, deadlineAt - now, handle, true);
	}

	#add(now: Instant, device: Device, operation: Operation, timeoutMs: number, handle: number, isQueued = false): void {
		this.#touched.add(device);
		device.commands.add({
			kind: "command",
			handle,
			device,
			isQueued,
			operation,
			deadlineAt: now + timeoutMs,
			exchange: 0,
			pending: undefined,
			firstSentAt: now,
			askedAt: "",
			waiting: false,
			isCurtailed: false,
		});
	}

	/** Hands over what is due, in order, as far as the endpoint takes it. */
	send(now: Instant, device: Device): void {
		const peer = device.peer;
		if (peer === undefined || device.awakeUntil === ASLEEP) return;
		for (const command of device.commands) {
			if (command.exchange !== 0 || command.waiting) continue;
			if (isUncertain(now, peer, command)) {
				this.#finish(now, command, { kind: "no-answer" });
				continue;
			}
			const maxRetransmit = peer.isProved ? MAX_RETRANSMIT : this.#affordable(peer, command);
			if (maxRetransmit < 0) {
				this.#prove(now, peer, device);
				break;
			}
			command.isCurtailed = maxRetransmit < MAX_RETRANSMIT;
			if (command.pending === undefined) this.#begin(now, peer, command, maxRetransmit);
			else this.#goOn(now, peer, command, maxRetransmit);
			if (command.exchange !== 0) continue;
			if (isUnderWay(device)) break;
			this.#finish(now, command, { kind: "refused" });
		}
		this.#ready.add(peer);
	}

	/**
	 * How often a command may be repeated before its device's address is proved (RFC 9175, 2.4); below 0: it is not to be
	 * sent yet. One at a time, so that each knows what the former ones have left.
	 */
	#affordable(peer: Peer, { device, operation, pending, isCurtailed }: Command): number {
		if (isCurtailed || isUnanswered(device) || peer.asking !== 0) return -1;
		const length = pending?.length ?? lengthMax(this.#request(device, operation));
		return length === 0 ? MAX_RETRANSMIT : Math.min(MAX_RETRANSMIT, Math.floor(peer.allowance / length) - 1);
	}

	/** Asks whether the device is where it seems to be, with the least that can be asked. */
	#prove(now: Instant, peer: Peer, device: Device): void {
		const maxRetransmit = Math.min(MAX_RETRANSMIT, Math.floor(peer.allowance / HEADER_LENGTH) - 1);
		if (isUnanswered(device) || peer.asking !== 0 || peer.isSilent || maxRetransmit < 0) return;
		peer.asking = peer.endpoint.ping(now, maxRetransmit);
	}

	#begin(now: Instant, peer: Peer, command: Command, maxRetransmit: number): void {
		const reach = lastWord(command);
		const request = { ...this.#request(command.device, command.operation), maxRetransmit, reach };
		command.exchange = peer.endpoint.request(now, request);
		if (command.exchange === 0) return;
		command.pending = peer.endpoint.pending(command.exchange);
		command.firstSentAt = now;
		command.askedAt = peer.address;
		peer.uses.set(command.exchange, command);
		this.#suspend(now, peer, command);
		if (command.isQueued) this.#tellQueue(command.device, command.operation, command.handle, "sent");
	}

	/** Sends the same message again; of what the device acknowledged only the answer is waited for. */
	#goOn(now: Instant, peer: Peer, command: Command, maxRetransmit: number): void {
		const { device, operation, pending } = command;
		command.exchange = peer.endpoint.adopt(now, pending!, maxRetransmit);
		if (command.exchange === 0) return;
		peer.uses.set(command.exchange, command);
		if (!pending!.wasSent || pending!.isAcknowledged) return;
		this.#events.push({ kind: "resent", endpointName: device.registration.endpointName, operation });
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
			const { exchange, pending } = command;
			const isAcknowledged = pending?.isAcknowledged === true;
			const isStalled = exchange !== 0 && !isAcknowledged && now - pending!.begunAt > ACK_TIMEOUT;
			if (isStalled) this.#repeat(now, device, command);
			// Of what was acknowledged the answer is lost: what only asks may ask anew, all else would be carried out again.
			if (!command.waiting || (isAcknowledged && !isSafe(command))) continue;
			if (isAcknowledged) command.pending = undefined;
			command.waiting = false;
		}
		this.send(now, device);
	}

	/** Sends what stalled again at once: an observation as a new message, all else as the same one. */
	#repeat(now: Instant, device: Device, command: Command): void {
		const { exchange, operation } = command;
		const peer = device.peer!;
		if (operation.observe !== undefined) return this.#leave(now, device, command);
		if (isUncertain(now, peer, command)) return this.#finish(now, command, { kind: "no-answer" });
		const affordable = Math.floor(peer.allowance / Math.max(1, command.pending!.length)) - 1;
		const maxRetransmit = peer.isProved ? MAX_RETRANSMIT : Math.min(MAX_RETRANSMIT, affordable);
		if (maxRetransmit < 0) return this.#cancel(now, device, command);
		command.isCurtailed = maxRetransmit < MAX_RETRANSMIT;
		peer.endpoint.repeat(now, exchange, maxRetransmit);
		this.#events.push({ kind: "resent", endpointName: device.registration.endpointName, operation });
	}

	/** Leaves the device's path: nothing old is repeated elsewhere, and answers to it are answers to nobody. */
	leave(now: Instant, device: Device): void {
		for (const command of device.commands) this.#leave(now, device, command);
		for (const observation of device.observations.values()) this.#cancel(now, device, observation);
	}

	/**
	 * A message about an observation may have changed what its token means: it is made anew. What went over a connection
	 * can neither be repeated nor answered elsewhere: what only asks is asked anew, all else may have been carried out.
	 */
	#leave(now: Instant, device: Device, command: Command): void {
		const { operation, pending } = command;
		const isOverConnection = device.peer?.endpoint.isReliable === true && pending?.wasSent === true;
		if (operation.observe !== undefined || (isOverConnection && isSafe(command))) this.#withdraw(now, device, command);
		else if (isOverConnection) this.#finish(now, command, { kind: "no-answer" });
		else this.#cancel(now, device, command);
	}

	/** Takes a command back from the path, to be sent as a new message. */
	#withdraw(now: Instant, device: Device, command: Command): void {
		this.#cancel(now, device, command);
		command.pending = undefined;
	}

	/** Goes on at the device's new path: observations by their tokens, commands as new messages. */
	settle(now: Instant, device: Device): void {
		const peer = device.peer;
		if (peer === undefined) return;
		for (const observation of device.observations.values()) this.#resume(now, device, peer, observation);
	}

	#resume(now: Instant, device: Device, peer: Peer, observation: Observation): void {
		const request = this.#request(device, observeAgain(observation));
		const { requestNumber, token } = observation;
		observation.exchange = peer.endpoint.resume(now, token, request, requestNumber);
		this.#ready.add(peer);
		if (observation.exchange === 0) this.endObservation(now, device, observation);
		else peer.uses.set(observation.exchange, observation);
	}

	/** A Register ends the observations on the device's side: they are asked for again at the next `send`. */
	renew(now: Instant, device: Device, isRenewed: boolean): void {
		for (const command of device.commands) {
			// The device may have carried it out before it began anew; a Reboot sent again would never end.
			const carriedOut = command.operation.code === Code.Post && command.pending?.wasSent === true;
			if (carriedOut) this.#finish(now, command, { kind: "no-answer" });
			// What was accepted before the Register ended with it, though the answer may still arrive: it is asked again.
			// And what was said under other keys nobody can read any more.
			else if (isRenewed || command.operation.observe === 0) this.#withdraw(now, device, command);
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

	handleFailed(now: Instant, peer: Peer, exchange: number, why: ExchangeFailure): void {
		const use = peer.uses.get(exchange);
		peer.uses.delete(exchange);
		if (peer.asking === exchange) {
			peer.asking = 0;
			peer.isSilent = true;
		}
		if (use === undefined) return;
		use.exchange = 0;
		if (use.kind === "command") this.#restore(now, use.device, use.operation);
		if (use.kind === "observation") {
			if (peer.device !== undefined) this.endObservation(now, peer.device, use);
		} else if (why === "reset" || why === "rejected") this.#finish(now, use, { kind: "rejected" });
		else {
			if (use.operation.observe !== undefined) use.pending = undefined;
			// Where it could not be repeated as often as it should, it is once the address is proved; where that has been
			// meanwhile, the device was there and did not hear: it is told again when it speaks.
			use.waiting = why === "timeout" && (!use.isCurtailed || peer.isProved);
		}
	}

	/**
	 * Whoever answers what was asked here first has read it here. The answer to a notification's request, or to a command
	 * that went elsewhere before, may have been held back there.
	 */
	handleProof(peer: Peer, exchange: number): void {
		const use = peer.uses.get(exchange);
		if (use?.kind === "command" && use.askedAt === peer.address) peer.prove();
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
		// The endpoint knows best: blocks that had to be asked for again come without the option.
		const open = peer.endpoint.pending(exchange);
		if (operation.observe !== 0 || open === undefined) return;
		const { token, requestNumber } = open;
		const value = message.uint(Option.Observe);
		const order = value === undefined ? undefined : new NotificationOrder(value, now);
		const observation: Observation = {
			kind: "observation",
			path,
			composite,
			accept,
			token,
			requestNumber,
			order,
			exchange,
		};
		device.observations.set(path, observation);
		peer.uses.set(exchange, observation);
		this.#events.push({ kind: "observation", endpointName: device.registration.endpointName, path, active: true });
	}

	#handleNotification(now: Instant, peer: Peer, observation: Observation, message: Message): void {
		const device = peer.device;
		if (device === undefined) return;
		const isNew = isSuccess(message.code) && isNewest(now, observation, message);
		if (isNew) {
			const contentFormat = message.uint(Option.ContentFormat);
			const endpointName = device.registration.endpointName;
			const payload = copyPayload(message);
			const { path, composite } = observation;
			this.#events.push({ kind: "notified", endpointName, path, composite, contentFormat, payload });
		}
		if (peer.endpoint.pending(observation.exchange) === undefined) this.endObservation(now, device, observation);
		// Under keys what is not new may be a replay, which says nothing of where the device is.
		if (isNew || observation.requestNumber === UNPROTECTED) this.handleUplink(now, device);
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
		else if (observation !== undefined && device.association !== undefined && outcome.kind === "no-answer") {
			// Which of the two requests its notifications are bound to now (RFC 8613, 5.4) nobody can tell.
			this.endObservation(now, device, observation);
			this.#add(now, device, observeAgain(observation), RENEWAL_MS, NOBODY);
		} else this.#restore(now, device, operation);
		if (command.handle !== NOBODY) this.#tellEnd(device, operation, command.handle, command.isQueued, outcome);
	}

	#tellEnd(device: Device, operation: Operation, command: number, isQueued: boolean, outcome: Outcome): void {
		if (isQueued) this.#tellQueue(device, operation, command, outcome);
		else this.#events.push({ kind: "finished", command, outcome });
	}

	#tellQueue({ registration }: Device, operation: Operation, command: number, outcome: Outcome | "sent"): void {
		this.#events.push({ kind: "queue", endpointName: registration.endpointName, command, operation, outcome });
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
