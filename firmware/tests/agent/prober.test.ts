import { assert, suite } from "#suite";
import type { Command } from "../../agent/agent.js";
import { type ProbeResult, Prober } from "../../agent/prober.js";
import { Code } from "../../coap/codes.js";
import { limits } from "../../limits.js";
import { fromHex, toHex } from "../coap/hex.js";
import { FixedRandom } from "../random.js";

const test = suite("agent/prober");

const FIRST = 1_000_000_001;
const TICKET = "a0a1a2a3a4a5a6a7";
const NONCE = "b0b1b2b3";
/** The token, and one and two less than the Message IDs of the two messages. */
const RANDOM = 0x1233;
const TOKEN = "00001233";
/** Uri-Path "np" and the marker. */
const OPTIONS = "b26e70ff";
const OPEN = `44021234${TOKEN}${OPTIONS}${TICKET}`;
/** With a delay of 120 s. */
const ARM = `44021235${TOKEN}${OPTIONS}${TICKET}${NONCE}0078`;
const NONCE_ANSWER = `64441234${TOKEN}ff${NONCE}`;
const ARMED = "60001235";
const LATE = `54449999${TOKEN}`;

/** What the prober does, line by line; the test is server, shell and account. */
class Bench {
	readonly prober = new Prober(new FixedRandom(RANDOM), FIRST, "192.0.2.1", 5683);
	readonly out = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };

	/** All that it has to say. */
	drain(now: number): string[] {
		const lines: string[] = [];
		const { out, prober } = this;
		if (prober.takeTicketRequest() !== undefined) lines.push("ticket?");
		for (let one = prober.pollResult(); one !== undefined; one = prober.pollResult()) lines.push(describeResult(one));
		for (let one = prober.pollCommand(); one !== undefined; one = prober.pollCommand()) lines.push(describe(one));
		while (prober.pollTransmit(now, out))
			lines.push(`${out.path - FIRST}: ${toHex(out.bytes.subarray(0, out.length))}`);
		return lines;
	}

	/** A measurement of 120 s whose socket is open: what it says first. */
	begin(): string[] {
		this.prober.probe(0, 120_000);
		this.drain(0);
		this.ticket(0);
		this.drain(0);
		return this.open(0, 0);
	}

	ticket(now: number): void {
		this.prober.handleTicket(now, Code.Changed, fromHex(TICKET));
	}

	open(now: number, path: number): string[] {
		this.prober.handleOpened(now, FIRST + path);
		return this.drain(now);
	}

	receive(now: number, path: number, hex: string): string[] {
		this.prober.handleReceived(now, FIRST + path, fromHex(hex));
		return this.drain(now);
	}

	/** Lets time pass; each line begins with its instant. */
	pass(until: number): string[] {
		const lines: string[] = [];
		for (let at = this.prober.pollTimeout(); at <= until; at = this.prober.pollTimeout()) {
			this.prober.handleTimeout(at);
			for (const line of this.drain(at)) lines.push(`${at} ${line}`);
		}
		return lines;
	}

	/** A measurement whose late answer is waited for, asked for at 3 s. */
	listen(): void {
		this.begin();
		this.receive(0, 0, NONCE_ANSWER);
		this.pass(3000);
		this.receive(3100, 0, ARMED);
	}
}

function describe(command: Command): string {
	if (command.kind !== "open") return command.kind === "close" ? `close ${command.path - FIRST}` : command.kind;
	return `open ${command.path - FIRST} ${command.transport} ${command.address}:${command.port}`;
}

function describeResult(result: ProbeResult): string {
	return result.kind === "refused" ? "refused" : `${result.delayMs} alive=${result.alive}`;
}

