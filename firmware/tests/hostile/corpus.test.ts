import { assert, suite } from "#suite";
import { codeText } from "../../coap/codes.js";
import { DatagramMessage } from "../../coap/message.js";
import { ContentFormat, OPTIONS } from "../../coap/options.js";
import type { Operation } from "../../lwm2m/events.js";
import { corpus } from "./corpus.js";
import { Target } from "./target.js";

const test = suite("hostile/corpus");

/** All that the corpus can reach; "notify" is the device's own, "unknown" is no operation. */
const OPERATIONS: readonly Operation[] = [
	"read",
	"write",
	"execute",
	"discover",
	"observe",
	"cancel",
	"write-attributes",
	"create",
	"delete",
	"read-composite",
	"observe-composite",
	"cancel-composite",
	"write-composite",
];

/** JSON of LwM2M 1.0, which LwM2M 1.1 replaced: the device refuses it. */
const REFUSED = ContentFormat.LwM2mJson;

const target = new Target();
for (const { name, bytes, operation, code } of corpus)
	test(`${name} does what it says`, () => {
		target.run(500);
		target.receive(bytes);
		const done = target.operations.map((text) => text.split(" ")[0]).filter((word) => word !== "notify");
		const answer = target.answerCode < 0 ? "nothing" : codeText(target.answerCode);
		assert.is(answer, code === 0 ? "nothing" : codeText(code));
		assert.equal(done, operation === undefined ? [] : [operation]);
	});

/** How often each name of a list was reached; a missing one fails. */
function cover(table: string, names: readonly string[], reached: readonly string[]): void {
	const counts = names.map((name) => [name, reached.filter((each) => each === name).length] as const);
	suite.record(`messages that reach each ${table}`, counts.map(([name, count]) => `${name} ${count}`).join(", "));
	assert.equal(
		counts.filter(([, count]) => count === 0).map(([name]) => name),
		[],
	);
}

test("the corpus reaches every option", () => {
	const message = new DatagramMessage();
	const reached: string[] = [];
	for (const { bytes } of corpus) {
		assert.is(message.decode(bytes), "ok");
		for (const { number, name } of OPTIONS) if (message.count(number) > 0) reached.push(name);
	}
	cover(
		"option",
		OPTIONS.map(({ name }) => name),
		reached,
	);
});

test("the corpus reaches every format", () => {
	const formats = Object.values(ContentFormat).filter((format) => format !== REFUSED);
	cover(
		"format",
		formats.map(String),
		corpus.flatMap((sample) => sample.formats.map(String)),
	);
});

test("the corpus reaches every operation", () => {
	cover(
		"operation",
		OPERATIONS,
		corpus.map((sample) => sample.operation ?? ""),
	);
});

test.run();
