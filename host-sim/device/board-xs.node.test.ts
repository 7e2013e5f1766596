// suite: limit=180 real-network
// The firmware of the boards as a whole, on the desktop's XS: provisioned over its console, ruled by a back end.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { assert, suite } from "#suite";
import { Signal } from "../../firmware/coap/signal.js";
import { type Server, startServer } from "../backend/server.js";
import { BackendClient } from "../cli/backend-client.js";
import { createLogger, EXIT } from "../cli/shared.js";
import { missingFor } from "../engine/build.js";
import { exitCodes, runOnXs } from "../engine/run.js";
import { PinholeProcess, runPinhole } from "../story/process.js";
import { Authority, bodyOf } from "./certificates.js";
import { Desk, settingsFor, WITHIN } from "./desk.js";

const test = suite("device/board-xs");
const problem = missingFor("xs32");
if (problem !== undefined) suite.skip(problem);

/** The value of a resource as the back end reads it. */
async function read(path: string): Promise<unknown> {
	const { success, status, content } = await backend.ask("GET", "xs-board", path);
	if (!success) throw new Error(`Read ${path} was answered by ${status}`);
	return (content as { readonly value?: unknown; readonly values?: unknown }).value;
}

const authority = new Authority();

let folder: string;
let server: Server;
let backend: BackendClient;
let desk: Desk;

test.before(async () => {
	if (problem !== undefined) return;
	folder = mkdtempSync(join(tmpdir(), "pinhole-board-"));
	server = await startServer({
		coap: { host: "127.0.0.1", port: 0 },
		http: { host: "127.0.0.1", port: 0 },
		ports: [{ kind: "tls", at: { host: "127.0.0.1", port: 0 }, certificate: authority.issue() }],
		data: undefined,
		token: undefined,
		log: createLogger("error"),
	});
	backend = new BackendClient({ url: server.http, token: undefined, timeoutSeconds: 5 });
	desk = new Desk(join(folder, "flash"));
});

test.after(async () => {
	await desk?.cut().catch(() => {});
	await server?.close();
	if (folder !== undefined) rmSync(folder, { recursive: true });
	authority.close();
});

test("a new board waits on its console", async () => {
	const banner = await desk.powerOn();
	assert.equal([banner.board, banner.build, banner.reset, banner.endpoint], ["xs", "test", "power-on", undefined]);
	assert.is((await desk.client.request("status")).state, "unprovisioned");
});

test("it is provisioned, restarts at the same port, and registers", async () => {
	await desk.client.request("provision", { settings: settingsFor("xs-board", server.coap) });
	await desk.client.request("restart");
	const banner = await desk.client.waitForBanner(WITHIN);
	assert.equal([banner.reset, banner.endpoint], ["restart", "xs-board"]);
	await desk.says(/^agent registered 1 /);
	assert.is(await read("/3/0/0"), "Pinhole");
});

test("it survives a power cut", async () => {
	await desk.cut();
	const banner = await desk.powerOn();
	assert.equal([banner.reset, banner.endpoint], ["power-on", "xs-board"]);
	await desk.says(/^agent registered 1 /);
});

test("a cable that is pulled and plugged in again", async () => {
	desk.board.cable(false);
	await desk.says(/^network down$/);
	assert.is((await desk.client.request("status")).state, "offline");
	desk.board.cable(true);
	await desk.says(/^agent (registered|updated|repaired) 1/);
});

for (const [fault, code] of [
	["memory full", 5],
	["stack overflow", 17],
	["unhandled exception", 18],
] as const)
	test(`after ${fault} it starts anew, and the back end learns why`, async () => {
		await desk.client.request("objects write", { path: "/33100/0/9", value: fault });
		const banner = await desk.client.waitForBanner({ within: 60_000 });
		assert.is(banner.reset, "watchdog");
		assert.ok(String(banner.cause).startsWith(fault), String(banner.cause));
		await desk.says(/^agent registered 1 /);
		assert.is(await read("/33100/0/0"), "watchdog");
		assert.is(Number(await read("/3/0/11/0")), code);
		assert.ok(desk.errors.join("").includes(fault));
	});

