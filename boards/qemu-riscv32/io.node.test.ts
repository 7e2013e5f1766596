// suite: real-network limit=180
// What the virtual board gives a script for network and flash, under Moddable's names; the program is fixtures/io.ts.

import { assert, suite } from "#suite";
import { readFrames } from "../../host-sim/nat/pcap.js";
import type { DriverBench } from "../../host-sim/qemu/driver-bench.js";
import { flashPartition } from "../../host-sim/qemu/flash-image.js";
import { BACKEND, type NetBench, netBench } from "../../host-sim/qemu/net-bench.js";
import { buildImage, missingForBoard } from "./build.js";

const test = suite("boards/qemu-riscv32/io");
const missing = missingForBoard();
if (missing !== undefined) suite.skip(missing);

async function buildProgram(): Promise<string> {
	return (await buildImage({ main: "boards/qemu-riscv32/fixtures/io.ts" })).image;
}

const bench = (body: (bench: NetBench) => Promise<void>) => netBench(buildProgram, body);

/** By how much the engine's heap grows at once: less than one object kept of each round. */
const SLOT_INCREMENT = 1024;

/** The next line as the value it is. */
async function heard(device: DriverBench): Promise<unknown> {
	return JSON.parse(await device.line(/./));
}

function ask(device: DriverBench, command: string): Promise<unknown> {
	device.say(command);
	return heard(device);
}

/** A board that has its address. */
async function start(bench: NetBench): Promise<DriverBench> {
	const device = await bench.board();
	device.say("net");
	await device.line(/"connection","connection":500/);
	return device;
}

test("the network interface tells each step to the address", () =>
	bench(async ({ board }) => {
		const device = await board();
		assert.equal(await ask(device, "net"), { connection: 200, MAC: "52:54:00:00:00:01" });
		const steps: unknown[] = [];
		for (;;) {
			const step = (await heard(device)) as { changed: string; connection: number; address?: string };
			steps.push(step);
			if (step.changed === "connection" && step.connection === 500) break;
		}
		assert.equal(steps.slice(-2), [
			{ changed: "address", connection: 500, address: "192.168.77.2" },
			{ changed: "connection", connection: 500, address: "192.168.77.2" },
		]);
	}));

test("the network interface tells that the cable is out and in again, and that it was left", () =>
	bench(async (bench) => {
		const device = await start(bench);
		await device.qemu.setLink(false);
		assert.equal(await heard(device), { changed: "connection", connection: 300 });
		await device.qemu.setLink(true);
		await device.line(/"connection","connection":500/);
		device.say("leave");
		assert.equal(await heard(device), { changed: "connection", connection: 200 });
	}));

test("a cable that is put in later is found", () =>
	bench(async ({ board, udpPort }) => {
		const device = await board();
		await device.qemu.setLink(false);
		await ask(device, "net");
		assert.equal(await heard(device), { changed: "connection", connection: 300 });
		await device.qemu.setLink(true);
		await device.line(/"connection","connection":500/);
		await ask(device, `udp ${BACKEND} ${udpPort} x`);
	}));

test("an address may be fixed, and DHCP is not asked", () =>
	bench(async ({ board, file, udpPort }) => {
		const device = await board();
		await ask(device, "static 192.168.77.99 192.168.77.1");
		await device.line(/"connection","connection":500,"address":"192.168.77.99"/);
		await ask(device, `udp ${BACKEND} ${udpPort} hello`);
		assert.equal(await ask(device, "dns backend.test"), { name: "backend.test", address: BACKEND });
		const isDhcp = (frame: Buffer) => frame.readUInt16BE(12) === 0x0800 && frame.readUInt16BE(36) === 67;
		assert.not.ok(readFrames(file("inside.pcap")).some(isDhcp));
	}));

test("a second use of the only network card is refused", () =>
	bench(async (bench) => {
		const device = await start(bench);
		assert.match(String(await ask(device, "net")), /in use/);
	}));

