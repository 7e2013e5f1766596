import { assert, suite } from "#suite";
import { LearningReach } from "../../reach/learning.js";
import { Memory } from "../../reach/memory.js";
import { networkId, putNetwork } from "../../reach/networks.js";
import { ReachFlag } from "../../reach/reach.js";
import { FixedRandom } from "../random.js";
import { TestStore } from "../test-store.js";
import { Line } from "./line.js";

const test = suite("reach/learning");

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Loses every n-th datagram, first at some offset. */
function every(n: number): () => boolean {
	let count = 0;
	return () => ++count % n === 0;
}

test("it advises nothing before the registration stands, and nothing after it ended", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.reach.handleStopped();
	line.run(DAY);
	assert.equal(line.acts, []);
	assert.is(line.status.kind, "none");
});

for (const seconds of [6, 10, 20, 30, 65, 120, 180, 300, 350, 600, 890]) {
	test(`${seconds} s: learned within a day, and then spent, but never exceeded`, () => {
		const line = new Line({ lifetimeMs: seconds * SECOND });
		line.run(DAY);
		const { lowerSeconds, intervalSeconds } = line.status;
		assert.ok(lowerSeconds <= seconds && lowerSeconds >= Math.min(0.85 * seconds, seconds - 1), `${lowerSeconds}`);
		assert.ok(intervalSeconds < seconds && intervalSeconds > 0.8 * lowerSeconds, `${intervalSeconds}`);
		line.run(DAY);
		for (const silence of line.silencesSince(DAY)) assert.ok(silence < seconds * SECOND, `${silence}`);
		assert.is(line.status.rebindingCount < 10, true);
	});
}

test("above 900 s it need not know more", () => {
	const line = new Line({ lifetimeMs: 7_200 * SECOND });
	line.run(DAY);
	assert.equal([line.status.lowerSeconds, line.status.upperSeconds, line.status.kind], [900, Infinity, "ping"]);
});

test("on a quiet line a byte keeps the binding, a ping a quarter of an hour and an Update an hour prove it", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(2 * DAY);
	const counts = { refresh: 0, ping: 0, check: 0 };
	for (const { at, kind } of line.acts) if (at >= DAY && kind in counts) counts[kind as keyof typeof counts]++;
	assert.is(line.acts.filter(({ at }) => at >= DAY).length, counts.refresh + counts.ping + counts.check);
	assert.ok(counts.refresh > 600 && counts.refresh < 700, `${counts.refresh}`);
	assert.ok(counts.ping + counts.check >= 96 && counts.ping + counts.check < 110, `${counts.ping} ${counts.check}`);
	assert.ok(counts.check >= 23 && counts.check <= 26, `${counts.check}`);
});

test("traffic of others takes the place of refreshes", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	const before = line.acts.length;
	for (let i = 0; i < 144; i++) {
		line.run(100 * SECOND);
		line.say();
	}
	const kinds = line.acts.slice(before).map(({ kind }) => kind);
	// But for the one that was due before the first of it.
	assert.ok(kinds.filter((kind) => kind === "refresh").length <= 1, kinds.join(" "));
	assert.ok(kinds.length >= 16 && kinds.length < 20, `${kinds.length}`);
});

test("a downlink proves that the server knows us: nothing is asked while they come", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	assert.ok(line.ask());
	const before = line.acts.length;
	for (let i = 0; i < 30; i++) {
		line.run(100 * SECOND);
		assert.ok(line.ask());
	}
	assert.equal(line.acts.slice(before), []);
});

test("a move in quiet is noticed at the next keepalive, and told at once", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	const before = line.acts.length;
	line.move();
	line.run(121 * SECOND);
	assert.ok(line.isReachable);
	assert.is(line.acts.slice(before)[1]!.kind, "check");
	assert.is(line.status.rebindingCount, 1);
	assert.equal(
		line.status.failures.map(({ kind }) => kind),
		["moved", "unknown-address"],
	);
});

test("after it a second use makes a lasting binding of the new one, where it needs one", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND, youngMs: 30 * SECOND });
	line.run(DAY);
	line.move();
	line.run(121 * SECOND);
	const [told, again] = line.acts.slice(-2);
	assert.equal([told!.kind, again!.kind], ["check", "refresh"]);
	assert.ok(again!.at - told!.at < 4 * SECOND);
});

test("what answers after a question that stayed unanswered is used a second time: it may have begun anew", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND, youngMs: 30 * SECOND });
	line.run(DAY);
	line.isDown = true;
	const at = line.now;
	while (line.acts.at(-1)!.kind !== "ping" || line.acts.at(-1)!.at < at) line.run(SECOND);
	line.run(30 * SECOND);
	line.isDown = false;
	line.run(12 * SECOND);
	const kinds = line.acts.slice(-3).map(({ kind }) => kind);
	assert.equal(kinds, ["ping", "check", "refresh"]);
});

