import { assert, suite } from "#suite";
import type { Request } from "../../coap/endpoint.js";
import { NotificationOrder } from "../../coap/observation.js";
import { limits } from "../../limits.js";
import { Bench, content, get, text } from "./bench.js";
import { fromHex } from "./hex.js";

const test = suite("coap/observation");
const DAY = 24 * 3600 * 1000;

/** GET /a with Observe and token 77. */
const REGISTER = "4101123477 60 51 61";
const DEREGISTER = "4101123577 6101 51 61";

/** A peer is registered: exchange 1, with Observe 1. */
function observed(): Bench {
	const bench = new Bench();
	assert.equal(bench.receive(0, REGISTER), ["request 1 1/a observe=0"]);
	assert.equal(bench.respond(0, 1, content({ observe: true, payload: text("1") })), ["61451234776101ff31"]);
	return bench;
}

test("an accepted registration is answered with Observe, and notifications follow", () => {
	const bench = observed();
	assert.equal(bench.respond(10, 1, content({ payload: text("2") })), ["5145000177 6102 ff32".replaceAll(" ", "")]);
	assert.equal(bench.respond(20, 1, content({ payload: text("3") })), ["51450002776103ff33"]);
	assert.equal(bench.pass(1e9), []);
});

const PLAIN: readonly (readonly [title: string, hex: string, observe: boolean | undefined, code: number])[] = [
	["not asked for", "4101123477 b161", true, 0x45],
	["asked for, not accepted", REGISTER, undefined, 0x45],
	["asked for, refused", REGISTER, false, 0x45],
	["asked for, accepted by an error", REGISTER, true, 0x84],
	["asked for by a PUT", "4103123477 60 51 61", true, 0x45],
];

for (const [title, hex, observe, code] of PLAIN) {
	test(`an observation that is ${title}: a plain response, and the exchange is over`, () => {
		const bench = new Bench();
		bench.receive(0, hex);
		assert.equal(bench.respond(0, 1, content({ code, observe })), [`61${code.toString(16)}123477`]);
		assert.equal(bench.respond(1, 1), ["gone"]);
	});
}

test("a FETCH is observed like a GET (RFC 8132, 2.4)", () => {
	const bench = new Bench();
	bench.receive(0, "4105123477 60 51 61 ff 00");
	assert.equal(bench.respond(0, 1, content({ observe: true })), ["61451234776101"]);
});

test("a CON notification is retransmitted until acknowledged", () => {
	const bench = observed();
	assert.equal(bench.respond(10, 1, content({ confirmable: true })), ["41450001776102"]);
	assert.equal(bench.pass(3000), ["2010 41450001776102"]);
	assert.equal(bench.receive(3000, "60000001"), ["alive 1"]);
	assert.equal(bench.pass(1e9), []);
	assert.equal(bench.respond(1e9, 1).length, 1);
});

test("a CON notification that times out ends the observation (RFC 7641, 4.5)", () => {
	const bench = observed();
	bench.respond(0, 1, content({ confirmable: true }));
	assert.is(bench.pass(1e9).at(-1), "62000 cancelled 1 timeout");
	assert.equal(bench.respond(1e9, 1), ["gone"]);
});

test("a Reset to a CON notification ends the observation (RFC 7641, 3.6)", () => {
	const bench = observed();
	bench.respond(0, 1, content({ confirmable: true }));
	assert.equal(bench.receive(40, "70000001"), ["cancelled 1 reset"]);
	assert.equal(bench.pass(1e9), []);
	assert.equal(bench.respond(100, 1), ["gone"]);
});

test("a Reset to a NON notification ends the observation", () => {
	const bench = observed();
	bench.respond(0, 1);
	assert.equal(bench.receive(40, "70000001"), ["cancelled 1 reset"]);
	assert.equal(bench.respond(100, 1), ["gone"]);
	assert.is(bench.endpoint.statistics.unmatched, 0);
});

