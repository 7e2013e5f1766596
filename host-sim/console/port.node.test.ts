// suite: real-network limit=120
// Ports by npm's serialport: its own mock for what only a bridge has, and a real pty with the firmware's console on XS.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SerialPortMock } from "serialport";
import { assert, suite } from "#suite";
import { SETTINGS } from "../../firmware/tests/console/bench.js";
import { SeededRandom } from "../../firmware/tests/random.js";
import { missingFor } from "../engine/build.js";
import { commandOnXs } from "../engine/run.js";
import { ConsoleClient } from "./client.js";
import { ConsoleFailure } from "./failure.js";
import type { SerialLink } from "./link.js";
import { openPort } from "./port.js";
import { listPorts } from "./ports.js";

const test = suite("console/port");
const NOISE = 100_000;

async function failure(work: Promise<unknown>): Promise<ConsoleFailure> {
	const error = await work.then(
		() => undefined,
		(one: unknown) => one,
	);
	assert.ok(error instanceof ConsoleFailure, String(error));
	return error as ConsoleFailure;
}

/** An open port of the mock, and what the package noted of it. */
async function openMock(path: string): Promise<{ link: SerialLink; noted: () => { dtr: boolean; rts: boolean }[] }> {
	const noted: { dtr: boolean; rts: boolean }[] = [];
	class Noting extends SerialPortMock {
		override set(lines: { dtr: boolean; rts: boolean }, callback?: (error: Error | null) => void): void {
			noted.push({ dtr: lines.dtr, rts: lines.rts });
			super.set(lines, callback);
		}
	}
	SerialPortMock.binding.createPort(path, { echo: true, record: true });
	return { link: await openPort(path, 115_200, Noting), noted: () => noted };
}

test("DTR and RTS are off right after the port is open", async () => {
	const { link, noted } = await openMock("/dev/mock-lines");
	assert.equal(noted(), [{ dtr: false, rts: false }]);
	await link.set({ dtr: false, rts: true });
	assert.equal(noted().at(-1), { dtr: false, rts: true });
	await link.close();
});

test("what comes before anybody listens is not lost", async () => {
	const { link } = await openMock("/dev/mock-early");
	await link.write(Buffer.from("echo"));
	await pause(20);
	let got = "";
	link.listen({ received: (bytes) => (got += Buffer.from(bytes).toString()), closed: () => (got += "!") });
	assert.is(got, "echo");
	await link.close();
	assert.is(got, "echo!");
	assert.is((await failure(link.write(Buffer.from("x")))).kind, "port-closed");
});

test("a port that is in use", async () => {
	const { link } = await openMock("/dev/mock-busy");
	const busy = await failure(openPort("/dev/mock-busy", 115_200, SerialPortMock));
	assert.is(busy.message, "Another program uses /dev/mock-busy; close it and try again.");
	assert.is(busy.kind, "port-busy");
	await link.close();
});

test("no such port, and a file that is none", async () => {
	const none = await failure(openPort("/dev/none"));
	assert.is(none.kind, "no-such-port");
	assert.is(none.message, "There is no port /dev/none; pinhole boards lists those that there are.");
	const file = join(mkdtempSync(join(tmpdir(), "port-")), "file");
	writeFileSync(file, "");
	const other = await failure(openPort(file));
	assert.is(other.kind, "no-such-port");
	assert.match(other.message, /is no serial port/);
	rmSync(join(file, ".."), { recursive: true });
});

test("the ports of a system that tells about them", async () => {
	const found = await listPorts(async () => [
		port({ path: "/dev/ttyS0" }),
		port({
			path: "/dev/ttyUSB0",
			manufacturer: "Silicon Labs",
			vendorId: "10C4",
			productId: "EA60",
			serialNumber: "7",
		}),
		port({ path: "/dev/ttyACM0" }),
	]);
	assert.is(found.note, undefined);
	assert.equal(found.ports, [
		{ path: "/dev/ttyUSB0", maker: "Silicon Labs", serialNumber: "7", usb: "10c4:ea60" },
		{ path: "/dev/ttyACM0", maker: undefined, serialNumber: undefined, usb: undefined },
	]);
});

