import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { isRefresh, isUnknown, KeeperPing, knownAnswer } from "../../coap/keeper-ping.js";
import { DatagramMessage } from "../../coap/message.js";
import { fromHex, toHex } from "./hex.js";

const test = suite("coap/keeper-ping");

class Bench {
	readonly ping = new KeeperPing();
	readonly #out = { bytes: new Uint8Array(8), length: 0, path: 0 };

	drain(now: number): string[] {
		const lines: string[] = [];
		while (this.ping.pollTransmit(now, this.#out)) lines.push(toHex(this.#out.bytes.subarray(0, this.#out.length)));
		if (this.ping.pollLost()) lines.push("lost");
		return lines;
	}

	pass(until: number): string[] {
		const lines: string[] = [];
		for (let at = this.ping.pollTimeout(); at <= until; at = this.ping.pollTimeout()) {
			this.ping.handleTimeout(at);
			for (const line of this.drain(at)) lines.push(`${at} ${line}`);
		}
		return lines;
	}
}

test("asks by one byte, and is known by another", () => {
	const bench = new Bench();
	bench.ping.start(0);
	assert.equal(bench.drain(0), ["21"]);
	assert.is(bench.ping.handleReceived(fromHex("31")), true);
	assert.equal(bench.pass(1e9), []);
	assert.not(bench.ping.isAsked);
});

test("is not known where the server says so", () => {
	const bench = new Bench();
	bench.ping.start(0);
	bench.drain(0);
	assert.is(bench.ping.handleReceived(fromHex("01")), false);
	assert.not(bench.ping.isAsked);
});

test("each question has another number, of 16", () => {
	const bench = new Bench();
	const asked = Array.from({ length: 17 }, () => {
		bench.ping.start(0);
		return bench.drain(0)[0];
	});
	assert.equal([asked[0], asked[14], asked[15], asked[16]], ["21", "2f", "20", "21"]);
});

for (const hex of ["", "00", "21", "30", "32", "40", "3100", "0100", "60001234"]) {
	test(`no answer: "${hex}"`, () => {
		const bench = new Bench();
		bench.ping.start(0);
		bench.drain(0);
		assert.is(bench.ping.handleReceived(fromHex(hex)), undefined);
		assert.ok(bench.ping.isAsked);
	});
}

test("is repeated after 2.5, 5 and 10 s, and lost 20 s later", () => {
	const bench = new Bench();
	bench.ping.start(1000);
	assert.equal(bench.drain(1000), ["21"]);
	assert.equal(bench.pass(60_000), ["3500 21", "8500 21", "18500 21", "38500 lost"]);
	assert.is(bench.ping.tries, 4);
	assert.equal(bench.pass(1e9), []);
	assert.is(bench.ping.handleReceived(fromHex("31")), undefined, "too late");
});

test("one that was asked before the socket could take it is sent once", () => {
	const bench = new Bench();
	bench.ping.start(0);
	bench.ping.handleTimeout(5000);
	assert.equal(bench.drain(5000), ["21"]);
	assert.is(bench.ping.pollTimeout(), 7500);
});

test("stopped, nothing is due", () => {
	const bench = new Bench();
	bench.ping.start(0);
	bench.ping.stop();
	assert.equal(bench.drain(0), []);
	assert.equal(bench.pass(1e9), []);
});

test("what it sends is no CoAP to anybody else (RFC 7252, 3: another version is silently ignored)", () => {
	const message = new DatagramMessage();
	for (let byte = 0; byte < 0x40; byte++) assert.is(message.decode(Uint8Array.of(byte)), "not-coap");
	assert.is(message.decode(Uint8Array.of(0x40, Code.Empty, 0, 0)), "ok");
});

test("the kinds of bytes are told apart, from each other and from all else", () => {
	const bytes = Array.from({ length: 256 }, (_, byte) => byte);
	assert.equal(
		bytes.filter((byte) => isRefresh(Uint8Array.of(byte))),
		[0],
	);
	assert.equal(
		bytes.filter((byte) => isUnknown(Uint8Array.of(byte))),
		[1],
	);
	const questions = bytes.filter((byte) => knownAnswer(Uint8Array.of(byte)) !== undefined);
	assert.equal([questions.length, questions[0], questions[15]], [16, 0x20, 0x2f]);
	for (const hex of ["", "0000", "0101", "2121"]) {
		assert.not(isRefresh(fromHex(hex)) || isUnknown(fromHex(hex)));
		assert.is(knownAnswer(fromHex(hex)), undefined);
	}
});

test("an answer has the number of its question", () => {
	const answers = Array.from({ length: 16 }, (_, number) => knownAnswer(Uint8Array.of(0x20 + number)));
	assert.equal(
		answers,
		Array.from({ length: 16 }, (_, number) => 0x30 + number),
	);
});

test("what was never asked is not lost", () => {
	const bench = new Bench();
	assert.equal(bench.drain(0), []);
	assert.equal(bench.pass(1e9), []);
});

test("no answer is a question", () => {
	for (let byte = 0; byte < 256; byte++) {
		const answer = knownAnswer(Uint8Array.of(byte)) ?? 1;
		assert.is(knownAnswer(Uint8Array.of(answer)), undefined);
		assert.not(isRefresh(Uint8Array.of(answer)));
	}
});

test.run();
