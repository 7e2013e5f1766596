import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { connection } from "../../io/constants.js";
import { plainPrimitives } from "../security/plain-primitives.js";
import { FakeBoard, type FakeBoardOptions } from "./fake-board.js";

const test = suite("boot/boot");

const SERVER = "192.0.2.1";
const PORT = 5683;
const ADDRESS = "10.0.2.15";
const SETTINGS = {
	endpointName: "compressor-1",
	accounts: [{ serverUri: `coap://${SERVER}`, shortServerId: 1, lifetimeSeconds: 300 }],
};
const CREDENTIALS = { mode: "oscore", masterSecret: "000102030405060708090a0b0c0d0e0f" };
const PROTECTED = [{ ...SETTINGS.accounts[0], credentials: { ...CREDENTIALS, senderId: "01", recipientId: "02" } }];
const WIFI = { ssid: "workshop", password: "hunter2hunter2" };
/** Location-Path: rd, 1. */
const LOCATION = [0x82, 0x72, 0x64, 0x01, 0x31];

/** A board that has its settings in flash, and runs. */
function provisioned(options: FakeBoardOptions = {}): FakeBoard {
	const board = new FakeBoard(options).start();
	const settings = options.kind === "wifi" ? { ...SETTINGS, network: WIFI } : SETTINGS;
	assert.equal(board.ask("provision", { settings }), { ok: true });
	board.system.close();
	return board.start();
}

/** Answers the device's newest request. */
function acknowledge(board: FakeBoard, code: number, ...options: number[]): void {
	const request = board.socket.sent.at(-1)!.bytes;
	const tokenLength = request[0]! & 15;
	const head = [0x60 | tokenLength, code, request[2]!, request[3]!, ...request.subarray(4, 4 + tokenLength)];
	board.socket.receive(SERVER, PORT, Uint8Array.from([...head, ...options]));
}

function registered(options: FakeBoardOptions = {}): FakeBoard {
	const board = provisioned(options);
	board.interface.up(ADDRESS);
	acknowledge(board, Code.Created, ...LOCATION);
	return board;
}

/** A POST without payload, as an Execute: /3/0/12 is [3, 0, 12]. */
function execute(board: FakeBoard, path: readonly number[]): void {
	const options = path.flatMap((id, i) => {
		const digits = [...String(id)].map((digit) => digit.charCodeAt(0));
		return [(i === 0 ? 0xb0 : 0) | digits.length, ...digits];
	});
	board.socket.receive(SERVER, PORT, Uint8Array.from([0x40, Code.Post, 0x12, path.at(-1)!, ...options]));
}

test("says what it is in its first line", () => {
	const board = new FakeBoard().start();
	assert.equal(board.banner, {
		board: "fake",
		version: "1.2.3",
		commit: "abc1234",
		build: "test",
		reset: "power-on",
	});
});

test("unprovisioned, it waits for its console and leaves the network alone", () => {
	const board = new FakeBoard().start();
	board.pass(100_000);
	assert.is(board.ask("status").state, "unprovisioned");
	assert.equal(board.interface.connects, []);
	assert.equal(board.ask("objects read", { path: "/3/0/0" }), { ok: false, error: "the device is not provisioned" });
});

test("what it is provisioned with is in the flash before it answers", () => {
	const board = new FakeBoard().start();
	board.ask("provision", { settings: SETTINGS });
	board.start();
	assert.is(board.banner.endpoint, "compressor-1");
	assert.is(board.ask("status").provisioned, true);
});

test("provisioned, it seeks its network and registers when it has one", () => {
	const board = provisioned();
	assert.is(board.ask("status").state, "offline");
	assert.is(board.sockets.length, 0);
	board.interface.up(ADDRESS);
	const { bytes, address, port } = board.socket.sent[0]!;
	assert.equal([bytes[1], address, port], [Code.Post, SERVER, PORT]);
	acknowledge(board, Code.Created, ...LOCATION);
	board.pass(10_000);
	const status = board.ask("status");
	assert.equal(
		[status.state, status.network, status.accounts],
		[
			"running",
			`ethernet ${ADDRESS}`,
			[{ shortServerId: 1, server: `${SERVER}:${PORT}`, registered: true, registeredSeconds: 10, open: true }],
		],
	);
});

test("events of the agent are lines of the log", () => {
	const board = registered();
	assert.match(board.output, /^I \d+\.\d+ agent registered 1 .*$/m);
	assert.match(board.output, /^I \d+\.\d+ network up ethernet 10\.0\.2\.15$/m);
});

test("the image has proved itself with the first registration, not before", () => {
	const board = provisioned();
	board.interface.up(ADDRESS);
	assert.is(board.confirmCount, 0);
	acknowledge(board, Code.Created, ...LOCATION);
	assert.is(board.confirmCount, 1);
});

test("a network that comes back is used by a new socket", () => {
	const board = registered();
	board.interface.become(connection.disconnected);
	assert.ok(board.socket.closed);
	assert.is(board.ask("status").state, "offline");
	board.interface.up(ADDRESS);
	assert.is(board.sockets.length, 2);
	assert.is(board.ask("network").losses, 1);
});

test("another address is another network, though the link was never lost", () => {
	const board = registered();
	board.interface.up("10.0.2.16");
	assert.is(board.sockets.length, 2);
	assert.ok(board.sockets[0]!.closed);
});

