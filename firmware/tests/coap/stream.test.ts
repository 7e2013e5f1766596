import { assert, suite } from "#suite";
import { Stream } from "../../coap/stream.js";
import { FixedRandom } from "../random.js";
import { content, get, text } from "./bench.js";
import { ascii, fromHex } from "./hex.js";
import { CSM, StreamBench } from "./stream-bench.js";

const test = suite("coap/stream");

const plain = CSM.replaceAll(" ", "");

test("a CSM goes first, without waiting for the peer's (RFC 8323, 5.3)", () => {
	const bench = new StreamBench({ settled: false });
	assert.equal(bench.request(0), []);
	assert.equal(bench.writable(0, 4096), [plain, "22010001b161"]);
});

test("a message has no type and no Message ID: 2.03 with the token 7f (RFC 8323, 3.2)", () => {
	const bench = new StreamBench();
	assert.equal(bench.receive(0, "21017fb161"), ["request 1 1/a"]);
	assert.equal(bench.respond(0, 1, content({ code: 0x43 })), ["01437f"]);
});

test("a response ends its request", () => {
	const bench = new StreamBench();
	assert.equal(bench.request(0), ["22010001b161"]);
	assert.equal(bench.receive(40, "22450001ff37"), ["response 1 45 37"]);
	assert.is(bench.stream.pollTimeout(), Number.POSITIVE_INFINITY);
	assert.is(bench.endpoint.pollTimeout(), Number.POSITIVE_INFINITY);
});

test("no request waits for another one, and none is repeated", () => {
	const bench = new StreamBench();
	bench.request(0);
	assert.equal(bench.request(0), ["22010002b161"]);
	assert.equal(bench.pass(9999), []);
});

test("an unanswered request fails as it does on datagrams (RFC 7252, 4.8.2)", () => {
	const bench = new StreamBench();
	bench.request(0);
	const lines = [];
	// Somebody is there, but has no answer.
	for (let at = 5000; at < 100_000; at += 5000) lines.push(...bench.pass(at), ...bench.receive(at, "0000"));
	assert.equal(lines, ["93000 failed 1 timeout"]);
});

const LENGTHS: readonly (readonly [payload: number, header: string])[] = [
	[0, "0145"],
	[1, "2145"],
	[11, "c145"],
	[12, "d10045"],
	[267, "d1ff45"],
	[268, "e1000045"],
	[1000, "e102dc45"],
];

for (const [length, header] of LENGTHS)
	test(`a payload of ${length} bytes has the header ${header} (RFC 8323, 3.2)`, () => {
		const bench = new StreamBench();
		bench.receive(0, "21010ab161");
		const payload = new Uint8Array(length).fill(0x61);
		const expected = length === 0 ? `${header}0a` : `${header}0aff${ascii("a".repeat(length))}`;
		assert.equal(bench.respond(0, 1, content({ payload })), [expected]);
		bench.request(0);
		assert.equal(bench.receive(0, expected.replace("450a", "450001").replace(/^(.)1/, "$12")), [
			length === 0 ? "response 2 45" : `response 2 45 ${ascii("a".repeat(length))}`,
		]);
	});

test("an Empty message is ignored, wherever it comes (RFC 8323, 3.4)", () => {
	const bench = new StreamBench();
	assert.equal(bench.receive(0, "0000 0000 21017fb161 0000"), ["request 1 1/a"]);
});

test("several messages in one piece are answered one after the other", () => {
	const bench = new StreamBench();
	assert.equal(bench.receive(0, "210101b161 210102b162 210103b163"), [
		"request 1 1/a",
		"request 2 1/b",
		"request 3 1/c",
	]);
});

test("bytes may be cut anywhere", () => {
	const bench = new StreamBench();
	const lines = [];
	for (const byte of ["d1", "02", "01", "7f", "b5", "68", "65", "6c", "6c", "6f"])
		lines.push(...bench.receive(0, byte));
	for (const byte of ["05", "77", "6f", "72", "6c", "64", "ff", "31", "32"]) lines.push(...bench.receive(0, byte));
	assert.equal(lines, ["request 1 1/hello/world 3132"]);
});

test("whoever does not begin with a CSM is told and left (RFC 8323, 5.3)", () => {
	const bench = new StreamBench({ settled: false });
	bench.writable(0, 4096);
	assert.equal(bench.receive(0, "21017fb161"), ["00e5", "done: fault"]);
});