test("who moves again and again is told so no more often than the rate allows", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	const before = line.acts.length;
	for (let i = 0; i < 100; i++) {
		line.reach.handleUnknown(line.now);
		line.run(SECOND);
	}
	const checks = line.acts.slice(before).filter(({ kind }) => kind === "check");
	assert.ok(checks.length <= 7, `${checks.length}`);
});

test("where it moves every five minutes it tells its address each time; after a quiet day it asks again", () => {
	const line = new Line({ lifetimeMs: 300 * SECOND });
	line.run(DAY);
	assert.is(line.status.kind, "refresh");
	for (let i = 0; i < 60; i++) {
		line.run(310 * SECOND);
		line.move();
	}
	assert.is(line.status.kind, "check");
	line.run(2 * DAY);
	assert.is(line.status.kind, "refresh");
});

test("a lossy line is kept open by pings, and an unanswered one is repeated, not taken for the end", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND, loses: every(19) });
	line.run(2 * DAY);
	assert.is(line.status.kind, "ping");
	assert.ok(Math.abs(line.status.loss - 1 / 19) < 0.02, `${line.status.loss}`);
	assert.not(line.acts.some(({ kind }) => kind === "new-socket"));
});

test("two downlinks that stayed unanswered bound it from above, and it is measured anew", () => {
	const line = new Line({ lifetimeMs: 300 * SECOND });
	line.run(DAY);
	line.options.lifetimeMs = 100 * SECOND;
	line.lostSeconds = 150;
	line.run(600 * SECOND);
	assert.ok(line.status.lowerSeconds > 250, "one is loss");
	line.lostSeconds = 160;
	line.run(4 * HOUR);
	assert.ok(line.status.lowerSeconds <= 100 && line.status.lowerSeconds >= 85, `${line.status.lowerSeconds}`);
});

test("a binding that lives longer than before is found out within the days that verify it", () => {
	const line = new Line({ lifetimeMs: 60 * SECOND });
	line.run(DAY);
	line.options.lifetimeMs = 300 * SECOND;
	line.run(5 * DAY);
	assert.ok(line.status.lowerSeconds >= 255 && line.status.lowerSeconds <= 300, `${line.status.lowerSeconds}`);
});

test("a server that is down is asked along the ladder, and the device is back when the server is", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	line.isDown = true;
	const before = line.acts.length;
	line.run(HOUR);
	const kinds = line.acts.slice(before).map(({ kind }) => kind);
	const from = kinds.indexOf("ping");
	assert.equal(kinds.slice(from, from + 4), ["ping", "check", "new-socket", "register"]);
	assert.ok(line.status.unreachableSeconds > 0);
	line.isDown = false;
	line.run(HOUR);
	assert.ok(line.isReachable);
});

test("a registration that was given up and then answers an Update all the same is kept open again", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	line.reach.handleUnanswered(line.now);
	line.reach.pollAdvice();
	assert.is(line.status.kind, "none");
	line.reach.handleTold(line.now, undefined);
	assert.is(line.status.kind, "refresh");
	const before = line.acts.length;
	line.run(HOUR);
	assert.ok(line.acts.length - before >= 29);
});

test("an outcome that never comes is waited for no longer than five minutes", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	let now = line.reach.pollTimeout();
	for (let i = 0; i < 400; i++) {
		line.reach.handleTimeout(now);
		line.reach.pollAdvice();
		const next = line.reach.pollTimeout();
		assert.ok(next > now && next - now < 300 * SECOND + 1, `${next - now}`);
		now = next;
	}
});

test("asleep it is silent; awake it keeps the binding again", () => {
	const line = new Line({ lifetimeMs: 30 * SECOND });
	line.run(DAY);
	const before = line.acts.length;
	line.reach.handleAsleep();
	line.run(DAY);
	assert.is(line.acts.length, before);
	line.reach.handleAwake(line.now);
	line.run(93 * SECOND);
	assert.ok(line.acts.length > before + 2);
});

test("with a stock server it stays at half a minute until downlinks prove more, and Updates tell its address", () => {
	const line = new Line({ lifetimeMs: 300 * SECOND, stock: true });
	line.run(2 * DAY);
	assert.equal([line.status.lowerSeconds, line.status.kind], [30, "refresh"]);
	const checks = line.acts.filter(({ at, kind }) => at >= DAY && kind === "check").map(({ at }) => at);
	for (let i = 1; i < checks.length; i++) assert.ok(checks[i]! - checks[i - 1]! <= 900 * SECOND);
	assert.not(line.acts.some(({ kind }) => kind === "ping"));
});

