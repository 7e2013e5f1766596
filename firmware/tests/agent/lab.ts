// A device and a back end in virtual time: the agent on one side, a bare endpoint that plays the server on the other.

import { Agent, type AgentEvent, type AgentOptions, type Command } from "../../agent/agent.js";
import { addServerAccount } from "../../agent/server-account.js";
import { Code, isRequest } from "../../coap/codes.js";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { EndpointEvent, Message, Request, Response } from "../../coap/endpoint.js";
import { isRefresh, Keeper, knownAnswer } from "../../coap/keeper-ping.js";
import { Option } from "../../coap/options.js";
import { ReachFlag } from "../../coap/reach-option.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { Model } from "../../lwm2m/model.js";
import { Device } from "../../lwm2m/objects/device.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import type { SendOptions, SendRecord } from "../../lwm2m/outgoing.js";
import { content, get } from "../coap/bench.js";
import { FixedRandom } from "../random.js";

/** What the server saw: requests as "POST /rd" and answers as "2.05 21.5". */
export interface Seen {
	readonly at: number;
	readonly text: string;
	readonly port: number;
}

/** Accounts that take triggers (/1/x/21) take them without keys. */
const SMS = Object.freeze({ acceptsPlain: true });

/** One way delay of the virtual network in milliseconds. */
const DELAY = 10;

interface Flight {
	readonly at: number;
	readonly up: boolean;
	readonly port: number;
	readonly bytes: Uint8Array;
}

export class Lab {
	now = 0;
	readonly model = new Model();
	readonly temperature;
	readonly agent: Agent;
	readonly events: AgentEvent[] = [];
	readonly commands: Command[] = [];
	readonly seen: Seen[] = [];
	/** Datagrams of a single byte that came to the server, as "refresh" and "ping". */
	readonly heard: Seen[] = [];
	/** What it rejected. */
	readonly rejected: Seen[] = [];
	/** The port that the NAT shows to the server, and whether the server's datagrams still find the way in. */
	natPort = 40_000;
	/** After so much silence of the device its NAT forgets: what comes down is lost, what goes up has another port. */
	bindingMs = Number.POSITIVE_INFINITY;
	#uplinkAt = 0;
	/** True: the server knows the extension Reach, and says in a byte whether it knows who speaks. */
	keeper = false;
	/** True: the server neither hears nor answers. */
	silent = false;
	/** True: the server rejects a notification or an answer from where it knows nobody (RFC 7252, 4.2 and 4.3). */
	rejects = false;
	/** True: it rejects each NON notification, from wherever it comes. */
	rejectsNon = false;
	/** Sees each request of the device before it is answered. */
	onRequest: (message: Message) => void = () => {};
	/** Answers to the device's requests; the default server knows one registration. */
	answerTo: (text: string) => Partial<Response> = (text) => this.#answer(text);
	readonly #flights: Flight[] = [];
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	#server = new DatagramEndpoint({ random: new FixedRandom(0x1234) });
	/** Where the server sends to: the source of the newest Register or Update. */
	#serverPort = 0;
	#registrations = 0;
	/** The server's exchanges of what it observes. */
	readonly #observing: number[] = [];
	#path = -1;

	/** `prepare` may add to the model before the agent is made of it, and `options` to what the agent is told. */
	constructor(
		keepaliveMs = 20_000,
		serverUri = "coap://192.0.2.1:5683",
		prepare?: (model: Model) => void,
		options?: Partial<AgentOptions>,
	) {
		addServerAccount(this.model, {
			serverUri,
			shortServerId: 1,
			lifetimeSeconds: 86_400,
			server: { disable: null, disableTimeout: 600 },
		});
		this.model.add(Device, 0, { errorCode: [0], supportedBindingAndModes: "U", deviceType: null });
		this.temperature = this.model.add(Temperature, 0, { sensorValue: 21.5 });
		prepare?.(this.model);
		const random = new FixedRandom();
		this.agent = new Agent({ endpointName: "lab", model: this.model, random, keepaliveMs, sms: SMS, ...options });
		this.agent.start(this.now);
		this.#drain();
	}

	/** Kinds of all events so far. */
	get kinds(): string[] {
		return this.events.map((event) => event.kind);
	}

	/** What the server saw since an instant. */
	since(at: number): string[] {
		return this.seen.filter((seen) => seen.at >= at).map((seen) => seen.text);
	}

