import { assert, suite } from "#suite";
import { DatagramMessage } from "../../coap/message.js";
import { limits } from "../../limits.js";
import { Bench, content, get, text } from "./bench.js";
import { ascii, fromHex } from "./hex.js";

const test = suite("coap/datagram: the peer's requests");

/** GET /a with the given type and Message ID, token 77. */
function ask(messageId: string, type = "41"): string {
	return `${type}01 ${messageId} 77 b161`;
}

test("a prompt response is piggybacked (RFC 7252, 5.2.1)", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, ask("1234")), ["request 1 1/a"]);
	assert.equal(bench.respond(10, 1, content({ payload: text("7") })), ["6145123477ff37"]);
	assert.equal(bench.pass(1e9), []);
});

const TOKENS = ["", "01", "00000001", "0100000000", "0102030405060708", "ffffffffffffffff"];

for (const token of TOKENS) {
	test(`the token "${token}" comes back, piggybacked, separate and in notifications`, () => {
		const bench = new Bench();
		const length = token.length / 2;
		const register = (id: string) => `4${length}01 ${id} ${token} 60 51 61`;
		bench.receive(0, register("1234"));
		assert.equal(bench.respond(0, 1, content({ observe: true })), [`6${length}451234${token}6101`]);
		assert.equal(bench.respond(0, 1), [`5${length}450001${token}6102`]);
		assert.is(bench.receive(1, register("1235"))[0], "cancelled 1 replaced");
		bench.pass(1001);
		assert.equal(bench.respond(2000, 2), [`4${length}450002${token}`]);
	});
}

test("a slow response is separate: Empty ACK, then a CON of our own (RFC 7252, 5.2.2)", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	assert.equal(bench.pass(1000), ["1000 60001234"]);
	assert.equal(bench.respond(5000, 1, content({ payload: text("7") })), ["4145000177ff37"]);
	assert.equal(bench.receive(5040, "60000001"), ["alive 1"]);
	assert.equal(bench.pass(1e9), []);
});

test("a separate response is retransmitted and given up as any CON", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.pass(1000);
	const [sent] = bench.respond(5000, 1);
	assert.equal(bench.pass(1e9), [
		...[7000, 11000, 19000, 35000].map((at) => `${at} ${sent}`),
		"67000 failed 1 timeout",
	]);
});

test("a Reset to a separate response ends it", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.pass(1000);
	bench.respond(5000, 1);
	assert.equal(bench.receive(5040, "70000001"), ["failed 1 reset"]);
	assert.equal(bench.pass(1e9), []);
});

test("a separate response waits for a CON of ours that is under way", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.pass(1000);
	bench.request(2000);
	assert.equal(bench.respond(2010, 1), []);
	assert.equal(bench.receive(2040, "624500010001"), ["response 2 45", "4145000277"]);
});

test("the response to a NON request is a NON (RFC 7252, 5.2.3)", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234", "51"));
	assert.equal(bench.pass(5000), []);
	assert.equal(bench.respond(5000, 1, content({ payload: text("7") })), ["5145000177ff37"]);
});

test("an exchange is answered once", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.respond(0, 1);
	assert.equal(bench.respond(1, 1), ["gone"]);
});

const NO_EXCHANGE = [0, 2, -1];

for (const handle of NO_EXCHANGE) {
	test(`there is nothing to answer at handle ${handle}`, () => {
		const bench = new Bench();
		bench.receive(0, ask("1234"));
		assert.equal(bench.respond(1, handle), ["gone"]);
	});
}

test("a request that is never answered is forgotten after EXCHANGE_LIFETIME", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	assert.equal(bench.pass(246_999), ["1000 60001234"]);
	bench.endpoint.handleTimeout(247_000);
	assert.equal(bench.respond(247_000, 1), ["gone"]);
});

test("a repeated CON request gets the same bytes again and is delivered once (RFC 7252, 4.5)", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	const answer = bench.respond(10, 1, content({ payload: text("7") }));
	assert.equal(bench.receive(2000, ask("1234")), answer);
	assert.equal(bench.receive(246_999, ask("1234")), answer);
	assert.is(bench.endpoint.statistics.duplicates, 2);
});

test("after EXCHANGE_LIFETIME a Message ID is a new request", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.respond(10, 1);
	assert.equal(bench.receive(247_000, ask("1234")), ["request 2 1/a"]);
});

test("a repeated CON request that is still worked on gets an Empty ACK, and then a separate response", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	assert.equal(bench.receive(500, ask("1234")), ["60001234"]);
	assert.equal(bench.pass(5000), []);
	assert.equal(bench.respond(5000, 1), ["4145000177"]);
});

test("a repeated CON request that is answered before its ackAt gets a separate response, too", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.receive(500, ask("1234"));
	assert.equal(bench.respond(600, 1), ["4145000177"]);
});

