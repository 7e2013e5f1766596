// The file behind flash bank 1: erased, looked at, and damaged as power cuts and age damage it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../engine/objects.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { FlashTrace } from "./flash-trace.js";

/** Bytes of one bank; QEMU takes no file of another size. */
export const BANK_LENGTH = 32 * 1024 * 1024;
const TABLE = join(ROOT, "boards/qemu-riscv32/flash/partitions.h");

/** A partition of bank 1, in bytes from its begin. */
export interface FlashPartition {
	readonly name: string;
	readonly start: number;
	readonly length: number;
}

/** A partition by name, from the table that the firmware is compiled with. */
export function flashPartition(name: string): FlashPartition {
	const row = new RegExp(`PARTITION\\("${name}", (0x[\\da-f]+), (0x[\\da-f]+)\\)`).exec(readFileSync(TABLE, "utf8"));
	if (row === null) throw new Error(`there is no flash partition "${name}"`);
	return { name, start: Number(row[1]), length: Number(row[2]) };
}

/** Makes a file of 32 MB, all erased. */
export function eraseFlash(path: string): void {
	writeFileSync(path, Buffer.alloc(BANK_LENGTH, 0xff));
}

/**
 * Does to the flash what a power cut in the middle of the last command does to real NOR flash: some words programmed,
 * one with only some of its bits, the rest untouched; an erase left half-way. Repeatable by seed. False when the driver
 * had already seen the end of the last command: then nothing may be torn, and nothing is.
 */
export function tear(image: string, trace: string, seed: number): boolean {
	const history = new FlashTrace(trace);
	const last = history.commands.length - 1;
	if (last < 0 || history.commands[last]!.acknowledged) return false;
	writeFileSync(image, history.imageAt(last, seed));
	return true;
}

/** Inverts some bits at random places of a partition, as age and radiation do; gives their places in bytes. */
export function flipBits(image: string, name: string, count: number, seed: number): number[] {
	const { start, length } = flashPartition(name);
	const bank = readFileSync(image);
	const random = new SeededRandom(seed);
	const places = Array.from({ length: count }, () => start + (random.uint32() % length));
	for (const place of places) bank[place] = bank[place]! ^ (1 << (random.uint32() % 8));
	writeFileSync(image, bank);
	return places;
}
