// Power cuts made from a trace of the flash, on traces written by hand.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { eraseFlash, flashPartition, flipBits, tear } from "./flash-image.js";
import { beforeOf, FlashTrace, SECTOR_LENGTH } from "./flash-trace.js";

const test = suite("qemu/flash-trace");
const folder = mkdtempSync(join(tmpdir(), "pinhole-flash-"));
const trace = join(folder, "trace");
const image = join(folder, "image");
test.after(() => rmSync(folder, { recursive: true }));

const OFFSET = 0x4_0000;

type Write = readonly [offset: number, value: number, cycle: number];

const ACKNOWLEDGE: Write = [OFFSET, 0x0050_0050, 0];
const word = (offset: number, value: number): Write[] => [
	[offset, 0x0040_0040, 0],
	[offset, value, 1],
];
const buffer = (offset: number, words: readonly number[]): Write[] => [
	[offset, 0x00e8_00e8, 0],
	[offset, (words.length - 1) * 0x1_0001, 1],
	...words.map((value, index): Write => [offset + index * 4, value, 2]),
	[offset, 0x00d0_00d0, 3],
];
const erase = (offset: number): Write[] => [
	[offset, 0x0020_0020, 0],
	[offset, 0x00d0_00d0, 1],
];

/** As QEMU writes it. */
function line([offset, value, cycle]: Write): string {
	const [place, data] = [offset, value].map((number) => `0x${number.toString(16)}`);
	return `pflash_io_write virt.flash1: offset:${place} size:4 value:${data} wcycle:${cycle}\n`;
}

/** Writes a trace over a bank that is erased but for these words. */
function history(writes: readonly Write[], before: readonly (readonly [offset: number, value: number])[] = []): void {
	const bank = Buffer.alloc(3 * SECTOR_LENGTH, 0xff);
	for (const [offset, value] of before) bank.writeUInt32LE(value, offset);
	writeFileSync(beforeOf(trace), bank);
	writeFileSync(image, bank);
	writeFileSync(trace, writes.map(line).join(""));
}

function words(bank: Buffer, offset: number, count: number): number[] {
	return Array.from({ length: count }, (_, index) => bank.readUInt32LE(offset + index * 4));
}

test("commands are those that were carried out, in order, each acknowledged by the next", () => {
	history([
		...erase(OFFSET + 8),
		ACKNOWLEDGE,
		...word(OFFSET, 1),
		ACKNOWLEDGE,
		...buffer(OFFSET + 4, [2, 3]),
		[OFFSET, 0x0040_0040, 0],
	]);
	const found = new FlashTrace(trace).commands.map(({ offset, words: data, acknowledged }) => [
		offset,
		data,
		acknowledged,
	]);
	assert.equal(found, [
		[OFFSET, undefined, true],
		[OFFSET, [1], true],
		[OFFSET + 4, [2, 3], true],
	]);
});

test("a command that was not yet confirmed did nothing", () => {
	history(buffer(OFFSET, [1, 2, 3]).slice(0, -1));
	assert.is(new FlashTrace(trace).commands.length, 0);
	history([[OFFSET, 0x0020_0020, 0]]);
	assert.is(new FlashTrace(trace).commands.length, 0);
});

test("what was promised at a length of the trace is before the command of its index", () => {
	const first = [...word(OFFSET, 1), ACKNOWLEDGE];
	history([...first, ...word(OFFSET + 4, 2), ACKNOWLEDGE]);
	const promised = first.map(line).join("").length;
	assert.is(new FlashTrace(trace).indexAt(promised), 1);
	assert.is(new FlashTrace(trace).indexAt(0), 0);
	assert.is(new FlashTrace(trace).indexAt(1e6), 2);
});

