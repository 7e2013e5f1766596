// suite: real-network limit=180
// The command line of the rig: wrong calls are told in a sentence, and end with an exit code.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { assert, suite } from "#suite";
import { XsBoard } from "../host-sim/device/board-xs.js";
import { missingFor } from "../host-sim/engine/build.js";

const RUN = fileURLToPath(new URL("./run.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pinhole-run-"));
const brokenRig = join(folder, "rig.json");
writeFileSync(brokenRig, '{"boards":[{"id":"c3"}]}');
const emptyRig = join(folder, "none.json");
const ptyRig = join(folder, "pty.json");

async function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	const child = spawn(process.execPath, ["--import", "tsx", RUN, ...words], { stdio: ["ignore", "pipe", "pipe"] });
	const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	return { code: code as number, stdout, stderr };
}

const WRONG: readonly (readonly [what: string, words: readonly string[], sentence: RegExp])[] = [
	["no board", [], /^--board says where to run\./],
	["an unknown word", ["flash"], /^There is no "flash"\./],
	["an unknown option", ["--bored", "xs"], /--bored/],
	[
		"a seed in words",
		["--board", "xs", "--seed", "lucky"],
		/^--seed needs a whole number from 0 to 4294967295, not "lucky"\./,
	],
	["half a cut", ["--board", "xs", "--campaign", "0.5"], /^--campaign needs a whole number/],
];

const test = suite("hil-tests/run");

test.after(() => rmSync(folder, { recursive: true, force: true }));

for (const [what, words, sentence] of WRONG) {
	test(`${what} is a wrong call`, async () => {
		const { code, stderr } = await run(...words);
		assert.match(stderr, sentence);
		assert.match(stderr, /^npm run hil -- --board BOARD/m);
		assert.is(code, 2);
	});
}

test("a board that nobody knows ends the run", async () => {
	const { code, stdout } = await run("--board", "nobody", "--rig", emptyRig);
	assert.match(stdout, /^Bail out! nobody: There is no board "nobody": npm run hil -- boards lists/m);
	assert.match(stdout, /^0 passed, 1 failed, 0 skipped$/m);
	assert.is(code, 1);
});

test("a rig file that does not fit ends the run by its faults", async () => {
	const { code, stdout } = await run("--board", "c3", "--rig", brokenRig);
	assert.match(stdout, /boards\[0\] lacks "board"\./);
	assert.is(code, 1);
});

test("a port that is not there ends the run", async () => {
	const { code, stdout } = await run("--board", "/dev/ttyNOBODY9", "--rig", emptyRig, "--filter", "boot: the first");
	assert.match(stdout, /There is no port \/dev\/ttyNOBODY9/);
	assert.is(code, 1);
});

const missing = missingFor("xs64");
const TITLE = "a board at a serial port is driven as a real one: here a pty with the desktop's XS behind it";
if (missing !== undefined) test.skip(TITLE, missing);
else {
	test(TITLE, async () => {
		const board = await XsBoard.start({ flash: join(folder, "flash.bin"), onError: () => {} });
		try {
			const row = { id: "pty", board: "xs", port: board.port, reset: "console" };
			writeFileSync(ptyRig, JSON.stringify({ boards: [row] }));
			const { code, stdout } = await run("--board", "pty", "--rig", ptyRig, "--filter", "control: reads");
			assert.match(stdout, /^ok 1 - pty control: reads, writes and executes/m, stdout);
			assert.match(stdout, /^1 passed, 0 failed, 0 skipped$/m);
			assert.is(code, 0);
		} finally {
			await board.cut();
		}
	});
}

test("boards lists what is always here", async () => {
	const { code, stdout } = await run("boards");
	assert.match(stdout, /^qemu-riscv32 /);
	assert.match(stdout, /^xs /m);
	assert.is(code, 0);
});

test.run();