test("an image that cannot be linked ends, and does not start anew for ever", async () => {
	const { exitCode, stderr } = await runOnXs("xs32", "firmware/bytes.ts", {
		preload: ["host-sim/engine/fixtures/missing.ts"],
		board: { flash: join(folder, "unlinked"), port: join(folder, "unlinked.port"), config: {} },
	});
	assert.is(exitCode, exitCodes.unhandledException, stderr);
});

test("over TLS it believes the server whose certificate it was provisioned with, and no other", async () => {
	const stranger = new Authority("stranger");
	const other = new Desk(join(folder, "tls"));
	await other.powerOn();
	for (const [{ certificate }, said] of [
		[stranger, /^agent waiting 1 127\.0\.0\.1: the certificate's issuer is not trusted$/],
		[authority, /^agent registered 1 /],
	] as const) {
		const account = { serverUri: server.connections[0]!, shortServerId: 1, lifetimeSeconds: 300 };
		const settings = { endpointName: "tls-board", accounts: [account], trust: bodyOf(certificate) };
		await other.client.request("provision", { settings });
		await other.client.request("restart");
		await other.client.waitForBanner(WITHIN);
		await other.says(said);
	}
	stranger.close();
	await other.cut();
});

test("before it restarts it says Release to its connection (RFC 8323, 5.5)", async () => {
	const heard: Buffer[] = [];
	const listener = createServer((socket) => {
		socket.on("error", () => {});
		socket.on("data", (bytes: Buffer) => heard.push(bytes));
		socket.write(Uint8Array.of(0, Signal.Csm));
	});
	listener.listen(0, "127.0.0.1");
	await once(listener, "listening");
	const other = new Desk(join(folder, "tcp"));
	await other.powerOn();
	const settings = settingsFor("tcp-board", "");
	const serverUri = `coap+tcp://127.0.0.1:${(listener.address() as AddressInfo).port}`;
	const accounts = [{ ...settings.accounts[0], serverUri }];
	await other.client.request("provision", { settings: { ...settings, accounts } });
	await other.client.request("restart");
	await other.client.waitForBanner(WITHIN);
	while (!Buffer.concat(heard).includes("tcp-board")) await wait(20);
	await other.client.request("restart");
	await other.client.waitForBanner(WITHIN);
	const all = Buffer.concat(heard);
	assert.ok(all.includes(Buffer.of(0, Signal.Release)), all.toString("hex"));
	await other.cut();
	listener.close();
});

test("as a new user tries it: started, provisioned, read, its cable pulled, ended", async () => {
	const board = await PinholeProcess.start(["device", "--board", "xs", "--flash", join(folder, "new")]);
	try {
		const uri = `coap://${server.coap}`;
		const words = ["provision", "--port", board.place("port"), "--endpoint", "new-board", "--server", uri];
		const provisioned = await runPinhole(words);
		assert.is(provisioned.code, EXIT.success, provisioned.stderr);
		while (!(await backend.devices()).some(({ endpoint }) => endpoint === "new-board")) await wait(50);
		const read = await runPinhole(["read", "new-board", "/33100/0/5", "--backend", server.http]);
		assert.is(read.stdout, "Board xs\n", read.stderr);
		assert.equal(await board.ask("unplug"), { done: "unplug" });
		assert.equal(await board.ask("plug"), { done: "plug" });
		assert.match((await board.ask<{ readonly error: string }>("jump")).error, /^There is no "jump"/);
		assert.is(await board.stop(), EXIT.success);
	} finally {
		await board.stop();
	}
});

test("a board is told its server by provisioning alone, and needs a flash", async () => {
	for (const words of [["--flash", join(folder, "x"), "--server", "coap://127.0.0.1"], []]) {
		const { code, stderr } = await runPinhole(["device", "--board", "xs", ...words]);
		assert.is(code, EXIT.usage, stderr);
		assert.is(stderr.trim().split("\n").length, 1);
	}
});

test.run();