test("a Reset to something else leaves the observation alone", () => {
	const bench = observed();
	bench.respond(0, 1);
	assert.equal(bench.receive(40, "70000007"), []);
	assert.is(bench.respond(100, 1).length, 1);
});

test("GET with Observe 1 ends the observation and is answered plainly", () => {
	const bench = observed();
	assert.equal(bench.receive(10, DEREGISTER), ["cancelled 1 deregister", "request 2 1/a observe=1"]);
	assert.equal(bench.respond(11, 2, content({ observe: true })), ["6145123577"]);
	assert.equal(bench.respond(12, 1), ["gone"]);
});

test("registering again with the same token replaces the observation (RFC 7641, 4.1)", () => {
	const bench = observed();
	assert.equal(bench.receive(10, "4101123677 60 51 61"), ["cancelled 1 replaced", "request 2 1/a observe=0"]);
	assert.equal(bench.respond(11, 2, content({ observe: true })), ["61451236776102"]);
	assert.equal(bench.respond(12, 1), ["gone"]);
	assert.equal(bench.respond(12, 2), ["51450001776103"]);
});

test("another token is another observation", () => {
	const bench = observed();
	assert.equal(bench.receive(10, "4101123678 60 51 61"), ["request 2 1/a observe=0"]);
	bench.respond(11, 2, content({ observe: true }));
	assert.equal(bench.respond(12, 1), ["51450001776103"]);
	assert.equal(bench.respond(12, 2), ["51450002786104"]);
});

test("a repeated registration is one registration", () => {
	const bench = observed();
	assert.equal(bench.receive(2000, REGISTER), ["61451234776101ff31"]);
	assert.is(bench.respond(2001, 1).length, 1);
});

test("an error is the last notification, confirmable and without Observe (RFC 7641, 4.2)", () => {
	const bench = observed();
	assert.equal(bench.respond(10, 1, content({ code: 0x84 })), ["4184000177"]);
	assert.equal(bench.respond(11, 1), ["gone"]);
	assert.equal(bench.receive(40, "60000001"), ["alive 1"]);
});

test("at least one CON a day: a NON is promoted (RFC 7641, 4.5)", () => {
	const bench = observed();
	assert.is(bench.respond(DAY - 1, 1)[0]!.slice(0, 2), "51");
	assert.is(bench.respond(DAY, 1)[0]!.slice(0, 2), "41");
	bench.receive(DAY + 40, "60000002");
	assert.is(bench.respond(DAY + 50, 1)[0]!.slice(0, 2), "51");
	assert.is(bench.respond(2 * DAY + 40, 1)[0]!.slice(0, 2), "41");
});

test("of two NON notifications before a poll only the newer is sent (RFC 7641, 4.5.2)", () => {
	const bench = observed();
	bench.endpoint.respond(10, 1, content({ payload: text("2") }));
	bench.endpoint.respond(10, 1, content({ payload: text("3") }));
	assert.equal(bench.drain(10), ["51450002776103ff33"]);
});

test("a newer notification takes the next retransmission of an older one, and its remaining attempts", () => {
	const bench = observed();
	bench.respond(0, 1, content({ confirmable: true, payload: text("2") }));
	assert.equal(bench.respond(100, 1, content({ payload: text("3") })), []);
	assert.equal(bench.respond(200, 1, content({ payload: text("4") })), []);
	assert.equal(bench.pass(6000), ["2000 41450003776104ff34", "6000 41450003776104ff34"]);
	assert.equal(bench.receive(6100, "60000003"), ["alive 1"]);
	assert.equal(bench.pass(1e9), []);
});

test("a notification that follows has all its attempts", () => {
	const bench = observed();
	bench.respond(0, 1, content({ confirmable: true }));
	bench.pass(30_000);
	bench.respond(30_000, 1, content({ payload: text("3") }));
	assert.equal(bench.receive(31_000, "60000001"), ["alive 1", "41450002776103ff33"]);
	assert.is(bench.pass(1e9).length, 5);
});