interface Told {
	readonly path: string;
	readonly manufacturer?: string;
	readonly vendorId?: string;
	readonly productId?: string;
	readonly serialNumber?: string;
}

function port({ path, manufacturer, vendorId, productId, serialNumber }: Told) {
	return { path, manufacturer, vendorId, productId, serialNumber, pnpId: undefined, locationId: undefined };
}

test("without udevadm the devices are looked through, those by identity first and once", async () => {
	const folder = mkdtempSync(join(tmpdir(), "devices-"));
	mkdirSync(join(folder, "serial/by-id"), { recursive: true });
	for (const name of ["ttyUSB0", "ttyUSB1", "ttyACM3", "ttyS0", "tty1", "null"]) writeFileSync(join(folder, name), "");
	const identity = "usb-Silicon_Labs_CP2102_0001-if00-port0";
	symlinkSync("../../ttyUSB1", join(folder, "serial/by-id", identity));
	const found = await listPorts(() => Promise.reject(new Error("spawn udevadm ENOENT")), folder);
	assert.match(found.note!, /^udevadm is not there .*\.$/);
	assert.equal(
		found.ports.map(({ path }) => path.slice(folder.length + 1)),
		[`serial/by-id/${identity}`, "ttyACM3", "ttyUSB0"],
	);
	assert.is(found.ports[0]!.serialNumber, "0001");
	rmSync(folder, { recursive: true });
});

/** The firmware's console on a pty of its own. */
class PtyBoard {
	readonly folder = mkdtempSync(join(tmpdir(), "pty-"));
	#child: ChildProcess | undefined;

	async start(): Promise<string> {
		const link = join(this.folder, "port");
		const config = { board: "xs", version: "0", commit: "0", build: "test" };
		const board = { flash: join(this.folder, "flash"), port: link, config };
		const [program, ...words] = await commandOnXs("xs64", "host-sim/engine/fixtures/serial-console.ts", { board });
		this.#child = spawn(program!, words, { stdio: ["ignore", "ignore", "inherit"] });
		for (;;) {
			await pause(10);
			try {
				return readlinkSync(link);
			} catch {
				if (this.#child.exitCode !== null) throw new Error("it ended");
			}
		}
	}

	async stop(): Promise<void> {
		if (this.#child?.exitCode === null && this.#child.kill("SIGKILL")) await once(this.#child, "exit");
		rmSync(this.folder, { recursive: true, force: true });
	}
}

const missing = missingFor("xs64");
const TITLE = `the firmware's console on a pty: requests, pieces, ${NOISE} bytes of noise, a second user, its end`;
if (missing !== undefined) test.skip(TITLE, missing);
else
	test(TITLE, async () => {
		const board = new PtyBoard();
		const path = await board.start();
		const client = new ConsoleClient(await openPort(path));
		try {
			// Its pty is there before its engine.
			await client.resynchronise({ within: 30_000 });
			assert.equal(await client.request("objects read", { path: "/3/0/0" }), { "/3/0/0": "Pinhole" });
			assert.equal(await client.request("provision", { settings: SETTINGS }), {});
			const noise = new Uint8Array(NOISE);
			new SeededRandom(1).fill(noise);
			await client.write(noise);
			assert.equal(await client.resynchronise({ within: 10_000 }), { board: "node" });
			assert.is((await failure(openPort(path))).kind, "port-busy");
			const waiting = failure(client.waitFor(() => undefined));
			await board.stop();
			assert.is((await waiting).kind, "port-closed");
			assert.is((await failure(client.request("status"))).kind, "port-closed");
		} finally {
			await client.close();
			await board.stop();
		}
	});

test.run();
