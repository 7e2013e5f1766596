// The native part of the virtual board: XS, our C, lwIP and mbed TLS for RV32IMC, linked to flash bank 0.

import { execFile, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { fetchMbedtls } from "../../host-sim/engine/mbedtls.js";
import { fingerprint, link, ROOT, type Unit, units } from "../../host-sim/engine/objects.js";
import { engineSources, fetchSources, LANGUAGE_FLAGS, PACKAGE_SHA256, SHARED } from "../../host-sim/engine/sources.js";
import { fetchLwip } from "./net/lwip.js";

/**
 * "test" starts half a day before the ticks of `time` wrap. "suite" is for test files alone: it has much RAM and a heap
 * to match, prints, and switches itself off when nothing is left to do.
 */
export type FirmwareKind = "release" | "test" | "suite";

/** A linked firmware. */
export interface Firmware {
	/** With symbols, for the debugger and for sizes. */
	readonly elf: string;
	/** As it stands in flash from the first byte on. */
	readonly binary: string;
}

/** RAM of the board, in bytes. */
export const RAM_BYTES: Readonly<Record<FirmwareKind, number>> = {
	release: 512 << 10,
	test: 512 << 10,
	suite: 48 << 20,
};

const BOARD = "boards/qemu-riscv32";
const PREFIX = "riscv64-unknown-elf-";
const FOLDERS = ["core", "net", "flash"].map((name) => join(ROOT, BOARD, name));
const LINKER_SCRIPT = join(ROOT, BOARD, "core/link.ld");

const MACHINE_FLAGS = ["-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"];
const FLAGS = [
	...MACHINE_FLAGS,
	...["-Os", "-g", "-fno-common", "-ffunction-sections", "-fdata-sections", "-msmall-data-limit=0"],
	...["-D_GNU_SOURCE", "-D_POSIX_C_SOURCE=200809L"],
];
const ENGINE_FLAGS = [
	...FLAGS,
	...LANGUAGE_FLAGS,
	...["-DmxRun=1", "-DmxInstrument=1", "-DmxNoConsole=1", "-DmxBoundsCheck=1", "-DmxStringNormalize=1"],
	"-DmxUseDefaultCStackLimit=0",
];
/** The parser, of which the board has none. */
const PARSER = /xs(Code|Lexical|Scope|Script|SourceMap|Syntaxical|Tree)\.c$/;
const KIND_FLAGS: Readonly<Record<FirmwareKind, readonly string[]>> = {
	release: [],
	test: ["-DPINHOLE_TEST=1"],
	suite: ["-DPINHOLE_SUITE=1"],
};
const SUITE_STACK_BYTES = 256 << 10;

const run = promisify(execFile);
let problem: string | undefined | null = null;

function findProblem(): string | undefined {
	if (spawnSync(`${PREFIX}gcc`, ["--version"]).error) {
		return `${PREFIX}gcc is not installed (Debian package gcc-riscv64-unknown-elf)`;
	}
	const program = "#include <stdio.h>\nint main(void) { return 0; }\n";
	const words = [...MACHINE_FLAGS, "-x", "c", "-fsyntax-only", "-"];
	if (spawnSync(`${PREFIX}gcc`, words, { input: program }).status !== 0) {
		return "picolibc is not installed (Debian package picolibc-riscv64-unknown-elf)";
	}
	if (spawnSync("qemu-system-riscv32", ["--version"]).error) {
		return "qemu-system-riscv32 is not installed (Debian package qemu-system-misc)";
	}
	return undefined;
}

/** Why the board cannot be built here, in one sentence; undefined when it can. */
export function missingForBoard(): string | undefined {
	if (problem === null) problem = findProblem();
	return problem;
}

function filesIn(folders: readonly string[], extension: string): string[] {
	return folders.flatMap((folder) =>
		readdirSync(folder, { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(extension))
			.sort()
			.map((name) => join(folder, name)),
	);
}

async function allUnits(kind: FirmwareKind): Promise<Unit[]> {
	await fetchSources();
	const lwip = await fetchLwip();
	const mbedtls = await fetchMbedtls();
	const folders = [SHARED, ...FOLDERS];
	const engine = engineSources().filter((path) => !PARSER.test(path));
	const platform = fingerprint(PACKAGE_SHA256, readFileSync(join(ROOT, BOARD, "core/platform.h")));
	const headers = fingerprint(
		platform,
		lwip.hash,
		mbedtls.hash,
		...filesIn(folders, ".h").map((path) => readFileSync(path)),
	);
	const includes = [...folders.map((path) => `-I${path}`), `-I${lwip.include}`];
	const own = [...ENGINE_FLAGS, ...includes, ...mbedtls.flags, ...KIND_FLAGS[kind]];
	const gcc = `${PREFIX}gcc`;
	return [
		...units(gcc, engine, [...ENGINE_FLAGS, `-I${join(ROOT, BOARD, "core")}`], platform),
		...units(gcc, lwip.sources, [...FLAGS, `-I${lwip.include}`, `-I${join(ROOT, BOARD, "net")}`], headers),
		...mbedtls.units(gcc, FLAGS),
		...units(gcc, filesIn(folders, ".c"), own, headers),
	];
}

/** Compiles and links what changed. */
export async function linkFirmware(kind: FirmwareKind): Promise<Firmware> {
	// The script is no unit: its fingerprint stands in the flags, and so in the name of the result.
	const script = fingerprint(readFileSync(LINKER_SCRIPT)).slice(0, 7);
	const symbols = [`gScript=0x${script}`, `gRamSize=${RAM_BYTES[kind]}`];
	if (kind === "suite") symbols.push(`gStackSize=${SUITE_STACK_BYTES}`);
	const flags = [...symbols.map((symbol) => `-Wl,--defsym=${symbol}`), "-nostartfiles", `-T${LINKER_SCRIPT}`];
	const words = [...MACHINE_FLAGS, ...flags, "-Wl,--gc-sections", "-lm"];
	const elf = await link(await allUnits(kind), `board-${kind}`, words);
	const binary = `${elf}.bin`;
	if (!existsSync(binary)) {
		await run(`${PREFIX}objcopy`, ["-O", "binary", elf, `${binary}.${process.pid}`]);
		renameSync(`${binary}.${process.pid}`, binary);
	}
	return { elf, binary };
}
