// suite: real-network limit=180
// The virtual board as a new user tries it: started, provisioned over its console, read through its NAT.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { missingForBoard } from "../../boards/qemu-riscv32/build.js";
import { EXIT } from "../cli/shared.js";
import type { EthernetNatStatus } from "../nat/ethernet.js";
import { PinholeProcess, runPinhole } from "../story/process.js";
import { Authority } from "./certificates.js";

const test = suite("device/board-qemu");
const missing = missingForBoard();
if (missing !== undefined) suite.skip(missing);

const folder = mkdtempSync(join(tmpdir(), "pinhole-board-"));
test.after(() => rmSync(folder, { recursive: true }));

const ENDPOINT = "pump-7";
/** An image may have to be built first. */
const READY_MS = 120_000;
const REGISTER_MS = 20_000;
const LOOK_MS = 200;

type Answer = EthernetNatStatus & { readonly done?: string; readonly error?: string };

/** The device as the back end sees it, once it is registered at another address than `before`. */
async function registered(http: string, before = ""): Promise<string> {
	for (const endAt = Date.now() + REGISTER_MS; Date.now() < endAt; await pause(LOOK_MS)) {
		const { stdout } = await runPinhole(["devices", "--json", "--backend", http]);
		const found = /"address":"([^"]+)"/.exec(stdout)?.[1];
		if (found !== undefined && found !== before) return found;
	}
	throw new Error("the board does not register");
}

test("a board in QEMU is provisioned, registers through its NAT, and is read", async () => {
	const players: PinholeProcess[] = [];
	try {
		const backend = await PinholeProcess.start([
			"backend",
			"--coap",
			"127.0.0.1:0",
			"--http",
			"127.0.0.1:0",
			"--nosec",
		]);
		players.push(backend);
		const http = backend.place("http");
		const words = ["device", "--board", "qemu-riscv32", "--flash", join(folder, "flash")];
		const board = await PinholeProcess.start(words, { readyMs: READY_MS });
		players.unshift(board);
		const uri = `coap://${board.place("host")}:${backend.place("coap").split(":")[1]}`;
		const provision = ["provision", "--port", board.place("port"), "--endpoint", ENDPOINT, "--server", uri];
		const provisioned = await runPinhole([...provision, "--keepalive", "1"]);
		assert.is(provisioned.code, EXIT.success, provisioned.stderr);
		const address = await registered(http);
		const read = await runPinhole(["read", ENDPOINT, "/3/0/0", "--backend", http]);
		assert.is(read.stdout, "Manufacturer Pinhole\n", read.stderr);

		const status = await board.ask<Answer>("status");
		assert.equal(
			status.mappings.map(({ outside }) => outside),
			[address],
		);
		assert.is((await board.ask<Answer>("rebind")).done, "rebind");
		assert.is.not(await registered(http, address), address, "the next check goes out by another port");
		assert.is((await board.ask<Answer>("unplug")).done, "unplug");
		assert.is((await board.ask<Answer>("plug")).done, "plug");
		assert.match((await board.ask<Answer>("jump")).error ?? "", /^There is no "jump"/);
		assert.is(await board.stop(), EXIT.success);
	} finally {
		for (const player of players) await player.stop();
	}
});

test("over TLS it believes the server whose certificate it was provisioned with", async () => {
	const players: PinholeProcess[] = [];
	const authority = new Authority();
	const [trust, cert, key] = ["ca", "cert", "key"].map((name) => join(folder, `${name}.pem`)) as [
		string,
		string,
		string,
	];
	try {
		const board = await PinholeProcess.start(["device", "--board", "qemu-riscv32", "--flash", join(folder, "tls")], {
			readyMs: READY_MS,
		});
		players.push(board);
		const issued = authority.issue(`IP:${board.place("host")}`);
		writeFileSync(trust, authority.certificate);
		writeFileSync(cert, issued.cert);
		writeFileSync(key, issued.key);
		const any = ["--coap", "127.0.0.1:0", "--http", "127.0.0.1:0", "--tls", "127.0.0.1:0"];
		const backend = await PinholeProcess.start(["backend", ...any, "--certificate", cert, "--key", key, "--nosec"]);
		players.unshift(backend);
		const uri = backend.place("connections").replace("127.0.0.1", board.place("host"));
		const provision = ["provision", "--port", board.place("port"), "--endpoint", ENDPOINT, "--server", uri];
		const provisioned = await runPinhole([...provision, "--trust", trust]);
		assert.is(provisioned.code, EXIT.success, provisioned.stderr);
		assert.match(await registered(backend.place("http")), /^tls:/);
		const read = await runPinhole(["read", ENDPOINT, "/3/0/0", "--backend", backend.place("http")]);
		assert.is(read.stdout, "Manufacturer Pinhole\n", read.stderr);
	} finally {
		authority.close();
		for (const player of players) await player.stop();
	}
});

test("an image that is none is refused", async () => {
	const words = [
		"device",
		"--board",
		"qemu-riscv32",
		"--flash",
		join(folder, "flash"),
		"--image",
		join(folder, "none"),
	];
	const { code, stderr } = await runPinhole(words);
	assert.is(code, EXIT.usage);
	assert.match(stderr, /there is no image/);
});

test.run();
