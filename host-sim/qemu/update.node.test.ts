// suite: real-network limit=120
// The marks of the update slots: a power cut at any moment leaves the one before or the new one, never none.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { assert, suite } from "#suite";
import { buildDrivers, DriverBench, whyNoDrivers } from "./driver-bench.js";
import { eraseFlash, flashPartition } from "./flash-image.js";
import { FlashTrace, SECTOR_LENGTH } from "./flash-trace.js";

const test = suite("qemu/update");
const missing = whyNoDrivers();
if (missing !== undefined) suite.skip(missing);

const folder = mkdtempSync(join(tmpdir(), "pinhole-update-"));
test.after(() => rmSync(folder, { recursive: true }));
const flash = join(folder, "flash");
const trace = join(folder, "trace");

/** A mark in flash: its number, slot, length and check sum of the image, and its own check sum (flash/update.c). */
const RECORD_LENGTH = 20;
const SECTOR_MARKS = Math.floor(SECTOR_LENGTH / RECORD_LENGTH);

/** Sets so many marks, by turns, on the flash as it is; gives what was done to it. */
async function setMarks(count: number): Promise<FlashTrace> {
	const board = await DriverBench.start({ image: await buildDrivers(), flash, flashTrace: trace });
	board.say(`marks ${count}`);
	await board.line(new RegExp(`^mark ${count}$`));
	await board.stop();
	return new FlashTrace(trace);
}

/** Marks that fill the first sector but for some places. */
function fillSector(left: number): void {
	const { start } = flashPartition("otadata");
	eraseFlash(flash);
	const bank = readFileSync(flash);
	for (let index = 0; index < SECTOR_MARKS - left; index++) {
		const record = bank.subarray(start + index * RECORD_LENGTH, start + (index + 1) * RECORD_LENGTH);
		for (const [at, value] of [index + 1, index % 2, 0, 0].entries()) record.writeUInt32LE(value, at * 4);
		record.writeUInt32LE(crc32(record.subarray(0, -4)), RECORD_LENGTH - 4);
	}
	writeFileSync(flash, bank);
}

/** What a board says of its marks that is powered on after a cut in this command. */
async function markAfter(history: FlashTrace, index: number, seed: number): Promise<string> {
	writeFileSync(flash, history.imageAt(index, seed));
	const board = await DriverBench.start({ image: await buildDrivers(), flash });
	const mark = await board.ask("mark");
	await board.stop();
	return mark;
}

/** As the board says it, of the marks that it sets itself. */
function marked(number: number): RegExp {
	if (number === 0) return /^no mark next ota_0$/;
	const [slot, next] = number % 2 === 0 ? [1, "ota_0"] : [0, "ota_1"];
	return new RegExp(`^slot ${slot} length ${4 * number} crc \\w{8} next ${next}$`);
}

test("marks name the slots by turns, with the length of the image and its check sum", async () => {
	eraseFlash(flash);
	const history = await setMarks(2);
	assert.match(await markAfter(history, 2, 0), marked(2));
	assert.is(await markAfter(history, 2, 0), "slot 1 length 8 crc 2144df1c next ota_0", "CRC-32 of eight times 0xFF");
});

test("a cut while a mark is written leaves the one before, or the new one", async () => {
	eraseFlash(flash);
	const history = await setMarks(4);
	for (let index = 0; index < history.commands.length; index++) {
		const mark = await markAfter(history, index, index + 1);
		assert.ok(marked(index).test(mark) || marked(index + 1).test(mark), `${index}: ${mark}`);
	}
});

test("a torn mark is passed over by the next one", async () => {
	eraseFlash(flash);
	const history = await setMarks(2);
	writeFileSync(flash, history.imageAt(1, 4));
	const after = await setMarks(1);
	assert.match(await markAfter(after, 1, 0), /^slot 1 length 4 /, "written behind it");
});

test("the marks outlive the change from a full sector to the other, and a cut in each of its steps", async () => {
	fillSector(1);
	const history = await setMarks(3);
	const kinds = history.commands.map(({ words }) => (words === undefined ? "erase" : "program"));
	assert.equal(kinds, ["program", "erase", "program", "program"]);
	const lengths: number[] = [];
	for (let index = 0; index <= history.commands.length; index++) {
		lengths.push(Number(/length (\d+)/.exec(await markAfter(history, index, index))?.[1]));
	}
	assert.equal(
		[...lengths].sort((left, right) => left - right),
		lengths,
		"never back",
	);
	assert.equal([lengths[0], lengths[2], lengths[4]], [0, 4, 12]);
});

test.run();
