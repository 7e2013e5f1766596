import { assert, suite } from "#suite";
import { limits } from "../../limits.js";
import { Bench, content } from "./bench.js";

const test = suite("coap/assembly");

const EARLY = "aa".repeat(16);
const MIDDLE = "bb".repeat(16);

/** PUT /a, token 77, with a Block1 option in hex, what stands behind it, and a payload. */
function put(messageId: number, block1: string, payload = "", behind = ""): string {
	const id = (0x10000 + messageId).toString(16).slice(1);
	const marker = payload === "" ? "" : "ff";
	return `4103${id}77 b161 d${block1.length / 2}03${block1} ${behind} ${marker}${payload}`;
}

/** Two blocks of 16 bytes have come. */
function begun(): Bench {
	const bench = new Bench();
	bench.receive(0, put(1, "08", EARLY));
	bench.receive(1, put(2, "18", MIDDLE));
	return bench;
}

test("each block but the last draws a Continue with its Block1, and the application nothing", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, put(1, "08", EARLY)), ["615f000177d10e08"]);
	assert.equal(bench.receive(1, put(2, "18", MIDDLE)), ["615f000277d10e18"]);
});

test("the last block brings one request with the whole payload, and its answer carries Block1", () => {
	const bench = begun();
	assert.equal(bench.receive(2, put(3, "20", "cc")), [`request 1 3/a ${EARLY}${MIDDLE}cc`]);
	assert.equal(bench.respond(3, 1, content({ code: 0x44 })), ["6144000377d10e20"]);
	assert.equal(bench.pass(1e9), []);
});

test("a request in a single block is a request like any other", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, put(1, "", "cc")), ["request 1 3/a cc"]);
	assert.equal(bench.respond(0, 1, content({ code: 0x44 })), ["6144000177d00e"]);
});

test("a separate response carries Block1, too", () => {
	const bench = begun();
	bench.receive(2, put(3, "20", "cc"));
	bench.pass(1002);
	assert.equal(bench.respond(1100, 1, content({ code: 0x44 })), ["4144000177d10e20"]);
});

const NEXT: readonly (readonly [title: string, hex: string, answer: string])[] = [
	["the same block again", put(3, "18", MIDDLE), "6188000377"],
	["a block after the next", put(3, "38", MIDDLE), "6188000377"],
	["the next block in another size", put(3, "11", "cc".repeat(32)), "request"],
	["a block of another resource", "4103000377 b162 d10320 ff cc", "6188000377"],
	["a block of another method", "4102000377 b161 d10320 ff cc", "6188000377"],
	["a block in another format", "4103000377 b161 11 3c d10220 ff cc", "6188000377"],
	["a block with a Request-Tag", put(3, "20", "cc", "d1fc01"), "6188000377"],
	["a block that is too short", put(3, "28", "cc"), "6180000377"],
	["a last block above its size", put(3, "20", "cc".repeat(17)), "6180000377"],
	["a block of the reserved size", put(3, "27", "cc"), "6180000377"],
	["a last block without payload", put(3, "20"), "request"],
];

for (const [title, hex, answer] of NEXT) {
	test(`after two blocks: ${title}`, () => {
		const [line] = begun().receive(2, hex);
		assert.is(line!.slice(0, answer.length), answer);
	});
}

test("after a block out of order the transfer is over", () => {
	const bench = begun();
	bench.receive(2, put(3, "38", MIDDLE));
	assert.equal(bench.receive(3, put(4, "20", "cc")), ["6188000477"]);
});

test("a stray block of another transfer leaves the one under way alone", () => {
	const bench = begun();
	bench.receive(2, "4103000377 b162 d10320 ff cc");
	assert.equal(bench.receive(3, put(4, "20", "cc")), [`request 1 3/a ${EARLY}${MIDDLE}cc`]);
});

test("a first block begins anew", () => {
	const bench = begun();
	assert.equal(bench.receive(2, put(3, "08", MIDDLE)), ["615f000377d10e08"]);
	assert.equal(bench.receive(3, put(4, "10", "cc")), [`request 1 3/a ${MIDDLE}cc`]);
});

test("the first block of another transfer takes the place of the one under way (RFC 7959, 2.5)", () => {
	const bench = begun();
	bench.receive(2, "4103000377 b162 d10308 ff".concat(EARLY));
	assert.equal(bench.receive(3, put(4, "20", "cc")), ["6188000477"]);
});