test("the Empty ACK is remembered with the exchange, even when its message is forgotten", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.pass(1000);
	for (let i = 0; i < limits.deduplicatorCount; i++) bench.receive(2000, `510100f${i} 77 d1 08 00`);
	assert.equal(bench.respond(3000, 1), ["4145000177"]);
});

test("a repeated NON request is dropped", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234", "51"));
	bench.respond(10, 1);
	assert.equal(bench.receive(144_999, ask("1234", "51")), []);
	assert.equal(bench.receive(145_000, ask("1234", "51")), ["request 2 1/a"]);
});

test("so many messages are remembered and no more, oldest out first", () => {
	const bench = new Bench();
	const ids = Array.from({ length: limits.deduplicatorCount + 1 }, (_, i) => `100${i.toString(16)}`);
	for (let i = 0; i < ids.length; i++) {
		bench.receive(i, ask(ids[i]!));
		bench.respond(i, i + 1);
	}
	assert.equal(bench.receive(100, ask(ids[1]!)), [`6145${ids[1]}77`]);
	assert.equal(bench.receive(100, ask(ids[0]!)), [`request ${ids.length + 1} 1/a`]);
});

test("large answers are remembered up to a sum; the repetition of a forgotten one meets silence", () => {
	const bench = new Bench();
	const payload = new Uint8Array(1000);
	bench.receive(0, ask("0001"));
	bench.respond(0, 1, content({ payload }));
	bench.receive(1, ask("0002"));
	bench.respond(1, 2, content({ payload }));
	assert.equal(bench.receive(2, ask("0001")), []);
	assert.is(bench.receive(3, ask("0002"))[0]!.slice(0, 8), "61450002");
});

test("an answer whose request was forgotten meanwhile is sent all the same", () => {
	const bench = new Bench();
	bench.receive(0, ask("0001"));
	for (let i = 0; i < limits.deduplicatorCount; i++) bench.receive(1, `510100f${i} 77 d1 08 00`);
	assert.equal(bench.respond(2, 1), ["6145000177"]);
});

test("requests beyond what is served at once get 5.03", () => {
	const bench = new Bench();
	for (let i = 1; i <= limits.serveCount; i++) bench.receive(0, ask(`000${i}`));
	assert.equal(bench.receive(0, ask("0009")), ["61a3000977"]);
	assert.is(bench.endpoint.statistics.rejected, 1);
	assert.equal(bench.respond(0, 2), ["6145000277"]);
	assert.equal(bench.receive(0, ask("000a")), ["request 5 1/a"]);
});

test("a response names the new resource by Location-Path", () => {
	const bench = new Bench();
	bench.receive(0, "4102 1234 77 b2 7264");
	const lines = bench.respond(0, 1, content({ code: 0x41, locationPath: "/rd/5a3f" }));
	assert.equal(lines, [`6141123477 82${ascii("rd")} 04${ascii("5a3f")}`.replaceAll(" ", "")]);
});

const REFUSED: readonly (readonly [title: string, hex: string, expected: string[]])[] = [
	["unknown critical option, CON", "4101123477 d1 08 00", ["6182123477"]],
	["unknown critical option, NON", "5101123477 d1 08 00", ["70001234"]],
	["Accept twice, CON", "4101123477 d0 04 00", ["6182123477"]],
	["Accept of three bytes, CON", "4101123477 d3 04 000000", ["6182123477"]],
	["Block1 of the reserved size", "4103123477 d1 0e 07 ff 00", ["6180123477"]],
	["Proxy-Uri, CON", "4101123477 d1 16 61", ["61a5123477"]],
	["Proxy-Scheme, NON", "5101123477 d1 1a 61", ["70001234"]],
	["Block2 of the reserved size", "4101123477 d1 0a 07", ["6180123477"]],
	["Block2 of the reserved size, NON", "5101123477 d1 0a 07", ["5180000177"]],
	["Block2 beyond a response that we do not have", "4101123477 d1 0a 16", ["6188123477"]],
];

for (const [title, hex, expected] of REFUSED) {
	test(`refused without the application: ${title}`, () => {
		const bench = new Bench();
		assert.equal(bench.receive(0, hex), expected);
		assert.equal(bench.pass(1e9), []);
	});
}

test("a refusal carries nothing of the response before it", () => {
	const bench = new Bench();
	bench.receive(0, "4101000177 60 51 61");
	const response = content({ payload: new Uint8Array(1025), contentFormat: 42, locationPath: "/b", observe: true });
	bench.respond(0, 1, response);
	assert.equal(bench.receive(1, "4101123477 d1 08 00"), ["6182123477"]);
});

test("what is refused is counted", () => {
	const bench = new Bench();
	bench.receive(0, "4101123477 d1 08 00");
	bench.receive(0, "5101123577 d1 08 00");
	assert.is(bench.endpoint.statistics.rejected, 2);
});

test("a refusal is repeated to a repetition", () => {
	const bench = new Bench();
	bench.receive(0, "4101123477 d1 08 00");
	assert.equal(bench.receive(1, "4101123477 d1 08 00"), ["6182123477"]);
	bench.receive(2, "5101123577 d1 08 00");
	assert.equal(bench.receive(3, "5101123577 d1 08 00"), ["70001235"]);
});

