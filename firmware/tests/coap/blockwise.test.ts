import { assert, suite } from "#suite";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { EndpointEvent, Request } from "../../coap/endpoint.js";
import { Option } from "../../coap/options.js";
import { limits } from "../../limits.js";
import { SeededRandom } from "../random.js";
import { Bench, content, get } from "./bench.js";
import { fromHex, toHex } from "./hex.js";
import { type Side, Wire, type WireOptions } from "./wire.js";

const test = suite("coap/blockwise");

/** Bytes that differ from block to block. */
function pattern(length: number, seed = 0): Uint8Array {
	const bytes = new Uint8Array(length);
	for (let i = 0; i < length; i++) bytes[i] = (i * 7 + (i >> 8) + seed) & 0xff;
	return bytes;
}

const BODY = pattern(2500);

/** GET /a with Block2 in hex, token 77. */
function askBlock(messageId: string, block2: string): string {
	const length = block2.length / 2;
	return `4101${messageId}77 b161 c${length}${block2}`;
}

/** What a served block says: its Block2 option and the place of its payload in the body. */
function describeBlock(hex: string | undefined): string {
	const match = /^6145....7744(.{8})(.*?)ff(.*)$/.exec(hex ?? "");
	if (match === null) return hex ?? "nothing";
	const payload = match[3]!;
	return `${match[2]} ${toHex(BODY).indexOf(payload) / 2}+${payload.length / 2}`;
}

/** A peer has asked for /a, and got the first block of BODY. */
function serving(askFirst = "4101000177 b161"): { bench: Bench; first: string } {
	const bench = new Bench();
	bench.receive(0, askFirst);
	return { bench, first: describeBlock(bench.respond(0, 1, content({ contentFormat: 42, payload: BODY }))[0]) };
}

/* the serving side: options after the ETag are Content-Format 812a, Block2 b1.., Size2 5209c4 */

test("a large response is cut, and the first block tells the whole size", () => {
	assert.is(serving().first, "812ab10e5209c4 0+1024");
});

test("a response of one block is not cut", () => {
	const bench = new Bench();
	bench.receive(0, "4101000177 b161");
	const [answer] = bench.respond(0, 1, content({ payload: pattern(1024) }));
	assert.is(answer!.slice(0, 12), "6145000177ff");
});

test("each further block comes without the application", () => {
	const { bench } = serving();
	assert.is(describeBlock(bench.receive(1, askBlock("0002", "16"))[0]), "812ab11e 1024+1024");
	assert.is(describeBlock(bench.receive(2, askBlock("0003", "26"))[0]), "812ab126 2048+452");
});

test("the peer may ask for small blocks from the start (RFC 7959, 2.4)", () => {
	const { bench, first } = serving(askBlock("0001", "02"));
	assert.is(first, "812ab10a5209c4 0+64");
	assert.is(describeBlock(bench.receive(1, askBlock("0002", "12"))[0]), "812ab11a 64+64");
});

test("the peer may ask for smaller blocks later", () => {
	const { bench } = serving();
	assert.is(describeBlock(bench.receive(1, askBlock("0002", "44"))[0]), "812ab14c 1024+256");
	assert.is(describeBlock(bench.receive(2, askBlock("0003", "54"))[0]), "812ab15c 1280+256");
});

test("of a FETCH further blocks come with its payload or, as Californium asks, without, and with no other", () => {
	const { bench, first } = serving("4105000177 b161 ff5b");
	assert.is(first, "812ab10e5209c4 0+1024");
	const ask = (messageId: string, rest: string): string | undefined =>
		bench.receive(1, `4105${messageId}77 b161 ${rest}`)[0];
	assert.is(describeBlock(ask("0002", "c116 ff5b")), "812ab11e 1024+1024");
	assert.is(describeBlock(ask("0003", "c126")), "812ab126 2048+452");
	assert.is(ask("0004", "c116 ff5d"), "6188000477");
	assert.is(bench.receive(1, "4105000577 b162 c116")[0], "6188000577");
});

test("a block beyond the end is a Bad Request", () => {
	const { bench } = serving();
	assert.equal(bench.receive(1, askBlock("0002", "36")), ["6180000277"]);
});

test("a block that would begin exactly at the end is a Bad Request", () => {
	const bench = new Bench();
	bench.receive(0, "4101000177 b161");
	bench.respond(0, 1, content({ payload: pattern(2048) }));
	assert.equal(bench.receive(1, askBlock("0002", "26")), ["6180000277"]);
});

test("a response that became small drops the representation of before", () => {
	const { bench } = serving();
	bench.receive(1, "4101000277 b161");
	bench.respond(1, 2, content({ payload: pattern(3) }));
	assert.equal(bench.receive(2, askBlock("0003", "16")), ["6188000377"]);
});