test("a binding that lives: ticket, fresh socket, nonce, a pause, the request, silence, the late answer", () => {
	const bench = new Bench();
	bench.prober.probe(0, 120_000);
	assert.equal(bench.drain(0), ["ticket?"]);
	bench.ticket(10);
	assert.equal(bench.drain(10), ["open 0 udp 192.0.2.1:5683"]);
	assert.equal(bench.open(20, 0), [`0: ${OPEN}`]);
	assert.equal(bench.receive(100, 0, NONCE_ANSWER), []);
	assert.equal(bench.pass(3100), [`3100 0: ${ARM}`]);
	assert.equal(bench.receive(3200, 0, ARMED), []);
	assert.is(bench.prober.pollTimeout(), 128_100);
	assert.equal(bench.receive(123_180, 0, LATE), ["120000 alive=true", "close 0"]);
	assert.ok(bench.prober.isIdle);
	assert.is(bench.prober.nextPath, FIRST + limits.accountCount);
});

test("a binding that died is told when the answer is too late", () => {
	const bench = new Bench();
	bench.listen();
	assert.equal(bench.pass(127_999), []);
	assert.equal(bench.pass(128_000), ["128000 120000 alive=false", "128000 close 0"]);
	assert.ok(bench.prober.isIdle);
	assert.equal(bench.receive(128_001, 0, LATE), []);
});

for (const [name, armedAt, alive] of [
	["is armed without a pause, and shows that it lasts", 100, true],
	["says nothing where it was used again later than its beginning", 2_600, undefined],
] as const)
	test(`a binding that is to be used but once ${name}`, () => {
		const bench = new Bench();
		bench.prober.probe(0, -120_000);
		bench.drain(0);
		bench.ticket(0);
		bench.drain(0);
		bench.open(0, 0);
		bench.receive(armedAt, 0, NONCE_ANSWER);
		assert.equal(bench.pass(armedAt), [`${armedAt} 0: ${ARM}`]);
		bench.receive(armedAt + 80, 0, ARMED);
		assert.equal(bench.receive(armedAt + 120_080, 0, LATE), [`-120000 alive=${alive}`, "close 0"]);
	});

test("the request for a ticket is padded, so that its answer is no longer", () => {
	const bench = new Bench();
	bench.prober.probe(0, 120_000);
	const request = bench.prober.takeTicketRequest();
	assert.equal([request?.path, request?.code, request?.payload?.length], ["/np", Code.Post, 8]);
	assert.is(bench.prober.takeTicketRequest(), undefined, "once");
});

test("messages are repeated after 2.5, 5 and 10 s", () => {
	const bench = new Bench();
	bench.begin();
	assert.equal(bench.pass(60_000), [
		`2500 0: ${OPEN}`,
		`7500 0: ${OPEN}`,
		`17500 0: ${OPEN}`,
		"37500 120000 alive=undefined",
		"37500 close 0",
	]);
});

test("what was asked for late counts from its last copy, and so does the proof", () => {
	const bench = new Bench();
	bench.begin();
	bench.receive(0, 0, NONCE_ANSWER);
	assert.equal(bench.pass(5500), [`3000 0: ${ARM}`, `5500 0: ${ARM}`]);
	bench.receive(5600, 0, ARMED);
	assert.is(bench.prober.pollTimeout(), 130_500);
	// The server had the first copy alone.
	assert.equal(bench.receive(123_100, 0, LATE), ["117600 alive=true", "close 0"]);
});

test("a late answer may come before the Empty ACK, or without it", () => {
	const bench = new Bench();
	bench.begin();
	bench.receive(0, 0, NONCE_ANSWER);
	bench.pass(3000);
	assert.equal(bench.receive(4000, 0, LATE), ["1000 alive=true", "close 0"]);
});

const IGNORED: readonly (readonly [title: string, hex: string])[] = [
	["another token", "54449999 00001234"],
	["a shorter token", "53449999 001233"],
	["another code", `54849999${TOKEN}`],
	["a CON", `44449999${TOKEN}`],
	["a repetition of the nonce", NONCE_ANSWER],
	["a Reset for another message", "70001234"],
	["a keeper byte", "00"],
	["no bytes", ""],
];

