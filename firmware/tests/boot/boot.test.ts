import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { connection } from "../../io/constants.js";
import { plainPrimitives } from "../security/plain-primitives.js";
import { FakeBoard } from "./fake-board.js";
import {
	ADDRESS,
	acknowledge,
	changed,
	execute,
	LOCATION,
	PORT,
	PROTECTED,
	provisioned,
	registered,
	SERVER,
	SETTINGS,
	values,
	WIFI,
} from "./lives.js";

const test = suite("boot/boot");

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
