import { assert, suite } from "#suite";
import type { Schedule } from "../../reach/cost.js";
import { Keepalive } from "../../reach/keepalive.js";
import { FixedRandom } from "../random.js";

const test = suite("reach/keepalive");

const SECOND = 1000;
const HOUR = 3_600 * SECOND;
const NO_CHANCE = new FixedRandom();

/** At 0 the server was told our address; from then on this schedule holds. */
function keepaliveOf(kind: Schedule["kind"], seconds: number, mustTell = false): Keepalive {
	const keepalive = new Keepalive();
	keepalive.mustTell = mustTell;
	keepalive.take({ kind, intervalMs: seconds * SECOND });
	keepalive.space(NO_CHANCE, 0);
	keepalive.handleSent(0);
	keepalive.handleKnown(0);
	keepalive.handleTold(0);
	return keepalive;
}

test("a schedule that is the same within a tenth of a second is none", () => {
	const keepalive = keepaliveOf("refresh", 60);
	assert.not(keepalive.take({ kind: "refresh", intervalMs: 60_099 }));
	assert.is(keepalive.schedule.intervalMs, 60_000);
	assert.ok(keepalive.take({ kind: "refresh", intervalMs: 60_100 }));
	assert.ok(keepalive.take({ kind: "ping", intervalMs: 60_100 }));
	assert.equal(keepalive.schedule, { kind: "ping", intervalMs: 60_100 });
});

test("an interval counts from whatever was sent last, and from the last question where we move", () => {
	const keepalive = keepaliveOf("refresh", 60);
	keepalive.handleSent(10 * SECOND);
	assert.is(keepalive.dueAt, 70 * SECOND);
	keepalive.isMoving = true;
	assert.is(keepalive.dueAt, 60 * SECOND);
	keepalive.next(60 * SECOND);
	assert.is(keepalive.dueAt, 120 * SECOND);
});

test("chance takes 4 % away at most, and a longer interval may stand in", () => {
	const keepalive = keepaliveOf("refresh", 60);
	keepalive.space(new FixedRandom(0xffff_ffff), 0);
	assert.ok(Math.abs(keepalive.spacing - 57_600) < 1, `${keepalive.spacing}`);
	keepalive.space(NO_CHANCE, 90 * SECOND);
	assert.is(keepalive.spacing, 90 * SECOND);
	keepalive.space(NO_CHANCE, 50 * SECOND);
	assert.is(keepalive.spacing, 60 * SECOND);
});

/** By when the server has to have said that it knows us, where only an Update can tell that we moved. */
for (const [seconds, deadline] of [
	[20, 300],
	[30, 300],
	[60, 600],
	[120, 890],
] as const)
	test(`a stock server is told again after ${deadline} s, where an interval is ${seconds} s`, () => {
		const keepalive = keepaliveOf("refresh", seconds, true);
		keepalive.handleSent((deadline - 1) * SECOND);
		assert.is(keepalive.dueAt, deadline * SECOND);
		assert.is(keepalive.leftAfter(SECOND, "refresh"), (deadline - 1) * SECOND);
		assert.is(keepalive.leftAfter(SECOND, "check"), deadline * SECOND);
		assert.is(keepalive.next(deadline * SECOND), "check");
	});

test("a server that says when it does not know us is asked after 890 s", () => {
	const keepalive = keepaliveOf("refresh", 60);
	keepalive.handleSent(880 * SECOND);
	assert.is(keepalive.dueAt, 890 * SECOND);
	assert.is(keepalive.next(890 * SECOND), "ping");
	keepalive.handleKnown(890 * SECOND);
	assert.is(keepalive.next(950 * SECOND), "refresh");
});

test("it is asked sooner where that is cheaper than an interval cut short", () => {
	// What is left of the 890 s and of the interval have the same part in the price: 56.2 s of 60.
	assert.is(keepaliveOf("refresh", 60).next(833 * SECOND), "refresh");
	assert.is(keepaliveOf("refresh", 60).next(834 * SECOND), "ping");
	assert.is(keepaliveOf("refresh", 500).next(500 * SECOND), "refresh");
});

