import { assert, suite } from "#suite";
import { limits } from "../../limits.js";
import { FixedRandom, SeededRandom } from "../random.js";
import { Bench, content, get } from "./bench.js";
import { fromHex } from "./hex.js";

const test = suite("coap/datagram: our requests");

test("a piggybacked response ends the exchange (RFC 7252, 5.2.1)", () => {
	const bench = new Bench();
	assert.equal(bench.request(0), ["420100010001b161"]);
	assert.equal(bench.receive(40, "624500010001 ff 37"), ["response 1 45 37"]);
	assert.is(bench.endpoint.pollTimeout(), Number.POSITIVE_INFINITY);
});

test("a separate response is acknowledged (RFC 7252, 5.2.2)", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(40, "60000001"), ["alive 1"]);
	assert.equal(bench.receive(3000, "42451234 0001 ff 37"), ["response 1 45 37", "60001234"]);
});

test("a separate response that overtakes its Empty ACK stops the retransmission", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(40, "42451234 0001 ff 37"), ["response 1 45 37", "60001234"]);
	assert.equal(bench.receive(50, "60000001"), []);
	assert.equal(bench.pass(1e9), []);
});

test("a repeated separate response is acknowledged again and delivered once", () => {
	const bench = new Bench();
	bench.request(0);
	bench.receive(40, "60000001");
	bench.receive(3000, "42451234 0001 ff 37");
	assert.equal(bench.receive(5000, "42451234 0001 ff 37"), ["60001234"]);
});

test("a NON response to a CON request is delivered and not acknowledged", () => {
	const bench = new Bench();
	bench.request(0);
	bench.receive(40, "60000001");
	assert.equal(bench.receive(3000, "52451234 0001 ff 37"), ["response 1 45 37"]);
});

test("after the Empty ACK the response is waited for, then the request has failed", () => {
	const bench = new Bench();
	bench.request(0);
	bench.receive(1000, "60000001");
	assert.equal(bench.pass(1e9), ["94000 failed 1 timeout"]);
});

test("a NON request is sent once", () => {
	const bench = new Bench();
	assert.equal(bench.request(0, get({ confirmable: false })), ["520100010001b161"]);
	assert.equal(bench.pass(1e9), ["93000 failed 1 timeout"]);
});

const SCHEDULES: readonly (readonly [random: number, retransmissions: number[], failedAt: number])[] = [
	[0, [2000, 6000, 14000, 30000], 62000],
	[0x8000_0000, [2500, 7500, 17500, 37500], 77500],
	[0xffff_ffff, [3000, 9000, 21000, 45000], 93000],
];

for (const [random, retransmissions, failedAt] of SCHEDULES) {
	test(`a CON that nobody answers, random ${random}: given up at ${failedAt} (RFC 7252, 4.2)`, () => {
		const bench = new Bench({ random: new FixedRandom(random) });
		const first = bench.request(0)[0];
		const rounded = bench.pass(1e9).map((line) => {
			const [at, ...rest] = line.split(" ");
			return [Math.round(Number(at)), ...rest].join(" ");
		});
		assert.equal(rounded, [...retransmissions.map((at) => `${at} ${first}`), `${failedAt} failed 1 timeout`]);
		assert.is(bench.endpoint.statistics.retransmitted, 4);
		assert.is(bench.endpoint.statistics.timeouts, 1);
	});
}

const FEWER: readonly (readonly [maxRetransmit: number, failedAt: number])[] = [
	[0, 2000],
	[1, 6000],
	[2, 14000],
];

for (const [maxRetransmit, failedAt] of FEWER) {
	test(`at most ${maxRetransmit} retransmissions: given up at ${failedAt}`, () => {
		const bench = new Bench();
		bench.request(0, get({ maxRetransmit }));
		const lines = bench.pass(1e9);
		assert.is(lines.length, maxRetransmit + 1);
		assert.is(lines.at(-1), `${failedAt} failed 1 timeout`);
	});
}

test("handleTimeout before its time does nothing", () => {
	const bench = new Bench();
	bench.request(0);
	bench.endpoint.handleTimeout(1999);
	assert.equal(bench.drain(1999), []);
	assert.is(bench.endpoint.pollTimeout(), 2000);
});