test("an elective option that we do not know is ignored", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, "4101123477 b161 d1 86 00"), ["request 1 1/a"]);
});

const MEANINGLESS: readonly (readonly [title: string, hex: string, expected: string[]])[] = [
	["ping", "40001234", ["70001234"]],
	["ping with Message ID 0", "40000000", ["70000000"]],
	["Empty NON", "50001234", []],
	["CON of reserved class 1", "40211234", ["70001234"]],
	["CON of reserved class 6", "40c11234", ["70001234"]],
	["CON of reserved class 7", "40e11234", ["70001234"]],
	["NON of reserved class 7", "50e11234", []],
	["CON with a token of nine bytes", "49011234 010203040506070809", ["70001234"]],
	["CON with a marker and no payload", "40011234 ff", ["70001234"]],
	["Empty CON with bytes behind", "40001234 00", ["70001234"]],
	["NON with a marker and no payload", "50011234 ff", []],
	["ACK with a marker and no payload", "60451234 ff", []],
	["another version", "80011234", []],
	["three bytes", "400112", []],
	["nothing", "", []],
];

for (const [title, hex, expected] of MEANINGLESS) {
	test(`${title}: ${expected.length === 0 ? "silence" : "Reset"}`, () => {
		const bench = new Bench();
		assert.equal(bench.receive(0, hex), expected);
	});
}

test("what happened is counted", () => {
	const bench = new Bench();
	const received = ["", "40011234ff", "40e11235", "40e11239", "50001240", "60001236", "70001237", "40001238"];
	for (const hex of received) bench.receive(0, hex);
	assert.equal(
		{ ...bench.endpoint.statistics },
		{
			sent: 4,
			retransmitted: 0,
			received: 8,
			duplicates: 0,
			notCoap: 1,
			formatErrors: 1,
			rejected: 3,
			unmatched: 2,
			resetsSent: 4,
			resetsReceived: 1,
			unauthentic: 0,
			timeouts: 0,
			probes: 0,
		},
	);
});

test("both roles run on one path, also with the same Message ID and token", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(1, "420100010001 b162"), ["request 2 1/b"]);
	assert.equal(bench.respond(2, 2), ["624500010001"]);
	assert.equal(bench.receive(3, "624500010001 ff 37"), ["response 1 45 37"]);
});

test("a new path forgets what no token tells apart: nothing of it is a repetition", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.respond(0, 1);
	bench.endpoint.handlePathChanged(1);
	assert.equal(bench.receive(2, ask("1234")), ["request 2 1/a"]);
});

/** CON GET /a with a token of two bytes. */
const askTwice = (token: string) => `42011234${token} b161`;

test("what comes again from a new path with its token was carried out, and is answered as it was", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, askTwice("7701")), ["request 1 1/a"]);
	bench.respond(0, 1);
	bench.endpoint.handlePathChanged(1);
	assert.equal(bench.drain(1), []);
	assert.equal(bench.receive(1e6, askTwice("7701")), ["624512347701"]);
});

test("the same Message ID with another token is another message, on the same path, too", () => {
	const bench = new Bench();
	bench.receive(0, askTwice("7701"));
	bench.respond(0, 1);
	assert.equal(bench.receive(1, askTwice("7702")), ["request 2 1/a"]);
	bench.respond(1, 2);
	assert.equal(bench.receive(2, askTwice("7702")), ["624512347702"]);
});

test("a separate response under way goes out again on a new path, as a new message", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.pass(1000);
	assert.equal(bench.respond(5000, 1), ["4145000177"]);
	bench.endpoint.handlePathChanged(5100);
	assert.equal(bench.drain(5100), ["4145000277"]);
	assert.equal(bench.receive(5200, "60000002"), ["alive 1"]);
	assert.equal(bench.pass(1e9), []);
});

test("a cancelled request of the peer is not answered", () => {
	const bench = new Bench();
	bench.receive(0, ask("1234"));
	bench.endpoint.cancel(1, 1);
	assert.equal(bench.respond(1, 1), ["gone"]);
	assert.equal(bench.pass(1e9), []);
});

test("the message of an event is readable until the next datagram", () => {
	const bench = new Bench();
	bench.endpoint.handleReceived(0, fromHex("4103123477 b161 ff 3132"));
	const event = bench.endpoint.pollEvent();
	assert.is(event?.kind, "request");
	if (event?.kind === "request") assert.equal([...event.message.payload!], [0x31, 0x32]);
	assert.ok(event?.kind === "request" && event.message instanceof DatagramMessage);
});

test("a request and its response wait in no queue of the other role", () => {
	const bench = new Bench();
	bench.request(0, get());
	bench.receive(1, ask("1234"));
	assert.equal(bench.respond(2, 2), ["6145123477"]);
});

test.run();
