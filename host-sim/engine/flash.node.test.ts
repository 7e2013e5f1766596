// suite: limit=60
// The flash of the desktop's board: a file that obeys the rules of NOR flash, and outlives the process.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { missingFor, type Variant } from "./build.js";
import { runOnXs } from "./run.js";

const test = suite("engine/flash");
const variants: readonly Variant[] = ["xs64", "xs32"];

const problem = variants.map(missingFor).find((text) => text !== undefined);
if (problem !== undefined) suite.skip(problem);

const ATTEMPTS = [
	"set bits: Error",
	"half a word: RangeError",
	"an odd place: RangeError",
	"write beyond: RangeError",
	"read beyond: RangeError",
	"erase beyond: RangeError",
	"another partition: Error",
];

for (const variant of variants) {
	test(`${variant}: a write clears bits, an erase sets them, and a new process finds them so`, async () => {
		const folder = mkdtempSync(join(tmpdir(), "pinhole-flash-"));
		const board = { flash: join(folder, "flash"), port: join(folder, "port"), config: {} };
		const run = async (): Promise<string[]> => {
			const result = await runOnXs(variant, "host-sim/engine/fixtures/flash.ts", { preload: [], board });
			assert.is(result.exitCode, 0, result.stderr);
			return result.stdout.trim().split("\n");
		};
		try {
			const [shape, before, ...rest] = await run();
			assert.is(shape, "65536 4096 16");
			assert.is(before, "255 255 255 255 255 255 255 255");
			assert.equal(rest.slice(0, -2), ["write: done", "clear bits: done", ...ATTEMPTS]);
			assert.equal(rest.slice(-2), ["1 0 3 127 255 255 255 255", "write: done"]);
			const second = await run();
			assert.is(second[1], "1 0 3 127 9 9 9 9");
			assert.equal(second.slice(2, 4), ["write: Error", "clear bits: done"]);
			assert.is(second.at(-1), "erase: done");
			assert.is((await run())[1], before);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
}

test.run();
