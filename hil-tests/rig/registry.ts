// The boards of a rig: read from rig.json, held against its schema, and matched with what is plugged in.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PortRow } from "../../host-sim/console/ports.js";
import { faults, type Schema } from "./schema.js";

/** How a board is brought to start anew. */
export type ResetKind = "uart-rts" | "usb-jtag" | "console" | "power";

/** One row of rig.json. */
export interface BoardRow {
	readonly id: string;
	readonly board: string;
	readonly serialNumber?: string;
	readonly port?: string;
	readonly baud?: number;
	readonly reset: ResetKind;
	readonly power?: { readonly hub: string; readonly port: number };
	readonly flash?: FlashRow;
	readonly network?: { readonly ssid: string; readonly passwordVariable: string };
}

export interface FlashRow {
	readonly tool: "mcconfig" | "esptool";
	readonly image?: string;
	readonly bauds?: readonly number[];
	readonly limitSeconds?: number;
}

export interface Rig {
	readonly address?: string;
	readonly boards: readonly BoardRow[];
}

/** What is wrong with rig.json; the message holds a sentence a line. */
export class RigError extends Error {}

const SCHEMA: Schema = JSON.parse(
	readFileSync(fileURLToPath(new URL("./rig.schema.json", import.meta.url)), "utf8"),
) as Schema;

/** Reads a rig file; one that does not exist is a rig without boards. Throws a RigError. */
export function readRig(path: string): Rig {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return { boards: [] };
		throw new RigError(`${path} cannot be read: ${(error as Error).message}.`);
	}
	return parseRig(text, path);
}

/** A rig from its text; `name` stands for the file in the sentences. Throws a RigError. */
export function parseRig(text: string, name: string): Rig {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw new RigError(`${name} is no JSON: ${(error as Error).message}.`);
	}
	const found = faults(SCHEMA, value, name);
	if (found.length > 0) throw new RigError(found.join("\n"));
	const rig = value as Rig;
	const further = rig.boards.flatMap((row, index) => rowFaults(row, rig.boards.slice(0, index), name));
	if (further.length > 0) throw new RigError(further.join("\n"));
	return rig;
}

/** What no schema says. */
function rowFaults(row: BoardRow, before: readonly BoardRow[], name: string): string[] {
	const found: string[] = [];
	const who = `The board "${row.id}" of ${name}`;
	if (before.some(({ id }) => id === row.id)) found.push(`${who} is listed twice.`);
	if (row.serialNumber === undefined && row.port === undefined) found.push(`${who} needs "serialNumber" or "port".`);
	if (row.reset === "power" && row.power === undefined) found.push(`${who} resets by power, but has no "power".`);
	if (row.flash?.tool === "esptool" && row.flash.image === undefined) {
		found.push(`${who} is flashed by esptool, which needs "image".`);
	}
	return found;
}

/** Where a row's board is plugged in; undefined: nowhere. */
export function portOf(row: BoardRow, plugged: readonly PortRow[]): string | undefined {
	if (row.serialNumber !== undefined) {
		return plugged.find(({ serialNumber }) => serialNumber === row.serialNumber)?.path;
	}
	return row.port;
}

/** Espressif's USB-JTAG bridge inside the chip; every other bridge has DTR and RTS at the reset circuit. */
const USB_JTAG = "303a:1001";

/** A row for a board that no row names: ready to be pasted, but for "board". */
export function rowFor({ path, serialNumber, usb }: PortRow, index: number): BoardRow {
	const place = serialNumber === undefined ? { port: path } : { serialNumber };
	const kind = usb === USB_JTAG ? ({ board: "esp32c3", reset: "usb-jtag" } as const) : undefined;
	return { id: `board-${index}`, ...place, ...(kind ?? { board: "esp32", reset: "uart-rts" }) };
}

/** What `npm run hil -- boards` prints. */
export function describeBoards(rig: Rig, plugged: readonly PortRow[]): string {
	const lines = ["qemu-riscv32  virtual board, always here", "xs            the desktop's XS engine, always here"];
	const known = new Set<string>();
	for (const row of rig.boards) {
		const port = portOf(row, plugged);
		const here = plugged.some(({ path }) => path === port);
		if (port !== undefined && here) known.add(port);
		lines.push(`${row.id.padEnd(13)} ${row.board} ${here ? `at ${port}` : "is not plugged in"}`);
	}
	const strangers = plugged.filter(({ path }) => !known.has(path));
	strangers.forEach((port, index) => {
		const maker = port.maker === undefined ? "" : ` by ${port.maker}`;
		lines.push("", `unknown at ${port.path}${maker}; as a row of hil-tests/rig.json, once "board" is right:`);
		lines.push(`  ${JSON.stringify(rowFor(port, rig.boards.length + index + 1))}`);
	});
	return lines.join("\n");
}
