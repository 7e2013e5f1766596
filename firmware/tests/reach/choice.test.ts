// Which transport a device takes for its price, as reach advises it.

import { assert, suite } from "#suite";
import { Choice } from "../../reach/choice.js";
import { choiceNumbers as numbers } from "../../reach/constants.js";
import { cheapest } from "../../reach/cost.js";
import { datagramPrice } from "../../reach/price.js";
import { ReachFlag } from "../../reach/reach.js";
import { FixedRandom } from "../random.js";
import { Fork, type ForkOptions } from "./fork.js";

const test = suite("reach/choice");

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LONG: ForkOptions = { udpSeconds: 30, tcpSeconds: 7_440 };

function lived(options: ForkOptions, milliseconds: number): Fork {
	const fork = new Fork(options);
	fork.run(milliseconds);
	return fork;
}

function datagrams(lifetimeSeconds: number, loss: number): number {
	const choice = { stream: false, mustTell: false, movesPerMs: 0 };
	return datagramPrice(cheapest(1000 * lifetimeSeconds, loss, choice), { loss, wordsPerMs: 0 });
}

/** No loss, and an application that says nothing. */
const SILENT = { loss: 0, wordsPerMs: 0 };

/** The ways that were taken, in a word each. */
function ways(fork: Fork): string[] {
	return fork.turns.map(({ to }) => to);
}

/** Seconds out of reach, looked at each second. */
function secondsOut(fork: Fork, milliseconds: number): number {
	let count = 0;
	for (let ms = 0; ms < milliseconds; ms += 1_000) {
		fork.run(1_000);
		if (!fork.isReachable) count++;
	}
	return count;
}

test("where connections live for hours and datagrams for 30 s, the stream is taken, and silent for long", () => {
	const fork = lived(LONG, 8 * HOUR);
	assert.equal(ways(fork), ["stream"]);
	assert.ok(fork.turns[0]!.at >= numbers.patienceMs && fork.turns[0]!.at <= 3 * HOUR, `${fork.turns[0]!.at}`);
	const { transport, intervalSeconds, kind } = fork.status;
	assert.equal([transport, Math.round(intervalSeconds), kind], [1, 850, "ping"]);
});

test("how long a connection lives is found out from below: nothing is out of reach meanwhile", () => {
	assert.is(secondsOut(new Fork(LONG), 8 * HOUR), 0);
});

test("it is stayed with for weeks, and datagrams are not tried in between", () => {
	assert.equal(ways(lived(LONG, 30 * DAY)), ["stream"]);
});

const NOT_TAKEN: readonly (readonly [why: string, options: ForkOptions])[] = [
	["datagrams are cheap", { udpSeconds: 300, tcpSeconds: 7_440 }],
	["there is no such route, or the server wishes another one", { ...LONG, streamPlace: -1 }],
	["the server promises nothing", { ...LONG, flags: ReachFlag.Keeper }],
	["the server knows nothing of it", { ...LONG, flags: 0 }],
	["the application speaks each 20 s anyway", { ...LONG, wordSeconds: 20 }],
	["nothing is to be kept open (Queue Mode)", { ...LONG, isQueued: true }],
];

for (const [why, options] of NOT_TAKEN)
	test(`the stream is not tried where ${why}`, () => {
		assert.equal(ways(lived(options, 3 * DAY)), []);
	});

for (const tcpSeconds of [30, 40, 60])
	test(`a connection that lives for ${tcpSeconds} s is left within minutes, and tried again after days`, () => {
		const fork = new Fork({ udpSeconds: 30, tcpSeconds });
		const out = secondsOut(fork, DAY);
		assert.equal(ways(fork), ["stream", "datagrams"]);
		const [there, back] = fork.turns;
		assert.ok(back!.at - there!.at < 15 * MINUTE, `${back!.at - there!.at} ms`);
		assert.ok(out <= 60, `${out} s out of reach`);
		fork.run(30 * DAY);
		const waits = fork.turns.filter(({ to }) => to === "stream").map(({ at }) => Math.floor(at / DAY));
		assert.ok(waits.length >= 4 && waits.length <= 6, waits.join(" "));
	});

test("a connection that lives long enough to be cheaper is stayed with, at its own pace", () => {
	const fork = lived({ udpSeconds: 30, tcpSeconds: 350 }, 2 * DAY);
	assert.equal(ways(fork), ["stream"]);
	const { intervalSeconds } = fork.status;
	assert.ok(intervalSeconds >= 350 / 1.25 && intervalSeconds < 350, `${intervalSeconds}`);
});

test("the choice outlives a restart of the device, with what was learned", () => {
	const fork = lived(LONG, 12 * HOUR);
	const again = new Fork({ ...LONG, store: fork.store });
	assert.is(again.reach.transport, 1);
	again.run(DAY);
	assert.equal(ways(again), []);
	assert.is(Math.round(again.status.intervalSeconds), 850);
});

