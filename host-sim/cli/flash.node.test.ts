// suite: limit=60
// The verb flash: images told apart, a virtual board's file, and esptool played by a script.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { assert, suite } from "#suite";
import { HEADER } from "../../boards/qemu-riscv32/layout.js";
import { pinholeHere } from "./process.js";
import { withProgress } from "./progress.js";

const test = suite("cli/flash");
const folder = mkdtempSync(join(tmpdir(), "flash-"));
test.after(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

/** The headers of an image for one of Espressif's chips. */
function espImage(chip: number, { at = 0, isApplication = false } = {}): Buffer {
	const bytes = Buffer.alloc(at + 4096, 0xff);
	bytes[at] = 0xe9;
	bytes.writeUInt16LE(chip, at + 12);
	if (isApplication) bytes.writeUInt32LE(0xabcd5432, at + 32);
	return bytes;
}

function virtualImage(): Buffer {
	const bytes = Buffer.alloc(3 << 20, 7);
	bytes.write(HEADER.magic, HEADER.at, "latin1");
	bytes.writeUInt32LE(bytes.length, HEADER.at + HEADER.length);
	const config = { board: "qemu-riscv32", version: "0", commit: "0", build: "test" };
	bytes.write(`${JSON.stringify(config)}\0`, HEADER.at + HEADER.text);
	bytes.writeUInt32LE(crc32(bytes.subarray(HEADER.at + HEADER.end)), HEADER.at + HEADER.crc);
	return bytes;
}

/** A folder for PATH whose `esptool` notes its words, prints lines and ends with a code. */
function fakeEsptool(name: string, lines: readonly string[], code: number): string {
	const place = join(folder, name);
	mkdirSync(place);
	const said = lines.map((line) => `echo '${line}'`).join("\n");
	writeFileSync(join(place, "esptool"), `#!/bin/sh\necho "$*" > ${place}/words\n${said}\nexit ${code}\n`);
	chmodSync(join(place, "esptool"), 0o755);
	return place;
}

const esp32c3 = file("c3.bin", espImage(5));
const application = file("app.bin", espImage(5, { isApplication: true }));
const esp32 = file("esp32.bin", espImage(0, { at: 0x1000 }));
const virtual = file("virtual.bin", virtualImage());
const damaged = file("damaged.bin", virtualImage().fill(8, 2 << 20));
const garbage = file("garbage.bin", Buffer.alloc(100_000, 1));
const empty = file("empty.bin", Buffer.alloc(0));

/** Images that are none, or for another board. */
const WRONG: readonly (readonly [image: string, board: string, message: RegExp])[] = [
	[esp32c3, "esp32s3", /c3\.bin is an image for esp32c3, not for esp32s3\./],
	[esp32, "esp32c3", /esp32\.bin is an image for esp32, not for esp32c3\./],
	[virtual, "esp32c3", /virtual\.bin is an image for qemu-riscv32, not for esp32c3\./],
	[esp32c3, "qemu-riscv32", /c3\.bin is an image for esp32c3, not for qemu-riscv32\./],
	[damaged, "qemu-riscv32", /damaged\.bin is damaged\./],
	[garbage, "esp32c3", /garbage\.bin is no image of any board\./],
	[empty, "esp32c3", /empty\.bin is no image of any board\./],
	[join(folder, "none.bin"), "esp32c3", /The image .*none\.bin cannot be read\./],
];

for (const [image, board, message] of WRONG) {
	test(`a wrong image: ${message.source}`, async () => {
		const { code, stderr } = await pinholeHere(["flash", image, "--port", "/dev/none", "--board", board]);
		assert.match(stderr, message);
		assert.is(code, 8);
	});
}

test("a virtual board's file is replaced, and made where there is none", async () => {
	const flash = join(folder, "bank0");
	for (let i = 0; i < 2; i++) {
		const { code, stdout } = await pinholeHere(["flash", virtual, "--port", flash, "--board", "qemu-riscv32"]);
		assert.is(code, 0);
		assert.match(stdout, `${flash} has ${virtual} (${3 << 20} bytes).`);
		assert.ok(readFileSync(flash).equals(readFileSync(virtual)));
	}
});

test("a file that is no flash is not replaced", async () => {
	const precious = file("precious", Buffer.from("thesis"));
	const { code, stderr } = await pinholeHere(["flash", virtual, "--port", precious, "--board", "qemu-riscv32"]);
	assert.match(stderr, /precious is there, and it is no flash of a virtual board\./);
	assert.is(code, 7);
	assert.is(readFileSync(precious, "utf8"), "thesis");
});

test("a folder that is not there", async () => {
	const flash = join(folder, "none/bank0");
	const { code, stderr } = await pinholeHere(["flash", virtual, "--port", flash, "--board", "qemu-riscv32"]);
	assert.match(stderr, /cannot be written/);
	assert.is(code, 1);
	assert.not(existsSync(flash));
});

const NOT_OPEN = "ERROR: A fatal error occurred: Could not open /dev/x, the port is busy or doesn`t exist.";
const NO_LOCK = "([Errno 11] Could not exclusively lock port /dev/x: [Errno 11] Resource temporarily unavailable)";
const NO_PORT = "([Errno 2] could not open port /dev/x: [Errno 2] No such file or directory: /dev/x)";
const NO_CHIP = "ERROR: A fatal error occurred: Failed to connect to ESP32-C3: No serial data received.";
const OTHER_CHIP = "ERROR: A fatal error occurred: This chip is ESP32-S3, not ESP32-C3. Wrong chip argument?";
const HINT = "For troubleshooting steps visit: https://docs.espressif.com/projects/esptool/";

/** What esptool 5.6 says, its exit code, and what becomes of it. */
const ENDS: readonly (readonly [name: string, lines: readonly string[], ends: number, code: number, said: RegExp])[] = [
	["busy", [NOT_OPEN, NO_LOCK], 2, 6, /Another program uses \/dev\/x; close it and try again\.\n/],
	["none", [NOT_OPEN, NO_PORT, "", "Hint: Check the port"], 2, 4, /There is no port \/dev\/x;/],
	["chip", [OTHER_CHIP, HINT], 2, 7, /The board on \/dev\/x is an ESP32-S3, not an esp32c3\.\n/],
	["silent", ["Connecting......", NO_CHIP, HINT], 2, 3, /No chip answers esptool on \/dev\/x; hold its BOOT/],
	["broken", ["A fatal error occurred: MD5 of file does not match", HINT], 1, 1, /esptool failed: MD5 of file does/],
	["other", ["Traceback", "KeyError: 7"], 1, 1, /esptool failed: KeyError: 7\n/],
	["mute", [], 1, 1, /esptool failed: it said nothing/],
];

for (const [name, lines, ends, code, said] of ENDS) {
	test(`esptool ends: ${name}`, async () => {
		const place = fakeEsptool(name, lines, ends);
		const result = await pinholeHere(["flash", esp32c3, "--port", "/dev/x", "--board", "esp32c3"], pathOf(place));
		assert.match(result.stderr, said);
		assert.is(result.code, code);
	});
}

test("esptool is not there", async () => {
	const result = await pinholeHere(["flash", esp32c3, "--port", "/dev/x", "--board", "esp32c3"], { PATH: folder });
	assert.match(result.stderr, /esptool is not installed; pip install esptool brings it\./);
	assert.is(result.code, 2);
});

/** A whole flash goes to its beginning, an application into its slot. */
for (const [image, offset] of [
	[esp32c3, "0x0"],
	[application, "0x10000"],
] as const) {
	test(`esptool gets an image for ${offset}`, async () => {
		const place = fakeEsptool(`good-${offset}`, ["Writing at 0x00010000... (100 %)"], 0);
		const result = await pinholeHere(["flash", image, "--port", "/dev/x", "--board", "esp32c3"], pathOf(place));
		assert.is(result.code, 0, result.stderr);
		const words = `--chip esp32c3 --port /dev/x --baud 460800 write-flash ${offset} ${image}`;
		assert.is(readFileSync(join(place, "words"), "utf8").trim(), words);
	});
}

function pathOf(place: string): Record<string, string> {
	return { PATH: `${place}:${process.env.PATH}` };
}

test("a bar on a terminal, nothing elsewhere", async () => {
	let shown = "";
	const write = (text: string) => {
		shown += text;
	};
	await withProgress("flashing", async (progress) => progress(1, 2), { isTTY: true, write });
	assert.is(
		shown,
		`\r\u001b[Kflashing [${"-".repeat(30)}] 0 %\r\u001b[Kflashing [${"#".repeat(15)}${"-".repeat(15)}] 50 %\r\u001b[K`,
	);
	shown = "";
	await withProgress("flashing", async (progress) => progress(1, 2), { isTTY: false, write });
	assert.is(shown, "");
});

test.run();
