// Flashing by tools that are stubs in a PATH of their own: commands, speeds, time limits and refusals.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { assert, suite } from "#suite";
import { type FlashableRow, flash, whyFlash } from "./flash.js";
import type { BoardRow, FlashRow } from "./registry.js";
import { supplyOf, whyNoSupply } from "./supply.js";
import { findTool } from "./tool.js";

const folder = mkdtempSync(join(tmpdir(), "pinhole-flash-"));
const bin = join(folder, "bin");
const called = join(folder, "called");
const log = join(folder, "flash.log");
const path = process.env.PATH;

/** A tool that notes how it was called, and then does what the script says. */
function stub(name: string, script: string): void {
	const text = `#!/bin/sh\necho "${name} $* $UPLOAD_PORT $UPLOAD_SPEED" >> "${called}"\n${script}\n`;
	writeFileSync(join(bin, name), text);
	chmodSync(join(bin, name), 0o755);
}

function calls(): string[] {
	return readFileSync(called, "utf8")
		.trimEnd()
		.split("\n")
		.map((line) => line.trimEnd());
}

function row(flashing: FlashRow): FlashableRow {
	return { id: "c3", board: "esp32c3", port: "/dev/ttyX", reset: "uart-rts", flash: flashing };
}

const WANTED = { board: "esp32c3", commit: "1a2b3c4", build: "test" };

async function attempt(flashing: FlashRow): Promise<{ said: string[]; error: string | undefined }> {
	const said: string[] = [];
	const options = { wanted: WANTED, log, root: folder, say: (line: string) => void said.push(line) };
	const error = await flash(row(flashing), "/dev/ttyX", options).then(
		() => undefined,
		(reason: Error) => reason.message,
	);
	return { said, error };
}

const test = suite("rig/flash");

test.before.each(() => {
	rmSync(bin, { recursive: true, force: true });
	mkdirSync(bin, { recursive: true });
	for (const file of [called, log]) writeFileSync(file, "");
	process.env.PATH = `${bin}${delimiter}/bin${delimiter}/usr/bin`;
});
test.after(() => {
	process.env.PATH = path;
	rmSync(folder, { recursive: true, force: true });
});

test("mcconfig gets board, port and speed, and its output is kept", async () => {
	stub("mcconfig", "echo building; echo warned >&2");
	assert.equal(await attempt({ tool: "mcconfig" }), {
		said: ["flashing c3 by mcconfig at 921600 baud"],
		error: undefined,
	});
	assert.equal(calls(), ["mcconfig -m -p esp32:./boards/esp32c3 build=test commit=1a2b3c4 /dev/ttyX 921600"]);
	assert.match(readFileSync(log, "utf8"), /building/);
	assert.match(readFileSync(log, "utf8"), /warned/);
});

test("a failure is tried again at a lower speed", async () => {
	stub("esptool", 'case "$*" in *460800*) exit 2;; esac');
	const { said, error } = await attempt({ tool: "esptool", image: "all.bin", bauds: [460_800, 115_200] });
	assert.is(error, undefined);
	assert.is(said.length, 2);
	assert.equal(calls(), [
		"esptool --port /dev/ttyX --baud 460800 write-flash 0x0 all.bin",
		"esptool --port /dev/ttyX --baud 115200 write-flash 0x0 all.bin",
	]);
});

test("esptool before 5.0 has another name, and another one for the command", async () => {
	stub("esptool.py", "");
	assert.is((await attempt({ tool: "esptool", image: "all.bin", bauds: [115_200] })).error, undefined);
	assert.equal(calls(), ["esptool.py --port /dev/ttyX --baud 115200 write_flash 0x0 all.bin"]);
});

test("a failure at every speed names each, and where the output is", async () => {
	stub("esptool", "exit 2");
	const { error = "" } = await attempt({ tool: "esptool", image: "all.bin", bauds: [460_800, 115_200] });
	assert.match(error, /^c3 could not be flashed\. At 460800 baud: esptool ended with exit code 2; .*At 115200 baud/);
	assert.ok(error.includes(log));
});

test("a tool that hangs is ended at its limit, with what it started", async () => {
	stub("mcconfig", "sleep 60 & wait");
	const startedAt = Date.now();
	const { error = "" } = await attempt({ tool: "mcconfig", bauds: [115_200], limitSeconds: 1 });
	assert.match(error, /mcconfig was not done within 1 s/);
	assert.ok(Date.now() - startedAt < 20_000);
});

test("a tool that is not there is named once", async () => {
	const { said, error = "" } = await attempt({ tool: "mcconfig" });
	assert.is(error, "c3 could not be flashed. At 921600 baud: mcconfig is not in PATH.");
	assert.is(said.length, 1);
});

test("a board is flashed only when it says another image, or none", () => {
	const wanted = WANTED;
	assert.is(whyFlash(wanted, wanted), undefined);
	assert.is(whyFlash({ ...wanted, commit: "0000000" }, wanted), "Its commit is 0000000, not 1a2b3c4.");
	assert.is(whyFlash({ ...wanted, build: "release" }, wanted), "Its build is release, not test.");
	assert.is(whyFlash({ ...wanted, board: "esp32" }, wanted), "Its board is esp32, not esp32c3.");
	assert.is(whyFlash(undefined, wanted), "It prints no banner.");
});

test("a supply is switched by uhubctl", async () => {
	stub("uhubctl", "");
	const board: BoardRow = { ...row({ tool: "mcconfig" }), power: { hub: "1-1.4", port: 2 } };
	assert.is(whyNoSupply(board), undefined);
	await supplyOf(board, log).set(false);
	await supplyOf(board, log).set(true);
	assert.equal(calls(), [
		"uhubctl --location 1-1.4 --ports 2 --action off",
		"uhubctl --location 1-1.4 --ports 2 --action on",
	]);
});

test("a supply that cannot be switched says why", () => {
	assert.is(whyNoSupply(row({ tool: "mcconfig" })), 'rig.json gives c3 no "power".');
	const board: BoardRow = { ...row({ tool: "mcconfig" }), power: { hub: "1-1.4", port: 2 } };
	if (findTool("uhubctl") === undefined) assert.is(whyNoSupply(board), "uhubctl is not in PATH.");
});

test.run();
