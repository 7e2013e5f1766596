// suite: real-network serial limit=900
// The rig's tests on the virtual board, as `npm run hil` runs them: each is one of this file's tests.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { assert, suite } from "#suite";
import { missingForBoard } from "../boards/qemu-riscv32/build.js";

const RUN = fileURLToPath(new URL("./run.ts", import.meta.url));
const BOARD = "qemu-riscv32";

const test = suite("hil");
const missing = missingForBoard();

if (missing !== undefined) test.skip(`the rig's tests on ${BOARD}`, missing);
else {
	const child = spawn(process.execPath, ["--import", "tsx", RUN, "--board", BOARD], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	process.once("exit", () => child.kill("SIGKILL"));
	const ended = once(child, "exit");
	let count = 0;
	for await (const line of createInterface({ input: child.stdout })) {
		const result = /^(not ok|ok) \d+ - (.*) # (SKIP )?(.*)$/.exec(line);
		if (result === null) {
			process.stderr.write(`${line}\n`);
			continue;
		}
		const [, outcome, title = "", skipped, note = ""] = result;
		count++;
		if (skipped !== undefined) test.skip(title, note);
		else test(title, () => assert.is(outcome, "ok", `hil-tests/out/${BOARD} holds what this test left`));
	}
	const [code] = await ended;
	test("the rig came to its end", () => {
		assert.is(code, 0);
		assert.ok(count > 0);
	});
}

test.run();
