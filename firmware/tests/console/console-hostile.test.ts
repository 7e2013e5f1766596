// suite: limit=120
import { assert, suite } from "#suite";
import { encodeText } from "../../bytes.js";
import { Desk } from "./bench.js";
import { ALPHABETS, endure, works } from "./noise.js";

const test = suite("console/console-hostile");

/** What a line has to endure, each in its own way. */
const NOISES: readonly (readonly [what: string, bytes: string | readonly number[]])[] = [
	["a lone CR", [0x0d]],
	["a NUL", [0]],
	["NULs", Array<number>(300).fill(0)],
	["a break that never ends", Array<number>(10_000).fill(0)],
	["no line end", "x".repeat(10_000)],
	["bytes that are no UTF-8", [0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0x0a]],
	["9-bit noise: every byte from 0 to 255", Array.from({ length: 256 }, (_, i) => i)],
	["another baud rate", [0xe6, 0x9e, 0x66, 0xfe, 0x18, 0xe0, 0x86, 0x1e, 0xfe, 0x00, 0x0a]],
	["the ROM's banner", "ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\nrst:0x1 (POWERON),boot:0xc\r\n"],
	["half a request", '#7 {"verb":"prov'],
	["half a piece", '#7+0 {"verb":"prov'],
	["our own answer", '#7 {"ok":true} 5e3c\n'],
	["our own acknowledgement", "#7+ 254\n"],
	["our own log", "I 12.345 agent registered 1\n"],
	["our own banner", '{"boot":{"board":"node"}}\n'],
	["backspaces", Array<number>(300).fill(0x08)],
	["escape sequences", "\u001b[A\u001b[2J\u001b]0;title\u0007\n"],
	["a hundred empty lines", "\n".repeat(100)],
	["deep JSON", `#7 ${"[".repeat(120)}\n`],
	["an offset beyond all", "#7+99999 x\n#7+100000 x\n"],
	["numbers beyond all", '#7 {"verb":"time advance","ms":1e999}\n'],
	[
		"the name of a prototype",
		'#7 {"__proto__":{"verb":"status"}}\n#8 {"verb":"__proto__"}\n#8 {"verb":"constructor"}\n',
	],
];

for (const [what, bytes] of NOISES) {
	test(`works after ${what}`, () => {
		const desk = new Desk();
		desk.give(typeof bytes === "string" ? encodeText(bytes) : new Uint8Array(bytes), () => desk.discard());
		works(desk);
	});
}

test("noise is counted and brings no answer", () => {
	const desk = new Desk();
	desk.console.handleReceived(0, new Uint8Array([0x73, 0x00, 0x0a, 0xff, 0xff, 0x0a, 0x01, 0x0a]));
	assert.is(desk.drain(), "");
	assert.is(desk.console.noiseCount, 3);
});

for (const line of ["#", "#1", "#x", "#1x", "#65536 {}", "#123456 {}", "#1+ 254", "#1+7", "#1+123456 x", "# 1 {}"]) {
	test(`"${line}" is no request, and brings no answer`, () => {
		const desk = new Desk();
		assert.is(desk.send(`${line}\n`), "");
		assert.is(desk.console.noiseCount, 1);
	});
}

/** What begins a conversation of the console with itself. */
const LOOPS: readonly string[] = [
	"help\n",
	"status\n",
	"nonsense\n",
	"log debug\n",
	'#1 {"verb":"status"}\n',
	'#1 {"verb":"help"}\n',
	"#1 nonsense\n",
	'#1+0 {"verb":\n',
	`#1 ${"x".repeat(200)}\n`,
];

for (const line of LOOPS) {
	test(`a line that echoes falls silent after ${JSON.stringify(line.slice(0, 24))}`, () => {
		const desk = new Desk();
		desk.console.start();
		desk.console.log(0, "info", "agent", "registered 1");
		desk.console.handleReceived(0, encodeText(line));
		let rounds = 0;
		for (let echo = desk.drain(); echo !== ""; echo = desk.send(echo)) assert.ok(++rounds < 10, desk.output);
	});
}

test("a person's correction by backspace counts", () => {
	assert.is(new Desk().send("idenx\u0008tity\n"), "board: node\nok\n");
	assert.is(new Desk().send("idenx\u007ftity\n"), "board: node\nok\n");
});

/** Together 100,000 bytes for each engine; console-hostile.node.test.ts takes a million. */
const COUNT = 34_000;

for (const { what, alphabet, most } of ALPHABETS) {
	test(`${COUNT} random bytes: ${what}`, () => {
		const desk = new Desk();
		const length = endure(desk, COUNT, alphabet, 1);
		assert.ok(length <= most * COUNT, `${length / COUNT} bytes of output for one of input`);
		works(desk);
	});
}

test("nobody reads the answers: memory and output stay as they are", () => {
	const desk = new Desk();
	for (let i = 0; i < 2_000; i++) desk.console.handleReceived(i, encodeText("help\nstatus\n"));
	assert.not(desk.console.isReady);
	const left = desk.drain();
	assert.ok(left.length < 2 * 1024, `${left.length}`);
	works(desk);
});

test.run();
