// Two endpoints that talk under OSCORE: what is said is what was meant, and nobody else has a say.

import { assert, suite } from "#suite";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { EndpointEvent, Request, Response } from "../../coap/endpoint.js";
import { RenewingClient } from "../../security/oscore/renewing-client.js";
import { RenewingServer } from "../../security/oscore/renewing-server.js";
import { SeededRandom } from "../random.js";
import { EXAMPLES, mirrored, optionsOf } from "../security/oscore/bench.js";
import { Bench, content, describeEvent, get, text } from "./bench.js";
import { fromHex, toHex } from "./hex.js";
import { Wire } from "./wire.js";

const test = suite("coap/guard");

/** A device (client of the renewal) and a server, and all that is said between them. */
class Pair {
	readonly client: RenewingClient;
	readonly device: DatagramEndpoint;
	readonly server: DatagramEndpoint;
	readonly wire: Wire;
	/** What both applications saw. */
	readonly seen: string[] = [];
	/** The handle of the request that came last, and of the one that was last asked. */
	exchange = 0;
	asked = 0;
	lose = 0;
	/** Requests wait for their answers. */
	isBusy = false;
	answer: (request: string) => Response = () => content({ payload: text("yes") });

	constructor(mustBeFresh = () => false, client = new RenewingClient(optionsOf(1, mustBeFresh), EXAMPLES["C.1"])) {
		this.client = client;
		const server = new RenewingServer(optionsOf(2), mirrored(EXAMPLES["C.1"]));
		this.device = new DatagramEndpoint({ random: new SeededRandom(3), protection: client });
		this.server = new DatagramEndpoint({ random: new SeededRandom(4), protection: server });
		this.wire = new Wire(this.device, this.server, {
			lose: () => this.lose-- > 0,
			onEvent: (side, event, at) => this.handle(side === "left" ? this.device : this.server, event, at),
		});
	}

	private handle(endpoint: DatagramEndpoint, event: EndpointEvent, at: number): void {
		const line = describeEvent(event).replace(/ \d+/, "");
		this.seen.push(`${endpoint === this.device ? "device" : "server"} ${line}`);
		if (event.kind !== "request") return;
		this.exchange = event.exchange;
		if (!this.isBusy) endpoint.respond(at, event.exchange, this.answer(line));
	}

	/** The device registers: whatever it asks first renews the keys. */
	register(): this {
		this.ask(this.device, get({ code: 0x02, path: "/rd" }));
		this.seen.length = 0;
		this.wire.passages.length = 0;
		return this;
	}

	ask(endpoint: DatagramEndpoint, request: Request): void {
		this.asked = endpoint.request(this.wire.now, request);
		this.wire.run(this.wire.now);
	}

	/** The device notifies whoever observes. */
	notify(value: string, confirmable?: boolean): void {
		const response = content({ payload: text(value), observe: true, confirmable });
		assert.ok(this.device.respond(this.wire.now, this.exchange, response));
		this.wire.run(this.wire.now);
	}

	get sent(): readonly string[] {
		return this.wire.passages.map(({ hex }) => hex);
	}
}

test("a request and its response arrive, and nothing of them can be read on the way", () => {
	const pair = new Pair().register();
	pair.ask(pair.server, get({ path: "/3303/0/5700" }));
	assert.equal(pair.seen, ["device request 1/3303/0/5700", "server response 45 796573"]);
	assert.is(pair.sent.length, 2);
	for (const datagram of pair.sent) assert.not.ok(datagram.includes("33333033") || datagram.includes("796573"));
});

test("the first request is asked twice and carried out once: the keys are renewed between", () => {
	const pair = new Pair();
	pair.ask(pair.device, get({ code: 0x02, path: "/rd" }));
	assert.equal(pair.seen, ["server request 2/rd", "device response 45 796573"]);
	assert.is(pair.sent.length, 4);
});

test("a request costs 15 bytes more than a plain one, a response 11", () => {
	const pair = new Pair().register();
	const plain = new Bench();
	const [request] = plain.request(0, get({ path: "/3303/0/5700" }));
	pair.ask(pair.server, get({ path: "/3303/0/5700" }));
	const response = fromHex("6245000000ff796573");
	const [sealedRequest, sealedResponse] = pair.sent;
	// Of the identifiers here one is empty, and the Partial IV still has one byte: two less than with both.
	assert.is(sealedRequest!.length / 2 - request!.length / 2, 14);
	assert.is(sealedResponse!.length / 2 - (response.length + 1), 11);
});

test("observed: notifications come in order, each under a number of its own", () => {
	const pair = new Pair().register();
	pair.answer = () => content({ payload: text("0"), observe: true });
	pair.ask(pair.server, get({ path: "/3303/0/5700", observe: 0 }));
	assert.is(pair.seen[0], "device request 1/3303/0/5700 observe=0");
	for (const value of ["1", "2", "3"]) pair.notify(value);
	const values = pair.seen.filter((line) => line.startsWith("server response")).map((line) => line.slice(-2));
	assert.equal(values, ["30", "31", "32", "33"]);
	assert.is(new Set(pair.sent).size, pair.sent.length);
});