test("a newer notification goes out at once when the older is acknowledged", () => {
	const bench = observed();
	bench.respond(0, 1, content({ confirmable: true, payload: text("2") }));
	bench.respond(100, 1, content({ payload: text("3") }));
	assert.equal(bench.receive(200, "60000001"), ["alive 1", "41450002776103ff33"]);
});

test("a Reset to the older notification drops the newer", () => {
	const bench = observed();
	bench.respond(0, 1, content({ confirmable: true }));
	bench.respond(100, 1);
	assert.equal(bench.receive(200, "70000001"), ["cancelled 1 reset"]);
	assert.equal(bench.pass(1e9), []);
});

test("a CON notification that waits for its turn is replaced by a newer one", () => {
	const bench = observed();
	bench.request(0);
	bench.respond(10, 1, content({ confirmable: true, payload: text("2") }));
	bench.respond(20, 1, content({ confirmable: true, payload: text("3") }));
	assert.equal(bench.receive(40, "624500010001"), ["response 2 45", "41450003776103ff33"]);
});

test("a registration may be answered late", () => {
	const bench = new Bench();
	bench.receive(0, REGISTER);
	bench.pass(1000);
	assert.equal(bench.respond(5000, 1, content({ observe: true })), ["41450001776101"]);
	bench.receive(5040, "60000001");
	assert.equal(bench.respond(6000, 1), ["51450002776102"]);
});

test("an observation that we end is not told", () => {
	const bench = observed();
	bench.respond(0, 1, content({ confirmable: true }));
	bench.endpoint.cancel(10, 1);
	assert.equal(bench.pass(1e9), []);
	assert.equal(bench.respond(10, 1), ["gone"]);
});

test("beyond the limit an observation is answered plainly", () => {
	const bench = new Bench();
	for (let i = 0; i <= limits.observationCount; i++) {
		const id = (0x1000 + i).toString(16);
		bench.receive(i, `4201${id}${id} 60 51 61`);
		const [answer] = bench.respond(i, i + 1, content({ observe: true }));
		assert.is(answer!.includes(`${id}61`), i < limits.observationCount);
	}
});

test("a new path keeps observations; a CON notification under way goes out as a new message", () => {
	const bench = observed();
	bench.respond(0, 1, content({ confirmable: true, payload: text("2") }));
	bench.endpoint.handlePathChanged(100);
	assert.equal(bench.drain(100), ["41450002776102ff32"]);
	assert.equal(bench.receive(140, "60000002"), ["alive 1"]);
	assert.equal(bench.respond(200, 1), ["51450003776103"]);
});

test("after a new path the newest of two notifications goes out, as a new message", () => {
	const bench = observed();
	bench.respond(0, 1, content({ confirmable: true, payload: text("2") }));
	bench.respond(10, 1, content({ payload: text("3") }));
	bench.endpoint.handlePathChanged(100);
	assert.equal(bench.drain(100), ["41450002776103ff33"]);
	assert.equal(bench.receive(140, "60000002"), ["alive 1"]);
	assert.equal(bench.pass(1e9), []);
});

test("a notification that waited for its turn over a new path goes out once", () => {
	const bench = observed();
	bench.request(0);
	bench.respond(0, 1, content({ confirmable: true, payload: text("2") }));
	bench.endpoint.handlePathChanged(100);
	assert.equal(bench.drain(100), ["failed 2 path-changed", "41450003776102ff32"]);
});

/* the observing side */

/** We are registered at the peer: exchange 1, token 0001, last Observe 5. */
function observing(): Bench {
	const bench = new Bench();
	assert.equal(bench.request(0, get({ observe: 0 })), ["4201000100016051 61".replaceAll(" ", "")]);
	assert.equal(bench.receive(40, "624500010001 6105 ff31"), ["response 1 45 observe=5 31"]);
	assert.is(bench.endpoint.pollTimeout(), Number.POSITIVE_INFINITY);
	return bench;
}

