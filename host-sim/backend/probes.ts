// The resource /np: a device measures how long a NAT keeps a binding open, by an answer that is sent after a delay.
// It takes a ticket from its association, and what it gets in return is never more than it sent. Every state belongs to
// a registered device and is bounded; strangers leave none (docs/reach-extension.md).

import { Code } from "../../firmware/coap/codes.js";
import type { Message, Response } from "../../firmware/coap/endpoint.js";
import { DatagramMessage } from "../../firmware/coap/message.js";
import { Option } from "../../firmware/coap/options.js";
import { ARM_LENGTH, OPEN_LENGTH, probeMessages } from "../../firmware/coap/probe-messages.js";
import type { Instant, Random } from "../../firmware/contract.js";
import type { Device } from "./device.js";
import { hex } from "./hex.js";
import { plain } from "./messages.js";
import type { Outbox } from "./outbox.js";
import { Opening, ProbeWriter } from "./probe-opening.js";
import type { RateLimit } from "./rate-limit.js";
import type { ReachCounters } from "./reach-counters.js";
import { Schedule } from "./schedule.js";

const { delayLength, delaySecondsMax, delaySecondsMin, nonceLength, path, ticketLength, ticketMs, ticketUses } =
	probeMessages;

/** A device asks for another ticket no sooner. */
const TICKET_INTERVAL_MS = 5000;

/** Answers that one device waits for at once. */
const ARMED_COUNT = 8;

/** Fresh bindings of one device that are known at once. */
const OPENING_COUNT = 16;

/** How long a fresh socket may take to show that it reads what it is sent. */
const OPENING_MS = 60_000;

/** A request is repeated no longer than this after it was first sent; what comes later is a replay. */
const REPETITION_MS = 45_000;

/** Wrong nonces that an opening outlives. */
const FAILURE_COUNT = 2;

/** What a device measures now. */
interface Measurement {
	readonly device: Device;
	ticket: string;
	issuedAt: Instant;
	/** Bindings that the ticket may yet open. */
	usesLeft: number;
	/** By address. */
	readonly openings: Map<string, Opening>;
}

export class Probes {
	readonly #random: Random;
	readonly #limit: RateLimit;
	readonly #counters: ReachCounters;
	readonly #writer: ProbeWriter;
	readonly #byDevice = new Map<Device, Measurement>();
	readonly #byTicket = new Map<string, Measurement>();
	readonly #schedule = new Schedule<Opening>();
	readonly #message = new DatagramMessage();

	constructor(random: Random, outbox: Outbox, limit: RateLimit, counters: ReachCounters) {
		this.#random = random;
		this.#limit = limit;
		this.#counters = counters;
		this.#writer = new ProbeWriter(random, outbox);
	}

	/** The answer to a POST that came over a device's own association; never over that one is anything measured. */
	issue(now: Instant, device: Device, message: Message): Response {
		if (message.code !== Code.Post) return plain(Code.MethodNotAllowed);
		// Padded, so that nobody gets more out of a forged address than was put in.
		if ((message.payload?.length ?? 0) !== ticketLength) return plain(Code.BadRequest);
		const known = this.#byDevice.get(device);
		if (known !== undefined && now - known.issuedAt < TICKET_INTERVAL_MS) {
			this.#counters.refused++;
			return plain(Code.TooManyRequests);
		}
		this.#counters.tickets++;
		const ticket = new Uint8Array(ticketLength);
		this.#random.fill(ticket);
		this.#renew(now, known ?? this.#begin(device), hex(ticket));
		return { ...plain(Code.Changed), payload: ticket };
	}

