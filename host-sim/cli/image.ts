// Which board an image is for, by what stands in it.

import { readFileSync } from "node:fs";
import { readImage } from "../../boards/qemu-riscv32/image.js";
import { ConsoleFailure } from "../console/failure.js";

/** Espressif's image header (esp_image_format.h): its first byte, and where the chip is named. */
const ESP_MAGIC = 0xe9;
const ESP_CHIP_AT = 12;
const ESP_CHIPS: Readonly<Record<number, string>> = {
	0: "esp32",
	2: "esp32s2",
	5: "esp32c3",
	9: "esp32s3",
	12: "esp32c2",
	13: "esp32c6",
	16: "esp32h2",
};
/** The ESP32's boot loader does not stand at the beginning of its flash. */
const ESP32_BOOT_LOADER_AT = 0x1000;
/** An application says so behind the headers of the image and of its first segment (esp_app_desc.h). */
const APPLICATION_MAGIC = 0xabcd5432;
const APPLICATION_AT = 32;
/** The first slot for an application: boards/esp-idf/sdkconfig. */
const APPLICATION_SLOT = 0x10000;

/** An image that has been looked at. */
export interface BoardImage {
	readonly file: string;
	readonly length: number;
	/** The folder in `boards`; for a chip without one, the chip. */
	readonly board: string;
	/** Where in the flash it belongs. */
	readonly offset: number;
}

/** Looks at an image, and makes sure that it is for a board. */
export function inspectImage(file: string, board: string): BoardImage {
	const bytes = readBytes(file);
	const found = espImage(bytes) ?? virtualImage(bytes, file);
	if (found === undefined) throw new ConsoleFailure("wrong-image", `${file} is no image of any board.`);
	if (found.board !== board) {
		throw new ConsoleFailure("wrong-image", `${file} is an image for ${found.board}, not for ${board}.`);
	}
	return { file, length: bytes.length, ...found };
}

function readBytes(file: string): Buffer {
	try {
		return readFileSync(file);
	} catch {
		throw new ConsoleFailure("wrong-image", `The image ${file} cannot be read.`);
	}
}

type Found = Pick<BoardImage, "board" | "offset">;

/** An application alone, or a whole flash with its boot loader. */
function espImage(bytes: Buffer): Found | undefined {
	const at = bytes[0] === ESP_MAGIC ? 0 : ESP32_BOOT_LOADER_AT;
	if (bytes.length < at + APPLICATION_AT + 4 || bytes[at] !== ESP_MAGIC) return undefined;
	const board = ESP_CHIPS[bytes.readUInt16LE(at + ESP_CHIP_AT)];
	if (board === undefined) return undefined;
	const isApplication = at === 0 && bytes.readUInt32LE(APPLICATION_AT) === APPLICATION_MAGIC;
	return { board, offset: isApplication ? APPLICATION_SLOT : 0 };
}

function virtualImage(bytes: Buffer, file: string): Found | undefined {
	try {
		return { board: readImage(bytes).board, offset: 0 };
	} catch (error) {
		if (!(error instanceof Error) || !/damaged/.test(error.message)) return undefined;
		throw new ConsoleFailure("wrong-image", `${file} is damaged.`);
	}
}