	/** Lets time pass, step by step from deadline to deadline. */
	run(milliseconds: number): void {
		const end = this.now + milliseconds;
		this.#drain();
		for (let steps = 0; steps < 10_000; steps++) {
			const at = Math.min(this.agent.pollTimeout(), this.#server.pollTimeout(), this.#flights[0]?.at ?? end, end);
			if (at >= end) break;
			this.now = Math.max(this.now, at);
			this.#deliver();
			if (this.agent.pollTimeout() <= this.now) this.agent.handleTimeout(this.now);
			if (this.#server.pollTimeout() <= this.now) this.#server.handleTimeout(this.now);
			this.#drain();
		}
		this.now = end;
	}

	/** The server asks the device. */
	ask(request: Partial<Request> & { path: string }): void {
		const exchange = this.#server.request(this.now, get(request));
		if (request.observe === 0) this.#observing.push(exchange);
		this.#drain();
	}

	/** The application changes a value. */
	change(value: number): void {
		this.temperature.set("sensorValue", value);
		this.agent.handleModelChanged(this.now);
		this.#drain();
	}

	/** The application tells its server unasked. */
	send(what: readonly (string | SendRecord)[], options: SendOptions = {}): number {
		const handle = this.agent.send(this.now, what, options);
		this.#drain();
		return handle;
	}

	/** The NAT gives another port; what goes to the old one is lost. */
	rebind(): void {
		this.natPort++;
	}

	/** The server forgets what it observes, and rejects the next notification (RFC 7641, 3.6). */
	forget(): void {
		for (const exchange of this.#observing) this.#server.cancel(this.now, exchange);
		this.#observing.length = 0;
	}

	/** The server's process starts anew and knows nobody. */
	restartServer(): void {
		this.#server = new DatagramEndpoint({ random: new FixedRandom(0x4321) });
		this.#serverPort = 0;
		this.#registrations = 0;
	}

	stop(): void {
		this.agent.stop(this.now);
		this.#drain();
	}

	#deliver(): void {
		while (this.#flights.length > 0 && this.#flights[0]!.at <= this.now) {
			const { up, port, bytes } = this.#flights.shift()!;
			if (!up) {
				const isOpen = port === this.natPort && this.now - this.#uplinkAt <= this.bindingMs;
				if (isOpen) this.agent.handleReceived(this.now, this.#path, bytes);
			} else if (bytes.length === 1) this.#handleByte(port, bytes);
			else if (this.rejectsNon && (bytes[0]! & 0x30) === 0x10) this.#reject(port, bytes);
			else if (!this.silent && (port === this.#serverPort || isRequest(bytes[1]!))) {
				// The server tells its peers by their address: only a request, an Update say, may come from elsewhere.
				this.#server.handleReceived(this.now, bytes);
				this.#serve(port);
				// An answer goes where its request came from, whatever the server thinks of the sender.
				while (this.#server.pollTransmit(this.now, this.#out)) this.#fly(false, port);
			} else if (!this.silent && this.rejects) this.#reject(port, bytes);
			this.#drain();
		}
	}

	/** What keeps a binding open, or asks whether its sender is known (docs/reach-extension.md). */
	#handleByte(port: number, bytes: Uint8Array): void {
		this.heard.push({ at: this.now, text: isRefresh(bytes) ? "refresh" : "ping", port });
		if (this.silent || !this.keeper) return;
		const known = port === this.#serverPort;
		const answer = isRefresh(bytes) && known ? undefined : known ? knownAnswer(bytes) : Keeper.Unknown;
		if (answer !== undefined)
			this.#flights.push({ at: this.now + DELAY, up: false, port, bytes: Uint8Array.of(answer) });
	}

	#reject(port: number, [first, , high, low]: Uint8Array): void {
		// CON and NON; 0x70: a Reset without a token.
		if ((first! & 0x20) !== 0) return;
		this.rejected.push({ at: this.now, text: "rejected", port });
		this.#flights.push({ at: this.now + DELAY, up: false, port, bytes: Uint8Array.of(0x70, 0, high!, low!) });
	}

	#serve(port: number): void {
		for (let event = this.#server.pollEvent(); event !== undefined; event = this.#server.pollEvent()) {
			if (event.kind === "request") this.#handleRequest(event, port);
			else if (event.kind === "response") this.#see(`${dotted(event.message.code)} ${payload(event)}`.trim(), port);
			else this.#see(event.kind, port);
		}
	}

	#handleRequest(event: EndpointEvent & { kind: "request" }, port: number): void {
		const { message, exchange } = event;
		let text = METHODS[message.code] ?? dotted(message.code);
		text += " ";
		for (let i = 0; i < message.count(Option.UriPath); i++) text += `/${message.text(Option.UriPath, i)}`;
		this.#see(text, port);
		this.onRequest(message);
		const answer = content({ code: Code.NotFound, ...this.answerTo(text) });
		if (answer.code === Code.Created || answer.code === Code.Changed) this.#serverPort = port;
		this.#server.respond(this.now, exchange, answer);
	}

	#answer(text: string): Partial<Response> {
		if (text === "POST /rd") {
			const reach = this.keeper ? Uint8Array.of(ReachFlag.Keeper) : undefined;
			return { code: Code.Created, locationPath: `/rd/${++this.#registrations}`, reach };
		}
		if (text !== `POST /rd/${this.#registrations}`) return text.startsWith("DELETE") ? { code: Code.Deleted } : {};
		return { code: Code.Changed };
	}

	#see(text: string, port: number): void {
		this.seen.push({ at: this.now, text, port });
	}

	#drain(): void {
		const { agent } = this;
		for (let event = agent.pollEvent(); event !== undefined; event = agent.pollEvent()) this.events.push(event);
		for (let command = agent.pollCommand(); command !== undefined; command = agent.pollCommand()) {
			this.commands.push(command);
			if (command.kind !== "open") continue;
			this.#path = command.path;
			agent.handleOpened(this.now, command.path);
		}
		while (agent.pollTransmit(this.now, this.#out)) {
			if (this.now - this.#uplinkAt > this.bindingMs) this.natPort++;
			this.#fly(true, this.natPort);
		}
		while (this.#server.pollTransmit(this.now, this.#out)) this.#fly(false, this.#serverPort);
		for (let event = agent.pollEvent(); event !== undefined; event = agent.pollEvent()) this.events.push(event);
	}

	#fly(up: boolean, port: number): void {
		if (up) this.#uplinkAt = this.now;
		const bytes = this.#out.bytes.slice(0, this.#out.length);
		this.#flights.push({ at: this.now + DELAY, up, port, bytes });
	}
}

const METHODS: Readonly<Record<number, string>> = Object.freeze({ 1: "GET", 2: "POST", 3: "PUT", 4: "DELETE" });

function dotted(code: number): string {
	return `${code >> 5}.${code & 0x1f}`;
}

function payload(event: EndpointEvent & { kind: "response" }): string {
	const bytes = event.message.payload;
	return bytes === undefined ? "" : String.fromCharCode(...bytes);
}