test("notifications come to the open exchange; a CON is acknowledged", () => {
	const bench = observing();
	assert.equal(bench.receive(100, "524520000001 6106 ff32"), ["response 1 45 observe=6 32"]);
	assert.equal(bench.receive(200, "424520010001 6107 ff33"), ["response 1 45 observe=7 33", "60002001"]);
});

test("a notification that was overtaken is acknowledged and not delivered (RFC 7641, 3.4)", () => {
	const bench = observing();
	bench.receive(100, "524520000001 6107 ff33");
	assert.equal(bench.receive(200, "424520010001 6106 ff32"), ["60002001"]);
});

test("after 128 s any notification is new", () => {
	const bench = observing();
	assert.equal(bench.receive(128_040, "524520000001 6101 ff32"), []);
	assert.equal(bench.receive(128_041, "524520010001 6101 ff32"), ["response 1 45 observe=1 32"]);
});

test("an error ends the observation", () => {
	const bench = observing();
	assert.equal(bench.receive(100, "428420000001"), ["response 1 84", "60002000"]);
	assert.equal(bench.receive(200, "524520010001 6107"), ["70002001"]);
});

test("a response without Observe ends the observation", () => {
	const bench = observing();
	assert.equal(bench.receive(100, "524520000001 ff32"), ["response 1 45 32"]);
	assert.equal(bench.receive(200, "524520010001 6107"), ["70002001"]);
});

test("a registration that is not accepted is a plain response", () => {
	const bench = new Bench();
	bench.request(0, get({ observe: 0 }));
	assert.equal(bench.receive(40, "624500010001 ff31"), ["response 1 45 31"]);
	assert.equal(bench.receive(200, "524520010001 6107"), ["70002001"]);
});

test("a notification meets no Reset while the observation waits to be asked for again", () => {
	const bench = observing();
	bench.request(50, get({ path: "/other" }));
	bench.request(60, get({ observe: 0 }));
	assert.equal(bench.receive(100, "424520000001 6106 ff32"), ["60002000"]);
});

test("a forgotten observation is refused by a Reset", () => {
	const bench = observing();
	bench.endpoint.cancel(50, 1);
	assert.equal(bench.receive(100, "524520000001 6106 ff32"), ["70002000"]);
	assert.equal(bench.receive(100, "424520010001 6107 ff32"), ["70002001"]);
});

test("Observe 1 goes with the token of the registration, which is over", () => {
	const bench = observing();
	assert.equal(bench.request(100, get({ observe: 1 })), ["420100020001610151 61".replaceAll(" ", "")]);
	assert.equal(bench.receive(140, "624500020001 ff34"), ["response 2 45 34"]);
	assert.equal(bench.receive(200, "524520010001 6107"), ["70002001"]);
});

test("registering again for the same keeps the token (RFC 7641, 3.1)", () => {
	const bench = observing();
	assert.equal(bench.request(100, get({ observe: 0 })), ["4201000200016051 61".replaceAll(" ", "")]);
	assert.equal(bench.request(100, get({ observe: 0, path: "/b" })), []);
	assert.equal(bench.receive(140, "624500020001 6106 ff34"), ["response 2 45 observe=6 34", "420100030002605162"]);
});

test("observations of ours are bounded", () => {
	const bench = new Bench();
	for (let i = 0; i < limits.observationCount; i++) {
		const id = (i + 1).toString(16).padStart(4, "0");
		assert.is(bench.endpoint.request(0, get({ observe: 0, path: `/${i}` })), i + 1);
		bench.receive(0, `6245${id}${id} 6101`);
	}
	assert.is(bench.endpoint.request(0, get({ observe: 0, path: "/one-more" })), 0);
	assert.is(bench.endpoint.resume(0, "abcd"), 0);
	assert.ok(bench.endpoint.request(0, get({ observe: 0, path: "/0" })) > 0);
	assert.ok(bench.endpoint.ping(0, undefined) > 0);
});