test("an Update goes before the hour is over, in place of the last ping", () => {
	const keepalive = keepaliveOf("ping", 300);
	assert.is(keepalive.next(HOUR - 300 * SECOND), "ping");
	assert.is(keepalive.next(HOUR - 300 * SECOND + 1), "check");
	keepalive.handleTold(HOUR);
	assert.is(keepalive.sinceTold(HOUR + 5), 5);
	assert.is(keepalive.next(HOUR + 300 * SECOND), "ping");
	assert.is(keepaliveOf("check", 300).next(300 * SECOND), "check");
});

test("a young binding is used again 3.5 s after something was acknowledged, once", () => {
	const keepalive = keepaliveOf("refresh", 60);
	keepalive.handleAcknowledged(SECOND, false);
	assert.is(keepalive.dueAt, 60 * SECOND, "it was none");
	keepalive.handleYoung();
	keepalive.handleAcknowledged(SECOND, false);
	assert.is(keepalive.dueAt, 4_500);
	assert.is(keepalive.next(4_500), "refresh");
	keepalive.handleAcknowledged(5 * SECOND, false);
	assert.is(keepalive.dueAt, 60 * SECOND);
});

test("what is sent meanwhile does it as well, if it is not sent too soon", () => {
	const keepalive = keepaliveOf("refresh", 60);
	keepalive.handleYoung();
	keepalive.handleAcknowledged(SECOND, false);
	keepalive.handleSent(4_499);
	assert.is(keepalive.dueAt, 4_500);
	keepalive.handleSent(4_500);
	assert.is(keepalive.dueAt, 64_500);
});

test("none is promoted whose intervals do that, nor over a stream", () => {
	const short = keepaliveOf("refresh", 25);
	short.handleYoung();
	short.handleAcknowledged(SECOND, false);
	assert.is(short.dueAt, 25 * SECOND);
	const stream = keepaliveOf("ping", 60);
	stream.handleYoung();
	stream.handleAcknowledged(SECOND, false);
	stream.handleStream();
	assert.is(stream.dueAt, 60 * SECOND);
	stream.handleYoung();
	stream.handleStream();
	stream.handleAcknowledged(2 * SECOND, false);
	assert.is(stream.dueAt, 60 * SECOND);
});

for (const [name, isLossy, isMoving, mustTell, kind] of [
	["a calm network", false, false, false, "refresh"],
	["a lossy network", true, false, false, "ping"],
	["a lossy network and a stock server", true, false, true, "check"],
	["a lossy network in which we move", true, true, false, "ping"],
] as const)
	test(`promoted in ${name} by a ${kind}`, () => {
		const keepalive = keepaliveOf("refresh", 60, mustTell);
		keepalive.isLossy = isLossy;
		keepalive.isMoving = isMoving;
		keepalive.handleAcknowledged(SECOND, true);
		assert.is(keepalive.next(4_500), kind);
		assert.is(keepalive.next(4_600), "refresh", "an interval later as ever");
	});

test("where nothing speaks for a new binding, once an hour, a byte is sure enough in a lossy network, too", () => {
	const keepalive = keepaliveOf("ping", 890);
	keepalive.isLossy = true;
	keepalive.handleSent(HOUR);
	keepalive.handleTold(HOUR);
	keepalive.handleAcknowledged(HOUR, false);
	assert.is(keepalive.next(HOUR + 3_500), "refresh");
});

test("a socket that is opened before the second use begins anew", () => {
	const keepalive = keepaliveOf("ping", 60);
	keepalive.handleYoung();
	keepalive.handleAcknowledged(SECOND, false);
	keepalive.handleYoung();
	assert.is(keepalive.dueAt, 60 * SECOND);
	keepalive.handleAcknowledged(3 * SECOND, false);
	assert.is(keepalive.dueAt, 6_500);
});

test("where we move, a long silence may have ended with another binding at the same port: each is promoted", () => {
	const keepalive = keepaliveOf("ping", 890);
	keepalive.isMoving = true;
	keepalive.next(890 * SECOND);
	keepalive.handleKnown(890 * SECOND);
	keepalive.handleAcknowledged(890 * SECOND, false);
	assert.is(keepalive.dueAt, 893_500);
	keepalive.next(893_500);
	keepalive.handleKnown(930 * SECOND);
	keepalive.handleAcknowledged(930 * SECOND, false);
	assert.is(keepalive.dueAt, 1_820 * SECOND, "not for what promoted");
});

test.run();