test("a late handleTimeout retransmits once and doubles from there", () => {
	const bench = new Bench();
	bench.request(0);
	bench.endpoint.handleTimeout(100_000);
	assert.is(bench.drain(100_000).length, 1);
	assert.is(bench.endpoint.pollTimeout(), 104_000);
});

test("a Reset fails the request", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(40, "70000001"), ["failed 1 reset"]);
	assert.equal(bench.pass(1e9), []);
});

test("a Reset fails a NON request", () => {
	const bench = new Bench();
	bench.request(0, get({ confirmable: false }));
	assert.equal(bench.receive(40, "70000001"), ["failed 1 reset"]);
});

const IGNORED: readonly (readonly [title: string, hex: string])[] = [
	["an ACK with another token", "624500010002 ff 37"],
	["an ACK with another Message ID", "624500020001 ff 37"],
	["an Empty ACK with another Message ID", "60000002"],
	["a Reset with another Message ID", "70000002"],
	["an ACK that carries a request", "620100010001"],
	["a Reset that carries a code", "724500010001"],
	["an ACK with a format error", "6f450001"],
	["a NON with a format error", "5f450001"],
];

for (const [title, hex] of IGNORED) {
	test(`${title} is ignored`, () => {
		const bench = new Bench();
		bench.request(0);
		assert.equal(bench.receive(40, hex), []);
		const { unmatched, rejected, formatErrors } = bench.endpoint.statistics;
		assert.is(unmatched + rejected + formatErrors, 1);
		assert.equal(bench.receive(50, "624500010001 ff 37"), ["response 1 45 37"]);
	});
}

test("a response that nobody asked for is rejected by a Reset", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, "42451234 0001 ff 37"), ["70001234"]);
	assert.equal(bench.receive(0, "52451235 0001 ff 37"), ["70001235"]);
	assert.is(bench.endpoint.statistics.unmatched, 2);
});

test("an unknown critical option in a piggybacked response rejects it (RFC 7252, 5.4.1)", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(40, "624500010001 d1 08 00 ff 37"), ["failed 1 rejected"]);
	assert.is(bench.endpoint.statistics.rejected, 1);
});

test("an unknown critical option in a separate response is answered by a Reset", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(40, "424512340001 d1 08 00 ff 37"), ["failed 1 rejected", "70001234"]);
});

test("an urgent CON waits for no other, and lets none go before its turn", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.request(0, get({ path: "/b" })), []);
	assert.equal(bench.request(0, get({ path: "/c", urgent: true })), ["420100030003b163"]);
	assert.equal(bench.receive(10, "624500030003"), ["response 3 45"]);
	assert.equal(bench.drain(10), []);
});

test("one CON is under way at a time, the others wait in order (RFC 7252, 4.7)", () => {
	const bench = new Bench();
	assert.equal(bench.request(0, get({ path: "/a" })), ["420100010001b161"]);
	assert.equal(bench.request(1, get({ path: "/b" })), []);
	assert.equal(bench.request(2, get({ path: "/c" })), []);
	assert.equal(bench.receive(40, "624500010001"), ["response 1 45", "420100020002b162"]);
	assert.equal(bench.receive(50, "60000002"), ["alive 2", "420100030003b163"]);
});

test("a CON that is given up makes room for the next", () => {
	const bench = new Bench();
	bench.request(0, get({ maxRetransmit: 0 }));
	bench.request(0, get({ path: "/b" }));
	assert.equal(bench.pass(2000), ["2000 failed 1 timeout", "2000 420100020002b162"]);
});

test("a NON does not wait for a CON", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.request(0, get({ confirmable: false })), ["520100020002b161"]);
});

test("more requests than limits allow are refused", () => {
	const bench = new Bench();
	const handles = [1, 2, 3, 4, 5].map(() => bench.endpoint.request(0, get()));
	assert.equal(handles, [1, 2, 3, 4, 0]);
});

test("a request that fits no datagram is refused", () => {
	const bench = new Bench();
	const path = (length: number) => `/${"p".repeat(length)}`;
	const room = limits.messageLength - "420100010001be0000".length / 2;
	assert.is(bench.endpoint.request(0, get({ path: path(room + 1) })), 0);
	assert.equal(bench.drain(0), []);
	assert.is(bench.request(0, get({ path: path(room) }))[0]!.length, 2 * limits.messageLength);
});