	#begin(device: Device): Measurement {
		const measurement: Measurement = { device, ticket: "", issuedAt: 0, usesLeft: 0, openings: new Map() };
		this.#byDevice.set(device, measurement);
		return measurement;
	}

	/** The old ticket opens nothing any more; what it opened goes on with the new one. */
	#renew(now: Instant, measurement: Measurement, ticket: string): void {
		this.#byTicket.delete(measurement.ticket);
		this.#byTicket.set(ticket, measurement);
		measurement.ticket = ticket;
		measurement.issuedAt = now;
		measurement.usesLeft = ticketUses;
	}

	/** The device is gone. */
	forget(device: Device): void {
		const measurement = this.#byDevice.get(device);
		if (measurement === undefined) return;
		for (const opening of [...measurement.openings.values()]) this.#end(opening);
		this.#byDevice.delete(device);
		this.#byTicket.delete(measurement.ticket);
	}

	#end(opening: Opening): void {
		this.#schedule.remove(opening);
		this.#byDevice.get(opening.device)?.openings.delete(opening.address);
	}

	/** True for a plain POST /np from where no device is registered: there is nothing more to it. */
	handleReceived(now: Instant, address: string, bytes: Uint8Array): boolean {
		const message = this.#message;
		if (message.decode(bytes) !== "ok" || message.code !== Code.Post || !isForUs(message)) return false;
		if (message.type === "CON" && message.badOption === 0) this.#serve(now, address, message);
		else this.#counters.refused++;
		return true;
	}

	#serve(now: Instant, address: string, message: DatagramMessage): void {
		const payload = message.payload;
		const isOpen = payload?.length === OPEN_LENGTH;
		if (payload === undefined || !(isOpen || payload.length === ARM_LENGTH)) return this.#refuse(now, address);
		const measurement = this.#byTicket.get(hex(payload.subarray(0, ticketLength)));
		if (measurement === undefined) return this.#refuse(now, address);
		const opening = measurement.openings.get(address);
		if (isOpen) this.#open(now, address, measurement, opening);
		else if (opening === undefined) this.#refuse(now, address);
		else this.#arm(now, opening, measurement, payload);
	}

	/** A refusal is shorter than what it refuses; of too many, none is heard. */
	#refuse(now: Instant, address: string, code: number = Code.Unauthorized): void {
		this.#counters.refused++;
		if (this.#limit.allows(now, address)) this.#writer.answer(address, this.#message, code);
		else this.#counters.limited++;
	}

	/** A repetition gets the same nonce again. */
	#open(now: Instant, address: string, measurement: Measurement, known: Opening | undefined): void {
		if (known === undefined) {
			const { device, issuedAt, openings, usesLeft } = measurement;
			if (usesLeft === 0 || now - issuedAt > ticketMs) return this.#refuse(now, address);
			if (openings.size >= OPENING_COUNT) return this.#refuse(now, address, Code.TooManyRequests);
			measurement.usesLeft--;
			this.#counters.opened++;
			const opening = new Opening(device, address, this.#newNonce());
			openings.set(address, opening);
			this.#schedule.set(opening, now + OPENING_MS);
			this.#writer.answer(address, this.#message, Code.Changed, opening.nonce);
		} else if (known.isArmed) this.#refuse(now, address);
		else this.#writer.answer(address, this.#message, Code.Changed, known.nonce);
	}

	#newNonce(): Uint8Array {
		const nonce = new Uint8Array(nonceLength);
		this.#random.fill(nonce);
		return nonce;
	}

	#arm(now: Instant, opening: Opening, { openings }: Measurement, payload: Uint8Array): void {
		const { address } = opening;
		const nonce = payload.subarray(ticketLength, ticketLength + nonceLength);
		if (hex(nonce) !== hex(opening.nonce)) {
			if (opening.failures++ === FAILURE_COUNT) this.#end(opening);
			return this.#refuse(now, address);
		}
		const delaySeconds = payload[ARM_LENGTH - delayLength]! * 256 + payload[ARM_LENGTH - 1]!;
		if (delaySeconds < delaySecondsMin || delaySeconds > delaySecondsMax)
			return this.#refuse(now, address, Code.BadRequest);
		if (opening.isArmed) {
			// Another copy passed the NAT now, and the time of the binding runs from here.
			if (!opening.isOf(this.#message) || now - opening.armedAt > REPETITION_MS) return this.#refuse(now, address);
		} else {
			if (armedCount(openings) >= ARMED_COUNT) return this.#refuse(now, address, Code.TooManyRequests);
			opening.arm(now, this.#message, delaySeconds * 1000);
			this.#counters.armed++;
		}
		this.#schedule.set(opening, now + opening.delayMs);
		this.#writer.acknowledge(address, this.#message);
	}

	pollTimeout(): Instant {
		return this.#schedule.nextAt;
	}

	handleTimeout(now: Instant): void {
		for (const opening of this.#schedule.takeDue(now)) {
			if (opening.isArmed) {
				this.#counters.delayed++;
				this.#writer.speak(opening);
			}
			this.#end(opening);
		}
	}
}

function isForUs(message: DatagramMessage): boolean {
	return message.count(Option.UriPath) === 1 && message.text(Option.UriPath) === path;
}

function armedCount(openings: ReadonlyMap<string, Opening>): number {
	let count = 0;
	for (const { isArmed } of openings.values()) if (isArmed) count++;
	return count;
}
