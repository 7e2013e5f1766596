// The resource /np, byte by byte.

import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { Bench, type BenchDevice } from "./bench.js";
import { hex } from "./hex.js";

const test = suite("backend/probes");

const HOME = "10.0.0.1:1";
const FRESH = "10.0.0.1:100";
/** A CON POST /np with Message ID 1234 and token 77, up to its payload. */
const POST = "4102123477b26e70ff";

/** The length of what was said last, and of what provoked it. */
class Stage {
	readonly bench = new Bench();
	readonly device: BenchDevice;

	constructor() {
		this.device = this.bench.register("a", HOME);
	}

	/** What the answer to a request for a ticket says: its code, and the ticket as hex. */
	ask(device = this.device, padding = "12345678", code: number = Code.Post): readonly [code: number, ticket: string] {
		device.send(this.bench.now, code, "/np", [], padding);
		this.bench.exchange();
		return [device.answers.at(-1)!, device.payloads.at(-1)!];
	}

	/** What is said where this comes from, as hex. No more bytes go than came. */
	provoke(hexBytes: string, from = FRESH): string[] {
		const bytes = Buffer.from(hexBytes.replaceAll(" ", ""), "hex");
		const before = this.bench.spoken.length;
		this.bench.receive(from, bytes);
		const said = this.bench.spoken.slice(before);
		for (const one of said) assert.is(one.address, from);
		const length = said.reduce((sum, one) => sum + one.bytes.length, 0);
		assert.ok(length <= bytes.length, `${length} bytes for ${bytes.length}`);
		return said.map((one) => hex(one.bytes));
	}

	/** What is said on its own while time passes. */
	pass(ms: number): string[] {
		const before = this.bench.spoken.length;
		this.bench.run(ms);
		return this.bench.spoken.slice(before).map((one) => `${one.address} ${hex(one.bytes)}`);
	}

	/** The nonce for a fresh socket. */
	open(ticket: string, from = FRESH): string {
		const [answer = ""] = this.provoke(POST + ticket, from);
		assert.match(answer, /^6144123477ff[0-9a-f]{8}$/);
		return answer.slice(-8);
	}

	get counters() {
		return this.bench.service.core.reachCounters!;
	}
}

const seconds = (delay: number): string => (delay + 0x1_0000).toString(16).slice(1);

test("a registered device gets a ticket of eight bytes", () => {
	const stage = new Stage();
	const [code, ticket] = stage.ask();
	assert.is(code, Code.Changed);
	assert.match(ticket, /^[0-9a-f]{16}$/);
	stage.bench.run(5000);
	assert.is.not(stage.ask()[1], ticket);
	assert.is(stage.counters.tickets, 2);
});

test("the answer with the ticket is no longer than the request for it", () => {
	const { bench, device } = new Stage();
	device.send(0, Code.Post, "/np", [], "12345678");
	const request = bench.hold(device);
	const before = bench.spoken.length;
	bench.receive(HOME, request);
	assert.ok(bench.spoken[before]!.bytes.length <= request.length);
});

const NO_TICKETS: readonly (readonly [title: string, padding: string, code: number, answer: number])[] = [
	["without padding", "", Code.Post, Code.BadRequest],
	["with less padding", "1234567", Code.Post, Code.BadRequest],
	["by GET", "12345678", Code.Get, Code.MethodNotAllowed],
];

for (const [title, padding, code, answer] of NO_TICKETS)
	test(`no ticket ${title}`, () => assert.equal(new Stage().ask(undefined, padding, code), [answer, ""]));

test("tickets come no faster than one in five seconds", () => {
	const stage = new Stage();
	stage.ask();
	stage.bench.run(4999);
	assert.equal(stage.ask(), [Code.TooManyRequests, ""]);
	stage.bench.run(1);
	assert.is(stage.ask()[0], Code.Changed);
});

test("a stranger gets none", () => {
	const stage = new Stage();
	const stranger = stage.bench.addDevice("10.0.0.9:1");
	assert.equal(stage.ask(stranger), [Code.Unauthorized, ""]);
	assert.is(stage.counters.tickets, 0);
});