test("the machine moves on and its observers see it", () => {
	const board = registered();
	board.pass(5_000);
	assert.ok(board.application.started);
	assert.equal(board.ask("objects read", { path: "/3323/0/5700" }), { ok: true, "/3323/0/5700": 5 });
});

test("a restart comes after its answer, and within a second", () => {
	const board = provisioned();
	assert.equal(board.ask("restart"), { ok: true });
	assert.is(board.restartCount, 0);
	board.pass(1_000);
	assert.is(board.restartCount, 1);
});

test("a server's reboot restarts the board", () => {
	const board = registered();
	execute(board, [3, 0, 4]);
	board.pass(1_000);
	assert.is(board.restartCount, 1);
});

test("a server's factory reset keeps what the board was provisioned with: nobody else could reach it", () => {
	const board = registered();
	execute(board, [3, 0, 5]);
	board.pass(1_000);
	assert.is(board.restartCount, 1);
	assert.is(board.start("restart").banner.endpoint, "compressor-1");
});

/** A lifetime and a name for the sensor that are not those of the factory. */
function changed(): FakeBoard {
	const board = registered();
	assert.equal(board.ask("objects write", { path: "/1/0/1", value: 600 }), { ok: true });
	assert.equal(board.ask("objects write", { path: "/3323/0/5750", value: "Oil" }), { ok: true });
	return board;
}

function values(board: FakeBoard): unknown[] {
	return ["/1/0/1", "/3323/0/5750"].map((path) => board.ask("objects read", { path })[path]);
}

test("what was written to a persistent resource is there after a power cut", () => {
	const board = changed();
	assert.equal(values(board.start()), [600, "Oil"]);
	assert.equal(values(board.start()), [600, "Oil"]);
});

test("a server's factory reset forgets what was written since the board was provisioned", () => {
	const board = changed();
	execute(board, [3, 0, 5]);
	board.pass(1_000);
	assert.equal(values(board.start("restart")), [300, "Tank"]);
});

test("provisioned anew, an account is as provisioned, and the machine keeps what was written to it", () => {
	const board = changed();
	const accounts = [{ ...SETTINGS.accounts[0], lifetimeSeconds: 60 }];
	assert.equal(board.ask("provision", { settings: { ...SETTINGS, accounts } }), { ok: true });
	assert.equal(values(board.start()), [60, "Oil"]);
});

test("the console's factory reset forgets everything", () => {
	const board = provisioned();
	assert.equal(board.ask("factory-reset"), { ok: true });
	board.pass(1_000);
	assert.is(board.restartCount, 1);
	board.start("restart");
	assert.is(board.banner.endpoint, undefined);
	assert.is(board.ask("statistics").starts, 1);
});

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

test("an account without keys tells the whole way its name, one with keys tells nobody", () => {
	const hasName = (board: FakeBoard) =>
		Array.from(board.socket.sent[0]!.bytes, (byte) => String.fromCharCode(byte))
			.join("")
			.includes("compressor-1");
	assert.ok(hasName(registered()));
	const board = new FakeBoard({ primitives: plainPrimitives }).start();
	assert.equal(board.ask("provision", { settings: { ...SETTINGS, accounts: PROTECTED } }), { ok: true });
	board.start();
	board.interface.up(ADDRESS);
	assert.not(hasName(board));
});

test("the network's password never comes out", () => {
	const board = provisioned({ kind: "wifi" });
	assert.equal(board.interface.connects, [{ SSID: WIFI.ssid, password: WIFI.password }]);
	for (const verb of ["status", "identity", "network", "statistics", "help"]) board.ask(verb);
	board.ask("provision", { settings: { ...SETTINGS, network: WIFI } });
	assert.not.ok(board.output.includes("hunter2"));
});

test("in a test build the time moves on, and what is due is done", () => {
	const board = registered();
	const before = board.socket.sent.length;
	assert.equal(board.ask("time advance", { ms: 22_000 }), { ok: true });
	board.pass(0);
	assert.is(board.socket.sent.length, before + 1); // the Update that checks the binding
	assert.is(board.ask("status").uptimeSeconds, 22);
});

test("24 hours go over the wrap of the 32-bit ticks in steps of a minute", () => {
	const board = registered();
	board.ask("time advance", { ms: 0x7fff_ffff - 12 * 3_600_000 });
	board.pass(0);
	acknowledge(board, Code.Changed);
	const uptime = () => board.ask("status").uptimeSeconds as number;
	const startedAt = uptime();
	const before = board.socket.sent.length;
	for (let minute = 0; minute < 24 * 60; minute++) {
		board.ask("time advance", { ms: 60_000 });
		board.pass(0);
		acknowledge(board, Code.Changed);
	}
	assert.is(uptime() - startedAt, 24 * 3_600);
	assert.is(board.socket.sent.length - before, 24 * 60);
	assert.not.ok(/suspect/.test(board.output));
});

test("in a release build nobody moves the time", () => {
	const board = provisioned({ build: "release" });
	assert.is(board.ask("time advance", { ms: 1_000 }).ok, false);
});

test("its statistics tell of heap, journal and traffic", () => {
	const board = registered();
	const statistics = board.ask("statistics");
	assert.is(statistics.heapBytes, 12_345);
	assert.is((statistics.coap as Record<string, number>).sent, 1);
	assert.is((statistics.journal as Record<string, number>).records, 2);
});

test.run();
