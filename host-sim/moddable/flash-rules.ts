// Rules about the flash of a board: partitions that fit, two equal slots, a bootloader that takes bad images back.

import { limits } from "../../firmware/limits.js";
import type { Findings } from "./finding.js";
import type { Tree } from "./tree.js";

const PARTITIONS = "boards/esp-idf/sdkconfig/partitions.csv";
const SDKCONFIG = "boards/esp-idf/sdkconfig/sdkconfig.defaults";

/** Two images of the whole firmware do not fit 4 MB any more. */
const FLASH_BYTES = 0x80_0000;
/** The bootloader and the table itself come first. */
const FIRST_OFFSET = 0x9000;
const APP_ALIGNMENT = 0x1_0000;
const DATA_ALIGNMENT = 0x1000;
/** SDK, IDF and Wi-Fi with the SDK's own modules, as images of the SDK were seen to be. */
const SDK_IMAGE_BYTES = 0x11_0000;
/** What preloading makes of bytecode, with all its objects in flash: for RV32, 654,658 bytes of 309,103. */
const PRELOAD_FACTOR = 2.2;
/** As much as the firmware uses at most. */
const JOURNAL_BYTES = limits.storeBankCount * limits.storeBankLength;

/** What each image must be able to count on, by option of IDF. */
const OPTIONS: Readonly<Record<string, string>> = Object.freeze({
	CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE: "y",
	CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS: "n",
	CONFIG_ESPTOOLPY_FLASHSIZE_8MB: "y",
	CONFIG_ESP_CONSOLE_NONE: "y",
	CONFIG_ESP_TASK_WDT_EN: "y",
	CONFIG_ESP_TASK_WDT_PANIC: "y",
});

interface Partition {
	readonly name: string;
	readonly type: string;
	readonly subtype: string;
	readonly offset: number;
	readonly size: number;
}

function parsePartitions(text: string): Partition[] {
	return text
		.split("\n")
		.filter((line) => line.trim() !== "" && !line.startsWith("#"))
		.map((line) => {
			const [name = "", type = "", subtype = "", offset, size] = line.split(",").map((cell) => cell.trim());
			return { name, type, subtype, offset: Number(offset), size: Number(size) };
		});
}

function checkPlaces(partitions: readonly Partition[], found: Findings): void {
	let end = FIRST_OFFSET;
	for (const { name, type, offset, size } of partitions) {
		const alignment = type === "app" ? APP_ALIGNMENT : DATA_ALIGNMENT;
		const aligned = offset % alignment === 0 && size % DATA_ALIGNMENT === 0 && size > 0;
		found.demand(aligned, PARTITIONS, `has ${name} at no multiple of 0x${alignment.toString(16)}.`);
		found.demand(offset >= end, PARTITIONS, `has ${name} over the one before it.`);
		end = offset + size;
	}
	found.demand(end <= FLASH_BYTES, PARTITIONS, `ends at 0x${end.toString(16)}, beyond a flash of 8 MB.`);
}

/** The most that an image may take, by the bytecode's ceiling in docs/budget.md. */
function imageBytes(tree: Tree): number {
	const ceiling = /^\| bytecode +\|[^|]+\| +([\d,]+) \|/m.exec(tree.text("docs/budget.md") ?? "")?.[1];
	if (ceiling === undefined) throw new Error("docs/budget.md has no ceiling for bytecode.");
	return SDK_IMAGE_BYTES + Math.round(PRELOAD_FACTOR * Number(ceiling.replaceAll(",", "")));
}

export function checkPartitions(tree: Tree, found: Findings): void {
	const partitions = parsePartitions(tree.text(PARTITIONS) ?? "");
	checkPlaces(partitions, found);
	const size = (subtype: string) => partitions.find((partition) => partition.subtype === subtype)?.size ?? 0;
	found.demand(size("ota_0") === size("ota_1"), PARTITIONS, "has slots of unequal size for the two images.");
	const image = imageBytes(tree);
	const slot = Math.min(size("ota_0"), size("ota_1"));
	found.demand(slot >= image, PARTITIONS, `has slots of ${slot} bytes for an image of up to ${image}.`);
	found.demand(size("ota") === 0x2000, PARTITIONS, "has no otadata of 0x2000 bytes: no slot could be chosen.");
	found.demand(size("nvs") >= 0x3000, PARTITIONS, "has no nvs of 0x3000 bytes, which IDF wants.");
	const journal = partitions.find(({ name, type }) => name === "journal" && type === "data");
	const fits = (journal?.size ?? 0) >= JOURNAL_BYTES;
	found.demand(fits, PARTITIONS, `has no data partition journal of ${JOURNAL_BYTES} bytes.`);
}

export function checkSdkconfig(tree: Tree, found: Findings): void {
	const lines = (tree.text(SDKCONFIG) ?? "").split("\n");
	for (const [name, value] of Object.entries(OPTIONS))
		found.demand(lines.includes(`${name}=${value}`), SDKCONFIG, `does not say ${name}=${value}.`);
	for (const line of lines)
		found.demand(/^(#.*|CONFIG_\w+=\S+|)$/.test(line), SDKCONFIG, `has a line that mcconfig cannot merge: ${line}`);
}
