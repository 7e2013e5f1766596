import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { plainPrimitives } from "../security/plain-primitives.js";
import { FakeBoard, type FakeBoardOptions } from "./fake-board.js";
import {
	ADDRESS,
	acknowledge,
	changed,
	execute,
	LOCATION,
	PROTECTED,
	provisioned,
	registered,
	SETTINGS,
	values,
	WIFI,
} from "./lives.js";

const test = suite("boot/system");

test("what ended the last run reaches console and back end", () => {
	const board = provisioned();
	board.start("watchdog", "memory full");
	assert.equal([board.banner.reset, board.banner.cause], ["watchdog", "memory full"]);
	const read = (path: string) => board.ask("objects read", { path })[path];
	assert.is(board.ask("objects read", { path: "/3/0/11" })["/3/0/11/0"], 5);
	assert.equal(
		[0, 1, 2, 3, 4, 5, 6, 7, 8].map((id) => read(`/33100/0/${id}`)),
		["watchdog", "memory full", 3, 1, "watchdog: memory full", "fake", "1.2.3", "abc1234", "test"],
	);
});

test("an error code outlives further starts until a server resets it", () => {
	const board = registered();
	const errorCode = () => board.ask("objects read", { path: "/3/0/11" })["/3/0/11/0"];
	board.start("watchdog", "stack overflow");
	assert.is(errorCode(), 17);
	board.start("power-on");
	assert.is(errorCode(), 17);
	board.interface.up(ADDRESS);
	acknowledge(board, Code.Created, ...LOCATION);
	execute(board, [3, 0, 12]);
	assert.is(board.socket.sent.at(-1)!.bytes[1], Code.Changed);
	assert.is(errorCode(), 0);
	board.start("power-on");
	assert.is(errorCode(), 0);
	assert.is(board.ask("statistics").lastFault, "watchdog: stack overflow");
});

test("a board that fails again and again waits longer and longer before it seeks its network", () => {
	const board = provisioned();
	const waits: number[] = [];
	for (let fault = 1; fault <= 12; fault++) {
		board.system.close();
		board.start("watchdog", "memory full");
		let waited = 0;
		for (; board.interface.connects.length === 0; waited++) board.pass(1_000);
		waits.push(waited);
	}
	assert.equal(waits.slice(0, 3), [0, 0, 0]);
	for (let i = 3; i < 9; i++) {
		const longest = 5 * 2 ** (i - 3);
		assert.ok(waits[i]! > longest / 2 - 1 && waits[i]! <= longest, `${waits[i]} s of ${longest}`);
	}
	assert.ok(waits[11]! <= 320, "never more than so long");
	assert.match(board.output, /^W \d+\.\d+ boot 12 faults in a row: waiting \d+ s$/m);
});

test("a board that dies of its own start can be told something on its console before it tries again", () => {
	const board = provisioned();
	for (let fault = 0; fault < 4; fault++) board.start("watchdog", "memory full");
	const { state, provisioned: hasSettings } = board.ask("status");
	assert.equal([state, hasSettings, board.system.installation], ["offline", true, undefined]);
	assert.equal(board.ask("objects read", { path: "/3/0/0" }), { ok: false, error: "the device does not run yet" });
	board.pass(5_000);
	assert.is(board.ask("objects read", { path: "/3/0/0" }).ok, true);
});

test("a board that dies of what servers wrote runs without it, keeps nothing more, and is healed by a server", () => {
	const board = changed();
	for (let fault = 0; fault < 10; fault++) board.start("watchdog", "memory full");
	board.pass(320_000);
	assert.equal(values(board), [300, "Tank"]);
	assert.is(board.ask("objects write", { path: "/1/0/1", value: 60 }).ok, false);
	assert.equal(values(board), [300, "Tank"]);
	board.interface.up(ADDRESS);
	acknowledge(board, Code.Created, ...LOCATION);
	execute(board, [3, 0, 5]);
	board.pass(1_000);
	assert.equal(values(board.start("restart")), [300, "Tank"]);
});

test("what servers wrote is there again after a row of faults that it was not to blame for", () => {
	const board = changed();
	for (let fault = 0; fault < 10; fault++) board.start("watchdog");
	board.pass(600_000);
	assert.equal(values(board.start("watchdog")), [600, "Oil"]);
});

test("a supply that breaks down again and again costs nothing of what servers wrote", () => {
	const board = changed();
	for (let fault = 0; fault < 12; fault++) board.start("brown-out");
	board.pass(320_000);
	assert.equal(values(board), [600, "Oil"]);
});

