// What ends a test at once, and what does not.

import { assert, suite } from "#suite";
import { deviceTime, Transcript } from "./transcript.js";
import { Watch } from "./watch.js";

const BANNER = '{"boot":{"board":"xs","version":"0","commit":"1a2b3c4","build":"test","reset":"watchdog"}}';

const LINES: readonly (readonly [line: string, fault: RegExp | undefined])[] = [
	["XS abort: memory full", /^the engine aborted: XS abort: memory full$/],
	["Guru Meditation Error: Core  0 panic'ed (LoadProhibited)", /^the chip panicked: /],
	["E BOD: Brownout detector was triggered", /^the supply broke down: /],
	["abort() was called at PC 0x4200a5c1 on core 0", /^the SDK aborted: /],
	["E 0.251 board memory full in ArrayBuffer", /^the board failed: /],
	[BANNER, /^the board started by itself: reset watchdog, cause unknown$/],
	["I 12.345 agent registered 1", undefined],
	["E 12.345 agent the server aborted the exchange", undefined],
	['#7 {"ok":true}', undefined],
	['{"boot":', undefined],
];

const test = suite("rig/watch");

for (const [line, fault] of LINES) {
	test(`${fault === undefined ? "lets pass" : "stops at"} ${line}`, () => {
		const message = new Watch().judge(line)?.message;
		if (fault === undefined) assert.is(message, undefined);
		else assert.match(message ?? "", fault);
	});
}

test("an expected start passes once", () => {
	const watch = new Watch();
	const restart = BANNER.replace("watchdog", "restart");
	watch.expectStart();
	assert.is(watch.judge(restart), undefined);
	assert.match(watch.judge(restart)?.message ?? "", /started by itself/);
});

test("an expected start does not hide a crash, of which some boards leave no other word", () => {
	const watch = new Watch();
	watch.expectStart();
	assert.match(watch.judge(BANNER)?.message ?? "", /^the board had crashed: reset watchdog, cause unknown$/);
});

test("an expected crash passes until the board has started again", () => {
	const watch = new Watch();
	watch.expectCrash();
	assert.is(watch.judge("XS abort: memory full"), undefined);
	assert.is(watch.judge(BANNER), undefined);
	assert.match(watch.judge("XS abort: memory full")?.message ?? "", /aborted/);
});

test("the transcript keeps the time of host and board, and the last lines only", () => {
	let now = 1000;
	const transcript = new Transcript(undefined, () => now);
	for (let number = 0; number < 100; number++) transcript.add("board", `line ${number}`);
	now = 2500;
	assert.equal(transcript.add("board", "I 12.345 agent registered 1"), {
		hostMs: 2500,
		deviceMs: 12_345,
		from: "board",
		line: "I 12.345 agent registered 1",
	});
	const tail = transcript.tail().split("\n");
	assert.is(tail.length, 30);
	assert.is(tail.at(-1), "   1.500 < I 12.345 agent registered 1");
	assert.is(deviceTime("#7 {}"), undefined);
});

test.run();