test("messages of the other role take no place of a request", () => {
	const bench = new Bench();
	for (let i = 1; i <= limits.requestCount; i++) {
		bench.receive(0, `4101000${i} 7${i} 60 51 61`);
		bench.respond(0, i, content({ observe: true }));
		bench.respond(0, i, content({ confirmable: true }));
	}
	assert.ok(bench.endpoint.request(0, get()) > 0);
});

test("a cancelled request is forgotten; its late response meets a Reset", () => {
	const bench = new Bench();
	bench.request(0);
	bench.endpoint.cancel(10, 1);
	assert.equal(bench.pass(1e9), []);
	assert.equal(bench.receive(20, "424512340001 ff 37"), ["70001234"]);
});

test("a cancelled request makes room for the next", () => {
	const bench = new Bench();
	bench.request(0);
	bench.request(0, get({ path: "/b" }));
	bench.endpoint.cancel(10, 1);
	assert.equal(bench.drain(10), ["420100020002b162"]);
});

test("an ACK with the token of another request answers neither", () => {
	const bench = new Bench();
	bench.request(0);
	bench.receive(10, "60000001");
	bench.request(20, get({ path: "/b" }));
	assert.equal(bench.receive(30, "624500020001 ff 37"), []);
	assert.is(bench.endpoint.statistics.unmatched, 1);
});

test("a ping is an Empty CON, and alive by its Reset (RFC 7252, 4.3)", () => {
	const bench = new Bench();
	assert.equal(bench.ping(0), ["40001000"]);
	assert.equal(bench.receive(40, "70001000"), ["alive 1"]);
	assert.equal(bench.pass(1e9), []);
});

test("a ping is alive by an Empty ACK too, which widespread clients send", () => {
	const bench = new Bench();
	bench.ping(0);
	assert.equal(bench.receive(40, "60001000"), ["alive 1"]);
	assert.equal(bench.pass(1e9), []);
});

test("the Message ID of a ping cannot be counted, and is none that requests come to soon", () => {
	const bench = new Bench({ random: new SeededRandom(9) });
	const drawn: number[] = [];
	for (let i = 0; i < 3; i++) {
		const [ping] = bench.ping(i);
		drawn.push(Number.parseInt(ping!.slice(4, 8), 16));
		bench.receive(i, `7000${ping!.slice(4, 8)}`);
	}
	assert.is(new Set(drawn).size, 3);
	const counted = Number.parseInt(bench.request(9)[0]!.slice(4, 8), 16);
	for (const messageId of drawn) {
		const ahead = (messageId - counted) & 0xffff;
		assert.ok(ahead >= 0x1000 && ahead <= 0xf000, `${ahead}`);
	}
});

test("a ping that nobody answers fails", () => {
	const bench = new Bench();
	bench.ping(0, 1);
	assert.equal(bench.pass(1e9), ["2000 40001000", "6000 failed 1 timeout"]);
});

test("a new path fails what was sent and keeps what was not", () => {
	const bench = new Bench();
	bench.request(0);
	bench.request(0, get({ path: "/b" }));
	bench.endpoint.handlePathChanged(100);
	assert.equal(bench.drain(100), ["failed 1 path-changed", "420100020002b162"]);
});

/** Two endpoints of ours towards one peer, before and after it moved; the second one goes on counting. */
function moved(): { former: Bench; latter: Bench } {
	const latter = new Bench();
	const former = new Bench();
	former.request(0, get({ path: "/x" }));
	former.receive(1, "624500010001");
	latter.endpoint.succeed(former.endpoint);
	return { former, latter };
}

test("a request goes on in another endpoint as the same message, and its answer is one there", () => {
	const { former, latter } = moved();
	assert.equal(former.request(10), ["420100020002b161"]);
	const pending = former.endpoint.pending(2)!;
	former.endpoint.cancel(20, 2);
	assert.is(former.endpoint.pending(2), undefined);
	assert.ok(pending.wasSent && !pending.isAcknowledged);
	assert.is(latter.endpoint.adopt(20, pending), 1);
	assert.equal(latter.drain(20), ["420100020002b161"]);
	assert.equal(latter.receive(30, "624500020002"), ["response 1 45"]);
	assert.equal(former.pass(1e9), []);
});

