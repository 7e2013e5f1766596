// suite: real-network limit=120
// The flash driver of the virtual board, on the board.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { SeededRandom } from "../nat/seeded-random.js";
import { buildDrivers, DriverBench, whyNoDrivers } from "./driver-bench.js";
import { eraseFlash, flashPartition } from "./flash-image.js";
import { FlashTrace, SECTOR_LENGTH } from "./flash-trace.js";

const test = suite("qemu/flash");
const missing = whyNoDrivers();
if (missing !== undefined) suite.skip(missing);

const folder = mkdtempSync(join(tmpdir(), "pinhole-flash-"));
test.after(() => rmSync(folder, { recursive: true }));
const flash = join(folder, "flash.img");
const trace = join(folder, "trace");

async function bench(body: (board: DriverBench) => Promise<void>, wordMode = false): Promise<void> {
	const board = await DriverBench.start({ image: await buildDrivers(), flash, wordMode });
	try {
		await body(board);
	} finally {
		await board.stop();
	}
}

const NOT_ERASED = "not erased: a bit that is 0 cannot become 1";
const OUTSIDE = "not within the partition, or not whole words";

for (const wordMode of [false, true]) {
	const how = wordMode ? "word by word" : "by pages";
	test(`programs ${how}, across pages, and erases by sectors`, () =>
		bench(async (board) => {
			eraseFlash(flash);
			const data = Buffer.from(Array.from({ length: 240 }, (_, index) => index)).toString("hex");
			assert.is(await board.ask(`write journal 400 ${data}`), "done");
			assert.is(await board.ask("read journal 400 240"), data);
			assert.is(await board.ask("read journal 396 4"), "ffffffff");
			assert.is(await board.ask("read journal 640 4"), "ffffffff");
			assert.is(await board.ask(`write journal ${SECTOR_LENGTH} 00000000`), "done");
			assert.is(await board.ask("erase journal 0 1"), "done");
			assert.is(await board.ask("read journal 400 8"), "ffffffffffffffff");
			assert.is(await board.ask(`read journal ${SECTOR_LENGTH} 4`), "00000000", "the next sector is left alone");
		}, wordMode));
}

test("refuses to make a 1 of a 0, and then changes nothing", () =>
	bench(async (board) => {
		await board.ask("erase journal 0 1");
		await board.ask("write journal 8 000000f0");
		assert.is(await board.ask("write journal 4 00000000000000f1"), NOT_ERASED);
		assert.is(await board.ask("read journal 4 8"), "ffffffff000000f0");
		assert.is(await board.ask("write journal 8 00000010"), "done", "clearing more bits is allowed");
	}));

test("refuses what is not within the partition, or not whole words", () =>
	bench(async (board) => {
		const { length } = flashPartition("crash");
		for (const [command, answer] of [
			[`write crash ${length - 4} 11111111`, "done"],
			[`write crash ${length - 4} 1111111100000000`, OUTSIDE],
			[`write crash ${length} 00000000`, OUTSIDE],
			["write crash 4294967292 00000000", OUTSIDE],
			["write crash 2 00000000", OUTSIDE],
			["write crash 0 000000", OUTSIDE],
			["erase crash 0 2", OUTSIDE],
			["erase crash 1 0", OUTSIDE],
			["erase crash 0 1", "done"],
		]) {
			assert.is(await board.ask(command!), answer, command);
		}
	}));

test("what was written is there after a reset, and after the power was cut", async () => {
	const options = { image: await buildDrivers(), flash };
	let board = await DriverBench.start(options);
	await board.ask("erase journal 0 1");
	await board.ask("write journal 0 0123456789abcdef");
	await board.qemu.reset();
	await board.line(/^ready$/);
	assert.is(await board.ask("read journal 0 8"), "0123456789abcdef");
	const end = await board.qemu.cutPower();
	assert.is(end.asked, true);
	assert.is(end.signal, "SIGKILL");
	board = await DriverBench.start(options);
	assert.is(await board.ask("read journal 0 8"), "0123456789abcdef");
	await board.stop();
});

const RECORD_LENGTH = 64;

/** "whole", "erased", or "torn". */
function stateOf(bank: Buffer, number: number): string {
	const record = bank.subarray(number * RECORD_LENGTH, (number + 1) * RECORD_LENGTH);
	if (record.every((byte) => byte === 0xff)) return "erased";
	const expected = Buffer.alloc(RECORD_LENGTH, number & 0xff);
	expected[RECORD_LENGTH - 1] = ~number & 0xff;
	return record.equals(expected) ? "whole" : "torn";
}

/** Writes records until the power is cut; gives the number of the last one acknowledged, and the flash. */
async function writeAndCut(wordMode: boolean, seed: number): Promise<{ last: number; bank: Buffer }> {
	eraseFlash(flash);
	rmSync(trace, { force: true });
	const board = await DriverBench.start({ image: await buildDrivers(), flash, wordMode, flashTrace: trace });
	board.say("records 0");
	await board.line(/^record 0$/);
	await pause(20 + (new SeededRandom(seed).uint32() % 100));
	await board.qemu.cutPower();
	await pause(10);
	const last = board.lines.map((line) => /^record (\d+)$/.exec(line)?.[1] ?? "0");
	return { last: Math.max(0, ...last.map(Number)), bank: readFileSync(flash) };
}

const CUT_COUNT = 5;

for (const wordMode of [false, true]) {
	const how = wordMode ? "word by word" : "by pages";
	test(`a power cut loses no acknowledged record of those written ${how}`, async () => {
		let tornCount = 0;
		for (let seed = 0; seed < CUT_COUNT; seed++) {
			const { last, bank } = await writeAndCut(wordMode, seed);
			for (let number = 0; number <= last; number++) assert.is(stateOf(bank, number), "whole", `record ${number}`);
			if (stateOf(bank, last + 1) === "torn") tornCount++;
			assert.is(stateOf(bank, last + 3), "erased");
			const history = new FlashTrace(trace);
			const [before, after] = [history.imageAt(history.commands.length, seed), bank].map((bytes) =>
				bytes.subarray(0, last * RECORD_LENGTH),
			);
			assert.ok(before!.equals(after!), "the trace tells what is in the flash");
		}
		if (wordMode) assert.ok(tornCount > 0, "words do tear");
	});
}

test("a cut at any command of the trace tears at most the record under way", async () => {
	const { last } = await writeAndCut(false, 99);
	const history = new FlashTrace(trace);
	let tornCount = 0;
	for (let cut = 0; cut < Math.min(last, 20); cut++) {
		const bank = history.imageAt(cut, cut);
		for (let number = 0; number < cut; number++) assert.is(stateOf(bank, number), "whole");
		if (stateOf(bank, cut) === "torn") tornCount++;
		assert.is(stateOf(bank, cut + 1), "erased");
	}
	assert.ok(tornCount > 5, String(tornCount));
});

test.run();
