import { assert, suite } from "#suite";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { EndpointEvent, Request } from "../../coap/endpoint.js";
import { limits } from "../../limits.js";
import { SeededRandom } from "../random.js";
import { Bench, content, get } from "./bench.js";
import { toHex } from "./hex.js";
import { type Side, Wire, type WireOptions } from "./wire.js";

const test = suite("coap/upload");

/** Forty bytes: blocks of 16, 16 and 8. */
const BODY = new Uint8Array(40).map((_, i) => i);
const HEX = toHex(BODY);
const put = (overrides: Partial<Request> = {}): Request => get({ code: 0x03, payload: BODY, ...overrides });

/** PUT /a in blocks of 16: what goes out first. */
function begun(request = put()): { bench: Bench; lines: string[] } {
	const bench = new Bench({ blockLengthMax: 16 });
	return { bench, lines: bench.request(0, request) };
}

test("a large payload goes by blocks, the first of which tells the size", () => {
	const { bench, lines } = begun();
	assert.equal(lines, [`420300010001b161d10308d11428ff${HEX.slice(0, 32)}`]);
	assert.equal(bench.receive(1, "625f00010001 d10e08"), [`420300020001b161d10318ff${HEX.slice(32, 64)}`]);
	assert.equal(bench.receive(2, "625f00020001 d10e18"), [`420300030001b161d10320ff${HEX.slice(64)}`]);
	assert.equal(bench.receive(3, "624400030001 d10e20"), ["response 1 44"]);
	assert.equal(bench.pass(1e9), []);
});

test("a payload of one block goes as it is", () => {
	const { lines } = begun(put({ payload: BODY.subarray(0, 16) }));
	assert.equal(lines, [`420300010001b161ff${HEX.slice(0, 32)}`]);
});

test("a block that nobody acknowledges is repeated, then the request has failed", () => {
	const { bench } = begun();
	bench.receive(1, "625f00010001 d10e08");
	const lines = bench.pass(1e9);
	assert.is(lines.length, 5);
	assert.is(lines.at(-1), "62001 failed 1 timeout");
});

const SECOND = `420300020001b161d10318ff${HEX.slice(32, 64)}`;
const AGAIN = `420300020001b161d10308d11428ff${HEX.slice(0, 32)}`;

const ANSWERS: readonly (readonly [title: string, hex: string, expected: string[]])[] = [
	["Continue", "625f00010001 d10e08", [SECOND]],
	["Continue that asks for larger blocks, in vain", "625f00010001 d10e0e", [SECOND]],
	["success of a server without state (RFC 7959, 2.3)", "624400010001 d10e00", [SECOND]],
	["success without Block1", "624400010001", ["response 1 44"]],
	["Continue without Block1", "625f00010001", ["failed 1 rejected"]],
	["Continue of another block", "625f00010001 d10e18", ["failed 1 rejected"]],
	["an error", "628400010001", ["response 1 84"]],
	["an error with Block1", "628400010001 d10e08", ["response 1 84"]],
	["too large, without a hint", "628d00010001", ["response 1 8d"]],
	["too large in blocks of this size", "628d00010001 d10e08", ["response 1 8d"]],
	["incomplete: begun anew", "628800010001", [AGAIN]],
	["a Reset", "70000001", ["failed 1 reset"]],
];

for (const [title, hex, expected] of ANSWERS) {
	test(`the first block is answered by ${title}`, () => {
		assert.equal(begun().bench.receive(1, hex), expected);
	});
}

test("a Continue to the last block is nonsense", () => {
	const { bench } = begun();
	bench.receive(1, "625f00010001 d10e08");
	bench.receive(2, "625f00020001 d10e18");
	assert.equal(bench.receive(3, "625f00030001 d10e20"), ["failed 1 rejected"]);
});

test("a Continue to a request that went whole is nonsense", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(1, "625f00010001 d10e08"), ["failed 1 rejected"]);
});

test("smaller blocks from the second on, where the peer asks for them (RFC 7959, 2.3)", () => {
	const bench = new Bench({ blockLengthMax: 32 });
	assert.equal(bench.request(0, put()), [`420300010001b161d10309d11428ff${HEX.slice(0, 64)}`]);
	assert.equal(bench.receive(1, "625f00010001 d10e08"), [`420300020001b161d10320ff${HEX.slice(64)}`]);
});

test("smaller blocks from the start, where the first was too large (RFC 7959, 2.9.3)", () => {
	const bench = new Bench({ blockLengthMax: 32 });
	bench.request(0, put());
	assert.equal(bench.receive(1, "628d00010001 d10e08"), [AGAIN]);
});

test("blocks where the whole was too large (RFC 7959, 2.9.3)", () => {
	const bench = new Bench();
	assert.equal(bench.request(0, put()), [`420300010001b161ff${HEX}`]);
	assert.equal(bench.receive(1, "628d00010001 d10e08"), [AGAIN]);
});

test("a transfer that is incomplete for ever ends with that response", () => {
	const { bench } = begun();
	const lines: string[] = [];
	for (let id = 1; id < 9; id++) lines.push(...bench.receive(id, `6288000${id}0001`));
	assert.is(lines.length, 4);
	assert.is(lines.at(-1), "response 1 88");
});