test("transfers with different Request-Tags are not mixed (RFC 9175, 3.3)", () => {
	const bench = new Bench();
	const behind = (tag: string) => `d1fc${tag}`;
	bench.receive(0, put(1, "08", EARLY, behind("01")));
	assert.equal(bench.receive(1, put(2, "10", "cc", behind("02"))), ["6188000277"]);
	assert.equal(bench.receive(2, put(3, "10", "cc", behind("01"))), [`request 1 3/a ${EARLY}cc`]);
});

test("a repeated block is told again what it was told, and is not joined twice", () => {
	const bench = begun();
	assert.equal(bench.receive(2, put(2, "18", MIDDLE)), ["615f000277d10e18"]);
	assert.equal(bench.receive(3, put(3, "20", "cc")), [`request 1 3/a ${EARLY}${MIDDLE}cc`]);
});

test("a repeated last block gets the answer, and the application nothing", () => {
	const bench = begun();
	bench.receive(2, put(3, "20", "cc"));
	bench.respond(3, 1, content({ code: 0x44 }));
	assert.equal(bench.receive(4, put(3, "20", "cc")), ["6144000377d10e20"]);
});

test("an announced size above the limit is too large at once, with the size that would do (RFC 7959, 4)", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, put(1, "08", EARLY, "d2141001")), ["618d000177d22f1000"]);
	assert.equal(bench.pass(1e9), []);
	assert.is(limits.requestLength, 0x1000);
});

test("a request that turns out too long is too large, and its bytes are let go", () => {
	const bench = new Bench();
	for (let number = 0; number < 4; number++) {
		bench.receive(number, put(number + 1, ((number << 4) | 0x0e).toString(16).padStart(2, "0"), "dd".repeat(1024)));
	}
	assert.equal(bench.receive(4, put(5, "46", "cc")), ["618d000577d22f1000"]);
	assert.equal(bench.receive(5, put(6, "56", "cc")), ["6188000677"]);
});

test("a request of exactly the limit is served", () => {
	const bench = new Bench();
	for (let number = 0; number < 3; number++) {
		bench.receive(number, put(number + 1, ((number << 4) | 0x0e).toString(16).padStart(2, "0"), "dd".repeat(1024)));
	}
	assert.equal(bench.receive(4, put(5, "36", "dd".repeat(1024))), [`request 1 3/a ${"dd".repeat(4096)}`]);
});

test("a transfer is forgotten EXCHANGE_LIFETIME after its newest block", () => {
	const bench = begun();
	assert.equal(bench.pass(247_000), []);
	assert.is(bench.endpoint.pollTimeout(), 247_001);
	bench.endpoint.handleTimeout(247_001);
	assert.is(bench.endpoint.pollTimeout(), Number.POSITIVE_INFINITY);
	assert.equal(bench.receive(247_002, put(3, "20", "cc")), ["6188000377"]);
});

test("a new path forgets the transfer", () => {
	const bench = begun();
	bench.endpoint.handlePathChanged(2);
	assert.equal(bench.receive(3, put(3, "20", "cc")), ["6188000377"]);
});

test("on a path of small blocks the Continue asks for smaller ones (RFC 7959, 2.3)", () => {
	const bench = new Bench({ blockLengthMax: 16 });
	assert.equal(bench.receive(0, put(1, "0a", "aa".repeat(64))), ["615f000177d10e08"]);
	assert.equal(bench.receive(1, put(2, "48", EARLY)), ["615f000277d10e48"]);
	assert.equal(bench.receive(2, put(3, "50", "cc")), [`request 1 3/a ${"aa".repeat(80)}cc`]);
});

test("on a path of small blocks responses come in small blocks", () => {
	const bench = new Bench({ blockLengthMax: 20 });
	bench.receive(0, "4101000177 b161");
	const [first] = bench.respond(0, 1, content({ payload: new Uint8Array(17) }));
	assert.is(first!.slice(20, 28), "d1060851");
});

test("NON blocks draw NON answers", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, put(1, "08", EARLY).replace("4103", "5103")), ["515f000177d10e08"]);
});

test("a large response follows a large request (RFC 7959, 3.3)", () => {
	const bench = begun();
	bench.receive(2, put(3, "20", "cc"));
	const [first] = bench.respond(3, 1, content({ code: 0x44, payload: new Uint8Array(1030) }));
	// ETag, Block2 0/1/1024, Block1 2/0/16, Size2.
	assert.match(first!, /^614400037744.{8}d1060e4120120406/);
	assert.match(bench.receive(4, "4103000477 b161 c116")[0]!, /^614400047744.{8}d10616ff0{12}$/);
});

test("blocks that a peer may not begin with are counted", () => {
	const bench = new Bench();
	bench.receive(0, put(1, "18", EARLY));
	assert.is(bench.endpoint.statistics.rejected, 1);
});

test.run();
