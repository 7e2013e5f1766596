// The gateway's connections in virtual time, with segments made by hand.

import { assert, suite } from "#suite";
import { defaultBehaviour, type WhenForgotten } from "./behaviour.js";
import { BOARD, GatewayBench, REMOTE, TIMEOUT_MS } from "./gateway-bench.js";
import { ipv4Packet, readIpv4, TCP } from "./packet.js";
import { readSegment, type Segment, segmentPacket } from "./segment.js";
import { ACK, FIN, RST, SYN } from "./tcp-flags.js";

const test = suite("nat/gateway-tcp");

/** A TCP dialogue: segments of the board, and what the gateway says to them. */
class TcpBench extends GatewayBench {
	readonly id = `${BOARD}:50000>${REMOTE}`;
	sequence = 1000;
	acknowledgment = 0;

	say(now: number, flags: number, payload = "", window = 4096): void {
		const segment = { source: `${BOARD}:50000`, destination: REMOTE, flags, window, payload: Buffer.from(payload) };
		const { sequence, acknowledgment } = this;
		this.packet(now, ipv4Packet(segmentPacket({ ...segment, sequence, acknowledgment }), 1));
	}

	/** All segments to the board; the next one said acknowledges them. */
	heard(): Segment[] {
		return this.frames().map(({ payload }) => {
			const packet = readIpv4(payload)!;
			assert.is(packet.protocol, TCP);
			const segment = readSegment(packet)!;
			const length = segment.payload.length + ((segment.flags & (SYN | FIN)) === 0 ? 0 : 1);
			this.acknowledgment = (segment.sequence + length) >>> 0;
			return segment;
		});
	}

	commands(): string[] {
		const found: string[] = [];
		for (let next = this.gateway.tcp.pollCommand(); next !== undefined; next = this.gateway.tcp.pollCommand()) {
			assert.is(next.id, this.id);
			found.push(next.kind === "data" ? `data ${next.bytes}` : next.kind);
		}
		return found;
	}

	/** A connection that stands on both sides. */
	open(): this {
		this.say(0, SYN);
		this.gateway.tcp.handleOpened(0, this.id);
		this.heard();
		this.sequence++;
		this.say(0, ACK);
		this.commands();
		return this;
	}
}

test("the board's SYN is answered when the connection outside stands", () => {
	const bench = new TcpBench();
	bench.say(0, SYN);
	assert.equal(bench.commands(), ["open"]);
	assert.equal(bench.heard(), []);
	bench.gateway.tcp.handleOpened(1, bench.id);
	const [answer] = bench.heard();
	assert.is(answer!.flags, SYN | ACK);
	assert.is(answer!.acknowledgment, 1001);
});

test("a refused connection is reset", () => {
	const bench = new TcpBench();
	bench.say(0, SYN);
	bench.gateway.tcp.handleAborted(1, bench.id);
	assert.is(bench.heard()[0]!.flags & RST, RST);
	assert.is(bench.gateway.tcp.flowCount, 0);
});

test("data goes out once and in order, whatever is repeated", () => {
	const bench = new TcpBench().open();
	bench.say(1, ACK, "one");
	bench.say(2, ACK, "one");
	assert.equal(bench.commands(), ["data one"]);
	bench.sequence += 6;
	bench.say(3, ACK, "three");
	assert.equal(bench.commands(), [], "out of order");
	const answers = bench.heard().map(({ acknowledgment }) => acknowledgment);
	assert.equal(answers, [1004, 1004, 1004]);
});

test("data comes in within the window of the board, and again when it is not acknowledged", () => {
	const bench = new TcpBench().open();
	bench.say(1, ACK, "", 10);
	bench.gateway.tcp.handleData(2, bench.id, Buffer.from("0123456789abcdef"));
	const texts = () => bench.heard().map(({ payload }) => payload.toString());
	assert.equal(texts(), ["0123456789"]);
	bench.gateway.handleTimeout(bench.gateway.pollTimeout());
	assert.equal(texts(), ["0123456789"]);
	bench.say(900, ACK, "", 0);
	assert.equal(texts(), []);
	bench.gateway.handleTimeout(bench.gateway.pollTimeout());
	assert.equal(texts(), ["a"], "one byte, to hear when the window opens");
	bench.say(2000, ACK, "", 100);
	assert.equal(texts(), ["bcdef"]);
});

test("a board that answers no more is given up", () => {
	const bench = new TcpBench().open();
	bench.gateway.tcp.handleData(1, bench.id, Buffer.from("x"));
	for (let left = 20; left > 0 && bench.gateway.tcp.flowCount > 0; left--) {
		bench.gateway.handleTimeout(bench.gateway.tcp.pollTimeout());
	}
	assert.is(bench.gateway.tcp.flowCount, 0);
	assert.equal(bench.commands(), ["abort"]);
});

test("each side ends by itself, and the connection is gone when both have", () => {
	const bench = new TcpBench().open();
	bench.say(1, FIN | ACK);
	bench.sequence++;
	assert.equal(bench.commands(), ["end"]);
	bench.heard();
	bench.gateway.tcp.handleData(2, bench.id, Buffer.from("rest"));
	bench.gateway.tcp.handleEnded(2, bench.id);
	assert.equal(
		bench.heard().map(({ flags, payload }) => [flags, payload.toString()]),
		[
			[ACK, "rest"],
			[FIN | ACK, ""],
		],
	);
	assert.is(bench.gateway.tcp.flowCount, 1);
	bench.say(3, ACK);
	assert.is(bench.gateway.tcp.flowCount, 0);
	assert.is(bench.gateway.tcp.pollTimeout(), Infinity);
});

const FORGOTTEN: readonly (readonly [WhenForgotten, heard: readonly number[], commands: readonly string[]])[] = [
	["silent", [], []],
	["reset", [RST], []],
	["picked-up", [ACK], ["data what?"]],
];
for (const [whenForgotten, heard, commands] of FORGOTTEN) {
	test(`what comes after the binding's time meets a NAT that is ${whenForgotten}`, () => {
		const tcp = { establishedMs: TIMEOUT_MS, transitoryMs: TIMEOUT_MS, whenForgotten };
		const bench = new TcpBench({ tcp }).open();
		bench.say(TIMEOUT_MS - 1, ACK);
		bench.heard();
		bench.say(3 * TIMEOUT_MS, ACK, "what?");
		assert.equal(
			bench.heard().map(({ flags }) => flags),
			heard,
		);
		assert.equal(bench.commands(), commands);
	});
}

test("what comes from outside after the binding's time does not reach the board", () => {
	const tcp = { ...defaultBehaviour.tcp, establishedMs: TIMEOUT_MS, transitoryMs: TIMEOUT_MS };
	const bench = new TcpBench({ tcp }).open();
	bench.gateway.tcp.handleData(TIMEOUT_MS - 1, bench.id, Buffer.from("in time"));
	assert.is(bench.heard()[0]!.payload.toString(), "in time");
	bench.gateway.tcp.handleData(3 * TIMEOUT_MS, bench.id, Buffer.from("late"));
	assert.equal(bench.heard(), []);
});

test("a reset that belongs to no connection is not answered", () => {
	const bench = new TcpBench({ tcp: { ...defaultBehaviour.tcp, whenForgotten: "reset" } });
	bench.say(0, RST);
	assert.equal(bench.heard(), []);
});

test.run();
