// Two ends of a connection over a wire that a test holds in its hand.

import { assert, suite } from "#suite";
import { ACK, FIN, RST, SYN } from "../nat/tcp-flags.js";
import { refusalOf, TcpEnd, type TcpEvent, type VirtualSegment } from "./tcp-end.js";
import { linux, lwip, type TcpStack } from "./tcp-stack.js";

const test = suite("world/tcp-end");

const ROUND_TRIP_MS = 100;
const ALL = Array.from({ length: 100 }, (_, i) => i);
const HELLO = Uint8Array.of(1, 2, 3, 4);

/** "SA 44" for a SYN with ACK in an IP packet of 44 bytes. */
function textOf({ flags, length }: VirtualSegment): string {
	const letters = [
		[SYN, "S"],
		[FIN, "F"],
		[RST, "R"],
		[ACK, "A"],
	] as const;
	return `${letters.map(([bit, letter]) => ((flags & bit) === 0 ? "" : letter)).join("")} ${length}`;
}

/** A client and a server, half a round trip apart; each packet is written down as "> S 44" or, if lost, "> S 44 x". */
class Wire {
	now = 0;
	readonly client: TcpEnd;
	server: TcpEnd | undefined;
	readonly packets: string[] = [];
	readonly events: string[] = [];
	sentCount = 0;
	/** Numbers of packets, counted from 0, that are lost. */
	lost: readonly number[];
	#onWay: { readonly at: number; readonly isUp: boolean; readonly segment: VirtualSegment }[] = [];

	constructor(clientStack: TcpStack, lost: readonly number[] = []) {
		this.lost = lost;
		this.client = TcpEnd.connect(0, clientStack);
		this.#collect();
	}

	/** Lets so much time pass. */
	run(ms: number): this {
		const endAt = this.now + ms;
		for (;;) {
			const nextAt = Math.min(
				...this.#onWay.map(({ at }) => at),
				this.client.pollTimeout(),
				this.server?.pollTimeout() ?? Infinity,
			);
			if (nextAt > endAt) break;
			this.now = Math.max(this.now, nextAt);
			this.#step();
			this.#collect();
		}
		this.now = endAt;
		return this;
	}

	/** What was written down since the last call. */
	take(): string[] {
		return this.packets.splice(0);
	}

	collect(): this {
		this.#collect();
		return this;
	}

	#step(): void {
		const arrived = this.#onWay.filter(({ at }) => at <= this.now);
		this.#onWay = this.#onWay.filter(({ at }) => at > this.now);
		for (const { isUp, segment } of arrived) {
			if (!isUp) this.client.handleSegment(this.now, segment);
			else if (this.server === undefined) this.server = TcpEnd.accept(this.now, linux, segment);
			else this.server.handleSegment(this.now, segment);
		}
		this.client.handleTimeout(this.now);
		this.server?.handleTimeout(this.now);
	}

	#collect(): void {
		this.#collectOf(this.client, true);
		if (this.server !== undefined) this.#collectOf(this.server, false);
	}

	#collectOf(end: TcpEnd, isUp: boolean): void {
		for (let segment = end.pollSegment(); segment !== undefined; segment = end.pollSegment()) {
			const isLost = this.lost.includes(this.sentCount++);
			this.packets.push(`${isUp ? ">" : "<"} ${textOf(segment)}${isLost ? " x" : ""}`);
			if (!isLost) this.#onWay.push({ at: this.now + ROUND_TRIP_MS / 2, isUp, segment });
		}
		const name = isUp ? "client" : "server";
		for (let event = end.pollEvent(); event !== undefined; event = end.pollEvent())
			this.events.push(`${name} ${event.kind}${reasonOf(event)}`);
	}
}

function reasonOf(event: TcpEvent): string {
	return event.kind === "over" ? ` ${event.why}` : "";
}

/** A connection that stands, with an empty record. */
function connected(clientStack: TcpStack = lwip): Wire {
	const wire = new Wire(clientStack).run(1000);
	wire.take();
	wire.events.length = 0;
	return wire;
}

/** The same once the server has answered something, which makes Linux patient. */
function settled(): Wire {
	const wire = connected();
	wire.client.write(wire.now, HELLO);
	wire.collect().run(ROUND_TRIP_MS);
	wire.server!.write(wire.now, HELLO);
	wire.collect().run(1000);
	wire.server!.read();
	wire.take();
	wire.events.length = 0;
	return wire;
}

const HANDSHAKES: readonly (readonly [string, TcpStack, readonly string[]])[] = [
	["lwIP offers its segment size alone, and Linux answers with no more", lwip, ["> S 44", "< SA 44", "> A 40"]],
	["between two of Linux each segment has its time stamp", linux, ["> S 60", "< SA 60", "> A 52"]],
];
for (const [title, stack, packets] of HANDSHAKES)
	test(title, () => {
		const wire = new Wire(stack).run(1000);
		assert.equal(wire.packets, packets);
		assert.equal(wire.events, ["client connected", "server connected"]);
	});

test("the first data are acknowledged at once by Linux", () => {
	const wire = connected();
	wire.client.write(wire.now, HELLO);
	wire.collect().run(ROUND_TRIP_MS / 2);
	assert.equal(wire.take(), ["> A 44", "< A 40"]);
});

