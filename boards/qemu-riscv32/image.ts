// The image of flash bank 0: the firmware, and behind it the root machine with every module, as read-only as the rest.
// The firmware itself makes the root, in QEMU with much RAM, twice: at two places, so that what differs is a pointer.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, readSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import type { ImageModules } from "../../host-sim/engine/bytecode.js";
import { FLASH_BANK_LENGTH, FLASH_START, HEADER, RAM_START, REQUEST } from "./layout.js";

/** What an image says about itself; `mc/config` says the same. */
export interface ImageConfig {
	readonly board: string;
	readonly version: string;
	readonly commit: string;
	readonly build: string;
}

const MAKING_RAM_LENGTH = 128 << 20;
const MAKING_TIME_LIMIT_MS = 60_000;
/** No round distance: a hash of a pointer would betray itself, too. */
const WINDOWS = [0x84800000, 0x85712340] as const;
const ALIGNMENT = 16;

/** A root as one run left it. */
interface Root {
	readonly window: number;
	readonly request: DataView;
	readonly sections: readonly Section[];
}

/** What stands together in the window, and will in the image. */
interface Section {
	/** From the begin of the window. */
	readonly offset: number;
	readonly bytes: Buffer;
}

function align(length: number, to: number): number {
	return Math.ceil(length / to) * to;
}

function words(...values: number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 4);
	values.forEach((value, i) => void bytes.writeUInt32LE(value, i * 4));
	return bytes;
}

function padded(bytes: Buffer): Buffer {
	return Buffer.concat([bytes, Buffer.alloc(align(bytes.length, 4) - bytes.length)]);
}

/** The modules as preload.c reads them; the last one is the program. */
function requestOf(window: number, modules: ImageModules): Buffer {
	const kinds = [modules.host, modules.preload, modules.load];
	const count = kinds.reduce((sum, list) => sum + list.length, 0);
	const parts = [words(REQUEST.magic, window, count), Buffer.alloc(REQUEST.length - 12)];
	for (const [kind, list] of kinds.entries()) {
		for (const { name, file } of list) {
			const code = readFileSync(file);
			const title = Buffer.from(name);
			parts.push(words(kind, title.length, code.length), padded(title), padded(code));
		}
	}
	return Buffer.concat(parts);
}

/** Runs the bare firmware with all its RAM in a file. */
async function runBare(flash: string, ram: string): Promise<void> {
	const child = spawn(
		"qemu-system-riscv32",
		[
			...["-M", "virt,memory-backend=ram", "-cpu", "rv32,a=false,f=false,d=false", "-m", `${MAKING_RAM_LENGTH}B`],
			...["-object", `memory-backend-file,id=ram,size=${MAKING_RAM_LENGTH},mem-path=${ram},share=on`],
			...["-drive", `if=pflash,unit=0,format=raw,readonly=on,file=${flash}`],
			...["-bios", "none", "-display", "none", "-monitor", "none", "-serial", "stdio"],
		],
		{ stdio: ["ignore", "pipe", "pipe"] },
	);
	const end = () => child.kill("SIGKILL");
	process.once("exit", end);
	const limit = setTimeout(end, MAKING_TIME_LIMIT_MS);
	try {
		const output = Promise.all([text(child.stdout), text(child.stderr)]);
		const [code] = (await once(child, "exit")) as [number | null];
		if (code !== 0) throw new Error(`the image cannot be made (${code})\n${(await output).join("").trim()}`);
	} finally {
		clearTimeout(limit);
		process.off("exit", end);
	}
}

function readAt(file: number, offset: number, length: number): Buffer {
	const bytes = Buffer.alloc(length);
	readSync(file, bytes, 0, length, offset);
	return bytes;
}

async function makeRoot(firmware: Buffer, modules: ImageModules, window: number, stem: string): Promise<Root> {
	const flash = `${stem}.flash`;
	const ram = `${stem}.ram`;
	try {
		writeFileSync(flash, firmware);
		truncateSync(flash, FLASH_BANK_LENGTH);
		writeFileSync(ram, "");
		truncateSync(ram, MAKING_RAM_LENGTH);
		const file = openSync(ram, "r+");
		try {
			writeSync(file, requestOf(window, modules), 0, undefined, REQUEST.at - RAM_START);
			await runBare(flash, ram);
			const answer = readAt(file, REQUEST.at - RAM_START, REQUEST.length);
			const request = new DataView(answer.buffer, answer.byteOffset, answer.length);
			const field = (at: number): number => request.getUint32(at, true);
			const region = field(REQUEST.regionOffset);
			const slots = region + field(REQUEST.regionLength) - field(REQUEST.slotsLength);
			const section = (offset: number, length: number): Section => ({
				offset,
				bytes: readAt(file, window - RAM_START + offset, align(length, ALIGNMENT)),
			});
			const heap = section(0, field(REQUEST.heapLength));
			const chunks = section(region, field(REQUEST.chunksLength));
			return { window, request, sections: [heap, chunks, section(slots, field(REQUEST.slotsLength))] };
		} finally {
			closeSync(file);
		}
	} finally {
		rmSync(flash, { force: true });
		rmSync(ram, { force: true });
	}
}