test("with a stock server downlinks let it grow, one step beyond the proof, and back when the end is dead", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND, stock: true });
	for (let i = 0; i < 2_000; i++) {
		// Spread over the ages, as people's questions are.
		line.run((61 + ((i * 37) % 83)) * SECOND);
		line.ask();
	}
	const { lowerSeconds, upperSeconds } = line.status;
	assert.ok(lowerSeconds < 120 && lowerSeconds > 120 / 1.25, `${lowerSeconds}`);
	assert.ok(upperSeconds >= 120 && upperSeconds <= 120 * 1.5, `${upperSeconds}`);
});

test("what a network taught is there after a power loss, and what another one taught is not", () => {
	const store = new TestStore();
	const home = new Line({ lifetimeMs: 300 * SECOND, store, label: "wifi:home" });
	home.run(DAY);
	const { lowerSeconds, intervalSeconds } = home.status;
	const again = new Line({ lifetimeMs: 300 * SECOND, store, label: "wifi:home" });
	assert.is(again.status.lowerSeconds, Math.floor(lowerSeconds));
	again.run(HOUR);
	assert.ok(again.status.intervalSeconds > 0.9 * intervalSeconds);
	const work = new Line({ lifetimeMs: 300 * SECOND, store, label: "wifi:work" });
	assert.is(work.status.lowerSeconds, 30);
});

test("flash is written rarely, however much there is to learn", () => {
	const store = new TestStore();
	const line = new Line({ lifetimeMs: 300 * SECOND, store });
	line.run(HOUR);
	assert.ok(store.writeCount <= 6, `${store.writeCount}`);
	line.run(DAY);
	const writes = store.writeCount;
	line.run(2 * DAY);
	assert.is(store.writeCount, writes);
});

test("a store that throws costs the memory and nothing else", () => {
	const store = new TestStore();
	store.write = () => {
		throw new Error("full");
	};
	const line = new Line({ lifetimeMs: 120 * SECOND, store });
	line.run(DAY);
	assert.ok(line.status.lowerSeconds > 100);
});

test("bytes and wake-ups of the day before are told", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(2.5 * DAY);
	const { bytesPerDay, wakeupsPerDay } = line.status;
	assert.ok(bytesPerDay > 24_000 && bytesPerDay < 32_000, `${bytesPerDay}`);
	assert.ok(wakeupsPerDay > 700 && wakeupsPerDay < 800, `${wakeupsPerDay}`);
});

test("in another network an Update is enough for it to be measured", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	line.reach.handleNetwork(line.now, "another");
	assert.is(line.status.probe, "none");
	line.reach.handleTold(line.now, undefined);
	assert.is(line.status.probe, "waiting");
});

test("after a while on a connection the way by datagrams is measured and asked as its server offered", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	line.reach.handleOpened(line.now, 1, 2, true);
	line.reach.handleTold(line.now, undefined);
	assert.is(line.status.probe, "none");
	line.reach.handleOpened(line.now, 0, 2, false);
	line.reach.handleTold(line.now, undefined);
	assert.equal([line.status.probe, line.status.kind], ["waiting", "refresh"]);
});

for (const seconds of [20, 30, 65])
	test(`a network whose bindings live ${seconds} s, not 300 as before, is found out though nobody calls`, () => {
		const line = new Line({ lifetimeMs: 300 * SECOND });
		line.run(DAY);
		line.options.lifetimeMs = seconds * SECOND;
		line.run(2 * HOUR);
		assert.ok(line.status.lowerSeconds <= seconds, `${line.status.lowerSeconds}`);
		assert.ok(line.status.intervalSeconds < seconds, `${line.status.intervalSeconds}`);
	});

test("a network that shortens in the midst of a long measurement is found out as soon as one in quiet", () => {
	const line = new Line({ lifetimeMs: 700 * SECOND });
	line.run(40 * MINUTE);
	assert.equal([line.status.probe, line.status.lowerSeconds > 600], ["measuring", true]);
	line.options.lifetimeMs = 120 * SECOND;
	line.run(HOUR);
	assert.ok(line.status.lowerSeconds <= 120, `${line.status.lowerSeconds}`);
});

