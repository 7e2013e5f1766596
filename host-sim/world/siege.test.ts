// suite: limit=120
// Attacks on OSCORE between the whole device and the whole back end. After each of them: no command was carried out
// twice, none that was not sent, no nonce was used twice, and the device can be reached within the stated bound.

import { assert, suite } from "#suite";
import * as operations from "../backend/operations.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { type Besieged, KEEPALIVE_MS, type Recorded } from "./siege.js";
import { AT_ONCE_MS, Case, ENEMY, HOME, MOVED, OTHER, REBOUND_MS, SERVER } from "./siege-case.js";

const test = suite("world/siege");

/** From a forgetful back end: as many refusals as make a device begin anew, each to a repetition. */
const FORGOTTEN_MS = 90_000;

test("rebinding between request and response: the command is answered, and carried out once", () => {
	const its = new Case();
	const device = its.device();
	const handle = its.execute(device);
	its.siege.run(25);
	device.address = MOVED;
	its.within(REBOUND_MS, () => its.outcome(handle) === "response");
	assert.is(device.executed.length, 1);
	its.judge(device, AT_ONCE_MS);
});

test("rebinding: the first command after the next keepalive takes one round trip, and no handshake", () => {
	const its = new Case();
	const device = its.device();
	device.address = MOVED;
	its.within(REBOUND_MS, () => its.siege.core.registration("a")!.address === MOVED);
	const since = its.siege.recorded.length;
	const handle = its.read(device);
	its.within(AT_ONCE_MS, () => its.outcome(handle) === "response");
	assert.equal(
		its.siege.recorded.slice(since).map(({ from }) => from),
		[SERVER, MOVED],
	);
	its.judge(device, AT_ONCE_MS);
});

test("two devices swap their mappings: each gets its own commands within one keepalive", () => {
	const its = new Case();
	const a = its.device("a", HOME);
	const b = its.device("b", OTHER);
	[a.address, b.address] = [b.address, a.address];
	const forA = its.execute(a);
	const forB = its.execute(b);
	its.within(REBOUND_MS, () => its.outcome(forA) === "response" && its.outcome(forB) === "response");
	assert.equal([a.executed, b.executed], [["0='0'"], ["0='1'"]]);
	its.judge(a, AT_ONCE_MS);
	its.judge(b, AT_ONCE_MS);
});

test("the newest request, replayed from another address, moves nothing and executes nothing", () => {
	const its = new Case();
	const device = its.device();
	for (let i = 0; i < 5; i++) {
		its.siege.run(KEEPALIVE_MS);
		const newest = its.said(0, HOME).at(-1)!;
		its.siege.inject({ ...newest, from: ENEMY });
		its.siege.run(1000);
		assert.is(its.siege.core.registration("a")!.address, HOME);
	}
	its.judge(device, AT_ONCE_MS);
});

test("a request that is held back and sent from elsewhere draws no more than three times its bytes", () => {
	const its = new Case();
	const device = its.device();
	const large = operations.write("/3303/0/5750", true, 0, new Uint8Array(900).fill(0x41));
	its.siege.lets = ({ from }) => from !== SERVER;
	for (let i = 0; i < 5; i++) its.siege.command(device, large);
	its.siege.run(1000);
	const since = its.siege.recorded.length;
	its.siege.lets = () => false;
	its.siege.run(KEEPALIVE_MS);
	const held = its.said(since, HOME).at(-1)!;
	its.siege.lets = ({ to }) => to !== ENEMY;
	const before = its.siege.recorded.length;
	its.siege.inject({ ...held, from: ENEMY });
	its.siege.run(500);
	const bytes = its.siege.recorded.slice(before).filter(({ to }) => to === ENEMY);
	const sum = bytes.reduce((all, one) => all + one.bytes.length, 0);
	assert.ok(sum <= 3 * held.bytes.length, `${sum} for ${held.bytes.length}`);
	its.judge(device, 4 * REBOUND_MS);
});

