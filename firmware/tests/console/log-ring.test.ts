import { assert, suite } from "#suite";
import { textLength } from "../../bytes.js";
import type { LogLevel } from "../../console/console.js";
import { Desk, unframe } from "./bench.js";

const test = suite("console/log-ring");

/** What is logged at which level, and the line that comes. */
const LINES: readonly (readonly [level: LogLevel, now: number, topic: string, text: string, line: string])[] = [
	["info", 12_345, "agent", "registered 1", "I 12.345 agent registered 1\n"],
	["error", 0, "boot", "no network", "E 0.000 boot no network\n"],
	["warn", 86_400_000_250, "store", "", "W 86400000.250 store \n"],
	["info", 0, "a", "ends\nits line\r\0\t", "I 0.000 a ends its line   \n"],
	["info", 0, "a", "x".repeat(200), `I 0.000 a ${"x".repeat(116)}\n`],
	["info", 0, "a", "ü".repeat(100), `I 0.000 a ${"ü".repeat(58)}\n`],
	["info", 0, "a", `x${"ü".repeat(100)}`, `I 0.000 a x${"ü".repeat(57)}\n`],
	["info", 0, "a", "😀".repeat(100), `I 0.000 a ${"😀".repeat(29)}\n`],
	["info", 0, "t".repeat(200), "text", `I 0.000 ${"t".repeat(118)}\n`],
];

for (const [level, now, topic, text, line] of LINES) {
	test(`${level} ${topic.slice(0, 8)} ${JSON.stringify(text.slice(0, 8))} of ${text.length}`, () => {
		const desk = new Desk();
		desk.console.log(now, level, topic, text);
		const got = desk.drain();
		assert.is(got, line);
		assert.ok(textLength(got) <= 127);
	});
}

test("only what the level asks for is logged", () => {
	const desk = new Desk();
	const all: readonly LogLevel[] = ["error", "warn", "info", "debug"];
	const logged = (): string => {
		for (const level of all) desk.console.log(0, level, "t", "x");
		return desk
			.drain()
			.split("\n")
			.map((line) => line.charAt(0))
			.join("");
	};
	assert.is(logged(), "EWI");
	desk.send("log debug\n");
	assert.is(logged(), "EWID");
	desk.send("log error\n");
	assert.is(logged(), "E");
});

test("when the UART does not keep up, the oldest lines go, whole, and their count is told", () => {
	const desk = new Desk();
	for (let i = 1; i <= 100; i++) desk.console.log(i, "info", "t", `line ${i} ${"x".repeat(40)}`);
	const lines = desk.drain().trimEnd().split("\n");
	const dropped = desk.console.droppedCount;
	assert.ok(dropped > 80 && dropped < 95, `${dropped}`);
	assert.is(lines.length, 100 - dropped + 1);
	assert.is(lines.filter((line) => line.endsWith(` console ${dropped} lines dropped`)).length, 1);
	const kept = lines.filter((line) => !line.includes("dropped"));
	for (const [i, line] of kept.entries()) assert.match(line, ` line ${dropped + 1 + i} `);
	desk.console.log(0, "info", "t", "calm");
	assert.is(desk.drain(), "I 0.000 t calm\n", "told once");
});

test("a line that is half out stays whole", () => {
	const desk = new Desk();
	const out = { bytes: new Uint8Array(128), length: 0 };
	desk.console.log(1, "info", "t", "first line");
	assert.ok(desk.console.pollTransmit(1, 5, out));
	const start = String.fromCharCode(...out.bytes.subarray(0, out.length));
	for (let i = 1; i <= 100; i++) desk.console.log(i, "info", "t", "x".repeat(60));
	assert.is((start + desk.drain()).split("\n")[0], "I 0.001 t first line");
});

test("an answer overtakes the log but not a line of it, and no flood drops it", () => {
	const desk = new Desk();
	const out = { bytes: new Uint8Array(128), length: 0 };
	desk.console.log(1, "info", "t", "first");
	desk.console.pollTransmit(1, 5, out);
	const answer = (): string => {
		desk.console.handleReceived(1, new Uint8Array([0x69, 0x64, 0x65, 0x6e, 0x74, 0x69, 0x74, 0x79, 0x0a]));
		for (let i = 0; i < 1_000; i++) desk.console.log(i, "error", "t", "flood");
		return desk.drain();
	};
	assert.match(answer(), "01 t first\nboard: node\nok\n");
	assert.is(unframe(desk.send('#7 {"verb":"log"}\n'), 7), '{"ok":true,"level":"info"}');
});

test.run();