test("a second transfer to the same resource has a Request-Tag (RFC 9175, 3.3)", () => {
	const { bench } = begun();
	// An Empty ACK lets the second one go while the first waits for its separate Continue.
	bench.request(1, put());
	assert.is(bench.receive(2, "60000001")[1], `420300020002b161d10308d11428d1db02ff${HEX.slice(0, 32)}`);
});

test("a transfer to another resource has none", () => {
	const { bench } = begun();
	bench.request(1, put({ path: "/b" }));
	assert.equal(bench.receive(2, "60000001")[1], `420300020002b162d10308d11428ff${HEX.slice(0, 32)}`);
});

test("a new path ends a transfer under way", () => {
	const { bench } = begun();
	bench.receive(1, "625f00010001 d10e08");
	bench.endpoint.handlePathChanged(2);
	assert.equal(bench.drain(2), ["failed 1 path-changed"]);
});

test("a new path ends a transfer whose next block has not gone out", () => {
	const { bench } = begun();
	bench.receive(1, "60000001");
	bench.request(2, get());
	bench.receive(3, "425f12340001 d10e08");
	bench.endpoint.handlePathChanged(4);
	assert.equal(bench.drain(4).sort(), ["failed 1 path-changed", "failed 2 path-changed"]);
	assert.equal(bench.pass(1e9), []);
});

test("options that leave no room for a full block make it smaller", () => {
	const bench = new Bench();
	const [line] = bench.request(0, put({ payload: new Uint8Array(1500), path: `/${"p".repeat(140)}` }));
	assert.match(line!, /d1030dd21405dcff0{1024}$/);
});

test("a response in blocks is asked for without the payload (RFC 7959, 3.3)", () => {
	const { bench } = begun(put({ payload: BODY.subarray(0, 17) }));
	bench.receive(1, "625f00010001 d10e08");
	assert.equal(bench.receive(2, `624400020001 d10a08 4110 ff ${"31".repeat(16)}`), ["420300030002b161c110"]);
	assert.equal(bench.receive(3, "624400030002 d10a10 ff 32"), [`response 1 44 ${"31".repeat(16)}32`]);
});

test("what was carried out is not asked for again when its response changes", () => {
	const { bench } = begun(put({ payload: BODY.subarray(0, 16) }));
	bench.receive(1, `624400010001 41aa d10608 ff ${"31".repeat(16)}`);
	assert.equal(bench.receive(2, "624400020002 41bb d10610 ff 32"), ["failed 1 rejected"]);
});

/* both sides on a wire */

/** Left sends so many bytes, and right answers by the same. Told and received: how many, or why not. */
function transfer(length: number, options: WireOptions = {}, blockLengthMax: number = limits.blockLength) {
	const left = new DatagramEndpoint({ random: new SeededRandom(1) });
	const right = new DatagramEndpoint({ random: new SeededRandom(2), blockLengthMax });
	const payload = new Uint8Array(length).map((_, i) => (i * 7 + (i >> 8)) & 0xff);
	const body = toHex(payload);
	const told: (string | number)[] = [];
	const received: (string | number)[] = [];
	const describe = (bytes: Uint8Array = new Uint8Array(0)) =>
		toHex(bytes) === body ? bytes.length : `${bytes.length} others`;
	const onEvent = (_side: Side, event: EndpointEvent, at: number) => {
		if (event.kind === "request") {
			received.push(describe(event.message.payload));
			right.respond(at, event.exchange, content({ code: 0x44, payload: event.message.payload }));
		} else if (event.kind === "response") told.push(describe(event.message.payload));
		else if (event.kind === "failed") told.push(event.why);
	};
	const wire = new Wire(left, right, { ...options, onEvent });
	left.request(0, put({ payload, code: 0x05 }));
	wire.runUntilIdle();
	return { told, received };
}

for (const length of [1, 1024, 1025, 2048, 2049, 4095, 4096]) {
	for (const blockLengthMax of [16, 64, 1024]) {
		test(`${length} bytes cross the wire and come back, blocks of ${blockLengthMax}`, () => {
			assert.equal(transfer(length, {}, blockLengthMax), { told: [length], received: [length] });
		});
	}
}

for (const from of ["left", "right"]) {
	for (const lost of [0, 1, 2, 3, 4]) {
		test(`an exchange of blocks both ways survives the loss of datagram ${lost} from the ${from}`, () => {
			const lose = (side: Side, count: number) => side === from && count === lost;
			assert.equal(transfer(2500, { lose, delayMs: 50 }), { told: [2500], received: [2500] });
		});
	}
}

test("what is too large arrives nowhere, and the sender is told", () => {
	assert.equal(transfer(4097), { told: ["0 others"], received: [] });
});

test("on a wire that loses three in ten a request is served once or not at all, and never in part", () => {
	const tally = { whole: 0, failed: 0, wrong: 0 };
	for (let seed = 1; seed <= 40; seed++) {
		const dice = new SeededRandom(seed * 7919);
		const { told, received } = transfer(3000, { lose: () => dice.uint32() < 0.3 * 2 ** 32, delayMs: 100 });
		if (received.length > 1 || (received.length === 1 && received[0] !== 3000)) tally.wrong++;
		else if (told[0] === 3000) tally.whole++;
		else tally.failed++;
	}
	suite.record("requests in blocks on a lossy wire", tally);
	assert.is(tally.wrong, 0);
	assert.ok(tally.whole >= 20, `${tally.whole} of 40 were whole`);
});

test.run();
