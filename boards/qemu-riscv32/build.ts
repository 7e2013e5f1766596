// Builds images of the virtual board: what is new, and only that.

import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileImage, firmwareModules } from "../../host-sim/engine/bytecode.js";
import { withLock } from "../../host-sim/engine/lock.js";
import { fingerprint, OUT, ROOT, say } from "../../host-sim/engine/objects.js";
import { revision, version } from "../../host-sim/engine/revision.js";
import { type FirmwareKind, linkFirmware, missingForBoard } from "./firmware.js";
import { type ImageConfig, type ImageSizes, makeImage } from "./image.js";
import { FLASH_BANK_LENGTH } from "./layout.js";
import { boardModules, suiteModules } from "./modules.js";

export { missingForBoard } from "./firmware.js";

/** "test" has what only tests may do: it advances the clock, and starts half a day before the ticks wrap. */
export type BuildKind = "release" | "test";

/** The whole firmware, with a machine to control. */
const MAIN = "firmware/examples/compressor-board.ts";
/** What the name of an image depends on beside its parts. */
const MAKERS = ["image.ts", "layout.ts"].map((name) => join(ROOT, "boards/qemu-riscv32", name));

/** What an image is made of; every field has a default. */
export interface ImageOptions {
	/** "test" by default. */
	readonly build?: BuildKind;
	/** The module whose default export is called, with all that it imports: a path from the root of the repository. */
	readonly main?: string;
}

/** An image on the disk. */
export interface Image {
	/** What is in flash bank 0, raw, as long as the bank. */
	readonly image: string;
	/** The firmware with its symbols, for the debugger. */
	readonly elf: string;
	readonly config: ImageConfig;
	readonly sizes: ImageSizes;
}

async function build(kind: FirmwareKind, main: string): Promise<Image> {
	const { elf, binary } = await linkFirmware(kind);
	const config: ImageConfig = {
		board: "qemu-riscv32",
		version: version(),
		commit: revision(),
		build: kind === "release" ? "release" : "test",
	};
	const modules =
		kind === "suite"
			? await compileImage(main, [...boardModules(config), ...suiteModules()], firmwareModules())
			: await compileImage(main, boardModules(config));
	const parts = [...modules.host, ...modules.preload, ...modules.load].flatMap(({ name, file }) => [name, file]);
	const makers = MAKERS.map((path) => readFileSync(path));
	const stem = join(OUT, `board-${kind}-image-${fingerprint(elf, JSON.stringify(config), ...parts, ...makers)}`);
	const image = `${stem}.bin`;
	if (!existsSync(`${stem}.json`)) {
		say(`making the image of qemu-riscv32 (${kind})`);
		const made = await makeImage(readFileSync(binary), modules, config, stem);
		writeFileSync(image, made.image);
		truncateSync(image, FLASH_BANK_LENGTH); // a hole behind the image
		writeFileSync(`${stem}.json`, JSON.stringify(made.sizes));
	}
	const sizes = JSON.parse(readFileSync(`${stem}.json`, "utf8")) as ImageSizes;
	return { image, elf, config, sizes };
}

async function buildLocked(kind: FirmwareKind, main: string): Promise<Image> {
	const missing = missingForBoard();
	if (missing !== undefined) throw new Error(`the virtual board cannot be built: ${missing}; run ./setup`);
	mkdirSync(OUT, { recursive: true });
	return await withLock(join(OUT, "board.lock"), () => build(kind, main));
}

/** Builds what changed; throws an Error of one sentence when something is missing. */
export function buildImage(options: ImageOptions = {}): Promise<Image> {
	return buildLocked(options.build ?? "test", options.main ?? MAIN);
}

/** An image that runs a file of tests: all of the firmware is in flash as ever, the tests are loaded into RAM. */
export function buildSuite(file: string): Promise<Image> {
	return buildLocked("suite", file);
}
