// suite: real-network limit=180
// The virtual board as the firmware sees it: its start, its clock, its chance, its memory.

import { readFileSync } from "node:fs";
import { assert, suite } from "#suite";
import { Bench } from "./bench.js";
import { buildImage, missingForBoard } from "./build.js";
import { readImage } from "./image.js";

const test = suite("board");
const missing = missingForBoard();
if (missing !== undefined) suite.skip(missing);

let bench: Bench;
test.before(async () => {
	bench = await Bench.start();
	assert.is(await bench.line(), '{"reason":"power-on"}');
});
test.after(() => bench?.stop());

async function ask<T>(deed: string): Promise<T> {
	return JSON.parse(await bench.ask(deed)) as T;
}

test("the first word comes within two seconds", async () => {
	const startedAt = performance.now();
	const other = await Bench.start();
	try {
		await other.line();
		assert.ok(performance.now() - startedAt < 2000, `after ${performance.now() - startedAt} ms`);
	} finally {
		await other.stop();
	}
});

test("mc/config is what the image says about itself", async () => {
	const { config } = await buildImage({ main: "boards/qemu-riscv32/fixtures/bench.ts" });
	assert.equal(await ask("config"), config);
	assert.is(config.build, "test");
});

test("the ticks of a test build begin half a day before they wrap", async () => {
	const left = 2 ** 31 - (await ask<number>("ticks"));
	assert.ok(left > 11.9 * 3_600_000 && left <= 12 * 3_600_000, `${left} ms are left`);
});

test("timers fire in order, never early", async () => {
	const fired = await ask<[string, number][]>("timers");
	assert.equal(
		fired.map(([name]) => name),
		["first", "second", "third", "last"],
	);
	for (const [name, late] of fired) assert.ok(late >= 0, `${name} fired ${-late} ms early`);
});

test("the calendar's time is the computer's", async () => {
	assert.ok(Math.abs((await ask<number>("date")) - Date.now()) < 60_000);
});

test("randomness differs", async () => {
	assert.not.equal(await ask("random"), await ask("random"));
});

test("garbage is collected, again and again", async () => {
	const before = await ask<number>("churn");
	assert.ok((await ask<number>("churn")) <= before + 1000);
});

test("the machine, its tables and the C stack are small", async () => {
	const memory = await ask<Record<string, number>>("memory");
	for (const [name, value] of Object.entries(memory)) suite.record(name, String(value));
	assert.ok(memory.nativeStackBytesPeak! < 8192, `${memory.nativeStackBytesPeak} bytes of C stack`);
	assert.ok(memory.nativeHeapBytesPeak! < 20_000, `${memory.nativeHeapBytesPeak} bytes of malloc`);
});

test("an image that is not whole is refused, and what is none", async () => {
	const { image, config } = await buildImage({ main: "boards/qemu-riscv32/fixtures/bench.ts" });
	const bytes = readFileSync(image);
	assert.equal(readImage(bytes), config);
	bytes[100_000]! ^= 1;
	assert.throws(() => readImage(bytes), "this image is damaged");
	assert.throws(() => readImage(Buffer.alloc(1000)), "this is no image of this board");
});

test.run();