for (const [title, hex] of IGNORED) {
	test(`no late answer: ${title}`, () => {
		const bench = new Bench();
		bench.listen();
		assert.equal(bench.receive(123_180, 0, hex), []);
		assert.equal(bench.pass(200_000), ["128000 120000 alive=false", "128000 close 0"]);
	});
}

const NO_NONCES: readonly (readonly [title: string, hex: string])[] = [
	["with another Message ID", `64441233${TOKEN}ff${NONCE}`],
	["with another token", `64441234 00001234 ff${NONCE}`],
	["that is an Empty ACK", "60001234"],
	["that is a NON", `54441234${TOKEN}ff${NONCE}`],
];

for (const [title, hex] of NO_NONCES) {
	test(`no nonce: an answer ${title}`, () => {
		const bench = new Bench();
		bench.begin();
		assert.equal(bench.receive(100, 0, hex), []);
		assert.equal(bench.pass(2500), [`2500 0: ${OPEN}`]);
	});
}

const REFUSALS: readonly (readonly [title: string, hex: string])[] = [
	["a Reset", "70001234"],
	["4.04", `64841234${TOKEN}`],
	["4.05", `64851234${TOKEN}`],
	["a nonce of another length", `64441234${TOKEN}ffb0b1b2b3b4`],
];

for (const [title, hex] of REFUSALS) {
	test(`this server measures nothing: ${title}`, () => {
		const bench = new Bench();
		bench.begin();
		assert.equal(bench.receive(100, 0, hex), ["refused", "close 0"]);
		assert.ok(bench.prober.isIdle);
	});
}

test("a server that knows the ticket no more is asked for another one, once", () => {
	const bench = new Bench();
	bench.begin();
	assert.equal(bench.receive(100, 0, `64811234${TOKEN}`), ["ticket?", "close 0"]);
	bench.ticket(200);
	assert.equal(bench.drain(200), ["open 4 udp 192.0.2.1:5683"]);
	assert.equal(bench.open(200, 4), [`4: ${OPEN}`]);
	assert.equal(bench.receive(300, 4, `64811234${TOKEN}`), ["120000 alive=undefined", "close 4"]);
	assert.ok(bench.prober.isIdle);
});

test("a request too much for the server is one of which nobody can say anything", () => {
	const bench = new Bench();
	bench.begin();
	assert.equal(bench.receive(100, 0, `649d1234${TOKEN}`), ["120000 alive=undefined", "close 0"]);
});

const TICKETS: readonly (readonly [title: string, code: number, payload: string | undefined])[] = [
	["4.04, as a stock server", Code.NotFound, undefined],
	["2.04 without one", Code.Changed, undefined],
	["2.04 with one too long", Code.Changed, `${TICKET}00`],
];

for (const [title, code, payload] of TICKETS) {
	test(`no ticket: ${title}`, () => {
		const bench = new Bench();
		bench.prober.probe(0, 120_000);
		bench.drain(0);
		bench.prober.handleTicket(100, code, payload === undefined ? undefined : fromHex(payload));
		const lines = bench.drain(100);
		assert.is(lines.at(-1), "refused");
		assert.ok(bench.prober.isIdle);
	});
}

test("no answer to the request for a ticket says nothing of the server", () => {
	const bench = new Bench();
	bench.prober.probe(0, 120_000);
	bench.drain(0);
	bench.prober.handleTicket(93_000, 0, undefined);
	assert.equal(bench.drain(93_000), ["120000 alive=undefined"]);
});

test("4.29 means later, but not for ever", () => {
	const bench = new Bench();
	bench.prober.probe(0, 120_000);
	bench.drain(0);
	bench.prober.handleTicket(100, Code.TooManyRequests, undefined);
	assert.equal(bench.pass(7000), ["6100 ticket?"]);
	bench.prober.handleTicket(7000, Code.TooManyRequests, undefined);
	assert.equal(bench.pass(13_000), ["13000 ticket?"]);
	bench.prober.handleTicket(13_000, Code.TooManyRequests, undefined);
	assert.is(bench.drain(13_000).at(-1), "refused");
});

