import fc from "fast-check";
import { assert, suite } from "#suite";
import { Reader } from "../../../bytes.js";
import { Encoder } from "../../../coap/encoder.js";
import { Option } from "../../../coap/options.js";
import { TokenBearer } from "../../../coap/token.js";
import { limits } from "../../../limits.js";
import { NONE, TAG_LENGTH } from "../../../security/oscore/constants.js";
import { Envelope } from "../../../security/oscore/envelope.js";
import { encodeOption, OscoreOption, partialIvLength } from "../../../security/oscore/option.js";
import { Oscore } from "../../../security/oscore/oscore.js";
import { toHex } from "../../coap/hex.js";
import { contextOf, EXAMPLES, mirrored, optionsOf, run } from "./bench.js";

const test = suite("security/oscore: properties");

const partialIv = fc.oneof(
	fc.constant(NONE),
	fc.integer({ min: 0, max: 300 }),
	fc.integer({ min: 0, max: 2 ** 40 - 1 }),
	fc.constantFrom(2 ** 8, 2 ** 16, 2 ** 24, 2 ** 32, 2 ** 32 - 1, 2 ** 40 - 1),
);
const identifier = fc.option(fc.uint8Array({ maxLength: 7 }), { nil: undefined });
const kidContext = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined });

test("an option says what it was written with", () => {
	fc.assert(
		fc.property(partialIv, identifier, kidContext, (number, kid, context) => {
			const option = new OscoreOption();
			assert.ok(option.read(new Reader(encodeOption(number, kid, context))));
			assert.is(option.partialIv, number);
			assert.equal(
				[option.kid && toHex(option.kid), option.kidContext && toHex(option.kidContext)],
				[kid && toHex(kid), context && toHex(context)],
			);
		}),
	);
});

/** Bytes that are an option, or nearly. */
const nearlyOption = fc
	.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 24 }))
	.map(([flags, rest]) => Uint8Array.of(flags, ...rest));

test("bytes that are taken for an option are those that would be written, but for zeros before a Partial IV", () => {
	fc.assert(
		fc.property(nearlyOption, (bytes) => {
			const option = new OscoreOption();
			if (!option.read(new Reader(bytes))) return;
			const length = bytes[0]! & 7;
			if (length > 0 && partialIvLength(option.partialIv) !== length) return;
			assert.is(toHex(encodeOption(option.partialIv, option.kid, option.kidContext)), toHex(bytes));
		}),
		{ numRuns: 2000 },
	);
});

test("whatever comes is an envelope or is refused, and an envelope has something to open", () => {
	const envelope = new Envelope();
	const { client } = sides();
	const sealed = new Uint8Array(limits.messageLength);
	const plain = Uint8Array.of(0x42, 1, 0, 1, 1, 2, 0xb1, 0x33);
	const genuine = sealed.subarray(0, client.protectRequest(plain, sealed));
	const change = fc.tuple(fc.integer({ min: 0, max: genuine.length - 1 }), fc.integer({ min: 0, max: 255 }));
	fc.assert(
		fc.property(fc.array(change, { maxLength: 4 }), fc.integer({ min: 0, max: genuine.length }), (changes, end) => {
			const bytes = genuine.slice(0, end);
			for (const [at, value] of changes) if (at < end) bytes[at] = value;
			if (envelope.read(bytes) === undefined) assert.ok(envelope.message.payloadLength > TAG_LENGTH);
		}),
		{ numRuns: 2000 },
	);
});

function sides(): { client: Oscore; server: Oscore } {
	return {
		client: new Oscore(optionsOf(), contextOf(EXAMPLES["C.2"])),
		server: new Oscore(optionsOf(), contextOf(mirrored(EXAMPLES["C.2"]))),
	};
}

/** Options of all classes, in order, each once. */
const options = fc
	.uniqueArray(
		fc.tuple(
			fc.constantFrom(
				Option.IfMatch,
				Option.UriHost,
				Option.ETag,
				Option.UriPath,
				Option.ContentFormat,
				Option.UriQuery,
				Option.Accept,
				Option.Block1,
				Option.Size1,
				Option.NoResponse,
				Option.Echo,
				Option.RequestTag,
			),
			fc.uint8Array({ minLength: 1, maxLength: 20 }),
		),
		{ selector: ([number]) => number, maxLength: 8 },
	)
	.map((list) => list.sort(([left], [right]) => left - right));

test("a request that was sealed and opened is the same again, and cannot be changed on the way", () => {
	const code = fc.constantFrom(1, 2, 3, 4, 5, 6, 7);
	const payload = fc.uint8Array({ maxLength: 64 });
	fc.assert(
		fc.property(code, options, payload, fc.nat(), (method, list, body, flip) => {
			const { client, server } = sides();
			const plain = write(method, list, body);
			const sealed = new Uint8Array(limits.messageLength);
			const length = client.protectRequest(plain, sealed);
			const text = 1 + body.length + TAG_LENGTH;
			assert.ok(length >= text);
			// Ciphertext or tag, which end the message.
			const wrong = sealed.slice(0, length);
			wrong[length - 1 - (flip % text)]! ^= 1 + (flip % 255);
			assert.is(
				run((into) => server.openRequest(0, wrong, into)),
				"bad",
			);
			assert.is(
				run((into) => server.openRequest(0, sealed.subarray(0, length), into)),
				toHex(plain),
			);
		}),
	);
});

function write(code: number, list: readonly (readonly [number, Uint8Array])[], payload: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(limits.messageLength);
	const bearer = new TokenBearer();
	bearer.token = "a1b2";
	const encoder = new Encoder();
	encoder.target(bytes);
	encoder.begin("CON", code, 7, bearer);
	for (const [number, value] of list) encoder.option(number, value);
	if (payload.length > 0) encoder.payload(payload);
	return bytes.subarray(0, encoder.end);
}

test.run();
