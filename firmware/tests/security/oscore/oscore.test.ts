import { assert, suite } from "#suite";
import { limits } from "../../../limits.js";
import type { SecurityParameters } from "../../../security/oscore/context.js";
import { Oscore } from "../../../security/oscore/oscore.js";
import { fromHex, toHex } from "../../coap/hex.js";
import { contextOf, EXAMPLES, mirrored, optionsOf, run } from "./bench.js";

const test = suite("security/oscore/oscore");

const HELLO = "64455d1f00003974ff48656c6c6f20576f726c6421";

function sides(of: SecurityParameters, first = 0): { client: Oscore; server: Oscore } {
	return {
		client: new Oscore(optionsOf(), contextOf(of, first)),
		server: new Oscore(optionsOf(), contextOf(mirrored(of))),
	};
}

/** RFC 8613, C.4 to C.6: plain and protected request, both with the sequence number 20. */
const REQUESTS: readonly [string, SecurityParameters, string, string][] = [
	[
		"C.4",
		EXAMPLES["C.1"],
		"44015d1f00003974396c6f63616c686f737483747631",
		"44025d1f00003974396c6f63616c686f7374620914ff612f1092f1776f1c1668b3825e",
	],
	[
		"C.5",
		EXAMPLES["C.2"],
		"440171c30000b932396c6f63616c686f737483747631",
		"440271c30000b932396c6f63616c686f737463091400ff4ed339a5a379b0b8bc731fffb0",
	],
	[
		"C.6",
		EXAMPLES["C.3"],
		"44012f8eef9bbf7a396c6f63616c686f737483747631",
		"44022f8eef9bbf7a396c6f63616c686f73746b19140837cbf3210017a2d3ff72cd7273fd331ac45cffbe55c3",
	],
];

for (const [name, of, plain, sealed] of REQUESTS) {
	test(`RFC 8613, ${name}: the request`, () => {
		const { client, server } = sides(of, 20);
		const kidContext = name === "C.6" ? of.idContext : undefined;
		assert.is(
			run((into) => client.protectRequest(fromHex(plain), into, kidContext)),
			sealed,
		);
		assert.is(client.requestNumber, 20);
		assert.is(
			run((into) => server.openRequest(0, fromHex(sealed), into)),
			plain,
		);
		assert.is(server.requestNumber, 20);
	});
}

test("RFC 8613, C.7: the response without a Partial IV", () => {
	const { client, server } = sides(EXAMPLES["C.1"]);
	const sealed = "64445d1f0000397490ffdbaad1e9a7e7b2a813d3c31524378303cdafae119106";
	assert.is(
		run((into) => server.protectResponse(fromHex(HELLO), 20, false, into)),
		sealed,
	);
	assert.is(
		run((into) => client.openResponse(0, fromHex(sealed), 20, into)),
		HELLO,
	);
});

test("RFC 8613, C.8: the response with a Partial IV", () => {
	const { client, server } = sides(EXAMPLES["C.1"]);
	const sealed = "64445d1f00003974920100ff4d4c13669384b67354b2b6175ff4b8658c666a6cf88e";
	assert.is(
		run((into) => server.protectResponse(fromHex(HELLO), 20, true, into)),
		sealed,
	);
	assert.is(
		run((into) => client.openResponse(0, fromHex(sealed), 20, into)),
		HELLO,
	);
});

test("a request is accepted once", () => {
	const { server } = sides(EXAMPLES["C.1"]);
	const sealed = fromHex(REQUESTS[0]![3]);
	assert.is(
		run((into) => server.openRequest(0, sealed, into)),
		REQUESTS[0]![2],
	);
	assert.is(
		run((into) => server.openRequest(0, sealed, into)),
		"replay",
	);
});

test("RFC 8613, 7.4: a forged request does not move the window", () => {
	const { server } = sides(EXAMPLES["C.1"]);
	const forged = fromHex(REQUESTS[0]![3]);
	forged[forged.length - 1]! ^= 1;
	assert.is(
		run((into) => server.openRequest(0, forged, into)),
		"bad",
	);
	assert.is(
		run((into) => server.openRequest(0, fromHex(REQUESTS[0]![3]), into)),
		REQUESTS[0]![2],
	);
});

test("no bit of a protected request may be wrong but those that RFC 8613 leaves open: type, Message ID, token", () => {
	const sealed = fromHex(REQUESTS[1]![3]);
	for (let bit = 0; bit < 8 * sealed.length; bit++) {
		const place = bit >> 3;
		// The header but the code, the token, and Uri-Host, which proxies may see and change.
		if ((place < 8 && place !== 1) || (place >= 8 && place < 18)) continue;
		const { server } = sides(EXAMPLES["C.2"]);
		const wrong = sealed.slice();
		wrong[place]! ^= 1 << (bit & 7);
		const result = run((into) => server.openRequest(0, wrong, into));
		// RFC 8613, 8.2: the outer code is not looked at, but that it is one of a request.
		if (place === 1 && result === REQUESTS[1]![2]) continue;
		const refusals = ["not-protected", "bad-option", "no-context", "replay", "bad"];
		assert.ok(refusals.includes(result), `bit ${bit}: ${result}`);
	}
});

test("a response to one request does not answer another", () => {
	const { client, server } = sides(EXAMPLES["C.1"]);
	const sealed = run((into) => server.protectResponse(fromHex(HELLO), 20, false, into));
	assert.is(
		run((into) => client.openResponse(0, fromHex(sealed), 21, into)),
		"bad",
	);
	assert.is(
		run((into) => client.openResponse(0, fromHex(HELLO), 20, into)),
		"not-protected",
	);
});

