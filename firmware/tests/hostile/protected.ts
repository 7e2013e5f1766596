// Two endpoints under OSCORE, and an enemy who has all that both of them say, changes it and sends it to either.

import { DatagramEndpoint } from "../../coap/datagram.js";
import type { EndpointEvent, Request } from "../../coap/endpoint.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { RenewingClient } from "../../security/oscore/renewing-client.js";
import { RenewingServer } from "../../security/oscore/renewing-server.js";
import type { Primitives } from "../../security/primitives.js";
import { content, get, text } from "../coap/bench.js";
import { SeededRandom } from "../random.js";
import { EXAMPLES, mirrored } from "../security/oscore/bench.js";
import { Mutator } from "./mutator.js";

/** How many of the newest true datagrams the enemy works with. */
const CORPUS_COUNT = 8;
/** More than this to say after one datagram would be endless work. */
const MOST_DATAGRAMS = 8;
/** Requests that a side may still carry out. */
const REMEMBERED_COUNT = 100;
/** A Reset, to what has no form. */
const RESET_LENGTH = 4;

/** What happened under attack. */
export interface ProtectedOutcome {
	/** Of the device's requests and of the server's, how many were carried out by the other side. */
	accepted: number;
	/** Responses that were believed. */
	believed: number;
	/** Datagrams that were not believed. */
	unauthentic: number;
	/** Both sides' datagrams. */
	sent: number;
}

interface Side {
	readonly endpoint: DatagramEndpoint;
	/** What the side asked and nobody has carried out yet. */
	readonly asked: Set<string>;
	readonly mutator: Mutator;
	/** Newest true datagrams to this side. */
	readonly corpus: Uint8Array[];
	/** Its newest request. */
	exchange: number;
	observation: number;
	count: number;
}

export class ProtectedTarget {
	readonly outcome: ProtectedOutcome = { accepted: 0, believed: 0, unauthentic: 0, sent: 0 };
	readonly #device: Side;
	readonly #server: Side;
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	#now = 0;

	constructor(primitives: Primitives, seed: number) {
		const options = (offset: number) => ({
			primitives,
			random: new SeededRandom(seed + offset),
			mustBeFresh: (code: number) => code === 0x02,
		});
		const client = new RenewingClient(options(1), EXAMPLES["C.2"]);
		const server = new RenewingServer(options(2), mirrored(EXAMPLES["C.2"]));
		this.#device = side(new DatagramEndpoint({ random: new SeededRandom(seed + 3), protection: client }), seed);
		this.#server = side(new DatagramEndpoint({ random: new SeededRandom(seed + 4), protection: server }), seed + 9);
		this.#exchange(this.#device, get({ code: 0x02, path: "/rd", payload: this.#mark(this.#device) }));
	}

	/** Mutated datagrams to both sides in turn, with true exchanges between. Throws where a side misbehaves. */
	attack(count: number): void {
		for (let i = 0; i < count; i++) {
			const victim = i % 2 === 0 ? this.#device : this.#server;
			const other = victim === this.#device ? this.#server : this.#device;
			if (i % 16 < 2) this.#provoke(other);
			this.#strike(victim, victim.mutator.next());
			if (i % 64 === 0) this.#pass();
			// Keys that the enemy has made them renew are agreed on.
			if (i % 512 === 0) this.#exchange(this.#device, get({ path: "/rd", payload: this.#mark(this.#device) }));
		}
		this.outcome.unauthentic =
			this.#device.endpoint.statistics.unauthentic + this.#server.endpoint.statistics.unauthentic;
	}

