// docs/console.md says what the console does: its dialogues are carried out, its settings are read, its verbs compared.

import { readFileSync } from "node:fs";
import { assert, suite } from "#suite";
import { parseSettings } from "../../firmware/boot/settings.js";
import { VERBS } from "../../firmware/console/verbs.js";
import { JsonReader } from "../../firmware/lwm2m/formats/json.js";
import { Desk } from "../../firmware/tests/console/bench.js";
import { readLines } from "./protocol.js";

const test = suite("console/document");
const text = readFileSync(new URL("../../docs/console.md", import.meta.url), "utf8");

test("the dialogues are what passes", () => {
	const desk = new Desk();
	const lines = text.match(/^[<>] #.*$/gm) ?? [];
	assert.is(lines.length, 8);
	for (let i = 0; i < lines.length; i += 2) {
		assert.match(lines[i]!, /^> /);
		assert.is(desk.send(`${lines[i]!.slice(2)}\n`), `${lines[i + 1]!.slice(2)}\n`);
	}
	assert.is(desk.target.settings?.endpointName, "compressor-1");
});

test("the settings are settings", () => {
	const [, json = ""] = /```json\n([^`]+)```/.exec(text) ?? [];
	assert.is(typeof parseSettings(new JsonReader(Buffer.from(json))), "object");
});

test("the verbs are all there, in the order of the help", () => {
	const section = text.slice(text.indexOf("## Verbs"), text.indexOf("## Settings"));
	const named = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]);
	assert.equal(
		named,
		VERBS.map(({ name }) => name),
	);
});

/** One example each of what begins a line of the device. */
const KINDS: readonly (readonly [line: string, kind: string])[] = [
	['#8 {"ok":true} 9d13', "answer"],
	["#7+ 121", "acknowledgement"],
	["I 12.345 agent registered 1", "log"],
	[/^\{"boot".*$/m.exec(text)![0], "banner"],
];

for (const [line, kind] of KINDS) {
	test(`the example of a line that is ${kind}`, () => {
		assert.ok(text.includes(line));
		assert.equal(
			readLines(line).map((one) => one.kind),
			[kind],
		);
	});
}

test.run();
