import fc from "fast-check";
import { assert, suite } from "#suite";
import { FrameReader, frame } from "../../coap/frame.js";
import { toHex } from "./hex.js";
import { StreamBench } from "./stream-bench.js";

const test = suite("coap/stream: properties");

const message = fc.record({
	token: fc.uint8Array({ maxLength: 8 }),
	code: fc.integer({ min: 1, max: 0xdf }),
	body: fc.oneof(
		fc.uint8Array({ maxLength: 40 }),
		fc.constantFrom(12, 13, 268, 269, 1000, 2000).map((length) => new Uint8Array(length).fill(length & 0x7f)),
	),
});

/** A message in the form of RFC 7252, as the endpoint makes it. */
function datagram({ token, code, body }: { token: Uint8Array; code: number; body: Uint8Array }): Uint8Array {
	const bytes = new Uint8Array(4 + token.length + body.length);
	bytes[0] = 0x50 | token.length;
	bytes[1] = code;
	bytes.set(token, 4);
	bytes.set(body, 4 + token.length);
	return bytes;
}

test("whatever is framed is found again, cut anywhere", () => {
	fc.assert(
		fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 700 })), (messages, cuts) => {
			const sent = messages.map(datagram);
			const stream: number[] = [];
			for (const each of sent) {
				const bytes = each.slice();
				stream.push(...bytes.subarray(frame(bytes, bytes.length)));
			}
			const reader = new FrameReader(4096);
			const found: string[] = [];
			for (let at = 0, turn = 0; at < stream.length; turn++) {
				const length = cuts.length === 0 ? stream.length : cuts[turn % cuts.length]!;
				reader.take(Uint8Array.from(stream.slice(at, at + length)));
				while (reader.next() === "message") found.push(toHex(reader.message(0x50, 0)));
				reader.keep();
				at += length;
			}
			assert.equal(found, sent.map(toHex));
		}),
	);
});

test("any bytes: the same events and the same answers, however they are cut, and no exception", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.integer({ min: 1, max: 50 })), (bytes, cuts) => {
			const whole = new StreamBench({ answering: true });
			const pieces = new StreamBench({ answering: true });
			const expected = whole.receive(0, toHex(bytes));
			const got: string[] = [];
			for (let at = 0, turn = 0; at < bytes.length && !pieces.stream.isDone; turn++) {
				const length = cuts.length === 0 ? bytes.length : cuts[turn % cuts.length]!;
				got.push(...pieces.receive(0, toHex(bytes.subarray(at, at + length))));
				at += length;
			}
			assert.equal(got, expected);
		}),
		{ numRuns: 500 },
	);
});

test.run();