test("UDP sends and receives, with address and port of the sender", () =>
	bench(async (bench) => {
		const device = await start(bench);
		for (const text of ["first", "second"]) {
			const answer = await ask(device, `udp ${BACKEND} ${bench.udpPort} ${text}`);
			assert.equal(answer, { count: 1, from: `${BACKEND}:${bench.udpPort}`, text });
		}
		assert.is(bench.seen[0], bench.seen[1]);
	}));

test("UDP loses nothing that is sent before the gateway's hardware address is known", () =>
	bench(async (bench) => {
		const device = await start(bench);
		const texts = ["one", "two", "three"];
		for (const text of texts) device.say(`udp ${BACKEND} ${bench.udpPort} ${text}`);
		const answers = [await heard(device), await heard(device), await heard(device)] as { text: string }[];
		assert.equal(answers.map(({ text }) => text).sort(), [...texts].sort());
	}));

test("UDP refuses what is no IPv4 address, no port, and a datagram without a way", () =>
	bench(async (bench) => {
		const device = await bench.board();
		assert.match(String(await ask(device, `udp ${BACKEND} 5683 x`)), /cannot send/);
		assert.match(String(await ask(device, "udp backend.test 5683 x")), /not an IPv4 address/);
		assert.match(String(await ask(device, "udp 1.2 5683 x")), /not an IPv4 address/);
		assert.match(String(await ask(device, `udp ${BACKEND} 65536 x`)), /port must be from 0 to 65535/);
	}));

test("UDP sockets are bounded, and come back when they are closed", () =>
	bench(async ({ board }) => {
		const device = await board();
		const count = Number(await ask(device, "flood 100"));
		assert.ok(count >= 8 && count < 100, String(count));
		for (let round = 0; round < 5; round++) assert.is(await ask(device, "flood 100"), count);
	}));

test("names are found by DNS", () =>
	bench(async (bench) => {
		const device = await start(bench);
		assert.equal(await ask(device, "dns backend.test"), { name: "backend.test", address: BACKEND });
		assert.equal(await ask(device, "dns nothing.test"), { name: "nothing.test" });
		assert.equal(await ask(device, "dns 192.0.2.7"), { name: "192.0.2.7", address: "192.0.2.7" });
	}));

test("TCP takes what there is room for and gives back what comes, in order", () =>
	bench(async (bench) => {
		const device = await start(bench);
		const answer = await ask(device, `tcp ${BACKEND} ${bench.tcpPort} 20000`);
		assert.equal(answer, { returned: 20000, from: `${BACKEND}:${bench.tcpPort}` });
	}));

test("TCP tells a refused connection, and one without a way, as an error", () =>
	bench(async (bench) => {
		const device = await bench.board();
		const failed = { failed: true, returned: 0 };
		assert.equal(await ask(device, `tcp ${BACKEND} ${bench.tcpPort} 10`), failed);
		device.say("net");
		await device.line(/"connection","connection":500/);
		assert.equal(await ask(device, `tcp ${BACKEND} 1 10`), failed);
	}));

test("connections and datagrams leave nothing behind", () =>
	bench(async (bench) => {
		const device = await start(bench);
		const round = async () => {
			assert.match(JSON.stringify(await ask(device, `tcp ${BACKEND} ${bench.tcpPort} 2000`)), /"returned":2000/);
			for (let count = 0; count < 20; count++) await ask(device, `udp ${BACKEND} ${bench.udpPort} hello`);
			assert.match(JSON.stringify(await ask(device, "dns 192.0.2.7")), /192/);
		};
		const taken = async () => (await ask(device, "memory")) as { nativeHeapBytesPeak: number; slotBytesTaken: number };
		for (let count = 0; count < 3; count++) await round();
		const before = await taken();
		for (let count = 0; count < 30; count++) await round();
		const after = await taken();
		assert.is(after.nativeHeapBytesPeak, before.nativeHeapBytesPeak);
		assert.ok(after.slotBytesTaken - before.slotBytesTaken <= SLOT_INCREMENT, JSON.stringify([before, after]));
	}));