test("before the cut all is whole, after it nothing happened", () => {
	history([...word(OFFSET, 1), ACKNOWLEDGE, ...word(OFFSET + 4, 2), ACKNOWLEDGE, ...word(OFFSET + 8, 3), ACKNOWLEDGE]);
	for (let seed = 0; seed < 8; seed++) {
		const [first, torn, last] = words(new FlashTrace(trace).imageAt(1, seed), OFFSET, 3);
		assert.is(first, 1);
		assert.is(torn! & 2, 2, "a bit that stays 1 is never 0");
		assert.is(last, 0xffff_ffff);
	}
	assert.equal(words(new FlashTrace(trace).imageAt(3, 0), OFFSET, 3), [1, 2, 3]);
});

test("a torn page is whole up to some word, which is between old and new, and untouched behind it", () => {
	const fresh = Array.from({ length: 128 }, (_, index) => 0x0101_0101 * index);
	history(buffer(OFFSET, fresh));
	const ends = new Set<number>();
	for (let seed = 0; seed < 20; seed++) {
		const bank = new FlashTrace(trace).imageAt(0, seed);
		const found = words(bank, OFFSET, fresh.length);
		const end = found.findIndex((value, index) => value !== fresh[index]);
		ends.add(end);
		assert.is((found[end]! & fresh[end]!) >>> 0, fresh[end]!, "only bits that must become 0 may still be 1");
		assert.ok(found.slice(end + 1).every((value) => value === 0xffff_ffff));
		assert.ok(bank.equals(new FlashTrace(trace).imageAt(0, seed)), "repeatable");
	}
	assert.ok(ends.size > 10, "at different places");
});

test("programming over old data can only clear bits of it", () => {
	history(word(OFFSET, 0x0000_0f00), [[OFFSET, 0x00ff_0f00]]);
	for (let seed = 0; seed < 20; seed++) {
		const [torn] = words(new FlashTrace(trace).imageAt(0, seed), OFFSET, 1);
		assert.is((torn! & ~0x00ff_0f00) >>> 0, 0);
		assert.is(torn! & 0x0f00, 0x0f00);
	}
});

test("a torn erase is erased up to some place, keeps what is behind it, and stays in its sector", () => {
	const old: [number, number][] = [];
	for (let offset = OFFSET - 4; offset <= OFFSET + SECTOR_LENGTH; offset += 4) old.push([offset, 0x1234_5678]);
	history(erase(OFFSET), old);
	const bank = new FlashTrace(trace).imageAt(0, 3);
	const found = words(bank, OFFSET, SECTOR_LENGTH / 4);
	const erased = found.findIndex((value) => value !== 0xffff_ffff);
	const kept = found.lastIndexOf(0x1234_5678);
	assert.ok(erased > 0 && found.indexOf(0x1234_5678) <= erased + 64, String(erased));
	assert.is(kept, found.length - 1);
	assert.is(bank.readUInt32LE(OFFSET - 4), 0x1234_5678);
	assert.is(bank.readUInt32LE(OFFSET + SECTOR_LENGTH), 0x1234_5678);
});

test("only a command whose end nobody saw is torn in the file", () => {
	history([...word(OFFSET, 1), ACKNOWLEDGE]);
	assert.is(tear(image, trace, 1), false);
	assert.is(readFileSync(image).readUInt32LE(OFFSET), 0xffff_ffff, "and the file is left alone");
	history([...word(OFFSET, 1), ACKNOWLEDGE, ...buffer(OFFSET + 4, [0, 0, 0, 0])]);
	assert.is(tear(image, trace, 1), true);
	assert.is(readFileSync(image).readUInt32LE(OFFSET), 1);
	assert.is.not(readFileSync(image).readUInt32LE(OFFSET + 16), 0);
});

test("flipped bits are one for each place, within their partition", () => {
	eraseFlash(image);
	const { start, length } = flashPartition("crash");
	const places = flipBits(image, "crash", 5, 7);
	const bank = readFileSync(image);
	assert.is(bank.filter((byte) => byte !== 0xff).length, 5);
	assert.ok(places.every((place) => place >= start && place < start + length && bank[place] !== 0xff));
	assert.throws(() => flashPartition("nothing"), /no flash partition/);
});

test.run();