test("where silences as short as moves seem to leave hold each time, longer ones are doubted, too", () => {
	const line = new Line({ lifetimeMs: 200 * SECOND });
	line.run(DAY);
	for (let i = 0; i < 12; i++) {
		line.move();
		line.run(3 * MINUTE);
	}
	line.options.lifetimeMs = 120 * SECOND;
	line.run(6 * HOUR);
	assert.ok(line.status.lowerSeconds <= 120, `${line.status.lowerSeconds}`);
});

test("a proof that is missed when it is verified is doubted at once, where nobody sees the address change", () => {
	const line = new Line({ lifetimeMs: 900 * SECOND, preservesPort: true, loses: every(20) });
	line.run(2 * DAY);
	line.options.lifetimeMs = 120 * SECOND;
	while (line.status.probe !== "measuring") line.run(MINUTE);
	const verifiedAt = line.now;
	while (line.status.lowerSeconds > 120) line.run(MINUTE);
	assert.ok(line.now - verifiedAt < 25 * MINUTE, `${(line.now - verifiedAt) / MINUTE} min`);
});

test("a silence too short to be measured makes no interval of a second for ever", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	line.lostSeconds = 3;
	line.run(100 * SECOND);
	line.reach.handleTold(line.now, { flags: 0x10, lostSeconds: 3, lostCount: 5, heardCount: -1 });
	line.reach.handleTold(line.now, { flags: 0x10, lostSeconds: 3, lostCount: 5, heardCount: -1 });
	assert.ok(line.status.intervalSeconds < 2);
	line.run(2 * HOUR);
	assert.ok(line.status.intervalSeconds > 100, `${line.status.intervalSeconds}`);
});

for (const seconds of [18, 20, 24])
	test(`a network of ${seconds} s, not 120 as before, is found out though moves are looked for less often`, () => {
		const line = new Line({ lifetimeMs: 120 * SECOND });
		line.run(DAY);
		for (let i = 0; i < 6; i++) {
			line.move();
			line.run(3 * MINUTE);
		}
		line.options.lifetimeMs = seconds * SECOND;
		line.run(2 * HOUR);
		assert.ok(line.status.lowerSeconds <= seconds, `${line.status.lowerSeconds}`);
	});

test("the same where what was proven is so short that watching for moves ends too soon", () => {
	const line = new Line({ lifetimeMs: 65 * SECOND });
	line.run(DAY);
	for (let i = 0; i < 6; i++) {
		line.move();
		line.run(3 * MINUTE);
	}
	line.options.lifetimeMs = 20 * SECOND;
	line.run(2 * HOUR);
	assert.ok(line.status.lowerSeconds <= 20, `${line.status.lowerSeconds}`);
});

/** A stream of whose lifetime the flash holds these bounds in seconds. */
function onStream(lowerSeconds: number, upperSeconds: number): LearningReach {
	const server = "coap.example:5683";
	const store = new TestStore();
	const udp = { lowerSeconds: 0, upperSeconds: 0 };
	const record = { udp, stream: { lowerSeconds, upperSeconds }, moveCount: 0, transport: 0, isChosen: false };
	store.write("reach", putNetwork(undefined, networkId(`wifi:home ${server}`), record));
	const reach = new LearningReach(new FixedRandom(), new Memory(store, server));
	reach.handleNetwork(0, "wifi:home");
	reach.handleOpened(0, 0, 1, true);
	reach.handleStarted(0, { flags: ReachFlag.Keeper | ReachFlag.Probe, lostSeconds: -1, lostCount: 0, heardCount: -1 });
	return reach;
}

/** What is advised when it is next time; it is sent and answered. Gives the delays that are asked for, if any. */
function next(reach: LearningReach): readonly number[] {
	const now = reach.pollTimeout();
	reach.handleTimeout(now);
	const asked = reach.pollAdvice() === "probe" ? reach.takeProbes() : [];
	reach.handleSent(now, 20);
	reach.handleAcknowledged(now, 1);
	reach.handlePong(now, true);
	return asked;
}

test("over a stream that is trusted for less than the shortest interval promises are asked for all the same", () => {
	const reach = onStream(0, 25);
	assert.ok(reach.status(0).lowerSeconds < 15);
	assert.equal(next(reach), [10 * SECOND]);
});

test("the silence in which a promise was waited for is no interval of the next connection", () => {
	const reach = onStream(81, 91);
	const asked = next(reach);
	assert.ok(asked[0]! > 81 * SECOND, `${asked}`);
	const now = reach.pollTimeout();
	assert.ok(now > 160 * SECOND, "it waits for the promise");
	reach.handleOpened(now, 0, 1, true);
	reach.handleTold(now, undefined);
	assert.ok(reach.pollTimeout() - now < 81 * SECOND, `${reach.pollTimeout() - now}`);
});

test.run();
