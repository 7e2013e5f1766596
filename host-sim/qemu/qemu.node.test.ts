// suite: real-network limit=120
// A virtual board as a process: how it starts, ends, and is told from one that ended by itself.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { SerialPort } from "serialport";
import { assert, suite } from "#suite";
import { buildDrivers, DriverBench, whyNoDrivers } from "./driver-bench.js";
import { Qemu } from "./qemu.js";

const test = suite("qemu/qemu");
const missing = whyNoDrivers();
if (missing !== undefined) suite.skip(missing);

const folder = mkdtempSync(join(tmpdir(), "pinhole-qemu-test-"));
test.after(() => rmSync(folder, { recursive: true }));
const flash = join(folder, "flash");

/** Half of the second after which QEMU looks at an idle pty by itself. */
const AT_ONCE_MS = 500;
const ROUND_COUNT = 4;
const GONE_MS = 5000;

/** Whether a process still runs. */
function runs(pid: number): boolean {
	return existsSync(`/proc/${pid}`);
}

test("a command over the pty arrives at once, however soon after the start", async () => {
	for (let round = 0; round < ROUND_COUNT; round++) {
		const qemu = await Qemu.start({ image: await buildDrivers(), flash });
		const port = new SerialPort({ path: qemu.console, baudRate: 115_200 });
		await once(port, "open");
		const lines = createInterface({ input: port });
		const ready = once(lines, "line");
		await qemu.powerOn();
		assert.equal(await ready, ["ready"]);
		const askedAt = performance.now();
		const answer = once(lines, "line");
		port.write("read journal 0 4\n");
		await answer;
		const tookMs = performance.now() - askedAt;
		await new Promise((resolve) => port.close(resolve));
		await qemu.stop();
		assert.ok(tookMs < AT_ONCE_MS, `${tookMs} ms`);
	}
});

test("stop and cutPower are ends that somebody asked for", async () => {
	const image = await buildDrivers();
	const stopped = await Qemu.start({ image, flash });
	const { asked, code } = await stopped.stop();
	assert.equal([asked, code], [true, 0]);
	const cut = await Qemu.start({ image, flash });
	const end = await cut.cutPower();
	assert.equal([end.asked, end.code, end.signal], [true, null, "SIGKILL"]);
});

test("a firmware that ends by itself is told apart, with its exit code", async () => {
	const board = await DriverBench.start({ image: await buildDrivers(), flash });
	board.say("end 72");
	const { asked, code } = await board.qemu.ended;
	assert.equal([asked, code], [false, 72]);
	await board.stop();
});

test("what cannot start says why in one sentence", async () => {
	await rejects(Qemu.start({ image: join(folder, "nothing"), flash }), /^there is no image/);
	const short = join(folder, "short");
	writeFileSync(short, "no bank of flash");
	await rejects(Qemu.start({ image: await buildDrivers(), flash: short }), /^QEMU did not start: .*bytes/);
});

async function rejects(promise: Promise<unknown>, expected: RegExp): Promise<void> {
	try {
		await promise;
	} catch (error) {
		assert.match((error as Error).message, expected);
		return;
	}
	assert.unreachable("it started");
}

test("a board does not outlive a process that was killed", async () => {
	const program = `
		import { Qemu } from ${JSON.stringify(join(import.meta.dirname, "qemu.ts"))};
		const qemu = await Qemu.start({ image: ${JSON.stringify(await buildDrivers())}, flash: ${JSON.stringify(flash)} });
		console.log(qemu.pid);
		setInterval(() => {}, 1000);
	`;
	const words = ["--import", "tsx", "--input-type=module", "--eval", program];
	const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
	const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
	const pid = Number(line);
	assert.ok(runs(pid));
	child.kill("SIGKILL");
	for (const endAt = performance.now() + GONE_MS; runs(pid) && performance.now() < endAt; ) await pause(20);
	assert.not.ok(runs(pid));
	child.stdout.destroy();
});

test.run();
