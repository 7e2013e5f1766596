import fc from "fast-check";
import { assert, suite } from "#suite";
import { textLength } from "../../bytes.js";
import { VERBS } from "../../console/verbs.js";
import { Desk } from "./bench.js";
import { works } from "./noise.js";

const test = suite("console: properties");

const verb = fc.oneof(fc.constantFrom(...VERBS.map(({ name }) => name as string)), fc.string());
const request = fc.record(
	{
		verb,
		path: fc.oneof(fc.string(), fc.constantFrom("/3/0/0", "/0/0/5", "/21", "/", "")),
		value: fc.jsonValue({ maxDepth: 2 }),
		level: fc.oneof(fc.string(), fc.constantFrom("error", "debug")),
		ms: fc.oneof(fc.double(), fc.integer(), fc.string()),
		settings: fc.jsonValue(),
	},
	{ requiredKeys: [] },
);

test("each request has one answer, whole and with its checksum", () => {
	fc.assert(
		fc.property(fc.oneof(request, fc.jsonValue()), (given) => {
			const desk = new Desk();
			const answer = JSON.parse(desk.askInPieces(given as object)) as { ok: boolean; error?: string };
			assert.is(typeof answer.ok, "boolean");
			assert.is(typeof answer.error, answer.ok ? "undefined" : "string");
			works(desk);
		}),
	);
});

test("a value comes out as it is, whatever it is", () => {
	fc.assert(
		fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (value) => {
			const desk = new Desk();
			desk.target.value = value;
			assert.equal(JSON.parse(desk.ask({ verb: "objects read", path: "/3/0/0" })), { ok: true, "/3/0/0": value });
			const lines = desk.send("objects read /3/0/0\n").split("\n");
			assert.equal([lines.length, lines[1], lines[2]], [3, "ok", ""]);
		}),
	);
});

test("however lines come and go, the log keeps its order and its lines whole", () => {
	const step = fc.oneof(
		fc.record({ text: fc.string({ unit: "grapheme", maxLength: 150 }) }),
		fc.record({ room: fc.integer({ min: 0, max: 200 }) }),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const desk = new Desk();
			const out = { bytes: new Uint8Array(128), length: 0 };
			let output = "";
			let count = 0;
			const take = (room: number) => {
				if (desk.console.pollTransmit(0, room, out))
					output += String.fromCharCode(...out.bytes.subarray(0, out.length));
			};
			for (const each of steps) {
				if ("room" in each) take(each.room);
				else desk.console.log(++count, "info", "t", `${count} ${each.text}`);
			}
			while (!desk.console.isIdle) take(128);
			const lines = output.split("\n").slice(0, -1);
			for (const line of lines)
				assert.ok(textLength(line) <= 2 * 126 && /^[IW] \d+\.\d{3} (t|console) /.test(line), line);
			const numbers = lines.filter((line) => line.startsWith("I")).map((line) => Number(line.split(" ")[3]));
			assert.equal(
				numbers,
				numbers.slice().sort((left, right) => left - right),
			);
			assert.is(numbers.length + desk.console.droppedCount, count);
		}),
	);
});

test.run();