test("flash partitions say their sizes, take and give bytes, and refuse what NOR cannot do", () =>
	bench(async ({ board }) => {
		const device = await board();
		const { length } = flashPartition("journal");
		assert.equal(await ask(device, "status journal"), { size: length, blockLength: 262144, blocks: length / 262144 });
		for (const [command, answer] of [
			["write journal 8 abcd", /^written$/],
			["read journal 8 4", /^abcd$/],
			["write journal 8 abce", /not erased/],
			["erase journal 0", /^erased$/],
			["write journal 8 abce", /^written$/],
			["write journal 8 abc", /RangeError/],
			["write journal 3 abcd", /RangeError/],
			[`write journal ${length} abcd`, /RangeError/],
			[`read journal ${length - 3} 4`, /RangeError/],
			["read journal -1 4", /RangeError/],
			["erase journal 4", /RangeError/],
			["read-only journal", /opened for reading/],
			["status nothing", /no flash partition/],
		] as const) {
			assert.match(String(await ask(device, command)), answer, command);
		}
	}));

test("key-value storage keeps values by path and key, over a power cut", () =>
	bench(async ({ board }) => {
		const device = await board();
		const talk = async (...lines: readonly (readonly [command: string, answer: RegExp])[]) => {
			for (const [command, answer] of lines) assert.match(String(await ask(device, command)), answer, command);
		};
		await talk(
			["get one key", /^nothing$/],
			["put one key first", /^put$/],
			["put two key second", /^put$/],
			["put one ke y", /^put$/],
			["put one fifteen-letters x", /^put$/],
			["put one sixteen--letters x", /RangeError/],
			["put  key x", /RangeError/],
			["put-read-only one key x", /opened for reading/],
			["get one key", /^"first"$/],
			["get two key", /^"second"$/],
			["put one key third", /^put$/],
			["drop two key", /^dropped$/],
			["drop two nothing", /^dropped$/],
		);
		await device.qemu.reset();
		await device.line(/ready/);
		await talk(
			["get one key", /^"third"$/],
			["get two key", /^nothing$/],
			["get one ke", /^"y"$/],
			["get one fifteen-letters", /^"x"$/],
		);
	}));

test("an update goes into the other slot, and only a complete one changes which slot that is", () =>
	bench(async ({ board }) => {
		const device = await board();
		assert.is(await ask(device, "update abc defgh stop"), "updated");
		assert.match(String(await ask(device, "read ota_0 0 4")), /^abcd/);
		assert.is(await ask(device, "update ABC DEFGH I"), "updated");
		assert.is(await ask(device, "read ota_0 0 9"), "ABCDEFGHI");
		assert.is(await ask(device, "update second"), "updated");
		assert.match(String(await ask(device, "read ota_1 0 6")), /^second$/);
		await device.qemu.reset();
		await device.line(/ready/);
		assert.is(await ask(device, "update third"), "updated");
		assert.match(String(await ask(device, "read ota_0 0 5")), /^third$/, "the mark outlives a reset");
		assert.match(String(await ask(device, "read ota_1 0 6")), /^second$/);
	}));

test("an update may be written out of order, and is never larger than its slot", () =>
	bench(async ({ board }) => {
		const device = await board();
		assert.is(await ask(device, "update-at 8 4 efgh 0 abcd"), "updated");
		assert.is(await ask(device, "read ota_0 0 8"), "abcdefgh");
		assert.match(String(await ask(device, `update-at ${flashPartition("ota_1").length + 1}`)), /larger than its slot/);
		assert.match(String(await ask(device, "update-at 8 2 abcd")), /RangeError/);
		assert.is(await ask(device, "update-at 4 0 ABCD"), "updated");
		assert.is(await ask(device, "read ota_1 0 4"), "ABCD", "what failed marked nothing");
	}));

test.run();