test("RFC 8613, 4.1.3.5: Observe is inside and outside, and a notification is ordered by its Partial IV", () => {
	const { client, server } = sides(EXAMPLES["C.1"]);
	const plain = "4101000100605474657374";
	const observing = run((into) => client.protectRequest(fromHex(plain), into));
	assert.is(observing.slice(0, 4), "4105"); // FETCH
	assert.is(observing.slice(10, 12), "60"); // Observe 0 for those who pass it on
	assert.is(
		run((into) => server.openRequest(0, fromHex(observing), into)),
		plain,
	);
	for (let partialIv = 0; partialIv < 3; partialIv++) {
		const notification = `5145000${partialIv}00610cff2a`;
		const sealed = run((into) => server.protectResponse(fromHex(notification), 0, true, into));
		assert.is(sealed.slice(0, 4), "5145"); // 2.05
		const order = `610${partialIv + 1}`;
		const received = run((into) => client.openResponse(0, fromHex(sealed), 0, into));
		assert.is(received, `5145000${partialIv}00${order}ff2a`);
	}
});

test("what was asked in one context cannot be answered in the next: its nonces belong to other keys", () => {
	const { client, server } = sides(EXAMPLES["C.1"]);
	const request = run((into) => client.protectRequest(fromHex(REQUESTS[0]![2]), into));
	assert.is(
		run((into) => server.openRequest(0, fromHex(request), into)),
		REQUESTS[0]![2],
	);
	const response = run((into) => server.protectResponse(fromHex(HELLO), server.requestNumber, false, into));
	const { requestNumber } = server;
	server.adopt(contextOf(mirrored(EXAMPLES["C.3"])));
	client.adopt(contextOf(EXAMPLES["C.3"]));
	assert.is(
		run((into) => server.protectResponse(fromHex(HELLO), requestNumber, false, into)),
		"",
	);
	assert.is(
		run((into) => client.openResponse(0, fromHex(response), client.requestNumber, into)),
		"no-context",
	);
});

test("a payload of a whole block goes through, and what has no room is not sent in part", () => {
	const { client, server } = sides(EXAMPLES["C.1"]);
	const block = fromHex(`4102000100ff${"5a".repeat(limits.blockLength)}`);
	const sealed = run((into) => client.protectRequest(block, into));
	assert.is(
		run((into) => server.openRequest(0, fromHex(sealed), into)),
		toHex(block),
	);
	const large = fromHex(`4102000100ff${"5a".repeat(limits.messageLength - 10)}`);
	assert.is(client.protectRequest(large, new Uint8Array(limits.messageLength)), 0);
});

test("a kid that is not the peer's has no context here", () => {
	const { client } = sides(EXAMPLES["C.2"]);
	const { server } = sides(EXAMPLES["C.1"]);
	const sealed = run((into) => client.protectRequest(fromHex(REQUESTS[1]![2]), into));
	assert.is(
		run((into) => server.openRequest(0, fromHex(sealed), into)),
		"no-context",
	);
});

test("RFC 8613, B.1.2: a server that has lost its window takes the first request that brings its Echo", () => {
	const { client } = sides(EXAMPLES["C.1"]);
	const server = new Oscore(optionsOf(), contextOf(mirrored(EXAMPLES["C.1"]), 100));
	server.context.window = undefined;
	const old = run((into) => client.protectRequest(fromHex("4402000100003974b161"), into));
	assert.is(
		run((into) => server.openRequest(0, fromHex(old), into)),
		"challenge",
	);
	const challenge = run((into) => server.challenge(0, into));
	const plain = run((into) => client.openResponse(0, fromHex(challenge), client.requestNumber, into));
	assert.is(plain.slice(0, 16), "6481000100003974");
	assert.is(plain.slice(16, 20), "d8ef"); // Echo, eight bytes
	const echo = plain.slice(20);
	const fresh = run((into) => client.protectRequest(fromHex(`4402000200003974b161d8e4${echo}`), into));
	assert.is(
		run((into) => server.openRequest(0, fromHex(fresh), into)),
		`4402000200003974b161d8e4${echo}`,
	);
	for (const replayed of [old, fresh])
		assert.is(
			run((into) => server.openRequest(0, fromHex(replayed), into)),
			"replay",
		);
});

test("RFC 9175, 2.3: a request that must be fresh proves it, within a minute", () => {
	const { client } = sides(EXAMPLES["C.1"]);
	const server = new Oscore(
		optionsOf(1, (code) => code === 2),
		contextOf(mirrored(EXAMPLES["C.1"])),
	);
	const say = (plain: string) => run((into) => client.protectRequest(fromHex(plain), into));
	const hear = (now: number, sealed: string) => run((into) => server.openRequest(now, fromHex(sealed), into));
	const read = "4401000100003974b161";
	assert.is(hear(0, say(read)), read);
	const execute = (echo: string) => `4402000200003974b161${echo}`;
	assert.is(hear(0, say(execute(""))), "challenge");
	const challenge = run((into) => server.challenge(0, into));
	const echo = run((into) => client.openResponse(0, fromHex(challenge), client.requestNumber, into)).slice(20);
	const proved = execute(`d8e4${echo}`);
	assert.is(hear(5_000, say(proved)), proved);
	assert.is(hear(60_000, say(proved)), proved);
	assert.is(hear(60_001, say(proved)), "challenge");
	assert.is(hear(60_001, say(execute(`d8e4${"00".repeat(8)}`))), "challenge");
});

test("a request is protected by another number each time, so that no nonce is used twice", () => {
	const { client } = sides(EXAMPLES["C.1"]);
	const first = run((into) => client.protectRequest(fromHex(REQUESTS[0]![2]), into));
	const second = run((into) => client.protectRequest(fromHex(REQUESTS[0]![2]), into));
	assert.is.not(first, second);
});

test.run();
