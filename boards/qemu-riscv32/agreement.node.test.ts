// suite: real-network limit=300
// One code, the same results: tests of the firmware on the virtual board give what they give on Node.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { assert, suite } from "#suite";
import { engineDifferences } from "../../host-sim/suite/compare.js";
import { type FileOutcome, failed, readOutcome } from "../../host-sim/suite/outcome.js";
import { Bench } from "./bench.js";
import { buildSuite, missingForBoard } from "./build.js";
import { RAM_BYTES } from "./firmware.js";

const test = suite("board/agreement");
const missing = missingForBoard();
if (missing !== undefined) suite.skip(missing);

const FILE = "boards/qemu-riscv32/fixtures/agreement.ts";

async function onNode(): Promise<FileOutcome> {
	const env = { ...process.env, PINHOLE_SUITE: "1", NO_COLOR: "1" };
	const words = ["--import", "tsx", FILE];
	const child = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "inherit"] });
	const [stdout, [exitCode]] = await Promise.all([text(child.stdout), once(child, "exit") as Promise<[number]>]);
	return readOutcome(FILE, "node", { stdout, stderr: "", exitCode, ms: 0 }, 1);
}

async function onBoard(): Promise<FileOutcome> {
	const { image } = await buildSuite(FILE);
	const board = await Bench.start({ image, ramBytes: RAM_BYTES.suite, endsAtRestart: true });
	try {
		const stdout = await board.rest();
		const { code } = await board.qemu.ended;
		return readOutcome(FILE, "qemu-riscv32", { stdout, stderr: "", exitCode: code ?? -1, ms: 0 }, 1);
	} finally {
		await board.stop();
	}
}

test("the same tests pass, and what they record is the same", async () => {
	const board = await onBoard();
	const failures = board.tests.filter(({ outcome }) => outcome === "failed");
	assert.not.ok(failed(board), failures.map(({ suite, test, detail }) => `${suite} > ${test}: ${detail}`).join("\n"));
	assert.ok(board.tests.length > 500, `${board.tests.length} tests`);
	suite.record("tests", board.tests.length);
	assert.equal(engineDifferences([await onNode(), board]), []);
});

test.run();
