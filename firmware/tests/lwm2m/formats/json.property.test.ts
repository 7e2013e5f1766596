import fc from "fast-check";
import { assert, suite } from "#suite";
import { encodeText } from "../../../bytes.js";
import { JsonReader } from "../../../lwm2m/formats/json.js";

const test = suite("lwm2m/formats/json");

test("JSON is read as JSON.parse reads it", () => {
	const scalar = fc.oneof(
		fc.string({ unit: "grapheme" }),
		fc.double(),
		fc.maxSafeInteger(),
		fc.boolean(),
		fc.constant(null),
	);
	const text = fc.oneof(
		fc.tuple(scalar, fc.nat(3)).map(([value, spaces]) => JSON.stringify(value, null, spaces)),
		// Texts that are almost JSON.
		fc.string({ unit: fc.constantFrom(...'"\\u0dc8f9ea-+.1 tn'), maxLength: 12 }),
		fc.string({ unit: fc.constantFrom(...'\\u0dc8f9e"'), maxLength: 14 }).map((inner) => `"${inner}"`),
	);
	fc.assert(
		fc.property(text, (json) => {
			const reader = new JsonReader(encodeText(json));
			const value = reader.scalar();
			const read = reader.failed || reader.peek() >= 0 ? undefined : value;
			assert.is(read, parsed(json));
		}),
		{ numRuns: 5000 },
	);
});

/** What JSON.parse makes of a text, but for halves of surrogate pairs and numbers without end, which we refuse. */
function parsed(json: string): unknown {
	let value: unknown;
	try {
		value = JSON.parse(json);
	} catch {
		return undefined;
	}
	if (typeof value === "string" && /\p{Surrogate}/u.test(value)) return undefined;
	return value === Infinity || value === -Infinity ? undefined : value;
}

test("any JSON value is stepped over", () => {
	fc.assert(
		fc.property(fc.json({ maxDepth: 5 }), (json) => {
			const reader = new JsonReader(encodeText(` ${json} `));
			reader.skip();
			assert.ok(!reader.failed);
			assert.is(reader.peek(), -1);
		}),
	);
});

test.run();
