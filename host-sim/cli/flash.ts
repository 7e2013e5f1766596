// The verb `flash`: writes an image to a board.

import { existsSync, readFileSync } from "node:fs";
import { HEADER } from "../../boards/qemu-riscv32/layout.js";
import { ConsoleFailure } from "../console/failure.js";
import { EsptoolFlasher, FileFlasher, type Flasher } from "../console/flasher.js";
import { inspectImage } from "./image.js";
import { type Options, print } from "./operator.js";
import { withProgress } from "./progress.js";
import { asCommand, portOption } from "./serial.js";
import { type Cli, EXIT, numberOption, textOption, UsageError } from "./shared.js";

const VIRTUAL = "qemu-riscv32";
const DEFAULT_BAUD = "460800";

/** Adds the verb `flash`. */
export function registerFlash(cli: Cli): void {
	cli
		.command("flash <IMAGE>", "Write an image to a board")
		.option("--port <PORT>", "The serial port; for a virtual board, the file that is its first flash bank")
		.option("--board <BOARD>", "What the board is, for example esp32c3 or qemu-riscv32")
		.option("--baud <RATE>", "Bits a second", { default: DEFAULT_BAUD })
		.example("  $ pinhole flash --port /dev/ttyUSB0 --board esp32c3 pinhole.bin")
		.action(run);
}

async function run(file: string, options: Options): Promise<number> {
	const port = portOption(options);
	if (options.board === undefined) throw new UsageError("Say which board it is with --board BOARD.");
	const board = textOption(options.board, "--board");
	const baudRate = numberOption(options.baud, "--baud", 9600, 4_000_000);
	return asCommand(async () => {
		const image = inspectImage(file, board);
		const flasher: Flasher =
			board === VIRTUAL ? fileFlasher(port) : new EsptoolFlasher({ port, chip: board, baudRate });
		await withProgress(`flashing ${port}`, (progress) => flasher.flash(image, progress));
		print(`${port} has ${file} (${image.length} bytes).`);
		return EXIT.success;
	});
}

/** No other file is to be lost by a wrong name. */
function fileFlasher(path: string): Flasher {
	const { at, magic } = HEADER;
	if (existsSync(path) && readFileSync(path).toString("latin1", at, at + magic.length) !== magic) {
		throw new ConsoleFailure("wrong-board", `${path} is there, and it is no flash of a virtual board.`);
	}
	return new FileFlasher(path);
}
