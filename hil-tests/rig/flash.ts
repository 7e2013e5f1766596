// The right image on a real board, written by Moddable's mcconfig or Espressif's esptool, and only where it differs.

import type { Banner } from "../../host-sim/console/client.js";
import { revision } from "../../host-sim/engine/revision.js";
import type { BoardRow, FlashRow } from "./registry.js";
import { findTool, runTool } from "./tool.js";

/** What an image says about itself; a board that says the same needs no other. */
export type ImageName = Pick<Banner, "board" | "commit" | "build">;

const DEFAULT_BAUDS = [921_600, 460_800, 115_200] as const;
const DEFAULT_LIMIT_SECONDS = 600;

/** The image that this checkout would make for a board. */
export function imageOf(board: string, build: string): ImageName {
	return { board, commit: revision(), build };
}

/** Why a board must be flashed, in one sentence; undefined when it runs what it should. */
export function whyFlash(banner: ImageName | undefined, wanted: ImageName): string | undefined {
	if (banner === undefined) return "It prints no banner.";
	for (const part of ["board", "commit", "build"] as const) {
		if (banner[part] !== wanted[part]) return `Its ${part} is ${banner[part]}, not ${wanted[part]}.`;
	}
	return undefined;
}

/** A board of rig.json that may be flashed. */
export type FlashableRow = BoardRow & { readonly flash: FlashRow };

/** The names under which esptool is installed, since 5.0 and before, and what each calls the command. */
const ESPTOOLS = [
	["esptool", "write-flash"],
	["esptool.py", "write_flash"],
] as const;

/** The command that flashes at one speed, and what it wants in its environment. */
function flashCommand(
	{ board, flash: { tool, image } }: FlashableRow,
	port: string,
	baud: number,
	{ build, commit }: ImageName,
): { readonly words: readonly string[]; readonly environment: Readonly<Record<string, string>> } {
	if (tool === "mcconfig") {
		return {
			words: ["mcconfig", "-m", "-p", `esp32:./boards/${board}`, `build=${build}`, `commit=${commit}`],
			environment: { UPLOAD_PORT: port, UPLOAD_SPEED: String(baud) },
		};
	}
	const [program, command] = ESPTOOLS.find(([name]) => findTool(name) !== undefined) ?? ESPTOOLS[0];
	const where = ["--port", port, "--baud", String(baud)];
	return { words: [program, ...where, command, "0x0", image ?? ""], environment: {} };
}

/** Flashes, at a lower speed where a higher one fails; throws with one sentence for each attempt. */
export async function flash(
	row: FlashableRow,
	port: string,
	options: {
		readonly wanted: ImageName;
		readonly log: string;
		readonly root: string;
		readonly say: (line: string) => void;
	},
): Promise<void> {
	const { bauds = DEFAULT_BAUDS, limitSeconds = DEFAULT_LIMIT_SECONDS } = row.flash;
	const { wanted, log, root, say } = options;
	const failures: string[] = [];
	for (const baud of bauds) {
		say(`flashing ${row.id} by ${row.flash.tool} at ${baud} baud`);
		const { words, environment } = flashCommand(row, port, baud, wanted);
		const fault = await runTool(words, { limitMs: limitSeconds * 1000, log, environment, folder: root });
		if (fault === undefined) return;
		failures.push(`At ${baud} baud: ${fault}`);
		// A slower line does not bring a tool that is not here.
		if (fault.includes("not in PATH")) break;
	}
	throw new Error(`${row.id} could not be flashed. ${failures.join(" ")}`);
}
