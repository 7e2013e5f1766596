// What was done to flash bank 1, from QEMU's own trace: each write of the processor to the chips, noted before it takes
// effect. So the state of the flash after a power cut at any instant of a run can be made afterwards.

import { readFileSync } from "node:fs";
import { SeededRandom } from "../nat/seeded-random.js";

/** The unit of erasing. */
export const SECTOR_LENGTH = 256 * 1024;
const WORD_LENGTH = 4;
const ERASED = 0xffff_ffff;
/** Words at the border of an interrupted erase that are neither what they were nor erased. */
const BORDER_COUNT = 64;

/** Commands as the driver gives them, to both chips (boards/qemu-riscv32/flash/flash.c). */
const PROGRAM_WORD = 0x0040_0040;
const PROGRAM_BUFFER = 0x00e8_00e8;
const ERASE = 0x0020_0020;

/** One command that the chips were told to carry out; offsets in bytes from the begin of the bank. */
export interface FlashCommand {
	readonly offset: number;
	/** The words to program; undefined for an erase of one sector. */
	readonly words: readonly number[] | undefined;
	/** How much of the trace had been written when it was given. */
	readonly tracedLength: number;
	/** The driver has seen its end, and may have told others. */
	acknowledged: boolean;
}

/** Where Qemu.start keeps what the flash held when the trace began. */
export function beforeOf(trace: string): string {
	return `${trace}.before`;
}

/** All commands of one run of a board, in order. */
export class FlashTrace {
	readonly commands: readonly FlashCommand[];
	readonly #before: string;

	/** Reads a trace; the board may still be running, then it is what was done so far. */
	constructor(trace: string) {
		this.commands = parse(readFileSync(trace, "latin1"));
		this.#before = beforeOf(trace);
	}

	/** The first command that was given after the trace had this length: note the length when something is promised. */
	indexAt(tracedLength: number): number {
		const index = this.commands.findIndex((command) => command.tracedLength > tracedLength);
		return index < 0 ? this.commands.length : index;
	}

	/** The bank after a power cut within the command of this index: all before are whole, it is torn, none follows. */
	imageAt(index: number, seed: number): Buffer {
		const bank = readFileSync(this.#before);
		for (const command of this.commands.slice(0, index)) apply(bank, command);
		const torn = this.commands[index];
		if (torn !== undefined) tearCommand(bank, torn, seed);
		return bank;
	}
}

const LINE = /^pflash_io_write virt\.flash1: offset:(0x[\da-f]+) size:4 value:(0x[\da-f]+) wcycle:(\d)$/;

function parse(text: string): FlashCommand[] {
	const commands: FlashCommand[] = [];
	let kind = 0;
	let offset = 0;
	let words: number[] = [];
	let tracedLength = 0;
	for (const line of text.split("\n")) {
		tracedLength += line.length + 1;
		const match = LINE.exec(line);
		if (match === null) continue;
		const [place, value, cycle] = [Number(match[1]), Number(match[2]), Number(match[3])];
		if (cycle === 0) {
			// Whatever comes next, the driver has seen the end of what was before.
			const last = commands.at(-1);
			if (last !== undefined) last.acknowledged = true;
			kind = value;
			words = [];
		} else if (kind === ERASE) {
			commands.push({ offset: place - (place % SECTOR_LENGTH), words: undefined, tracedLength, acknowledged: false });
		} else if (kind === PROGRAM_WORD) {
			commands.push({ offset: place, words: [value], tracedLength, acknowledged: false });
		} else if (kind === PROGRAM_BUFFER && cycle === 2) {
			if (words.length === 0) offset = place;
			words.push(value);
		} else if (kind === PROGRAM_BUFFER && cycle === 3) {
			commands.push({ offset, words, tracedLength, acknowledged: false });
		}
	}
	return commands;
}

function apply(bank: Buffer, { offset, words }: FlashCommand): void {
	if (words === undefined) bank.fill(0xff, offset, offset + SECTOR_LENGTH);
	else for (const [index, word] of words.entries()) bank.writeUInt32LE(word, offset + index * WORD_LENGTH);
}

/** Carries out a part of a command. Of an erase: from the begin of the sector up to some place. */
export function tearCommand(bank: Buffer, { offset, words }: FlashCommand, seed: number): void {
	const random = new SeededRandom(seed);
	const count = words?.length ?? SECTOR_LENGTH / WORD_LENGTH;
	const end = random.uint32() % count;
	for (let index = 0; index < count; index++) {
		const at = offset + index * WORD_LENGTH;
		const old = bank.readUInt32LE(at);
		const fresh = words?.[index] ?? ERASED;
		const border = index >= end && index < end + (words === undefined ? BORDER_COUNT : 1);
		// Each bit on its own way: programming clears bits one after the other, erasing sets them.
		const part = words === undefined ? old | random.uint32() : old & (fresh | random.uint32());
		if (index >= end && !border) return;
		bank.writeUInt32LE((border ? part : fresh) >>> 0, at);
	}
}