test("an Empty message may come before the CSM", () => {
	const bench = new StreamBench({ settled: false });
	bench.writable(0, 4096);
	assert.equal(bench.receive(0, "0000 00e1 21017fb161"), ["request 1 1/a"]);
});

/** What a peer says, and what it gets for it. */
const SIGNALS: readonly (readonly [name: string, received: string, expected: readonly string[]])[] = [
	["a Ping is answered by a Pong with its token (RFC 8323, 5.4)", "02e2 abcd", ["02e3abcd"]],
	["a Ping with Custody gets it back (RFC 8323, 5.4.1)", "12e2 abcd 20", ["12e3abcd20"]],
	["an elective option is none of our business", "11e2 ab c0", ["01e3ab"]],
	["a Pong that nobody asked for is ignored", "02e3 abcd", []],
	["a signal nobody knows is ignored", "00e6", []],
	["an Abort ends it without a word (RFC 8323, 5.6)", "00e5", ["done: aborted"]],
	["a Release is obeyed (RFC 8323, 5.5)", "00e4", ["done: released"]],
	["a critical option of a CSM is named (RFC 8323, 5.6)", "10e1 10", ["20e52101", "done: fault"]],
	["a critical option of a Ping ends it", "10e2 90", ["00e5", "done: fault"]],
	["a reserved token length ends it", "0901", ["00e5", "done: fault"]],
	["a request out of form ends it", "1001 ff", ["00e5", "done: fault"]],
	["a message above our Max-Message-Size ends it before it came", "e0 07f0 02", ["00e5", "done: fault"]],
	["so does one whose length takes four bytes", "f0 00000000 02", ["00e5", "done: fault"]],
];

for (const [name, received, expected] of SIGNALS)
	test(name, () => {
		const bench = new StreamBench();
		assert.equal(bench.receive(0, received), expected);
	});

test("the longest message is taken: 2304 bytes with its header", () => {
	const bench = new StreamBench();
	bench.receive(0, `e0 07ef 02 ff ${"61".repeat(2299)}`);
	assert.is(bench.stream.ended, undefined);
});

test("what a Release asks for is kept: another address, and when (RFC 8323, 5.5)", () => {
	const bench = new StreamBench();
	bench.receive(0, `80e4 25 ${ascii("b:568")} 21 3c`);
	assert.equal(bench.stream.release, { holdOffSeconds: 60, alternativeAddress: "b:568" });
});

/** What a peer's CSM says, and what the endpoint is told: the longest message, and whether blocks may be several. */
const LIMITS: readonly (readonly [name: string, csm: string, told: string])[] = [
	["nothing", "00e1", "1152 false"],
	["a longer message", "30e1 220900", "2304 false"],
	["blocks", "10e1 40", "1152 false"],
	["a longer message, and blocks", CSM, "2304 true"],
	["a longer message than ours", "50e1 23 010000 20", "2304 true"],
];

for (const [name, csm, expected] of LIMITS)
	test(`a CSM of ${name} means: ${expected} (RFC 8323, 5.3.2)`, () => {
		const stream = new Stream({ random: new FixedRandom(0) });
		const told: string[] = [];
		const source = {
			pollTransmit: () => false,
			setMessageLength: (lengthMax: number, hasBert: boolean) => void told.push(`${lengthMax} ${hasBert}`),
		};
		const out = { bytes: new Uint8Array(64), length: 0, path: 0 };
		const drain = (): void => {
			while (stream.pollTransmit(0, out, source));
		};
		stream.handleWritable(4096);
		drain();
		assert.equal(told, []);
		stream.handleReceived(fromHex(csm.replaceAll(" ", "")));
		assert.is(stream.pollReceived(), undefined);
		drain();
		drain();
		assert.equal(told, [expected]);
	});

test("a token has at most eight bytes, and all of them come back", () => {
	const bench = new StreamBench({ answering: true });
	assert.equal(bench.receive(0, "28010102030405060708b161"), ["request 1 1/a", "08450102030405060708"]);
	assert.equal(bench.receive(0, "29010102030405060708"), ["00e5", "done: fault"]);
});

test("whoever goes says Release, and nothing after it", () => {
	const bench = new StreamBench();
	bench.stream.farewell();
	assert.equal(bench.drain(0), ["00e4", "done: left"]);
	assert.equal(bench.receive(10, "21017fb161"), ["done: left"]);
});

test("whoever goes waits for nobody who takes nothing", () => {
	const bench = new StreamBench({ room: 6 });
	bench.stream.farewell();
	assert.equal(bench.drain(0), ["done: left"]);
});

