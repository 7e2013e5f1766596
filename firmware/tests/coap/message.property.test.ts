import fc from "fast-check";
import { assert, suite } from "#suite";
import { Encoder } from "../../coap/encoder.js";
import { DatagramMessage, type MessageType } from "../../coap/message.js";
import { OPTIONS } from "../../coap/options.js";
import { TokenBearer } from "../../coap/token.js";
import { toHex } from "./hex.js";

const test = suite("coap/message: properties");

interface Sample {
	readonly type: MessageType;
	readonly code: number;
	readonly messageId: number;
	readonly token: Uint8Array;
	readonly options: readonly (readonly [number: number, value: Uint8Array])[];
	readonly payload: Uint8Array;
}

const value = fc.oneof(
	fc.uint8Array({ maxLength: 20 }),
	fc.constantFrom(12, 13, 14, 268, 269, 270, 1000).map((length) => new Uint8Array(length).fill(length & 0xff)),
);

const sample: fc.Arbitrary<Sample> = fc.record(
	{
		type: fc.constantFrom("CON", "NON", "ACK", "RST"),
		code: fc.integer({ min: 1, max: 255 }),
		messageId: fc.integer({ min: 0, max: 0xffff }),
		token: fc.uint8Array({ maxLength: 8 }),
		options: fc
			.array(fc.tuple(fc.oneof(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 0xffff })), value), {
				maxLength: 12,
			})
			.map((options) => options.sort((left, right) => left[0] - right[0])),
		payload: fc.uint8Array({ maxLength: 64 }),
	},
	{ noNullPrototype: true },
);

function encode(message: Sample): Uint8Array {
	const encoder = new Encoder();
	const token = new TokenBearer();
	token.token = toHex(message.token);
	const write = (into: Uint8Array | undefined) => {
		encoder.target(into);
		encoder.begin(message.type, message.code, message.messageId, token);
		for (const [number, bytes] of message.options) encoder.option(number, bytes);
		encoder.payload(message.payload);
	};
	write(undefined);
	const bytes = new Uint8Array(encoder.end);
	write(bytes);
	return bytes;
}

function decode(bytes: Uint8Array): Sample {
	const message = new DatagramMessage();
	assert.is(message.decode(bytes), "ok");
	const options: (readonly [number, Uint8Array])[] = [];
	message.rewind();
	while (message.next()) {
		const end = message.valueOffset + message.valueLength;
		options.push([message.optionNumber, bytes.slice(message.valueOffset, end)]);
	}
	const { type, code, messageId, payload } = message;
	const token = Uint8Array.from({ length: message.token.length / 2 }, (_, i) =>
		Number.parseInt(message.token.slice(2 * i, 2 * i + 2), 16),
	);
	return { type, code, messageId, token, options, payload: payload?.slice() ?? new Uint8Array(0) };
}

/** Uses every accessor, as an application might. */
function touch(message: DatagramMessage): void {
	message.cacheKey();
	message.copyHead();
	for (const { number } of OPTIONS) {
		message.count(number);
		for (let i = 0; i < 3; i++) {
			message.option(number, i);
			message.text(number, i);
			message.decimal(number, i);
		}
		message.uint(number);
		message.hex(number);
	}
	const { payload, payloadLength } = message;
	assert.is(payload?.length ?? 0, payloadLength);
}

test("what is encoded is decoded", () => {
	fc.assert(
		fc.property(sample, (message) => {
			assert.equal(decode(encode(message)), message);
		}),
		{ numRuns: 500 },
	);
});

test("decoding random bytes never throws", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
			const message = new DatagramMessage();
			if (message.decode(bytes) === "ok") touch(message);
		}),
		{ numRuns: 2000 },
	);
});

test("decoding a damaged message never throws", () => {
	const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
	fc.assert(
		fc.property(sample, damage, fc.nat(), (message, changes, cut) => {
			const bytes = encode(message);
			for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
			const decoder = new DatagramMessage();
			if (decoder.decode(bytes.subarray(0, cut % (bytes.length + 1))) === "ok") touch(decoder);
		}),
		{ numRuns: 2000 },
	);
});

test("a message that is read again from another place in memory is the same", () => {
	fc.assert(
		fc.property(sample, fc.nat({ max: 16 }), (message, offset) => {
			const bytes = encode(message);
			const larger = new Uint8Array(bytes.length + 32).fill(0xff);
			larger.set(bytes, offset);
			assert.equal(decode(larger.subarray(offset, offset + bytes.length)), message);
		}),
		{ numRuns: 200 },
	);
});

test.run();