/** What an enemy on the way can say from an address to pretend that it reads what is sent there. */
const PRETENCES: readonly (readonly [
	name: string,
	say: (its: Case, held: Recorded[], told: Recorded[]) => Recorded[],
])[] = [
	["the answers that it held back", (_its, held) => held],
	[
		"acknowledgements with Message IDs that it can count",
		(_its, held, told) =>
			told
				.filter(({ bytes }) => bytes[1] !== 0)
				.map((one) => ({ ...held[0]!, bytes: Uint8Array.of(0x60, 0, one.bytes[2]!, one.bytes[3]!) })),
	],
];

for (const [name, say] of PRETENCES)
	test(`${name} prove no address`, () => {
		const its = new Case();
		const { siege } = its;
		const device = its.device();
		siege.lets = ({ from }) => from === SERVER;
		const since = siege.recorded.length;
		its.read(device);
		siege.run(100);
		const held = its.said(since, HOME);
		siege.lets = () => false;
		const large = operations.write("/3303/0/5750", true, 0, new Uint8Array(900).fill(0x41));
		for (let i = 0; i < 5; i++) siege.command(device, large);
		siege.run(KEEPALIVE_MS);
		const update = its.said(since, HOME).at(-1)!;
		const before = siege.recorded.length;
		const toEnemy = () => siege.recorded.slice(before).filter(({ to }) => to === ENEMY);
		siege.inject({ ...update, from: ENEMY });
		siege.run(100);
		const said = say(its, held, toEnemy());
		assert.ok(said.length > 0);
		for (const one of said) siege.inject({ ...one, from: ENEMY });
		siege.run(5_000);
		const length = (all: readonly Recorded[]) => all.reduce((sum, { bytes }) => sum + bytes.length, 0);
		const injected = length([update, ...said]);
		assert.ok(length(toEnemy()) <= 3 * injected, `${length(toEnemy())} for ${injected}`);
		siege.lets = () => true;
		its.judge(device, 4 * REBOUND_MS);
	});

test("an Execute that the enemy holds back for an hour is not carried out when another one is", () => {
	const its = new Case();
	const device = its.device();
	const { siege } = its;
	let held: Recorded | undefined;
	let count = 0;
	// The first one asks for freshness, the second one brings the proof of it.
	siege.lets = (one) => {
		if (one.from !== SERVER || one.bytes[1]! >= 0x20 || one.bytes[1] === 0 || ++count < 2) return true;
		held ??= one;
		return false;
	};
	its.execute(device);
	siege.run(60 * 60_000);
	siege.lets = (one) => {
		if (one.from === HOME && (one.bytes[0]! & 0x20) !== 0 && held !== undefined) siege.inject(held);
		return true;
	};
	const handle = its.execute(device);
	its.within(AT_ONCE_MS, () => its.outcome(handle) === "response");
	siege.run(5000);
	assert.equal(device.executed, ["0='1'"]);
	its.judge(device, AT_ONCE_MS);
});

/** Everything that was ever said to either side, said again. */
function replayAll(its: Case, from?: string): void {
	for (const one of its.siege.recorded.slice()) {
		its.siege.inject(from === undefined || one.to !== SERVER ? one : { ...one, from });
		its.siege.run(10);
	}
}

for (const [name, cut] of [
	[
		"the device's power cut",
		(its: Case, device: Besieged) => {
			its.siege.powerOff(device);
			its.siege.run(1000);
			its.siege.powerOn(device);
		},
	],
	["a restart of the back end with its state", (its: Case) => its.siege.startServer(true)],
	["a restart of the back end without", (its: Case) => its.siege.startServer(false)],
] as const) {
	for (const from of [undefined, ENEMY]) {
		const where = from === undefined ? "its own address" : "elsewhere";
		test(`every earlier datagram, replayed from ${where} after ${name}`, () => {
			const its = new Case();
			const device = its.device();
			for (let i = 0; i < 3; i++) its.execute(device);
			its.siege.run(2000);
			assert.is(device.executed.length, 3);
			cut(its, device);
			replayAll(its, from);
			assert.is(device.executed.length, 3);
			its.siege.run(FORGOTTEN_MS);
			replayAll(its, from);
			its.judge(device, REBOUND_MS);
			const handle = its.execute(device);
			its.within(REBOUND_MS, () => its.outcome(handle) === "response");
			its.judge(device, AT_ONCE_MS);
		});
	}
}