test("an observation that was asked for twice is bound to the newer request, whichever comes last", () => {
	const pair = new Pair().register();
	pair.answer = () => content({ payload: text("0"), observe: true });
	pair.lose = 2;
	pair.ask(pair.server, get({ path: "/3303/0/5700", observe: 0 }));
	pair.ask(pair.server, get({ path: "/3303/0/5700", observe: 0 }));
	const [older, newer] = pair.sent;
	pair.lose = 0;
	pair.wire.inject("left", fromHex(newer!));
	const { exchange } = pair;
	pair.wire.inject("left", fromHex(older!));
	pair.exchange = exchange;
	pair.wire.run(10_000);
	pair.notify("1");
	assert.is(pair.seen.at(-1)?.slice(-2), "31");
});

test("blocks are protected one by one, both ways", () => {
	const pair = new Pair().register();
	const large = new Uint8Array(2500).map((_, i) => i);
	let received = "";
	pair.answer = (line) => {
		received = line;
		return content({ payload: large });
	};
	pair.ask(pair.server, get({ code: 0x03, path: "/1", payload: large }));
	assert.is(received.split(" ").at(-1), toHex(large));
	assert.is(pair.seen.at(-1), `server response 45 ${toHex(large)}`);
});

test("a lost response is repeated byte by byte, and the request is carried out once", () => {
	const pair = new Pair().register();
	const executed: string[] = [];
	pair.answer = (line) => {
		executed.push(line);
		pair.lose = 1;
		return content({ code: 0x44 });
	};
	pair.ask(pair.server, get({ code: 0x02, path: "/3/0/4" }));
	pair.wire.run(10_000);
	assert.is(executed.length, 1);
	assert.is(pair.seen.at(-1), "server response 44");
	const [request, response, repeated, again] = pair.sent;
	assert.is(repeated, request);
	assert.is(again, response);
});

test("what was recorded and is said again from elsewhere is not carried out", () => {
	const pair = new Pair().register();
	pair.ask(pair.server, get({ code: 0x02, path: "/3/0/4" }));
	const recorded = pair.sent[0]!;
	// Another Message ID and token, so that deduplication does not know it.
	const replayed = `${recorded.slice(0, 4)}7777${recorded.slice(8, 10)}77${recorded.slice(12)}`;
	pair.seen.length = 0;
	pair.wire.inject("left", fromHex(replayed));
	assert.equal(pair.seen, []);
	// RFC 8613, 8.2: 4.01, without protection.
	assert.is(pair.sent.at(-1)!.slice(2, 8), "817777");
	assert.is(pair.device.statistics.unauthentic, 1);
});

/** What anybody can write: to the request that is under way, with its Message ID and token. */
const FORGED: readonly [string, (messageId: string, token: string) => string][] = [
	["4.01", (messageId, token) => `6${token.length / 2}81${messageId}${token}`],
	["4.02", (messageId, token) => `6${token.length / 2}82${messageId}${token}`],
	["2.05", (messageId, token) => `6${token.length / 2}45${messageId}${token}ff00`],
	["Reset", (messageId) => `7000${messageId}`],
];

for (const [name, forge] of FORGED) {
	test(`a forged ${name} ends no request`, () => {
		const pair = new Pair().register();
		pair.lose = 1;
		pair.ask(pair.device, get({ code: 0x02, path: "/rd/1" }));
		const request = pair.sent.at(-1)!;
		const tokenLength = Number(request[1]);
		pair.seen.length = 0;
		pair.wire.inject("left", fromHex(forge(request.slice(4, 8), request.slice(8, 8 + 2 * tokenLength))));
		assert.equal(pair.seen, []);
		pair.wire.run(5_000);
		assert.equal(pair.seen, ["server request 2/rd/1", "device response 45 796573"]);
	});
}

/** A pair whose server observes; all that was said of it is forgotten. */
function observed(): Pair {
	const pair = new Pair().register();
	pair.answer = () => content({ observe: true });
	pair.ask(pair.server, get({ observe: 0 }));
	pair.seen.length = 0;
	pair.wire.passages.length = 0;
	return pair;
}

/** What anybody can say to the newest datagram of the device. */
function resetTo(pair: Pair): Uint8Array {
	const newest = pair.sent.filter((hex) => !hex.startsWith("7")).at(-1)!;
	return fromHex(`7000${newest.slice(4, 8)}`);
}

