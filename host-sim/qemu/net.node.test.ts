// suite: real-network limit=120
// The network drivers of the virtual board, on the board, behind our NAT.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { ETHERTYPE_ARP } from "../nat/frame.js";
import { readFrames } from "../nat/pcap.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { buildDrivers, DriverBench, whyNoDrivers } from "./driver-bench.js";
import { BACKEND, HARDWARE, type NetBench, netBench } from "./net-bench.js";

const test = suite("qemu/net");
const missing = whyNoDrivers();
if (missing !== undefined) suite.skip(missing);

const bench = (body: (bench: NetBench) => Promise<void>) => netBench(buildDrivers, body);

/** A board that has its address. */
async function start(bench: NetBench, name?: string): Promise<DriverBench> {
	const device = await bench.board(name);
	device.say("net");
	await device.line(/address 192/);
	return device;
}

/** Sends a datagram and waits for its echo. */
async function echo(bench: NetBench, device: DriverBench, text: string): Promise<void> {
	device.say(`udp ${BACKEND} ${bench.udpPort} ${text}`);
	await device.line(new RegExp(`^udp ${BACKEND} ${bench.udpPort} ${text}$`));
}

test("gets an address by DHCP and speaks UDP, and a rebinding is a new source port", () =>
	bench(async (bench) => {
		const device = await start(bench);
		await echo(bench, device, "first");
		await echo(bench, device, "second");
		bench.nat.rebind();
		await echo(bench, device, "third");
		assert.is(bench.seen[0], bench.seen[1]);
		assert.is.not(bench.seen[1], bench.seen[2]);
	}));

test("two boards have an address and a mapping each", () =>
	bench(async (bench) => {
		const [left, right] = [await start(bench, "left"), await start(bench, "right")];
		await echo(bench, left, "left");
		await echo(bench, right, "right");
		assert.is(new Set(bench.seen).size, 2);
		assert.is(new Set(bench.nat.status().mappings.map(({ inside }) => inside.split(":")[0])).size, 2);
	}));

test("finds names", () =>
	bench(async (bench) => {
		const device = await start(bench);
		device.say("dns backend.test");
		assert.is(await device.line(/^dns/), `dns backend.test ${BACKEND}`);
		device.say("dns nothing.test");
		assert.is(await device.line(/^dns/), "dns nothing.test none");
	}));

test("a stream comes back whole over TCP, also when frames are lost and doubled", () =>
	bench(async (bench) => {
		const device = await start(bench);
		device.say(`tcp ${BACKEND} ${bench.tcpPort} 50000`);
		assert.is(await device.line(/^tcp/), "tcp echoed 50000");
		bench.nat.inside.loss = 0.05;
		bench.nat.inside.duplication = 0.05;
		device.say(`tcp ${BACKEND} ${bench.tcpPort} 10000`);
		assert.is(await device.line(/^tcp echoed|^fault/, 60_000), "tcp echoed 10000");
	}));

test("a connection that nobody takes is an error", () =>
	bench(async (bench) => {
		const device = await start(bench);
		device.say(`tcp ${BACKEND} 1 10`);
		assert.match(await device.line(/^tcp/), /^tcp error/);
	}));

test("sees that the cable is out and in again, keeps its address and speaks", () =>
	bench(async (bench) => {
		const device = await start(bench);
		await device.qemu.setLink(false);
		assert.match(await device.line(/link/), /link down address 192/);
		await device.qemu.setLink(true);
		assert.match(await device.line(/link/), /link up address 192/);
		await echo(bench, device, "again");
	}));

test("a reset board gets the same address again", () =>
	bench(async (bench) => {
		const device = await start(bench);
		await device.qemu.reset();
		await device.line(/^ready$/);
		device.say("net");
		await device.line(/address 192.168.77.2$/);
		await echo(bench, device, "again");
	}));

const REPEAT_MS = 1000;
const REPEAT_COUNT = 15;

/** Bytes of a seeded kind: noise, or a sound frame with some bytes changed and its end cut off. */
function spoilt(frame: Buffer, random: SeededRandom): Buffer {
	if (random.uint32() % 4 === 0) {
		const noise = Buffer.alloc(random.uint32() % 1600);
		random.fill(noise);
		frame.copy(noise, 0, 0, Math.min(12, noise.length));
		return noise;
	}
	const copy = Buffer.from(frame.subarray(0, frame.length - (random.uint32() % 4 === 0 ? random.uint32() % 40 : 0)));
	for (let count = random.uint32() % 6; count > 0; count--) {
		copy[12 + (random.uint32() % (copy.length - 12))] = random.uint32() & 0xff;
	}
	return copy;
}