test("the representation is forgotten when it was never asked for", () => {
	const { bench } = serving();
	bench.endpoint.handleTimeout(247_000);
	assert.is(bench.endpoint.pollTimeout(), Number.POSITIVE_INFINITY);
	assert.equal(bench.receive(247_000, askBlock("0002", "16")), ["6188000277"]);
});

test("a new path forgets the representation", () => {
	const { bench } = serving();
	bench.endpoint.handlePathChanged(1);
	assert.equal(bench.receive(2, askBlock("0002", "16")), ["6188000277"]);
});

test("a further block of another resource is incomplete", () => {
	const { bench } = serving();
	assert.equal(bench.receive(1, "4101000277 b162 c116"), ["6188000277"]);
});

test("the representation is dropped EXCHANGE_LIFETIME after it was last asked for", () => {
	const { bench } = serving();
	bench.receive(100_000, askBlock("0002", "16"));
	assert.equal(bench.pass(346_999), []);
	assert.is(bench.endpoint.pollTimeout(), 347_000);
	bench.endpoint.handleTimeout(347_000);
	assert.equal(bench.receive(347_001, askBlock("0003", "26")), ["6188000377"]);
});

test("a peer keeps one representation: a newer one takes its place", () => {
	const { bench } = serving();
	bench.receive(1, "4101000277 b162");
	bench.respond(1, 2, content({ payload: pattern(1025, 1) }));
	assert.equal(bench.receive(2, askBlock("0003", "16")), ["6188000377"]);
});

test("a repeated request for a block gets the same bytes", () => {
	const { bench } = serving();
	const [block] = bench.receive(1, askBlock("0002", "16"));
	assert.equal(bench.receive(2000, askBlock("0002", "16")), [block]);
});

test("another representation has another ETag", () => {
	const tags = [0, 1].map((seed) => {
		const bench = new Bench();
		bench.receive(0, "4101000177 b161");
		return bench.respond(0, 1, content({ payload: pattern(2500, seed) }))[0]!.slice(12, 20);
	});
	assert.is.not(tags[0], tags[1]);
});

test("a response above the limit is an error of ours", () => {
	const bench = new Bench();
	bench.receive(0, "4101000177 b161");
	const lines = bench.respond(0, 1, content({ payload: new Uint8Array(limits.responseLength + 1) }));
	assert.equal(lines, ["61a0000177"]);
});

test("a NON request is served by a NON block", () => {
	const bench = new Bench();
	bench.receive(0, "5101000177 b161");
	assert.is(bench.respond(0, 1, content({ payload: BODY }))[0]!.slice(0, 10), "5145000177");
});

/* the requesting side */

test("the next block is asked for by itself, and the response is whole", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(10, `624500010001 41aa 8100 b108 ff ${"31".repeat(16)}`), ["420100020002b161c110"]);
	assert.equal(bench.receive(20, `624500020002 41aa 8100 b118 ff ${"32".repeat(16)}`), ["420100030003b161c120"]);
	assert.equal(bench.receive(30, "624500030003 41aa 8100 b120 ff 33"), [
		`response 1 45 ${"31".repeat(16)}${"32".repeat(16)}33`,
	]);
	assert.equal(bench.pass(1e9), []);
});

test("a response that does not tell its size is whole, too", () => {
	const bench = new Bench();
	bench.request(0);
	const block = (number: number, option: string) => {
		const id = `0${number}`;
		return `624500${id}00${id} d10a${option} ff ${id.repeat(1024)}`;
	};
	bench.receive(10, block(1, "0e"));
	bench.receive(20, block(2, "1e"));
	bench.receive(30, block(3, "2e"));
	assert.equal(bench.receive(40, block(4, "36")), [
		`response 1 45 ${["01", "02", "03", "04"].map((byte) => byte.repeat(1024)).join("")}`,
	]);
});

test("a first block is kept as a copy, not in the bytes that it came in", () => {
	const bench = new Bench();
	bench.request(0);
	const bytes = fromHex(`624500010001 6105 d10408 ff ${"31".repeat(16)}`);
	bench.endpoint.handleReceived(10, bytes);
	bench.drain(10);
	bytes.fill(0xff);
	assert.equal(bench.receive(20, "624500020002 d10a10 ff 32"), [`response 1 45 observe=5 ${"31".repeat(16)}32`]);
});

/** A request of which the first block of 16 bytes, with ETag aa, has come; the second is asked for. */
function fetching(options: { responseLengthMax?: number } = {}): Bench {
	const bench = new Bench(options);
	bench.request(0);
	bench.receive(10, `624500010001 41aa d10608 ff ${"31".repeat(16)}`);
	return bench;
}