test("a restart finds datagrams again where the server has got a wish of its own", () => {
	const { store } = lived(LONG, 12 * HOUR);
	assert.is(new Fork({ ...LONG, store, streamPlace: -1 }).reach.transport, 0);
});

test("a connection that dies unnoticed is left at once, and not tried again for days", () => {
	const fork = lived(LONG, 12 * HOUR);
	fork.forget();
	fork.run(2 * DAY);
	assert.equal(ways(fork), ["stream", "datagrams"]);
	assert.ok(fork.turns[1]!.at <= 12 * HOUR + 15 * MINUTE + MINUTE);
	fork.run(3 * DAY);
	assert.equal(ways(fork), ["stream", "datagrams", "stream"]);
});

test("a server that was down for a while is not the stream's fault: it is tried again after an hour", () => {
	const fork = lived(LONG, 12 * HOUR);
	fork.refuse();
	fork.run(10 * MINUTE);
	fork.isDown = false;
	fork.run(2 * HOUR);
	assert.equal(ways(fork), ["stream", "datagrams", "stream"]);
	fork.run(10 * DAY);
	assert.is(ways(fork).length, 3);
});

test("but where it is refused then, too, it is left alone for days", () => {
	const fork = lived(LONG, 12 * HOUR);
	fork.refuse();
	fork.run(20 * HOUR);
	assert.equal(ways(fork), ["stream", "datagrams", "stream", "datagrams"]);
});

test("what would make a young binding a lasting one is not said over the stream that follows it", () => {
	const fork = new Fork({ udpSeconds: 65, tcpSeconds: 7_440 });
	// The server says that we moved: the second use of the new binding is due in 3.5 s.
	fork.move();
	fork.reach.handleOpened(fork.now, 1, 2, true);
	fork.reach.handleTold(fork.now, undefined);
	const { now } = fork;
	for (let ms = 0; ms < 20_000; ms += 500) {
		fork.reach.handleTimeout(now + ms);
		assert.is(fork.reach.pollAdvice(), undefined);
	}
});

test("an application that speaks each ten minutes does not stand against it", () => {
	assert.equal(ways(lived({ ...LONG, wordSeconds: 600 }, DAY)), ["stream"]);
});

test("when the application begins to speak often the stream is left", () => {
	const fork = lived(LONG, 12 * HOUR);
	fork.speak(10);
	fork.run(5 * HOUR);
	assert.equal(ways(fork), ["stream", "datagrams"]);
});

test("another wish of the server ends the choice (/1/x/22)", () => {
	const fork = lived(LONG, 12 * HOUR);
	fork.reach.handleRoutes(-1);
	assert.is(fork.reach.transport, 0);
});

/** Whether a stream is tried where datagrams live for so long, after some hours in which that is known. */
function isTried(price: number): boolean {
	const choice = new Choice(1);
	let tried = false;
	for (let now = 0; now <= 3 * HOUR; now += HOUR) tried ||= choice.handleDatagrams(now, price, SILENT);
	return tried;
}

for (const [lifetimeSeconds, loss, expected] of [
	[30, 0, true],
	[65, 0.05, true],
	[120, 0.01, true],
	[120, 0, false],
	[300, 0.05, false],
	[3_600, 0, false],
] as const)
	test(`behind ${lifetimeSeconds} s with a loss of ${100 * loss} % a stream is ${expected ? "" : "not "}tried`, () => {
		assert.is(isTried(datagrams(lifetimeSeconds, loss)), expected);
	});

test("datagrams must have been too dear for an hour, without a doubt in between", () => {
	const choice = new Choice(1);
	const dear = datagrams(30, 0);
	const seen: boolean[] = [];
	for (const [minutes, price] of [
		[0, dear],
		[30, dear],
		[50, 0],
		[60, dear],
		[110, dear],
		[120, dear],
	] as const)
		seen.push(choice.handleDatagrams(minutes * MINUTE, price, SILENT));
	assert.equal(seen, [false, false, false, false, false, true]);
	assert.ok(choice.isMade);
});

test("a stream that disappoints is tried again after two days, then after four, eight, and no later", () => {
	const choice = new Choice(1);
	const dear = datagrams(30, 0);
	const waits: number[] = [];
	let now = 0;
	for (let i = 0; i < 7; i++) {
		const from = now;
		while (!choice.handleDatagrams(now, dear, SILENT)) now += HOUR;
		waits.push(Math.round((now - from) / HOUR));
		choice.handleDisappointed(now, new FixedRandom(), 1);
		assert.is(choice.isMade, false);
	}
	assert.is(waits[0], 1);
	for (const [i, days] of [2, 4, 8, 8, 8, 8].entries()) {
		const hours = waits[i + 1]!;
		assert.ok(hours > 0.88 * 24 * days && hours <= 24 * days + 1, `${hours} h`);
	}
});

test("it is left where datagrams cost hardly more", () => {
	const choice = new Choice(1);
	const price = datagrams(65, 0);
	assert.ok(choice.isWorth(price, 600 * 1000, SILENT));
	assert.not(choice.isWorth(price, 250 * 1000, SILENT));
});

test.run();