/** Where an address of the window stands in flash. A section's end belongs to it unless another one begins there. */
function placed(root: Root, starts: readonly number[], address: number): number | undefined {
	const offset = address - root.window;
	const holds = (section: Section, slack: number) =>
		section.offset <= offset && offset < section.offset + section.bytes.length + slack;
	let index = root.sections.findIndex((section) => holds(section, 0));
	if (index < 0) index = root.sections.findIndex((section) => holds(section, 1));
	return index < 0 ? undefined : starts[index]! + offset - root.sections[index]!.offset;
}

/** One root made of two: for the address `start` in flash. */
function relocate(root: Root, other: Root, start: number): { bytes: Buffer; preloaded: number } {
	let next = start;
	const starts = root.sections.map(({ bytes }) => {
		const at = next;
		next += bytes.length;
		return at;
	});
	const distance = other.window - root.window;
	const place = (address: number, where: string): number => {
		const at = placed(root, starts, address);
		if (at === undefined) throw new Error(`the image cannot be made: ${where} points outside of what is preloaded`);
		return at;
	};
	const moved = root.sections.map(({ bytes, offset }, index) => {
		const others = other.sections[index]!;
		if (others.bytes.length !== bytes.length || others.offset !== offset) {
			throw new Error("the image cannot be made: two runs made roots of different sizes");
		}
		const result = Buffer.from(bytes);
		for (let at = 0; at < bytes.length; at += 4) {
			const word = bytes.readUInt32LE(at);
			const difference = others.bytes.readUInt32LE(at) - word;
			if (difference === 0) continue;
			const where = `the word at ${(root.window + offset + at).toString(16)}`;
			if (difference !== distance) throw new Error(`the image cannot be made: ${where} depends on its address`);
			result.writeUInt32LE(place(word, where), at);
		}
		return result;
	});
	const preloaded = place(root.request.getUint32(REQUEST.preloaded, true), "the list of modules");
	return { bytes: Buffer.concat(moved), preloaded };
}

/** The lengths of the parts of an image, in bytes, and the tables that a clone of its root copies. */
export interface ImageSizes {
	readonly total: number;
	readonly firmware: number;
	/** Of the root: names and bytecode, chunks, slots. */
	readonly bytecode: number;
	readonly chunks: number;
	readonly slots: number;
	/** How many. */
	readonly names: number;
	readonly aliases: number;
}

/** Makes the whole image of a linked firmware and the modules; `stem` begins the names of scratch files. */
export async function makeImage(
	bare: Buffer,
	modules: ImageModules,
	config: ImageConfig,
	stem: string,
): Promise<{ image: Buffer; sizes: ImageSizes }> {
	const first = await makeRoot(bare, modules, WINDOWS[0], `${stem}-1`);
	const second = await makeRoot(bare, modules, WINDOWS[1], `${stem}-2`);
	const firmware = Buffer.concat([bare, Buffer.alloc(align(bare.length, 4096) - bare.length)]);
	const { bytes, preloaded } = relocate(first, second, FLASH_START + firmware.length);
	const image = Buffer.concat([firmware, bytes]);
	const title = Buffer.from(JSON.stringify(config));
	if (title.length >= HEADER.textLength) throw new Error("the image cannot be made: its version is too long");
	title.copy(image, HEADER.at + HEADER.text);
	image.writeUInt32LE(image.length, HEADER.at + HEADER.length);
	image.writeUInt32LE(preloaded, HEADER.at + HEADER.preloaded);
	image.writeUInt32LE(crc32(image.subarray(HEADER.at + HEADER.end)), HEADER.at + HEADER.crc);
	const [heap, chunks, slots] = first.sections.map((section) => section.bytes.length) as [number, number, number];
	const names = first.request.getUint32(REQUEST.names, true);
	const aliases = first.request.getUint32(REQUEST.aliases, true);
	const sizes = { total: image.length, firmware: firmware.length, bytecode: heap, chunks, slots, names, aliases };
	return { image, sizes };
}

/** What an image says about itself; an Error of one sentence where it is none, or not whole. */
export function readImage(image: Buffer): ImageConfig {
	const magic = image.toString("latin1", HEADER.at, HEADER.at + HEADER.magic.length);
	if (image.length < HEADER.at + HEADER.end || magic !== HEADER.magic)
		throw new Error("this is no image of this board");
	const length = image.readUInt32LE(HEADER.at + HEADER.length);
	const whole = length <= image.length ? image.subarray(HEADER.at + HEADER.end, length) : undefined;
	if (whole === undefined || crc32(whole) !== image.readUInt32LE(HEADER.at + HEADER.crc)) {
		throw new Error("this image is damaged");
	}
	const text = image.toString("utf8", HEADER.at + HEADER.text, HEADER.at + HEADER.end);
	return JSON.parse(text.slice(0, text.indexOf("\0"))) as ImageConfig;
}
