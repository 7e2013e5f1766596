// A bench for tests of the back end: the core, devices made of one CoAP endpoint each, and a network in virtual time.

import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { DatagramEndpoint } from "../../firmware/coap/datagram.js";
import type { Message, Request, Response } from "../../firmware/coap/endpoint.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import type { Instant, Protection } from "../../firmware/contract.js";
import { SeededRandom } from "../nat/seeded-random.js";
import type { CoreOptions, CoreSecurity } from "./core.js";
import { hex } from "./hex.js";
import { joinPath, plain } from "./messages.js";
import { read } from "./operations.js";
import { type Environment, Service, type ServiceEvent } from "./service.js";

/** What a registering device sends. */
export const OBJECT_LIST = '</>;rt="oma.lwm2m";ct="60 112 11542",</1/0>,</3/0>,</3303/0>;ver=1.1,</3303/1>';

const NOTHING = new Uint8Array(0);

const METHODS = ["", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"];

/** One device: it answers each request as its test says. */
export class BenchDevice {
	readonly endpoint: DatagramEndpoint;
	/** Changed by a test, it is a NAT's rebinding. */
	address: string;
	/** False: nothing arrives here. */
	reachable = true;
	/** True: it hears, but what it answers is lost. */
	losesAnswers = false;
	/** What it was asked, as "GET /3/0/9". */
	readonly asked: string[] = [];
	/** What its own requests were answered: codes, and where it is registered. */
	readonly answers: number[] = [];
	location = "";
	readonly failures: string[] = [];
	/** The payloads of these answers, as hex. */
	readonly payloads: string[] = [];
	/** What it was told of the way to it, as hex; "" for nothing. */
	readonly words: string[] = [];
	/** The value of the option Reach of its own requests. */
	reach: Uint8Array | undefined = undefined;
	/** Its observations by path. */
	readonly observers = new Map<string, number>();
	/** The request that was told no more than an Empty ACK. */
	#unanswered = 0;
	/** The answer to the next requests; an observation is accepted by it too. Undefined: only an Empty ACK. */
	answer: (path: string, message: Message) => (Partial<Response> & { readonly code: number }) | undefined = () => ({
		code: Code.Content,
		contentFormat: ContentFormat.Text,
		payload: encodeText("21.5"),
	});

	constructor(address: string, seed: number, protection?: Protection) {
		this.address = address;
		this.endpoint = new DatagramEndpoint({ random: new SeededRandom(seed), protection });
	}

	send(
		now: Instant,
		code: number,
		path: string,
		query: readonly string[] = [],
		payload?: string,
		contentFormat: number = ContentFormat.LinkFormat,
	): void {
		const request: Request = {
			code,
			confirmable: true,
			path,
			query,
			contentFormat: payload === undefined ? undefined : contentFormat,
			accept: undefined,
			observe: undefined,
			payload: payload === undefined ? undefined : encodeText(payload),
			maxRetransmit: undefined,
			urgent: undefined,
			reach: this.reach,
		};
		this.endpoint.request(now, request);
	}

	notify(
		now: Instant,
		path: string,
		text: string,
		confirmable = false,
		contentFormat: number = ContentFormat.Text,
	): void {
		const exchange = this.observers.get(path) ?? 0;
		const payload = encodeText(text);
		this.endpoint.respond(now, exchange, {
			...plain(Code.Content),
			contentFormat,
			payload,
			observe: true,
			confirmable,
		});
	}

	/** Answers what it had no answer to at once. */
	answerLate(now: Instant): void {
		this.endpoint.respond(now, this.#unanswered, plain(Code.Changed));
	}

	drain(now: Instant): void {
		for (let event = this.endpoint.pollEvent(); event !== undefined; event = this.endpoint.pollEvent()) {
			if (event.kind === "request") this.#serve(now, event.exchange, event.message);
			else if (event.kind === "response") {
				this.answers.push(event.message.code);
				this.payloads.push(hex(event.message.payload ?? NOTHING));
				this.words.push(hex(event.message.option(Option.Reach) ?? NOTHING));
				this.location = joinPath(event.message, Option.LocationPath) || this.location;
			} else if (event.kind === "cancelled") {
				for (const [path, exchange] of this.observers) if (exchange === event.exchange) this.observers.delete(path);
			} else if (event.kind === "failed") this.failures.push(event.why);
		}
	}

	#serve(now: Instant, exchange: number, message: Message): void {
		const path = joinPath(message, Option.UriPath);
		this.asked.push(`${METHODS[message.code] ?? message.code} ${path}`);
		const answer = this.answer(path, message);
		if (answer === undefined) {
			this.#unanswered = exchange;
			return;
		}
		const observe = message.uint(Option.Observe) === 0;
		if (observe) this.observers.set(path, exchange);
		this.endpoint.respond(now, exchange, { ...plain(Code.Empty), ...answer, observe });
	}
}

/** Everything that a test of the back end plays with. */
export class Bench {
	now: Instant = 0;
	service: Service;
	readonly events: ServiceEvent[] = [];
	readonly devices: BenchDevice[] = [];
	/** Each datagram of the back end. */
	readonly said: { readonly address: string; readonly length: number }[] = [];
	/** The same with its bytes. */
	readonly spoken: { readonly address: string; readonly bytes: Uint8Array }[] = [];
	readonly #seed: number;
	readonly #security: (() => CoreSecurity) | undefined;
	readonly #options: CoreOptions | undefined;
	#alarmAt: Instant = Number.POSITIVE_INFINITY;
	readonly #toDevices: { readonly address: string; readonly bytes: Uint8Array }[] = [];
	readonly #out = { bytes: new Uint8Array(1500), length: 0, path: 0 };

	/** `security` is asked for at each start. */
	constructor(seed = 1, security?: () => CoreSecurity, options?: CoreOptions) {
		this.#seed = seed;
		this.#security = security;
		this.#options = options;
		this.service = this.#start();
	}

	#start(): Service {
		const environment: Environment = {
			random: new SeededRandom(this.#seed + this.events.length),
			now: () => this.now,
			transmit: (bytes, address) => {
				this.said.push({ address, length: bytes.length });
				this.spoken.push({ address, bytes: bytes.slice() });
				this.#toDevices.push({ address, bytes: bytes.slice() });
			},
			alarm: (at) => {
				this.#alarmAt = at;
			},
		};
		const service = new Service(environment, this.#security?.(), this.#options);
		service.listen((event) => {
			if (event.kind !== "datagram") this.events.push(event);
		});
		return service;
	}

	/** The back end ends and begins anew with what it saved. */
	restart(): void {
		const saved = this.service.core.save();
		this.service = this.#start();
		this.service.core.restore(this.now, saved);
		this.service.drain();
	}

	addDevice(address: string, protection?: Protection): BenchDevice {
		const device = new BenchDevice(address, this.#seed + 1000 + this.devices.length, protection);
		this.devices.push(device);
		return device;
	}

	/** A device that has registered as `endpointName`. */
	register(endpointName: string, address: string, lifetimeSeconds = 3600, protection?: Protection): BenchDevice {
		const device = this.addDevice(address, protection);
		device.send(
			this.now,
			Code.Post,
			"/rd",
			[`ep=${endpointName}`, `lt=${lifetimeSeconds}`, "lwm2m=1.2", "b=U"],
			OBJECT_LIST,
		);
		this.exchange();
		return device;
	}

	/** A device answers a request, so that its address counts as its own. */
	prove(endpointName: string): void {
		const asked = this.devices.map((device) => device.asked.length);
		this.service.core.command(this.now, endpointName, read("/3/0", undefined), 5000);
		this.exchange();
		for (const [i, device] of this.devices.entries()) device.asked.length = asked[i]!;
	}

	/** A datagram of a device's making, from an address of its choice. */
	receive(address: string, bytes: Uint8Array): void {
		this.service.handleReceived(address, bytes);
		this.exchange();
	}

	/** Takes the datagram that a device is about to send, for `receive`. */
	hold(device: BenchDevice): Uint8Array {
		device.endpoint.pollTransmit(this.now, this.#out);
		return this.#out.bytes.slice(0, this.#out.length);
	}

	/** Carries datagrams until none is left; the network takes no time. */
	exchange(): void {
		this.service.drain();
		for (let moved = true; moved; ) {
			moved = false;
			for (const device of this.devices) {
				device.drain(this.now);
				while (device.endpoint.pollTransmit(this.now, this.#out)) {
					moved = true;
					const bytes = this.#out.bytes.slice(0, this.#out.length);
					const isLost = device.losesAnswers && (bytes[0]! & 0x30) === 0x20;
					if (device.reachable && !isLost) this.service.handleReceived(device.address, bytes);
				}
			}
			for (let one = this.#toDevices.shift(); one !== undefined; one = this.#toDevices.shift()) {
				moved = true;
				const { address, bytes } = one;
				const device = this.devices.find((each) => each.address === address && each.reachable);
				device?.endpoint.handleReceived(this.now, bytes);
				device?.drain(this.now);
			}
		}
	}

	/** Lets time pass, from deadline to deadline. */
	run(ms: number): void {
		const end = this.now + ms;
		for (;;) {
			let at = this.#alarmAt;
			for (const device of this.devices) at = Math.min(at, device.endpoint.pollTimeout());
			if (at > end) break;
			this.now = Math.max(this.now, at);
			for (const device of this.devices) device.endpoint.handleTimeout(this.now);
			if (this.#alarmAt <= this.now) this.service.handleTimeout();
			this.exchange();
		}
		this.now = end;
	}

	/** When the back end or a device has something to do. */
	get nextAt(): Instant {
		return Math.min(this.#alarmAt, ...this.devices.map((device) => device.endpoint.pollTimeout()));
	}

	/** The events of one kind, oldest first. */
	heard<K extends ServiceEvent["kind"]>(kind: K): Extract<ServiceEvent, { kind: K }>[] {
		return this.events.filter((event): event is Extract<ServiceEvent, { kind: K }> => event.kind === kind);
	}
}