test("a good run, or a start that somebody wanted, ends a row of faults", () => {
	const board = provisioned();
	const failAgain = (): number => {
		for (let i = 0; i < 4; i++) board.start("watchdog");
		return board.interface.connects.length;
	};
	assert.is(failAgain(), 0);
	board.start("restart");
	assert.is(board.interface.connects.length, 1);
	assert.is(failAgain(), 0);
	board.pass(600_000);
	board.start("watchdog");
	assert.is(board.interface.connects.length, 1);
});

test("a board without a journal says so and cannot be provisioned", () => {
	const board = new FakeBoard({ flashIsBroken: true }).start();
	assert.match(board.output, /^E \d+\.\d+ boot journal: no such partition$/m);
	assert.equal(board.ask("provision", { settings: SETTINGS }), { ok: false, error: "the journal cannot be opened" });
});

test("a board without a network can still be asked and told", () => {
	const { flash } = provisioned();
	const board = new FakeBoard({ networkIsBroken: true });
	board.flash.set(flash);
	board.start();
	assert.match(board.output, /^E \d+\.\d+ boot network: no such interface$/m);
	assert.is(board.ask("status").state, "offline");
	assert.is(board.ask("network").state, "missing");
	assert.equal(board.ask("objects read", { path: "/3/0/0" }), { ok: true, "/3/0/0": "Maker" });
});

for (const broken of [{ flashIsBroken: true }, { networkIsBroken: true }])
	test(`a board on which ${Object.keys(broken)[0]} at its start tries again by itself`, () => {
		const { flash } = provisioned();
		const board = new FakeBoard(broken);
		board.flash.set(flash);
		board.start();
		board.pass(599_000);
		assert.is(board.restartCount, 0);
		board.pass(2_000);
		assert.is(board.restartCount, 1);
	});

test("a board without a console registers all the same", () => {
	const flash = provisioned().flash;
	const board = new FakeBoard({ consoleIsBroken: true });
	board.flash.set(flash);
	board.start();
	board.interface.up(ADDRESS);
	assert.is(board.socket.sent[0]!.bytes[1], Code.Post);
});

test("settings of another version leave the board unprovisioned, and it says why", () => {
	const board = new FakeBoard().start();
	board.system.journal!.write("settings", Uint8Array.from([99, 1, 2, 3]));
	board.start();
	assert.is(board.ask("status").state, "unprovisioned");
	assert.match(board.output, /^E \d+\.\d+ boot settings: not of this version$/m);
});

test("a board with Wi-Fi is not provisioned without one", () => {
	const board = new FakeBoard({ kind: "wifi" }).start();
	assert.is(board.ask("provision", { settings: SETTINGS }).ok, false);
	assert.equal(board.ask("provision", { settings: { ...SETTINGS, network: WIFI } }), { ok: true });
});

test("a board without cryptography is given no keys", () => {
	const error = "this board has no cryptography for credentials";
	assert.equal(new FakeBoard().start().ask("provision", { settings: { ...SETTINGS, accounts: PROTECTED } }), {
		ok: false,
		error,
	});
});

const UNFIT: readonly [string, Pick<FakeBoardOptions, "random" | "primitives">, string][] = [
	["a random source that is stuck", { random: { fill: (into) => into.fill(7) } }, "the random source repeats itself"],
	[
		"a random source that gives up",
		{
			random: {
				fill() {
					throw new Error("no randomness");
				},
			},
		},
		"Error: no randomness",
	],
	["a broken cipher", { primitives: { ...plainPrimitives, open: () => 0 } }, "AES-CCM opens wrongly"],
];

for (const [what, broken, fault] of UNFIT)
	test(`with ${what} a board says so and goes to no server, and starts anew in ten minutes`, () => {
		const parts = new FakeBoard().start();
		parts.ask("provision", { settings: SETTINGS });
		const board = new FakeBoard(broken);
		board.flash.set(parts.flash);
		board.start();
		assert.equal([board.ask("status").state, board.ask("status").fault], ["unfit", fault]);
		assert.match(board.output, new RegExp(`^E \\d+\\.\\d+ boot unfit for keys: ${fault}$`, "m"));
		board.interface.up(ADDRESS);
		board.pass(599_000);
		assert.equal([board.interface.connects, board.sockets.length, board.restartCount], [[], 0, 0]);
		board.pass(2_000);
		assert.is(board.restartCount, 1);
	});

test("a board without settings is unfit for keys, too, and waits on its console", () => {
	const board = new FakeBoard(UNFIT[0]![1]).start();
	board.pass(1_000_000);
	assert.equal([board.ask("status").state, board.restartCount], ["unfit", 0]);
	assert.equal(board.ask("provision", { settings: SETTINGS }), { ok: true });
});

test.run();
