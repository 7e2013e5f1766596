// suite: limit=120
// Strangers, thieves and forgers against what is said before any CoAP endpoint: it never gives more than it got.

import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import type { Message } from "../../firmware/coap/endpoint.js";
import { limits } from "../../firmware/limits.js";
import { Mutator } from "../../firmware/tests/hostile/mutator.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { Device } from "./device.js";
import { Extension } from "./extension.js";
import { begin } from "./registration.js";

const test = suite("backend/extension: hostile");

const DATAGRAMS = 100_000;
const ADDRESSES = 50;
/** Each datagram of the extension is of this length at most: header, token, marker and nonce. */
const LONGEST = 17;

const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

/** The extension, a registered device, and a network that counts what goes to and fro. */
class Town {
	now = 0;
	readonly random: SeededRandom;
	readonly extension: Extension;
	readonly device = new Device(begin("1", "a", 0, "10.0.0.1:1", { additional: {} }));
	readonly balance = new Map<string, number>();
	/** The newest datagram of the extension. */
	heard: Uint8Array | undefined;
	sent = 0;
	readonly #out = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0, address: "" };

	constructor(seed: number) {
		this.random = new SeededRandom(seed);
		this.extension = new Extension(this.random);
	}

	/** A ticket as hex. */
	ticket(): string {
		const request = { code: Code.Post, payload: new Uint8Array(8) } as unknown as Message;
		const { payload } = this.extension.issueTicket(this.now, this.device, request);
		return payload === undefined ? "" : Buffer.from(payload).toString("hex");
	}

	receive(address: string, bytes: Uint8Array): boolean {
		this.heard = undefined;
		const isDone = this.extension.handleReceived(this.now, address, bytes, undefined);
		this.balance.set(address, (this.balance.get(address) ?? 0) + bytes.length);
		this.#drain(1);
		return isDone;
	}

	run(ms: number): void {
		const end = this.now + ms;
		for (let at = this.extension.pollTimeout(); at <= end; at = this.extension.pollTimeout()) {
			assert.ok(at >= this.now);
			this.now = at;
			this.extension.handleTimeout(at);
			this.#drain(16);
		}
		this.now = end;
	}

	#drain(most: number): void {
		let count = 0;
		while (this.extension.pollTransmit(this.#out)) {
			const { address, bytes, length } = this.#out;
			assert.ok(++count <= most && length <= LONGEST);
			const balance = (this.balance.get(address) ?? 0) - length;
			assert.ok(balance >= 0, `${address} was sent more than came from there`);
			this.balance.set(address, balance);
			this.heard = bytes.slice(0, length);
			this.sent++;
		}
	}

	/** A whole measurement of 10 s, done by the book. */
	measures(): boolean {
		this.run(1_000_000);
		const ticket = this.ticket();
		this.receive("10.0.0.1:9", fromHex(`4102123477b26e70ff${ticket}`));
		const nonce = Buffer.from(this.heard ?? [])
			.toString("hex")
			.slice(-8);
		this.receive("10.0.0.1:9", fromHex(`4102123577b26e70ff${ticket}${nonce}000a`));
		this.heard = undefined;
		this.run(10_000);
		return this.heard?.[0] === 0x51 && this.heard[1] === Code.Changed;
	}
}

/** What an enemy begins with, who may have stolen a ticket. */
function corpus(ticket: string): Uint8Array[] {
	return [
		"00",
		"25",
		"40001234",
		"4102123477b26e70",
		`4102123477b26e70ff${ticket}`,
		`4402123477777777b26e70ff${ticket}`,
		`4102123577b26e70ff${ticket}b0b1b2b3000a`,
		`4102123577b26e70ff${ticket}b0b1b2b30384`,
		`5102123677b26e70ff${ticket}`,
	].map(fromHex);
}

for (const seed of [1, 2, 3]) {
	test(`no address is ever sent more than came from there, in ${DATAGRAMS} datagrams of seed ${seed}`, () => {
		const town = new Town(seed);
		let ticket = town.ticket();
		let mutator = new Mutator(seed, corpus(ticket));
		let done = 0;
		for (let i = 0; i < DATAGRAMS; i++) {
			if (i % 2000 === 1999) {
				town.run(20_000);
				ticket = town.ticket() || ticket;
				mutator = new Mutator(seed + i, corpus(ticket));
			}
			const address = `10.0.0.${mutator.below(5)}:${mutator.below(ADDRESSES / 5)}`;
			if (town.receive(address, mutator.next())) done++;
			if (town.heard !== undefined) mutator.overhear(town.heard);
			if (mutator.below(4) === 0) town.run(mutator.below(500));
		}
		const { counters } = town.extension;
		suite.record(`counters ${seed}`, { ...counters });
		assert.ok(done > DATAGRAMS / 10 && town.sent > DATAGRAMS / 100);
		assert.ok(counters.opened > 0 && counters.refused > 0 && counters.strangersAnswered > 0);
		assert.ok(town.measures());
	});
}

test("a thief of a ticket who reads what is sent to his own address gets eight late answers, there", () => {
	const town = new Town(1);
	const ticket = town.ticket();
	let late = 0;
	for (let i = 0; i < 100; i++) {
		const address = `203.0.113.9:${i}`;
		town.receive(address, fromHex(`4102123477b26e70ff${ticket}`));
		const nonce = Buffer.from(town.heard ?? [])
			.toString("hex")
			.slice(-8);
		town.receive(address, fromHex(`4102123577b26e70ff${ticket}${nonce}0384`));
		if (town.heard?.[0] === 0x60) late++;
	}
	assert.is(late, 8);
});

test("a forger of addresses with a ticket makes nobody get a late answer", () => {
	const town = new Town(1);
	const ticket = town.ticket();
	const victim = "198.51.100.1:5683";
	town.receive(victim, fromHex(`4102123477b26e70ff${ticket}`));
	for (let nonce = 0; nonce < 10_000; nonce++) {
		const guess = (nonce + 2 ** 32).toString(16).slice(1);
		town.receive(victim, fromHex(`4102123577b26e70ff${ticket}${guess}000a`));
	}
	const before = town.sent;
	town.run(1_000_000);
	assert.is(town.sent, before);
	assert.is(town.extension.counters.armed, 0);
});

test("a flood from everywhere is answered up to a rate, and takes no memory", () => {
	const town = new Town(1);
	for (let i = 0; i < DATAGRAMS; i++) {
		town.balance.clear();
		town.receive(`${i & 0xff}.${(i >> 8) & 0xff}.${i >> 16}.1:${i & 0x3ff}`, fromHex(i % 2 === 0 ? "00" : "40001234"));
	}
	const { limited, strangersAnswered } = town.extension.counters;
	assert.equal([strangersAnswered, limited], [4000, DATAGRAMS - 4000]);
	assert.is(town.extension.pollTimeout(), Number.POSITIVE_INFINITY);
	assert.ok(town.measures());
});

test.run();