test("after its last repetition a request can begin again, and is then repeated as often", () => {
	const bench = new Bench();
	bench.request(0);
	const pending = bench.endpoint.pending(1)!;
	const first = bench.pass(1e5).map((line) => line.slice(line.indexOf(" ")));
	assert.is(first.at(-1), " failed 1 timeout");
	assert.is(bench.endpoint.adopt(1e5, pending), 2);
	assert.equal(bench.drain(1e5), ["420100010001b161"]);
	assert.is(bench.pass(1e6).length, first.length);
});

test("an acknowledged request only waits where it goes on; one that never left is sent", () => {
	const { former, latter } = moved();
	former.request(10);
	former.request(10, get({ path: "/b" }));
	former.receive(11, "60000002");
	const [acknowledged, second] = [former.endpoint.pending(2)!, former.endpoint.pending(3)!];
	assert.ok(acknowledged.isAcknowledged);
	assert.ok(second.wasSent);
	latter.endpoint.adopt(20, acknowledged);
	assert.equal(latter.drain(20), []);
	assert.equal(latter.receive(30, "424500990002"), ["response 1 45", "60000099"]);
	const fresh = new Bench();
	fresh.request(0);
	fresh.request(0, get({ path: "/b" }));
	assert.not(fresh.endpoint.pending(2)!.wasSent);
});

test("a new request goes on with the identifiers of the former endpoint", () => {
	const { latter } = moved();
	assert.equal(latter.request(10), ["420100020002b161"]);
});

/** The round trip that the next event tells of. */
function roundTripMs(bench: Bench): number | undefined {
	const event = bench.endpoint.pollEvent();
	return event?.kind === "response" ? event.roundTripMs : undefined;
}

test("the round trip counts from the first transmission", () => {
	const bench = new Bench();
	bench.request(100);
	bench.endpoint.handleTimeout(2100);
	bench.endpoint.handleReceived(2140, fromHex("624500010001"));
	assert.is(roundTripMs(bench), 2040);
});

test("the round trip of a request that had to wait counts from when it left", () => {
	const bench = new Bench();
	bench.request(0);
	bench.request(0, get({ path: "/b" }));
	bench.receive(1000, "624500010001");
	bench.endpoint.handleReceived(1040, fromHex("624500020002"));
	assert.is(roundTripMs(bench), 40);
});

test("a request that waits for its turn again has no deadline of before", () => {
	const bench = new Bench();
	bench.request(0);
	bench.receive(0, "60000001");
	bench.request(80_000, get({ path: "/b" }));
	assert.equal(bench.receive(85_000, `42451234 0001 d10a08 ff ${"31".repeat(16)}`), ["60001234"]);
	const lines = bench.pass(1e9).filter((line) => line.includes("failed"));
	assert.equal(lines, ["142000 failed 2 timeout", "204000 failed 1 timeout"]);
});

test("an Empty ACK that is repeated is no second sign of life", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(40, "60000001"), ["alive 1"]);
	assert.equal(bench.receive(50, "60000001"), []);
});

test("a response to a request that still waits for its turn is rejected", () => {
	const bench = new Bench();
	bench.request(0);
	bench.request(0, get({ path: "/b" }));
	assert.equal(bench.receive(10, "524512340002"), ["70001234"]);
});

test("handles of both roles rise, and are not used again", () => {
	const bench = new Bench();
	bench.request(0);
	bench.receive(1, "4101123477 b161");
	bench.respond(1, 2);
	bench.receive(2, "624500010001");
	assert.is(bench.endpoint.ping(3, undefined), 3);
});

test("a new path takes back a Reset that did not leave yet", () => {
	const bench = new Bench();
	bench.endpoint.handleReceived(0, fromHex("40001234"));
	bench.endpoint.handlePathChanged(1);
	assert.equal(bench.drain(1), []);
});

test("tokens in use are passed over", () => {
	const bench = new Bench();
	assert.is(bench.endpoint.resume(0, "0001"), 1);
	assert.equal(bench.request(0), ["420100010002b161"]);
});

test.run();
