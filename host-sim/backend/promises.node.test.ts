// What a device with a connection may ask for: an Empty message after a delay (RFC 8323, 3.4).

import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { REACH_UNDERSTOOD } from "../../firmware/coap/reach-option.js";
import { Bench } from "./bench.js";
import { hex } from "./hex.js";

const test = suite("backend/promises");

const CONNECTION = "tcp:10.0.0.1:1";
/** A CSM without options. */
const CSM = "00e1";
/** POST /rd?ep=a with token 76. */
const REGISTER = "8102 76 b27264 4465703d61";

/** A back end with one connection, written and read byte by byte. */
class Stage {
	readonly bench = new Bench();
	#read = 0;

	constructor(registers = true) {
		const { core } = this.bench.service;
		core.handleConnected(CONNECTION);
		core.handleWritable(CONNECTION, 10_000);
		this.say(CSM);
		if (registers) this.say(REGISTER);
		assert.is(core.registrations().length, registers ? 1 : 0);
	}

	/** What is said in return. */
	say(text: string): string {
		this.bench.service.core.handleReceived(this.bench.now, CONNECTION, Buffer.from(text.replaceAll(" ", ""), "hex"));
		this.bench.exchange();
		return this.heard();
	}

	heard(): string {
		const said = this.bench.spoken.slice(this.#read);
		this.#read = this.bench.spoken.length;
		return said.map(({ bytes }) => hex(bytes)).join("");
	}

	/** POST /np with a payload as hex: the code of the answer. */
	ask(payload: string, code = "02"): string {
		const length = 4 + payload.length / 2;
		return this.say(`${length.toString(16)}1${code}77b26e70ff${payload}`).slice(2, 4);
	}

	pass(ms: number): string {
		this.bench.run(ms);
		return this.heard();
	}
}

test("an Empty message comes after the delay, once", () => {
	const stage = new Stage();
	assert.is(stage.ask("0078"), "44");
	assert.is(stage.pass(119_999), "");
	assert.is(stage.pass(1), "0000");
	assert.is(stage.pass(1_000_000), "");
});

for (const [payload, ms] of [
	["0001", 1000],
	["0384", 900_000],
] as const)
	test(`the bounds themselves are promised: ${ms} ms`, () => {
		const stage = new Stage();
		assert.is(stage.ask(payload), "44");
		assert.is(stage.pass(ms - 1), "");
		assert.is(stage.pass(1), "0000");
	});

test("a newer promise takes the place of the older one", () => {
	const stage = new Stage();
	stage.ask("0078");
	stage.pass(60_000);
	stage.ask("012c");
	assert.is(stage.pass(299_999), "");
	assert.is(stage.pass(1), "0000");
});

for (const [payload, why] of [
	["", "no delay"],
	["78", "half a delay"],
	["000078", "more than a delay"],
	["0000", "no time at all"],
	["0385", "more than 900 s"],
] as const) {
	test(`4.00: ${why}`, () => {
		const stage = new Stage();
		const code = payload === "" ? stage.say("3102 77 b26e70").slice(2, 4) : stage.ask(payload);
		assert.is(code, "80");
		assert.is(stage.pass(1_000_000), "");
	});
}

test("a device that comes by a connection, and goes back, was not moved by anybody", () => {
	const stage = new Stage();
	const device = stage.bench.addDevice("10.0.0.1:1");
	device.reach = REACH_UNDERSTOOD;
	device.send(stage.bench.now, Code.Post, "/rd", ["ep=a"]);
	stage.bench.exchange();
	assert.equal(device.words, ["03"]);
});

test("4.05: another method", () => assert.is(new Stage().ask("0078", "03"), "85"));

test("a promise ends with its connection", () => {
	const stage = new Stage();
	stage.ask("0078");
	stage.bench.service.core.handleDisconnected(stage.bench.now, CONNECTION);
	stage.bench.service.core.handleConnected(CONNECTION);
	stage.bench.service.core.handleWritable(CONNECTION, 10_000);
	stage.say(CSM);
	stage.say(REGISTER);
	assert.is(stage.pass(200_000), "");
});

test("a connection over which nobody registered is promised nothing", () => {
	const stage = new Stage(false);
	assert.is(stage.ask("0078"), "81");
	assert.is(stage.pass(1_000_000), "");
});

test.run();