test("a forged Reset ends no observation: the next notification asks whether it is true", () => {
	const pair = observed();
	pair.notify("1");
	pair.wire.inject("left", resetTo(pair));
	pair.notify("2");
	pair.notify("3");
	assert.is(pair.seen.filter((line) => line.startsWith("server response")).length, 3);
	assert.is(pair.seen.filter((line) => line.includes("cancelled")).length, 0);
	// NON, CON and its ACK, NON.
	assert.equal(
		pair.sent.map((hex) => hex[0]),
		["5", "4", "6", "5"],
	);
});

test("a forged Reset, however often it is said, ends no CON notification", () => {
	const pair = observed();
	pair.lose = 1;
	pair.notify("1", true);
	for (let i = 0; i < 5; i++) pair.wire.inject("left", resetTo(pair));
	pair.wire.run(pair.wire.now + 5_000);
	assert.equal(pair.seen, ["server response 45 observe=3 31", "device alive"]);
});

test("an observation that its observer forgot ends with the second Reset, as if nobody had answered", () => {
	const pair = observed();
	pair.server.cancel(0, pair.asked);
	pair.notify("1");
	pair.notify("2");
	const begunAt = pair.wire.now;
	pair.wire.run(begunAt + 3_000);
	assert.equal(pair.seen, ["device cancelled timeout"]);
	// NON, CON and its repetition, each with its Reset.
	assert.equal(
		pair.sent.map((hex) => hex[0]),
		["5", "7", "4", "7", "4", "7"],
	);
});

test("Resets to two notifications of which the newer took the older's place count as two", () => {
	const pair = observed();
	pair.server.cancel(0, pair.asked);
	pair.notify("1", true);
	pair.notify("2", true);
	pair.wire.run(pair.wire.now + 3_000);
	assert.equal(pair.seen, ["device cancelled timeout"]);
});

test("a notification that is said again long after it came is no news, whatever its Message ID", () => {
	const pair = observed();
	for (const value of ["1", "2"]) pair.notify(value);
	const [older] = pair.sent;
	pair.wire.run(pair.wire.now + 300_000);
	pair.wire.inject("right", fromHex(older!));
	pair.wire.inject("right", fromHex(`${older!.slice(0, 4)}7777${older!.slice(8)}`));
	pair.notify("3");
	const values = pair.seen.filter((line) => line.startsWith("server response")).map((line) => line.slice(-2));
	assert.equal(values, ["31", "32", "33"]);
});

test("a separate response that nobody waits for is given up with the second Reset", () => {
	const pair = new Pair().register();
	pair.isBusy = true;
	pair.ask(pair.server, get({ path: "/3/0/4", code: 0x02 }));
	pair.wire.run(pair.wire.now + 1_500);
	pair.server.cancel(0, pair.asked);
	pair.seen.length = 0;
	pair.device.respond(pair.wire.now, pair.exchange, content({ code: 0x44 }));
	pair.wire.run(pair.wire.now + 3_000);
	assert.equal(pair.seen, ["device failed timeout"]);
});

test("a separate response waits for no more than two Resets to a notification that nobody wants", () => {
	const pair = observed();
	const observation = pair.exchange;
	pair.server.cancel(0, pair.asked);
	pair.isBusy = true;
	pair.ask(pair.server, get({ path: "/3306/1/5853", code: 0x03 }));
	pair.wire.run(pair.wire.now + 1_500);
	const begunAt = pair.wire.now;
	pair.device.respond(begunAt, observation, content({ observe: true, confirmable: true }));
	pair.device.respond(begunAt, pair.exchange, content({ code: 0x44 }));
	pair.wire.run(begunAt + 3_000);
	assert.ok(pair.seen.includes("server response 44"), pair.seen.join());
});

test("a request without protection is not carried out; a CON is told so", () => {
	const pair = new Pair().register();
	pair.wire.inject("left", fromHex("4101123401b133"));
	assert.equal(pair.sent, ["6181123401"]);
	pair.wire.inject("left", fromHex("5101123501b133"));
	assert.equal(pair.sent, ["6181123401"]);
	assert.equal(pair.seen, []);
});

for (const maxRetransmit of [undefined, 1])
	test(`a server that has forgotten all is told apart, by ${maxRetransmit ?? "all"} repetitions`, () => {
		const { client } = new Pair().register();
		const pair = new Pair(undefined, client);
		pair.ask(pair.device, get({ code: 0x02, path: "/rd/1", maxRetransmit }));
		pair.wire.run(60_000);
		assert.equal(pair.seen.slice(-2), ["server request 2/rd/1", "device response 45 796573"]);
		assert.ok(client.isRenewed);
	});

test("a command that must be fresh is proved to be, by one more round trip", () => {
	const pair = new Pair(() => true).register();
	pair.ask(pair.server, get({ code: 0x02, path: "/3/0/4" }));
	assert.equal(pair.seen, ["device request 2/3/0/4", "server response 45 796573"]);
	assert.is(pair.sent.length, 4);
});

test.run();