test("ten thousand spoilt frames of every protocol stop nothing", () =>
	bench(async (bench) => {
		const device = await start(bench);
		await echo(bench, device, "before");
		device.say("dns backend.test");
		await device.line(/^dns/);
		device.say(`tcp ${BACKEND} ${bench.tcpPort} 3000`);
		await device.line(/^tcp echoed/);
		// What the gateway once said to the board, said again and again, never right.
		const said = readFrames(bench.file("inside.pcap")).filter((frame) => frame.toString("hex", 6, 12) !== HARDWARE);
		assert.ok(said.length > 6, String(said.length));
		const random = new SeededRandom(5);
		for (let count = 0; count < 10_000; count++) {
			bench.nat.inject(spoilt(said[random.uint32() % said.length]!, random));
			if (count % 50 === 0) await pause(1);
		}
		// ARP believes everybody, so the gateway's address may be wrong by now: the gateway says it again, until that is
		// heard behind all the noise.
		const truth = said.filter((each) => each.readUInt16BE(12) === ETHERTYPE_ARP);
		for (let left = REPEAT_COUNT; ; left--) {
			for (const frame of truth) bench.nat.inject(frame);
			device.say(`udp ${BACKEND} ${bench.udpPort} after`);
			const isHeard = await device.line(/after$/, REPEAT_MS).then(
				() => true,
				() => left === 0,
			);
			if (isHeard) break;
		}
		await echo(bench, device, "again");
	}));

/** The numbers of the frames that a display filter selects, with all check sums verified. */
function frames(capture: string, filter: string): string[] {
	const verify = ["ip", "udp", "tcp"].flatMap((name) => ["-o", `${name}.check_checksum:TRUE`]);
	const argv = ["-n", "-r", capture, ...verify, "-Y", filter, "-T", "fields", "-e", "frame.number"];
	const listed = execFileSync("tshark", argv, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
	return listed.split("\n").filter((line) => line !== "");
}

const WRONG = "_ws.malformed or ip.checksum.status == 0 or udp.checksum.status == 0 or tcp.checksum.status == 0";

const CAPTURES = "tshark reads both captures and finds nothing wrong";

async function judgeCaptures(bench: NetBench): Promise<void> {
	const [inside, outside] = [bench.file("inside.pcap"), bench.file("outside.pcap")];
	const device = await start(bench);
	await echo(bench, device, "hello");
	device.say("dns backend.test");
	await device.line(/^dns/);
	device.say(`tcp ${BACKEND} ${bench.tcpPort} 3000`);
	await device.line(/^tcp echoed/);
	for (const protocol of ["arp", "dhcp", "dns", "tcp", "udp"]) {
		assert.ok(frames(inside, protocol).length >= 2, protocol);
	}
	assert.is(frames(outside, "udp").length, 2);
	for (const file of [inside, outside]) assert.equal(frames(file, WRONG), []);
}

const hasTshark = spawnSync("tshark", ["--version"], { stdio: "ignore" }).error === undefined;
if (hasTshark) test(CAPTURES, () => bench(judgeCaptures));
else test.skip(CAPTURES, "tshark is not installed");

const folder = mkdtempSync(join(tmpdir(), "pinhole-random-"));
test.after(() => rmSync(folder, { recursive: true }));

test("randomness differs from draw to draw and from start to start", async () => {
	const draws = new Set<string>();
	for (let start = 0; start < 2; start++) {
		const device = await DriverBench.start({ image: await buildDrivers(), flash: join(folder, "random") });
		for (let draw = 0; draw < 3; draw++) draws.add(await device.ask("random 100"));
		await device.stop();
	}
	assert.is(draws.size, 6);
	assert.ok([...draws].every((draw) => draw.length === 200));
});

test("a source that gives the same byte again and again is unfit, and stays so", async () => {
	const image = await buildDrivers();
	const device = await DriverBench.start({ image, flash: join(folder, "random"), randomness: "/dev/zero" });
	assert.is(await device.ask("random 16"), "unfit");
	assert.is(await device.ask("random 1"), "unfit");
	await device.stop();
});

test.run();