test("an answer comes after its delay, once, as a NON to the token of its request", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	const nonce = stage.open(ticket);
	assert.equal(stage.provoke(`4102123577b26e70ff${ticket}${nonce}${seconds(120)}`), ["60001235"]);
	assert.equal(stage.pass(119_999), []);
	const [late = "", ...more] = stage.pass(1);
	assert.match(late, new RegExp(`^${FRESH} 5144[0-9a-f]{4}77$`));
	assert.equal(more, []);
	assert.equal(stage.pass(1e6), []);
	assert.equal(
		{ ...stage.counters },
		{
			strangersAnswered: 0,
			limited: 0,
			tickets: 1,
			opened: 1,
			armed: 1,
			delayed: 1,
			refused: 0,
		},
	);
});

test("a repetition gets the same nonce; one that asks for the answer begins its delay anew", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	const nonce = stage.open(ticket);
	assert.is(stage.open(ticket), nonce);
	assert.is(stage.counters.opened, 1);
	const request = `4102123577b26e70ff${ticket}${nonce}${seconds(60)}`;
	stage.provoke(request);
	stage.pass(7500);
	assert.equal(stage.provoke(request), ["60001235"]);
	assert.equal(stage.pass(59_999), []);
	assert.is(stage.pass(1).length, 1);
});

test("a replay long after the request holds up nothing", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	const request = `4102123577b26e70ff${ticket}${stage.open(ticket)}${seconds(60)}`;
	stage.provoke(request);
	stage.pass(46_000);
	assert.equal(stage.provoke(request), ["6181123577"]);
	assert.is(stage.pass(14_000).length, 1);
});

test("for one fresh socket one answer is sent, whatever else it asks for", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	const nonce = stage.open(ticket);
	stage.provoke(`4102123577b26e70ff${ticket}${nonce}${seconds(60)}`);
	assert.equal(stage.provoke(`4102123677b26e70ff${ticket}${nonce}${seconds(30)}`), ["6181123677"], "another request");
	assert.equal(stage.provoke(`4102123578b26e70ff${ticket}${nonce}${seconds(30)}`), ["6181123578"], "another token");
	assert.equal(stage.provoke(POST + ticket), ["6181123477"], "another nonce");
	assert.is(stage.pass(1e6).length, 1);
});

/** Refused with a code, all of them by less than came. */
const REFUSED: readonly (readonly [title: string, code: string, payload: (ticket: string, nonce: string) => string])[] =
	[
		["no ticket", "81", () => ""],
		["a ticket that was never given", "81", () => "ff".repeat(8)],
		["a part of a ticket", "81", (ticket) => ticket.slice(2)],
		["a wrong nonce", "81", (ticket) => `${ticket}00000000${seconds(60)}`],
		["a part of a request", "81", (ticket, nonce) => ticket + nonce],
		["more than a request", "81", (ticket, nonce) => `${ticket}${nonce}${seconds(60)}00`],
		["a wrong ticket with the nonce", "81", (_, nonce) => `${"ff".repeat(8)}${nonce}${seconds(60)}`],
		["no delay", "80", (ticket, nonce) => `${ticket}${nonce}${seconds(0)}`],
		["a delay longer than 900 s", "80", (ticket, nonce) => `${ticket}${nonce}${seconds(901)}`],
	];

for (const [title, code, payload] of REFUSED) {
	test(`refused: ${title}`, () => {
		const stage = new Stage();
		const [, ticket] = stage.ask();
		const nonce = stage.open(ticket);
		const content = payload(ticket, nonce);
		assert.equal(stage.provoke(`4102123577b26e70${content === "" ? "" : "ff"}${content}`), [`61${code}123577`]);
		assert.is(stage.counters.refused, 1);
		assert.is(stage.counters.armed, 0);
	});
}

test("what is no CON, or carries a critical option that nobody knows, meets silence", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	assert.equal(stage.provoke(`5102123477b26e70ff${ticket}`), []);
	assert.equal(stage.provoke(`4102123477b26e70d1e500ff${ticket}`), []);
	assert.is(stage.counters.refused, 2);
});