const TARGETS: readonly (readonly [title: string, other: Partial<Request>])[] = [
	["path", { path: "/b" }],
	["Accept", { accept: 110 }],
	["method", { code: 0x05 }],
	["query", { query: ["b=1"] }],
];

for (const [title, other] of TARGETS) {
	test(`another ${title} is another observation, with a token of its own`, () => {
		const bench = observing();
		assert.is(bench.request(100, get({ observe: 0, ...other }))[0]!.slice(8, 12), "0002");
		assert.equal(bench.receive(110, "524520000001 6106"), ["response 1 45 observe=6"]);
	});
}

test("a notification has no round trip", () => {
	for (const bench of [observing(), new Bench()]) {
		bench.endpoint.resume(0, "0001");
		bench.endpoint.handleReceived(100, fromHex("524520000001 6106 ff32"));
		const event = bench.endpoint.pollEvent();
		assert.ok(event?.kind === "response" && event.roundTripMs === 0);
	}
});

test("a large notification of a resumed observation is fetched by its request", () => {
	const bench = new Bench();
	bench.endpoint.resume(0, "0001", get({ observe: 0, path: "/a" }));
	const first = `6106 d10408 ff ${"31".repeat(16)}`;
	const asked = bench.receive(100, `424520000001 ${first}`);
	assert.is(asked[0], "60002000");
	assert.match(asked[1]!, /^4201/);
	const id = asked[1]!.slice(4, 12);
	assert.equal(bench.receive(200, `6245${id} d10a10 ff33`), [`response 1 45 observe=6 ${"31".repeat(16)}33`]);
});

test("a large notification of a resumed observation without its request is left out", () => {
	const bench = new Bench();
	bench.endpoint.resume(0, "0001");
	const block = `6106 d10408 ff ${"31".repeat(16)}`;
	assert.equal(bench.receive(100, `424520000001 ${block}`), ["60002000"]);
	assert.equal(bench.receive(200, "524520010001 6107 ff33"), ["response 1 45 observe=7 33"]);
});

test("a resumed observation receives, whatever number comes first", () => {
	const bench = new Bench();
	assert.is(bench.endpoint.resume(0, "abcd"), 1);
	assert.is(bench.endpoint.resume(0, "abcd"), 0);
	assert.equal(bench.receive(100, "42452000abcd 6109 ff32"), ["response 1 45 observe=9 32", "60002000"]);
	assert.equal(bench.receive(200, "52452001abcd 6108 ff32"), []);
	bench.endpoint.handlePathChanged(300);
	assert.equal(bench.receive(400, "52452002abcd 610a ff33"), ["response 1 45 observe=10 33"]);
});

test("each accepted notification is the measure for the next", () => {
	const order = new NotificationOrder(5, 0);
	assert.equal(
		[
			[6, 100_000],
			[3, 129_000],
			[3, 229_000],
			[2, 229_001],
		].map(([value, at]) => order.accept(value!, at!)),
		[true, false, true, false],
	);
});

const ORDER: readonly (readonly [first: number, second: number, later: number, newer: boolean])[] = [
	[1, 2, 0, true],
	[2, 1, 0, false],
	[1, 1, 0, false],
	[0, 2 ** 23 - 1, 0, true],
	[0, 2 ** 23, 0, false],
	[2 ** 24 - 1, 0, 0, true],
	[2 ** 23, 0, 0, false],
	[2 ** 23 + 1, 0, 0, true],
	[2, 1, 128_000, false],
	[2, 1, 128_001, true],
];

for (const [first, second, later, newer] of ORDER) {
	test(`${second} after ${first}, ${later} ms later, is ${newer ? "newer" : "older"}`, () => {
		assert.is(new NotificationOrder(first, 0).accept(second, later), newer);
	});
}

test.run();