const STEPS: readonly (readonly [title: string, hex: string, expected: string[]])[] = [
	["the block before", `624500020002 41aa d10608 ff ${"31".repeat(16)}`, ["failed 1 rejected"]],
	["the block after the next", `624500020002 41aa d10628 ff ${"31".repeat(16)}`, ["failed 1 rejected"]],
	["a short block that is not the last", "624500020002 41aa d10618 ff 31", ["failed 1 rejected"]],
	["a block above its size", `624500020002 41aa d10610 ff ${"31".repeat(17)}`, ["failed 1 rejected"]],
	["a block of reserved size", "624500020002 41aa d10617 ff 31", ["failed 1 rejected"]],
	["a response without Block2", "624500020002 41aa ff 31", ["failed 1 rejected"]],
	["an error", "628400020002", ["response 1 84"]],
	["an error in a block", `628400020002 41aa d10610 ff ${"32".repeat(16)}`, [`response 1 84 ${"32".repeat(16)}`]],
	["another representation", "624500020002 41bb d10610 ff 32", ["420100030003b161"]],
	["a representation that is gone", "628800020002", ["420100030003b161"]],
	["a last block without payload", "624500020002 41aa d10610", [`response 1 45 ${"31".repeat(16)}`]],
	["a Reset", "70000002", ["failed 1 reset"]],
];

for (const [title, hex, expected] of STEPS) {
	test(`while blocks are fetched: ${title}`, () => {
		const bench = fetching();
		assert.equal(bench.receive(20, hex), expected);
		// What is over leaves nothing behind; what goes on is another request.
		assert.is(bench.pass(1e9).length, expected[0]!.startsWith("4201") ? 5 : 0);
	});
}

test("a representation that changes for ever fails", () => {
	const bench = new Bench();
	const lines = [...bench.request(0)];
	for (let i = 1; i < 20; i += 2) {
		const [first, second] = [i, i + 1].map((id) => `6245000${id.toString(16)}000${id.toString(16)}`);
		lines.push(...bench.receive(i, `${first} 41aa d10608 ff ${"31".repeat(16)}`));
		lines.push(...bench.receive(i, `${second} 41bb d10610 ff 32`));
		if (lines.includes("failed 1 rejected")) break;
	}
	assert.equal(lines.filter((line) => line === "failed 1 rejected").length, 1);
	assert.is(lines.length, 9);
});

test("a response above the bound is rejected, however its size was announced", () => {
	const bench = fetching({ responseLengthMax: 31 });
	assert.equal(bench.receive(20, `624500020002 41aa d10618 ff ${"31".repeat(16)}`), ["failed 1 rejected"]);
});

test("a response that begins with a later block is rejected", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(10, "624500010001 d10a10 ff 31"), ["failed 1 rejected"]);
	assert.is(bench.endpoint.statistics.rejected, 1);
	assert.equal(bench.pass(1e9), []);
});

test("a single block is a whole response", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(10, "624500010001 d10a06 ff 31"), ["response 1 45 31"]);
});

test("a new path ends the fetching", () => {
	const bench = fetching();
	bench.endpoint.handlePathChanged(20);
	assert.equal(bench.drain(20), ["failed 1 path-changed"]);
});

test("a cancelled request asks for no further block", () => {
	const bench = fetching();
	bench.endpoint.cancel(20, 1);
	assert.equal(bench.pass(1e9), []);
});

/* both sides on a wire */

/** Left asks, right answers. */
class Reading {
	readonly left = new DatagramEndpoint({ random: new SeededRandom(1) });
	readonly right = new DatagramEndpoint({ random: new SeededRandom(2) });
	readonly wire: Wire;
	/** What left was told: the length of a payload, or why there is none. */
	readonly told: (string | number)[] = [];
	/** The last payload, as hex. */
	body = "";
	/** The exchange by which right was asked last. */
	asked = 0;

	/** Right answers each request with the next of the bodies, the last one again and again. */
	constructor(bodies: readonly Uint8Array[], options: WireOptions = {}) {
		let served = 0;
		const onEvent = (_side: Side, event: EndpointEvent, at: number) => {
			if (event.kind === "request") {
				const payload = bodies[Math.min(served++, bodies.length - 1)]!;
				this.asked = event.exchange;
				this.right.respond(at, event.exchange, content({ payload, contentFormat: 112, observe: true }));
			} else if (event.kind === "response") {
				assert.is(event.message.uint(Option.ContentFormat), 112);
				this.body = toHex(event.message.payload!);
				this.told.push(event.message.payload!.length);
			} else if (event.kind === "failed") this.told.push(event.why);
		};
		this.wire = new Wire(this.left, this.right, { ...options, onEvent });
	}