test("4.01 comes from a server that does not know our new address yet: it is asked again when it was told that", () => {
	const bench = new Bench();
	bench.prober.probe(0, 120_000);
	bench.drain(0);
	bench.prober.handleTicket(100, Code.Unauthorized, undefined);
	assert.equal(bench.pass(20_099), []);
	assert.equal(bench.pass(20_100), ["20100 ticket?"]);
	bench.ticket(20_200);
	assert.equal(bench.drain(20_200), ["open 0 udp 192.0.2.1:5683"]);
});

test("4.01 again and again comes from a server that gives us no ticket", () => {
	const bench = new Bench();
	bench.prober.probe(0, 120_000);
	bench.drain(0);
	bench.prober.handleTicket(0, Code.Unauthorized, undefined);
	bench.pass(20_000);
	bench.prober.handleTicket(20_000, Code.Unauthorized, undefined);
	bench.pass(40_000);
	bench.prober.handleTicket(40_000, Code.Unauthorized, undefined);
	assert.is(bench.drain(40_000).at(-1), "refused");
	assert.ok(bench.prober.isIdle);
});

test("six sockets at once; a ticket opens eight", () => {
	const bench = new Bench();
	for (let i = 1; i <= 10; i++) assert.ok(bench.prober.probe(0, i * 10_000));
	bench.drain(0);
	bench.ticket(0);
	assert.is(bench.drain(0).length, 6);
	for (let i = 0; i < 6; i++) bench.open(0, 4 * i);
	const opened: string[] = [];
	for (let i = 0; i < 6; i++) {
		bench.prober.handleClosed(0, FIRST + 4 * i);
		opened.push(...bench.drain(0).filter((line) => !line.includes("alive")));
	}
	assert.equal(opened, ["open 24 udp 192.0.2.1:5683", "open 28 udp 192.0.2.1:5683", "ticket?"]);
});

test("no more measurements wait than there is room for", () => {
	const bench = new Bench();
	for (let i = 0; i < limits.probeCount; i++) assert.ok(bench.prober.probe(0, 10_000));
	assert.not(bench.prober.probe(0, 10_000));
});

test("a delay is a whole number of seconds that the server takes", () => {
	const asked = [0, 1400, 899_600, 5_000_000].map((delayMs) => {
		const bench = new Bench();
		bench.prober.probe(0, delayMs);
		bench.prober.stop();
		return bench.drain(0)[0];
	});
	assert.equal(
		asked,
		["1000", "1000", "900000", "900000"].map((delay) => `${delay} alive=undefined`),
	);
});

test("a socket that could not be opened, or was closed, says nothing of the binding", () => {
	const bench = new Bench();
	bench.listen();
	bench.prober.handleClosed(50_000, FIRST);
	assert.equal(bench.drain(50_000), ["120000 alive=undefined"]);
	assert.ok(bench.prober.isIdle);
});

test("stopped, it closes all sockets and says so of each measurement", () => {
	const bench = new Bench();
	bench.listen();
	bench.prober.probe(50_000, 60_000);
	bench.drain(50_000);
	bench.prober.stop();
	assert.equal(bench.drain(50_000), ["120000 alive=undefined", "60000 alive=undefined", "close 0", "close 4"]);
	assert.ok(bench.prober.isIdle);
	assert.is(bench.prober.pollTimeout(), Number.POSITIVE_INFINITY);
});

test("what comes for a path that is none of its own is nobody's", () => {
	const bench = new Bench();
	bench.listen();
	assert.ok(bench.prober.owns(FIRST));
	assert.not(bench.prober.owns(FIRST + 4));
	assert.equal(bench.receive(123_000, 4, LATE), []);
	bench.prober.handleClosed(123_000, FIRST + 4);
	assert.equal(bench.drain(123_000), []);
});

test.run();