	/** The enemy is gone: true where each side has its answer from the other one. */
	talksAfterwards(): boolean {
		for (let i = 0; i < 100; i++) this.#pass();
		const { believed } = this.outcome;
		for (const from of [this.#device, this.#server])
			this.#exchange(from, get({ path: "/x", payload: this.#mark(from) }));
		return this.outcome.believed >= believed + 2;
	}

	/** One side says something true, which the enemy takes away. */
	#provoke(from: Side): void {
		const dice = from.mutator.below(4);
		const payload = this.#mark(from);
		const observe = dice === 0 ? 0 : undefined;
		if (dice === 3 && from.observation !== 0)
			from.endpoint.respond(this.#now, from.observation, content({ payload: text("v"), observe: true }));
		else {
			// What is still under way would hold it up.
			from.endpoint.cancel(this.#now, from.exchange);
			const code = dice === 1 ? 0x02 : 0x01;
			from.exchange = from.endpoint.request(this.#now, get({ code, path: "/3303/0", payload, observe }));
		}
		this.#overhear(from);
	}

	#mark(from: Side): Uint8Array {
		const name = from === this.#device ? "d" : "s";
		const mark = `${name}${from.count++}`;
		// No window is that wide: whoever still took it would have lost count.
		from.asked.delete(`${name}${from.count - REMEMBERED_COUNT}`);
		from.asked.add(mark);
		return text(mark);
	}

	/** What a side says comes to the enemy alone. */
	#overhear(from: Side): number {
		const to = from === this.#device ? this.#server : this.#device;
		let bytes = 0;
		for (let i = 0; from.endpoint.pollTransmit(this.#now, this.#out); i++) {
			if (i > MOST_DATAGRAMS) throw new Error("endless work");
			const { length } = this.#out;
			const said = this.#out.bytes.slice(0, length);
			bytes += length;
			this.outcome.sent++;
			from.mutator.overhear(said);
			if (length <= RESET_LENGTH) continue;
			if (to.corpus.length === CORPUS_COUNT) to.corpus.shift();
			to.corpus.push(said);
		}
		return bytes;
	}

	#strike(victim: Side, bytes: Uint8Array): void {
		const { accepted, believed } = this.outcome;
		const { statistics } = victim.endpoint;
		const { duplicates, unauthentic } = statistics;
		victim.endpoint.handleReceived(this.#now, bytes);
		this.#drain(victim);
		const said = this.#overhear(victim);
		if (statistics.unauthentic === unauthentic || statistics.duplicates > duplicates) return;
		if (this.outcome.accepted !== accepted || this.outcome.believed !== believed) throw new Error("believed a forgery");
		// With the third refusal a device asks anew: that is its own message.
		if (said > Math.max(RESET_LENGTH, bytes.length) + limits.messageLength)
			throw new Error(`${said} for ${bytes.length}`);
	}

	#drain(at: Side): void {
		for (let event = at.endpoint.pollEvent(); event !== undefined; event = at.endpoint.pollEvent())
			this.#handle(at, event);
	}

	#handle(at: Side, event: EndpointEvent): void {
		const from = at === this.#device ? this.#server : this.#device;
		if (event.kind === "response") this.outcome.believed++;
		if (event.kind !== "request") return;
		const mark = String.fromCharCode(...(event.message.payload ?? []));
		// A device that is refused often enough asks once more, under new keys; what a server asks is carried out once.
		const isAsked = from === this.#device ? from.asked.has(mark) : from.asked.delete(mark);
		if (!isAsked) throw new Error(`carried out what was not asked, or twice: ${mark}`);
		this.outcome.accepted++;
		const observe = event.message.uint(6) === 0;
		if (observe) at.observation = event.exchange;
		at.endpoint.respond(this.#now, event.exchange, content({ payload: text("yes"), observe }));
	}

	/** A while in which deadlines pass, and what is said arrives. */
	#pass(): void {
		this.#now += 5000;
		for (const each of [this.#device, this.#server])
			if (each.endpoint.pollTimeout() <= this.#now) each.endpoint.handleTimeout(this.#now);
		this.#carry();
	}

	#exchange(from: Side, request: Request): void {
		from.endpoint.request(this.#now, request);
		this.#carry();
	}

	/** True datagrams both ways until there are none. */
	#carry(): void {
		for (let moved = true, i = 0; moved && i < 100; i++) {
			moved = false;
			for (const from of [this.#device, this.#server]) {
				const to = from === this.#device ? this.#server : this.#device;
				this.#drain(from);
				while (from.endpoint.pollTransmit(this.#now, this.#out)) {
					moved = true;
					to.endpoint.handleReceived(this.#now, this.#out.bytes.slice(0, this.#out.length));
					this.#drain(to);
				}
			}
		}
	}
}

function side(endpoint: DatagramEndpoint, seed: number): Side {
	const corpus: Uint8Array[] = [Uint8Array.of(0x40, 0, 0, 0)];
	return {
		endpoint,
		asked: new Set(),
		mutator: new Mutator(seed, corpus),
		corpus,
		exchange: 0,
		observation: 0,
		count: 0,
	};
}
