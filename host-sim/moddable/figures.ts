// What an image that was made takes of a board.

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { walk } from "../suite/files.js";

/** Sizes in bytes; undefined where this stage was not reached. */
export interface Figures {
	readonly modules: number;
	readonly bytecode: number;
	/** Objects that are linked into flash, as the linker counts them. */
	readonly instances: number | undefined;
	/** What the firmware's scripts have: slots, chunks and stack, in one block. */
	readonly heap: number;
	readonly stack: number;
	readonly image: number | undefined;
	/** Of these each takes a pointer of RAM: something preloaded that is not frozen. */
	readonly unfrozen: number;
}

/** The file of the image, whatever the chip. */
export const IMAGE = "xs_esp32.bin";

const SLOT_BYTES = 16;

interface Flat {
	readonly creation: { readonly static: number; readonly stack: number };
}

/** Reads what mcconfig left in its folders, and the log of what it said. */
export function readFigures(temporary: string, result: string, log: string): Figures {
	const { creation } = JSON.parse(readFileSync(join(temporary, "manifest_flat.json"), "utf8")) as Flat;
	const modules = walk(temporary, "modules").filter((path) => path.endsWith(".xsb"));
	const image = join(result, IMAGE);
	const instances = /^### (\d+) instances/m.exec(log)?.[1];
	return {
		modules: modules.length,
		bytecode: modules.reduce((sum, path) => sum + statSync(join(temporary, path)).size, 0),
		instances: instances === undefined ? undefined : Number(instances),
		heap: creation.static,
		stack: creation.stack * SLOT_BYTES,
		image: existsSync(image) ? statSync(image).size : undefined,
		unfrozen: [...log.matchAll(/^### warning: .*: (?:not frozen|no const)$/gm)].length,
	};
}

/** Rows for people; "-" where a stage was not reached. */
export function render(rows: readonly (readonly [board: string, figures: Figures])[]): string {
	const head = ["board", "modules", "bytecode", "instances", "not frozen", "heap", "stack", "image"];
	const cells = rows.map(([board, of]) => [
		board,
		...[of.modules, of.bytecode, of.instances, of.unfrozen, of.heap, of.stack, of.image].map(
			(value) => value?.toLocaleString("en-US") ?? "-",
		),
	]);
	const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
	const line = (row: readonly string[]) =>
		row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
	return [head, ...cells].map((row) => `${line(row).trimEnd()}\n`).join("");
}