	request(request: Request = get()): this {
		this.left.request(this.wire.now, request);
		this.wire.runUntilIdle();
		return this;
	}

	notify(payload: Uint8Array): void {
		this.right.respond(this.wire.now, this.asked, content({ payload, contentFormat: 112 }));
	}
}

const LENGTHS = [1, 1023, 1024, 1025, 2048, 2049, 4095, 4096];

for (const length of LENGTHS) {
	test(`${length} bytes cross the wire whole`, () => {
		const { told, body, wire } = new Reading([pattern(length)]).request();
		assert.equal(told, [length]);
		assert.is(body, toHex(pattern(length)));
		assert.is(wire.passages.length, 2 * Math.ceil(length / 1024));
	});
}

for (const from of ["left", "right"]) {
	for (const lost of [0, 1, 2]) {
		test(`a transfer survives the loss of datagram ${lost} from the ${from}`, () => {
			const lose = (side: Side, count: number) => side === from && count === lost;
			const { told, body } = new Reading([BODY], { lose, delayMs: 50 }).request();
			assert.equal(told, [2500]);
			assert.is(body, toHex(BODY));
		});
	}
}

test("NON requests fetch blocks too", () => {
	assert.equal(new Reading([BODY]).request(get({ confirmable: false })).told, [2500]);
});

test("a NON request for a block that is lost fails", () => {
	const lose = (side: Side, count: number) => side === "left" && count === 1;
	assert.equal(new Reading([BODY], { lose }).request(get({ confirmable: false })).told, ["timeout"]);
});

test("on a wire that loses three in ten, transfers are whole or fail, and are never wrong", () => {
	const body = pattern(4096);
	const tally = { whole: 0, failed: 0, wrong: 0 };
	for (let seed = 1; seed <= 40; seed++) {
		const dice = new SeededRandom(seed * 7919);
		const result = new Reading([body], { lose: () => dice.uint32() < 0.3 * 2 ** 32, delayMs: 100 }).request();
		assert.is(result.told.length, 1);
		if (result.told[0] === "timeout") tally.failed++;
		else if (result.body === toHex(body)) tally.whole++;
		else tally.wrong++;
	}
	suite.record("transfers on a lossy wire", tally);
	assert.is(tally.wrong, 0);
	assert.ok(tally.whole >= 30, `${tally.whole} of 40 were whole`);
});

test("a representation that changes while it is fetched is fetched anew", () => {
	const reading = new Reading([BODY, pattern(2000, 1)], { delayMs: 50 });
	reading.left.request(0, get());
	reading.wire.run(120);
	// A newer representation of the same takes the place of the one that is being fetched.
	reading.right.handleReceived(120, fromHex("4101ffff77 b161"));
	reading.wire.runUntilIdle();
	assert.equal(reading.told, [2000]);
	assert.is(reading.body, toHex(pattern(2000, 1)));
});

test("large notifications are fetched whole, and the observation stays open", () => {
	const reading = new Reading([pattern(2000)], { delayMs: 20 }).request(get({ observe: 0 }));
	for (const length of [3000, 10, 1025]) {
		reading.notify(pattern(length, length));
		reading.wire.runUntilIdle();
		assert.is(reading.body, toHex(pattern(length, length)));
	}
	assert.equal(reading.told, [2000, 3000, 10, 1025]);
});

test("a newer notification ends the fetching of an older one", () => {
	const reading = new Reading([pattern(10)], { delayMs: 20 }).request(get({ observe: 0 }));
	reading.notify(pattern(3000, 1));
	reading.wire.run(reading.wire.now + 30);
	reading.notify(pattern(2000, 2));
	reading.wire.runUntilIdle();
	assert.equal(reading.told, [10, 2000]);
	assert.is(reading.body, toHex(pattern(2000, 2)));
});

test("a large first response to a registration that cannot be fetched fails the registration", () => {
	const lose = (side: Side, count: number) => side === "left" && count > 0;
	assert.equal(new Reading([BODY], { lose }).request(get({ observe: 0 })).told, ["timeout"]);
});

test("a large notification that cannot be fetched is lost, not the observation", () => {
	let deaf = false;
	const reading = new Reading([pattern(10)], { lose: (side) => deaf && side === "left" });
	reading.request(get({ observe: 0 }));
	deaf = true;
	reading.notify(BODY);
	reading.wire.runUntilIdle();
	deaf = false;
	reading.notify(pattern(20));
	reading.wire.runUntilIdle();
	assert.equal(reading.told, [10, 20]);
});

test.run();
