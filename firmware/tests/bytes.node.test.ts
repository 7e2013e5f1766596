import fc from "fast-check";
import { assert, suite } from "#suite";
import { decodeText, encodeText, Reader, Writer } from "../bytes.js";

const test = suite("bytes, against the text coders of Node");

test("text is encoded as TextEncoder does", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), (text) => {
			assert.equal([...encodeText(text)], [...new TextEncoder().encode(text)]);
		}),
	);
});

test("bytes are text exactly when a strict TextDecoder says so", () => {
	const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
	const expected = (bytes: Uint8Array) => {
		try {
			return strict.decode(bytes);
		} catch {
			return undefined;
		}
	};
	const nearUtf8 = fc.constantFrom(
		0x00,
		0x7f,
		0x80,
		0x8f,
		0x90,
		0x9f,
		0xa0,
		0xbf,
		0xc1,
		0xc2,
		0xdf,
		0xe0,
		0xed,
		0xf0,
		0xf4,
	);
	const bytes = fc.oneof(
		fc.uint8Array(),
		fc.array(nearUtf8, { maxLength: 6 }).map((list) => new Uint8Array(list)),
	);
	fc.assert(
		fc.property(bytes, (input) => {
			assert.is(decodeText(input, 0, input.length), expected(input));
		}),
		{ numRuns: 2000 },
	);
});

test("what a writer writes a reader reads", () => {
	const step = fc.oneof(
		fc.record({ kind: fc.constant("uint" as const), value: fc.maxSafeNat(), length: fc.constantFrom(7, 8) }),
		fc.record({ kind: fc.constant("int" as const), value: fc.maxSafeInteger(), length: fc.constant(8) }),
		fc.record({ kind: fc.constant("int" as const), value: fc.integer(), length: fc.constant(4) }),
		fc.record({ kind: fc.constant("f64" as const), value: fc.double(), length: fc.constant(8) }),
	);
	fc.assert(
		fc.property(fc.array(step), (steps) => {
			const writer = new Writer(new Uint8Array(8 * steps.length));
			for (const { kind, value, length } of steps) {
				if (kind === "f64") writer.f64(value);
				else writer[kind](value, length);
			}
			const reader = new Reader(writer.bytes!.subarray(0, writer.length));
			for (const { kind, value, length } of steps) {
				const read = kind === "f64" ? reader.f64() : reader[kind](length);
				assert.ok(Object.is(read, value) || read === value);
			}
			assert.is(reader.remaining, 0);
			assert.not(reader.failed);
		}),
	);
});

test("a reader never reads outside its bytes and never throws", () => {
	const operation = fc.tuple(fc.constantFrom("uint", "int", "take", "skip", "text"), fc.integer({ min: 0, max: 9 }));
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 24 }), fc.array(operation), (bytes, operations) => {
			const reader = new Reader(bytes);
			for (const [name, length] of operations) {
				const before = reader.offset;
				if (name === "uint") reader.uint(length);
				else if (name === "int") reader.int(Math.min(Math.max(length, 1), 8));
				else if (name === "take") reader.take(length);
				else if (name === "skip") reader.skip(length);
				else reader.text(length);
				assert.ok(reader.offset >= before && reader.offset <= bytes.length);
			}
		}),
	);
});

test.run();
