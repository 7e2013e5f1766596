import { assert, suite } from "#suite";
import type { Store } from "../../contract.js";
import { Line } from "./line.js";

const test = suite("reach/learning");

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Loses every n-th datagram, first at some offset. */
function every(n: number): () => boolean {
	let count = 0;
	return () => ++count % n === 0;
}

function memoryStore(): Store & { writes: number } {
	const values = new Map<string, Uint8Array>();
	return {
		writes: 0,
		read: (key) => values.get(key)?.slice(),
		write(key, value) {
			this.writes++;
			values.set(key, value.slice());
		},
		delete: (key) => void values.delete(key),
		keys: () => [...values.keys()],
	};
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

test("after it a second use makes a lasting binding of the new one", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	line.move();
	line.run(121 * SECOND);
	const [told, again] = line.acts.slice(-2);
	assert.equal([told!.kind, again!.kind], ["check", "refresh"]);
	assert.ok(again!.at - told!.at < 4 * SECOND);
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
		assert.ok(next > now && next - now <= 300 * SECOND, `${next - now}`);
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
	assert.ok(upperSeconds >= 120 && upperSeconds <= 120 * 1.25, `${upperSeconds}`);
});

test("what a network taught is there after a power loss, and what another one taught is not", () => {
	const store = memoryStore();
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
	const store = memoryStore();
	const line = new Line({ lifetimeMs: 300 * SECOND, store });
	line.run(HOUR);
	assert.ok(store.writes <= 6, `${store.writes}`);
	line.run(DAY);
	const { writes } = store;
	line.run(2 * DAY);
	assert.is(store.writes, writes);
});

test("a store that throws costs the memory and nothing else", () => {
	const store = memoryStore();
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

test("a silence too short to be measured makes no interval of a second for ever", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND });
	line.run(DAY);
	line.lostSeconds = 3;
	line.run(100 * SECOND);
	line.reach.handleTold(line.now, { flags: 0x10, lostSeconds: 3, heardCount: -1 });
	line.reach.handleTold(line.now, { flags: 0x10, lostSeconds: 3, heardCount: -1 });
	assert.ok(line.status.intervalSeconds < 2);
	line.run(2 * HOUR);
	assert.ok(line.status.intervalSeconds > 100, `${line.status.intervalSeconds}`);
});

test.run();