test("a nonce is of one address: somebody who forged it does not get beyond the first answer", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	const nonce = stage.open(ticket);
	assert.equal(stage.provoke(`4102123577b26e70ff${ticket}${nonce}${seconds(60)}`, "203.0.113.1:5"), ["6181123577"]);
	stage.open(ticket, "203.0.113.1:5");
	assert.equal(stage.provoke(`4102123577b26e70ff${ticket}${nonce}${seconds(60)}`, "203.0.113.1:5"), ["6181123577"]);
	assert.equal(stage.pass(1e6), []);
});

test("whoever guesses nonces loses the opening", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	const nonce = stage.open(ticket);
	for (let i = 0; i < 3; i++) stage.provoke(`4102123577b26e70ff${ticket}0000000${i}${seconds(60)}`);
	assert.equal(stage.provoke(`4102123577b26e70ff${ticket}${nonce}${seconds(60)}`), ["6181123577"]);
});

test("a ticket opens eight sockets, for five minutes", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	for (let i = 0; i < 8; i++) stage.open(ticket, `10.0.0.1:${100 + i}`);
	assert.equal(stage.provoke(POST + ticket, "10.0.0.1:108"), ["6181123477"]);
	stage.bench.run(5000);
	const [, other] = stage.ask();
	stage.bench.run(300_001);
	assert.equal(stage.provoke(POST + other), ["6181123477"]);
});

test("a newer ticket takes the place of the older one, and goes on with what that opened", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	const nonce = stage.open(ticket);
	stage.bench.run(5000);
	const [, newer] = stage.ask();
	assert.equal(stage.provoke(POST + ticket, "10.0.0.1:101"), ["6181123477"]);
	assert.equal(stage.provoke(`4102123577b26e70ff${newer}${nonce}${seconds(60)}`), ["60001235"]);
});

test("eight answers at once, and sixteen fresh sockets, are all that one device can wait for", () => {
	const stage = new Stage();
	let armed = 0;
	let opened = 0;
	for (let round = 0; round < 4; round++) {
		const [, ticket] = stage.ask();
		for (let i = 0; i < 8; i++) {
			const from = `10.0.0.1:${100 + 10 * round + i}`;
			const [answer = ""] = stage.provoke(POST + ticket, from);
			if (!answer.startsWith("6144")) continue;
			opened++;
			const request = `4102123577b26e70ff${ticket}${answer.slice(-8)}${seconds(900)}`;
			if (stage.provoke(request, from)[0] === "60001235") armed++;
		}
		stage.bench.run(5000);
	}
	assert.equal([opened, armed], [16, 8]);
	assert.is(stage.pass(900_000).length, 8);
});

test("an opening that asks for nothing is forgotten after a minute", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	const nonce = stage.open(ticket);
	assert.equal(stage.pass(60_000), []);
	assert.equal(stage.provoke(`4102123577b26e70ff${ticket}${nonce}${seconds(60)}`), ["6181123577"]);
});

test("with the registration all its measurements end", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	stage.provoke(`4102123577b26e70ff${ticket}${stage.open(ticket)}${seconds(60)}`);
	stage.device.send(stage.bench.now, Code.Delete, stage.device.location);
	stage.bench.exchange();
	assert.equal(stage.provoke(POST + ticket, "10.0.0.1:101"), ["6181123477"]);
	assert.equal(stage.pass(1e6), []);
});

test("another device's ticket opens nothing of this one's, and nothing is shared", () => {
	const stage = new Stage();
	const other = stage.bench.register("b", "10.0.0.2:1");
	const [, ticket] = stage.ask();
	const [, others] = stage.ask(other);
	const nonce = stage.open(ticket);
	assert.equal(stage.provoke(`4102123577b26e70ff${others}${nonce}${seconds(60)}`), ["6181123577"]);
});

test("where a device is registered nothing is measured", () => {
	const stage = new Stage();
	const [, ticket] = stage.ask();
	const before = stage.bench.spoken.length;
	stage.bench.receive(HOME, Buffer.from(POST + ticket, "hex"));
	// To the device's own address a ticket says nothing: it is taken for padding, and answered by a newer ticket or not.
	assert.match(hex(stage.bench.spoken[before]!.bytes), /^619d123477$/);
	assert.is(stage.counters.opened, 0);
});

test.run();
