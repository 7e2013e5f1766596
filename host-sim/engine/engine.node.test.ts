// suite: limit=180
// The engine itself: it builds, ends with the right exit code and place, and counts alike on both variants.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { buildEngine, missingFor, type Variant } from "./build.js";
import { ROOT } from "./objects.js";
import { exitCodes, runOnXs } from "./run.js";

const test = suite("engine/engine");
const variants: readonly Variant[] = ["xs64", "xs32"];
const preload = ["firmware/bytes.ts"];

/** The place of the line of a file that holds a text, as a stack shows it. */
function placeOf(file: string, text: string): string {
	const lines = readFileSync(join(ROOT, file), "utf8").split("\n");
	return `${file}:${lines.findIndex((line) => line.includes(text)) + 1}`;
}

const ENDS = "host-sim/engine/fixtures/ends.ts";
const ends: readonly [string, number, RegExp][] = [
	["success", exitCodes.success, /^$/],
	["exit", 7, /^$/],
	["exception", exitCodes.unhandledException, /^unhandled exception: RangeError: as told\n at fail/],
	["rejection", exitCodes.unhandledRejection, /^unhandled rejection: RangeError: as told\n/],
	["stack", exitCodes.stackOverflow, /^stack overflow\n at recurse \(host-sim.engine.fixtures.ends\.ts:\d+\)\n/],
	["memory", exitCodes.memoryFull, /^memory full\n at .*\n at hoard \(/],
];

const problem = variants.map(missingFor).find((text) => text !== undefined);
if (problem !== undefined) suite.skip(problem);

for (const variant of variants) {
	test(`${variant} builds, and a second build is the same`, async () => {
		assert.equal(await buildEngine(variant), await buildEngine(variant));
	});

	for (const [name, exitCode, stderr] of ends)
		test(`${variant} ends after ${name} with code ${exitCode}`, async () => {
			const result = await runOnXs(variant, ENDS, { preload, args: [name] });
			assert.match(result.stderr, stderr);
			assert.is(result.exitCode, exitCode);
		});

	test(`${variant} says the line of the TypeScript source`, async () => {
		const { stderr } = await runOnXs(variant, ENDS, { preload, args: ["exception"] });
		assert.match(stderr, `at fail (${placeOf(ENDS, "// the exception")})`);
	});

	test(`${variant} stops an endless loop at its time limit`, async () => {
		const result = await runOnXs(variant, ENDS, { preload, args: ["endless"], timeLimitMs: 300 });
		assert.is(result.exitCode, exitCodes.overdue);
	});

	test(`${variant} names a module that is missing`, async () => {
		const result = await runOnXs(variant, "host-sim/engine/fixtures/missing.ts", { preload });
		assert.is(result.exitCode, exitCodes.unhandledException);
		assert.match(result.stderr, 'module "no/such/module" not found');
	});

	test(`${variant} hides the globals of the test tools from firmware`, async () => {
		const globals = "host-sim/engine/fixtures/globals.ts";
		const result = await runOnXs(variant, globals.replace(".ts", ".test.ts"), { preload: [globals] });
		assert.match(result.stdout, '"outcome":"passed"');
		assert.not.match(result.stdout, '"outcome":"failed"');
	});
}

test("both variants count the same steps, with and without a small heap", async () => {
	const meter = async (variant: Variant, arenaBytes?: number) => {
		const options = { preload, lines: false, ...(arenaBytes === undefined ? {} : { arenaBytes, stackSlots: 256 }) };
		const { stdout, stderr } = await runOnXs(variant, "host-sim/engine/fixtures/meter.ts", options);
		assert.match(stdout, /^\d+\n$/, stderr);
		return Number(stdout);
	};
	const count = await meter("xs64");
	assert.ok(count > 1000);
	assert.is(await meter("xs32"), count);
	assert.is(await meter("xs32", 12_000), count);
});

test.run();