test("data arrive in order, and an answer carries the acknowledgement", () => {
	const wire = settled();
	wire.client.write(wire.now, HELLO);
	wire.collect().run(60);
	assert.equal([...wire.server!.read()!], [1, 2, 3, 4]);
	wire.server!.write(wire.now, HELLO);
	wire.collect().run(1000);
	// lwIP has nothing more to say, and acknowledges by itself.
	assert.equal(wire.packets, ["> A 44", "< A 44", "> A 40"]);
});

test("without an answer the acknowledgement goes alone, after a delay", () => {
	const wire = settled();
	wire.client.write(wire.now, HELLO);
	wire.collect().run(ROUND_TRIP_MS / 2 + linux.delayedAckMs - 1);
	assert.equal(wire.take(), ["> A 44"]);
	wire.run(1);
	assert.equal(wire.take(), ["< A 40"]);
});

test("the second segment is acknowledged at once, and a long text goes in segments of the agreed size", () => {
	const wire = settled();
	wire.client.write(wire.now, new Uint8Array(3000));
	wire.collect().run(ROUND_TRIP_MS / 2);
	assert.equal(wire.take(), ["> A 1480", "> A 1480", "> A 160", "< A 40"]);
	wire.run(1000);
	assert.is(wire.server!.available, 3000);
	assert.equal(wire.take(), ["< A 40"]);
});

test("what is lost is sent again after the time-out, and arrives once", () => {
	const wire = connected();
	wire.lost = [3];
	wire.client.write(wire.now, HELLO);
	wire.collect().run(ROUND_TRIP_MS + lwip.leastMarginMs);
	assert.equal(wire.take(), ["> A 44 x", "> A 44"]);
	wire.run(1000);
	assert.is(wire.server!.available, 4);
});

test("a lost acknowledgement costs one repetition, and no byte twice", () => {
	const wire = connected();
	wire.lost = [4];
	wire.client.write(wire.now, HELLO);
	wire.collect().run(3000);
	assert.equal(wire.take(), ["> A 44", "< A 40 x", "> A 44", "< A 40"]);
	assert.is(wire.server!.available, 4);
});

test("what came before a lost segment waits for it", () => {
	const wire = connected();
	wire.lost = [3];
	for (const value of [1, 2]) wire.client.write(wire.now, Uint8Array.of(value));
	wire.collect().run(3000);
	assert.equal([...wire.server!.read()!], [1, 2]);
	assert.is(wire.server!.available, 0);
});

test("a SYN that nobody answers is repeated with longer and longer waits, then given up", () => {
	const wire = new Wire(linux, ALL);
	wire.run(1000 * (2 ** linux.synRetries - 1) + 1);
	assert.is(wire.packets.length, linux.synRetries + 1);
	assert.equal(wire.events, []);
	wire.run(1000 * 2 ** linux.synRetries);
	assert.equal(wire.events, ["client over timeout"]);
	assert.is(wire.client.isClosed, true);
});

test("a peer that vanished is given up after all repetitions", () => {
	const wire = connected();
	wire.lost = ALL;
	wire.client.write(wire.now, HELLO);
	wire.collect().run(3_600_000);
	assert.is(wire.take().length, lwip.retries + 1);
	assert.equal(wire.events, ["client over timeout"]);
});

test("an end takes three packets where the other end follows soon, and both are closed", () => {
	const wire = connected();
	wire.client.close(wire.now);
	wire.collect().run(60);
	assert.equal(wire.events, ["server over ended"]);
	wire.server!.close(wire.now);
	wire.collect().run(1000);
	assert.equal(wire.take(), ["> FA 40", "< FA 40", "> A 40"]);
	assert.is(wire.client.isClosed && wire.server!.isClosed, true);
});

test("an end takes four packets where lwIP hears of it first", () => {
	const wire = connected();
	wire.server!.close(wire.now);
	wire.collect().run(60);
	assert.equal(wire.events, ["client over ended"]);
	wire.client.close(wire.now);
	wire.collect().run(1000);
	assert.equal(wire.take(), ["< FA 40", "> A 40", "> FA 40", "< A 40"]);
	assert.is(wire.client.isClosed && wire.server!.isClosed, true);
});

test("what was written before the end still arrives", () => {
	const wire = connected();
	wire.client.write(wire.now, HELLO);
	wire.client.close(wire.now);
	wire.collect().run(1000);
	assert.is(wire.server!.available, 4);
	assert.equal(wire.events, ["server data", "server over ended"]);
});

test("a segment that belongs to no connection gets a RST, a RST gets nothing", () => {
	const wire = connected();
	wire.client.write(wire.now, HELLO);
	const refusal = refusalOf(wire.client.pollSegment()!)!;
	assert.is(textOf(refusal), "R 40");
	wire.client.handleSegment(wire.now, refusal);
	wire.collect();
	assert.equal(wire.events, ["client over reset"]);
	assert.is(refusalOf(refusal), undefined);
});

test("a SYN that is refused says so", () => {
	const end = TcpEnd.connect(0, lwip);
	end.handleSegment(50, refusalOf(end.pollSegment()!)!);
	assert.equal(end.pollEvent(), { kind: "over", why: "refused" });
	assert.is(end.isClosed, true);
});

test("no more may be written than there is room, and room comes back with the acknowledgement", () => {
	const wire = connected();
	assert.is(wire.client.write(wire.now, new Uint8Array(lwip.bufferLength + 1)), false);
	assert.is(wire.client.write(wire.now, new Uint8Array(lwip.bufferLength - 1)), true);
	assert.is(wire.client.room, 1);
	wire.collect().run(1000);
	assert.is(wire.client.room, lwip.bufferLength);
	assert.ok(wire.events.includes("client room"));
});

test.run();