test("a restart without state: the device is back within its bound", () => {
	const its = new Case();
	const device = its.device();
	its.siege.startServer(false);
	its.judge(device, FORGOTTEN_MS);
});

test("a restart with state: a command arrives at once", () => {
	const its = new Case();
	const device = its.device();
	its.execute(device);
	its.siege.run(1000);
	its.siege.startServer(true);
	its.judge(device, AT_ONCE_MS);
	const handle = its.execute(device);
	its.within(AT_ONCE_MS, () => its.outcome(handle) === "response");
});

test("lost, doubled and reordered messages of a renewal: the device registers in any case", () => {
	for (let seed = 1; seed <= 40; seed++) {
		const its = new Case(seed);
		const random = new SeededRandom(seed);
		const { siege } = its;
		siege.lets = (one) => {
			const dice = random.uint32() % 10;
			if (dice < 3) return false;
			// Once more, and later than what follows.
			if (dice < 6) siege.inject(one);
			return dice !== 5;
		};
		const device = siege.add("a", HOME);
		siege.run(120_000);
		siege.lets = () => true;
		its.judge(device, 120_000);
	}
});

test("a flood of recorded first messages while a device starts", () => {
	const its = new Case();
	const device = its.device();
	const { siege } = its;
	for (let i = 0; i < 10; i++) {
		siege.powerOff(device);
		siege.powerOn(device);
		siege.run(1000);
	}
	const firsts = siege.recorded.filter(
		({ from, bytes }, i, all) => from === HOME && all[i - 1]?.life !== all[i]?.life && bytes.length > 0,
	);
	siege.powerOff(device);
	siege.powerOn(device);
	for (let i = 0; i < 200; i++) {
		siege.inject({ ...firsts[i % firsts.length]!, from: ENEMY });
		siege.run(5);
	}
	its.judge(device, AT_ONCE_MS);
});

/** What anybody can make of a datagram of one side that was seen, to be told to the side that sent it. */
const FORGED: readonly [name: string, forge: (seen: Uint8Array) => Uint8Array][] = [
	["Reset", (seen) => Uint8Array.of(0x70, 0, seen[2]!, seen[3]!)],
	["Empty ACK", (seen) => Uint8Array.of(0x60, 0, seen[2]!, seen[3]!)],
	["4.01", (seen) => answering(seen, 0x60, 0x81)],
	["4.04", (seen) => answering(seen, 0x60, 0x84)],
	["2.04", (seen) => answering(seen, 0x60, 0x44)],
	["separate 4.01", (seen) => answering(seen, 0x40, 0x81)],
];

function answering(seen: Uint8Array, type: number, code: number): Uint8Array {
	const bytes = seen.slice(0, 4 + (seen[0]! & 0x0f));
	bytes[0] = type | (seen[0]! & 0x0f);
	bytes[1] = code;
	return bytes;
}

for (const [name, forge] of FORGED) {
	test(`a forged ${name} to each datagram of both sides`, () => {
		const its = new Case();
		const { siege } = its;
		siege.lets = (one) => {
			siege.inject({ bytes: forge(one.bytes), from: one.to, to: one.from });
			return true;
		};
		const device = siege.add("a", HOME);
		siege.run(60_000);
		siege.lets = () => true;
		siege.run(60_000);
		const handle = its.execute(device);
		its.within(REBOUND_MS, () => its.outcome(handle) === "response");
		its.judge(device, AT_ONCE_MS);
	});

	test(`a forged ${name} to each datagram while commands are under way, one of them lost`, () => {
		const its = new Case();
		const device = its.device();
		const { siege } = its;
		siege.lets = (one) => {
			siege.inject({ bytes: forge(one.bytes), from: one.to, to: one.from });
			return siege.recorded.length % 3 !== 0;
		};
		for (let i = 0; i < 4; i++) its.execute(device);
		siege.run(30_000);
		siege.lets = () => true;
		its.judge(device, FORGOTTEN_MS);
	});
}

test.run();
