// A measurement on fresh sockets under attack: an enemy who writes to them with the server's address.

import { type ProbeResult, Prober } from "../../agent/prober.js";
import { Code } from "../../coap/codes.js";
import { limits } from "../../limits.js";
import { fromHex, toHex } from "../coap/hex.js";
import { SeededRandom } from "../random.js";
import { Mutator } from "./mutator.js";

const FIRST = 1_000_000_000;
const TICKET = "a0a1a2a3a4a5a6a7";
/** More datagrams, commands or results than this at one instant would be endless work. */
const MOST_STEPS = 64;
/** What a measurement hears, with the tokens and Message IDs of others. */
const CORPUS = Object.freeze([
	"6444123400001233ffb0b1b2b3",
	"6481123400001233",
	"649d123400001233",
	"60001235",
	"70001235",
	"5444999900001233",
	"00",
]);

/** How the enemy's datagrams ended the measurements. */
export interface ProberOutcome {
	alive: number;
	dead: number;
	unknown: number;
	refused: number;
	sent: number;
}

export class ProberTarget {
	readonly outcome: ProberOutcome = { alive: 0, dead: 0, unknown: 0, refused: 0, sent: 0 };
	readonly #prober = new Prober(new SeededRandom(7), FIRST, "192.0.2.1", 5683);
	readonly #mutator: Mutator;
	/** The enemy reads what the device sends. */
	readonly #listens: boolean;
	readonly #paths: number[] = [];
	readonly #out = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	#now = 0;

	constructor(seed: number, listens: boolean) {
		this.#mutator = new Mutator(
			seed,
			CORPUS.map((hex) => fromHex(hex)),
		);
		this.#listens = listens;
	}

	attack(count: number): void {
		const mutator = this.#mutator;
		for (let i = 0; i < count; i++) {
			if (this.#prober.isIdle) this.begin();
			const path = this.#paths[mutator.below(this.#paths.length + 1)] ?? FIRST - 1;
			this.#prober.handleReceived(this.#now, path, mutator.next());
			this.settle();
			if (mutator.below(4) === 0) this.run(mutator.below(5000));
		}
	}

	/** A measurement by the book; true where its binding is found alive. */
	measures(): boolean {
		this.#prober.stop();
		this.settle();
		const { alive } = this.outcome;
		this.#prober.probe(this.#now, 60_000);
		this.settle();
		const nonce = this.#out.bytes.slice(0, 8);
		const path = this.#out.path;
		nonce[0] = 0x64;
		nonce[1] = Code.Changed;
		this.#prober.handleReceived(this.#now, path, fromHex(`${toHex(nonce)}ffb0b1b2b3`));
		this.run(4000);
		const late = this.#out.bytes.slice(0, 8);
		late[0] = 0x54;
		late[1] = Code.Changed;
		this.#prober.handleReceived(this.#now, path, new Uint8Array([0x60, Code.Empty, late[2]!, late[3]!]));
		this.run(59_000);
		this.#prober.handleReceived(this.#now, path, late);
		this.settle();
		return this.outcome.alive > alive && this.#prober.isIdle;
	}

	private begin(): void {
		for (let i = 1; i <= 8; i++) this.#prober.probe(this.#now, i * 5000);
		this.settle();
	}

	private run(ms: number): void {
		const end = this.#now + ms;
		let steps = 0;
		for (let at = this.#prober.pollTimeout(); at <= end; at = this.#prober.pollTimeout()) {
			steps = at > this.#now ? 0 : steps + 1;
			bound(steps);
			this.#now = Math.max(this.#now, at);
			this.#prober.handleTimeout(this.#now);
			this.settle();
		}
		this.#now = end;
	}

	private settle(): void {
		const prober = this.#prober;
		const out = this.#out;
		if (prober.takeTicketRequest() !== undefined) prober.handleTicket(this.#now, Code.Changed, fromHex(TICKET));
		let steps = 0;
		for (let one = prober.pollCommand(); one !== undefined; one = prober.pollCommand()) {
			bound(++steps);
			if (one.kind === "open") {
				this.#paths.push(one.path);
				prober.handleOpened(this.#now, one.path);
			} else if (one.kind === "close") this.#paths.splice(this.#paths.indexOf(one.path), 1);
		}
		if (this.#paths.length > limits.probeSocketCount) throw new Error(`${this.#paths.length} sockets`);
		while (prober.pollTransmit(this.#now, out)) {
			bound(++steps);
			this.outcome.sent++;
			if (this.#listens) this.#mutator.overhear(out.bytes.subarray(0, out.length));
		}
		for (let one = prober.pollResult(); one !== undefined; one = prober.pollResult()) {
			bound(++steps);
			this.note(one);
		}
	}

	private note(result: ProbeResult): void {
		if (result.kind === "refused") this.outcome.refused++;
		else if (result.alive === undefined) this.outcome.unknown++;
		else if (result.alive) this.outcome.alive++;
		else this.outcome.dead++;
	}
}

function bound(steps: number): void {
	if (steps > MOST_STEPS) throw new Error("endless work");
}
