// suite: real-network limit=180
// How runs of the virtual board end: the cause is said and recorded, and the board starts anew.

import { assert, suite } from "#suite";
import { Bench } from "./bench.js";
import { missingForBoard } from "./build.js";

const test = suite("board/ends");
const missing = missingForBoard();
if (missing !== undefined) suite.skip(missing);

const POWER_ON = '{"reason":"power-on"}';

let bench: Bench;
test.before(async () => {
	bench = await Bench.start();
	assert.is(await bench.line(), POWER_ON);
});
test.after(() => bench?.stop());

/** What ends the run, and the cause: functions innermost first, but perhaps not the one that runs. */
const ends: readonly (readonly [string, string, RegExp])[] = [
	["an exception that nobody catches", "fail", /^unhandled exception: Error: on purpose$/],
	["chunks that fill the memory", "fillChunks", /^memory full in fillChunks, onReadable$/],
	["slots that fill the memory", "fillSlots", /^memory full in fillSlots, onReadable$/],
	["recursion without end", "recurse", /^stack overflow in recurse, recurse, recurse/],
	["native recursion without end", "nest", /^stack overflow in parse, (nest, )?onReadable$/],
	["a write to what is preloaded", "writePreloaded", /^write to a preloaded object \([\da-f]{8}\) in writePreloaded, /],
	["a loop without end", "spin", /^the script did not return in (spin, )?onReadable$/],
];

for (const [name, deed, expected] of ends) {
	test(`${name} is recorded, and the board restarts`, async () => {
		const [, cause = ""] = /^E \d+\.\d{3} board (.*)$/.exec(await bench.ask(deed)) ?? [];
		assert.match(cause, expected);
		assert.equal(JSON.parse(await bench.line()), { reason: "watchdog", cause });
	});
}

test("a restart that was asked for is told apart, and knows nothing of the end before", async () => {
	await bench.ask("fail");
	await bench.line();
	assert.is(await bench.ask("restart"), '{"reason":"restart"}');
});

test("the reset button is a power-on", async () => {
	await bench.qemu.reset();
	assert.is(await bench.line(), POWER_ON);
});

test("a cause outlives the power, and is told once", async () => {
	const first = await Bench.start({ endsAtRestart: true });
	await first.line();
	assert.match(await first.ask("recurse"), /stack overflow/);
	await first.qemu.ended;
	const second = await Bench.start({ flash: first.flash });
	assert.match(await second.line(), /^\{"reason":"watchdog","cause":"stack overflow in recurse/);
	await second.qemu.cutPower();
	const third = await Bench.start({ flash: first.flash });
	assert.is(await third.line(), POWER_ON);
	await third.stop();
});

test.run();