test("what was asked before a Release is answered before the end", () => {
	const bench = new StreamBench();
	bench.receive(0, "21017fb161");
	bench.endpoint.respond(0, 1, content());
	assert.equal(bench.receive(0, "00e4"), ["01457f", "done: released"]);
});

test("a ping of the endpoint is a Ping, and the Pong tells that somebody is there", () => {
	const bench = new StreamBench();
	bench.endpoint.ping(0, undefined);
	assert.equal(bench.drain(0), ["02e21000"]);
	assert.equal(bench.receive(50, "02e3 1000"), ["alive 1"]);
});

test("a Pong without the token that it should have tells so, too", () => {
	const bench = new StreamBench();
	bench.endpoint.ping(0, undefined);
	bench.drain(0);
	assert.equal(bench.receive(50, "00e3"), ["alive 1"]);
	assert.equal(bench.receive(60, "00e3"), []);
});

test("a notification goes by itself, and is as good as acknowledged", () => {
	const bench = new StreamBench();
	bench.receive(0, "31010a 60 51 61");
	assert.equal(bench.respond(0, 1, content({ observe: true, payload: text("1") })), ["41450a6101ff31"]);
	assert.equal(bench.respond(100, 1, content({ observe: true, confirmable: true, payload: text("2") })), [
		"41450a6102ff32",
	]);
	assert.is(bench.endpoint.pollTimeout(), Number.POSITIVE_INFINITY);
});

test("a notification that nobody knows is deregistered (RFC 8323, A.4)", () => {
	const bench = new StreamBench();
	assert.equal(bench.receive(0, "41450a6102ff32"), ["21010a6101"]);
});

test("an answer that nobody knows is ignored", () => {
	const bench = new StreamBench();
	assert.equal(bench.receive(0, "21450aff32"), []);
});

test("notifications are in order, whatever their numbers (RFC 8323, 7.1)", () => {
	const bench = new StreamBench();
	bench.request(0, get({ observe: 0 }));
	assert.equal(bench.receive(10, "32450001 60 ff31"), ["response 1 45 observe=0 31"]);
	assert.equal(bench.receive(20, "32450001 60 ff32"), ["response 1 45 observe=0 32"]);
});

test("a connection that owes an answer is asked after 10 s, and given up after 40 s", () => {
	const bench = new StreamBench();
	bench.request(0);
	assert.equal(bench.pass(60_000), ["10000 00e2", "40000 done: silent"]);
});

test("any sign of life ends the doubt", () => {
	const bench = new StreamBench();
	bench.request(0);
	bench.pass(10_000);
	bench.receive(10_050, "00e3");
	assert.is(bench.stream.pollTimeout(), Number.POSITIVE_INFINITY);
});

test("a peer without CSM is given up", () => {
	const bench = new StreamBench({ settled: false });
	bench.writable(0, 4096);
	assert.equal(bench.pass(60_000), ["10000 00e2", "40000 done: silent"]);
});

test("no more is said than there is room for, and the rest later", () => {
	const bench = new StreamBench({ room: 6 });
	assert.equal(bench.request(0), []);
	assert.equal(bench.writable(1, 4), ["22010001"]);
	assert.equal(bench.writable(2, 100), ["b161"]);
});

test("a message may be cut where the drainer's buffer ends", () => {
	const bench = new StreamBench({ pieceLength: 4 });
	assert.equal(bench.request(0), ["22010001", "b161"]);
});

test("nothing is read while what was asked cannot be answered", () => {
	const bench = new StreamBench({ room: 6, answering: true });
	assert.equal(bench.receive(0, "21010ab161 21010bb162"), []);
	assert.equal(bench.writable(1, 2), ["request 1 1/a", "0145"]);
	assert.equal(bench.writable(2, 100), ["0a", "request 2 1/b", "01450b"]);
});

test("a peer that asks on and on and reads nothing is left", () => {
	const bench = new StreamBench({ room: 6, heldLengthMax: 20 });
	bench.receive(0, "21010ab161 21010bb162");
	bench.receive(0, "21010cb161 21010db162 21010eb162");
	assert.is(bench.stream.ended, "fault");
});

test("a message longer than the peer takes is not sent", () => {
	const bench = new StreamBench({ settled: false });
	bench.writable(0, 4096);
	bench.receive(0, "20e1 2108");
	assert.is(bench.stream.peerMessageLengthMax, 8);
	assert.equal(bench.request(0, get({ path: "/abcdefgh" })), []);
});

test.run();
