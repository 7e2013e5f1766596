// suite: limit=180
// What is preloaded lies in flash on the device: here each kind of write to it ends the run and says where it was.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { missingFor, type Variant } from "./build.js";
import { ROOT } from "./objects.js";
import { exitCodes, runOnXs } from "./run.js";

const test = suite("engine/read-only");
const FOLDER = "host-sim/engine/fixtures/read-only";
const variants: readonly Variant[] = ["xs64", "xs32"];

/** The six kinds that the device's linker would put into flash, and three more ways to write to them. */
const kinds = "map typed-array array static-field class instance private-field variable new-property".split(" ");
const preload = kinds.map((kind) => `${FOLDER}/${kind}.ts`);

function lineOfWrite(file: string): number {
	return (
		readFileSync(join(ROOT, file), "utf8")
			.split("\n")
			.findIndex((line) => line.includes("// the write")) + 1
	);
}

const problem = variants.map(missingFor).find((text) => text !== undefined);
if (problem !== undefined) suite.skip(problem);

for (const variant of variants) {
	test(`${variant} reads all that is preloaded`, async () => {
		const result = await runOnXs(variant, `${FOLDER}/main.ts`, { preload });
		assert.is(
			result.stdout,
			"map=1 typed-array=0 array=2 static-field=0 class=1 instance=0 private-field=0 variable=0 new-property=1\n",
		);
		assert.is(result.exitCode, exitCodes.success);
	});

	for (const [i, kind] of kinds.entries())
		test(`${variant} catches a write: ${kind}`, async () => {
			const result = await runOnXs(variant, `${FOLDER}/main.ts`, { preload, args: [kind] });
			const file = preload[i]!;
			assert.match(result.stderr, /^write to a preloaded object: it is read-only/);
			assert.match(result.stderr, `(${file}:${lineOfWrite(file)})`);
			assert.is(result.stdout, "");
			assert.is(result.exitCode, exitCodes.writeToPreloaded);
		});

	test(`${variant} lets the same modules write when they are not preloaded`, async () => {
		for (const kind of kinds) {
			const result = await runOnXs(variant, `${FOLDER}/main.ts`, { preload: [], args: [kind] });
			assert.is(result.exitCode, exitCodes.success, result.stderr);
		}
	});
}

test.run();
