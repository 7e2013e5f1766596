import { createRequire } from "node:module";
import { assert, suite } from "#suite";
import { Encoder } from "../../coap/encoder.js";
import { DatagramMessage, type MessageType } from "../../coap/message.js";
import { TokenBearer } from "../../coap/token.js";
import { SeededRandom } from "../random.js";
import { toHex } from "./hex.js";

/** The part of npm coap-packet, node-coap's own codec, that is compared with ours. */
interface CoapPacket {
	generate(packet: unknown, maxLength: number): Uint8Array;
	parse(bytes: Uint8Array): {
		readonly code: string;
		readonly confirmable: boolean;
		readonly ack: boolean;
		readonly reset: boolean;
		readonly messageId: number;
		readonly token: Uint8Array;
		readonly options: readonly { readonly name: string | number; readonly value: Uint8Array }[];
		readonly payload: Uint8Array;
	};
}

const { generate, parse } = createRequire(import.meta.url)("coap-packet") as CoapPacket;
const test = suite("coap/message against coap-packet");
const SAMPLES = 2000;

/** Numbers without a name in coap-packet, so that both sides speak of numbers. */
const NUMBERS = [2, 10, 13, 26, 100, 268, 269, 282, 1000, 40000, 65000];
const LENGTHS = [0, 1, 7, 12, 13, 14, 100, 268, 269, 270, 500];
const TYPES: readonly MessageType[] = ["CON", "NON", "ACK", "RST"];

interface Sample {
	readonly type: MessageType;
	readonly code: number;
	readonly messageId: number;
	readonly token: Buffer;
	readonly options: readonly { readonly number: number; readonly value: Buffer }[];
	readonly payload: Buffer;
}

function samples(): Sample[] {
	const random = new SeededRandom(20250706);
	const below = (limit: number) => random.uint32() % limit;
	const bytes = (length: number) => {
		const buffer = Buffer.alloc(length);
		random.fill(buffer);
		return buffer;
	};
	return Array.from({ length: SAMPLES }, () => ({
		type: TYPES[below(4)]!,
		// Detail and class as they are registered: coap-packet prints a code as "2.05" and reads it back.
		code: [1, 2, 3, 4, 0x41, 0x45, 0x84, 0xa0, 0xa3][below(9)]!,
		messageId: below(0x10000),
		token: bytes(below(9)),
		options: Array.from({ length: below(6) }, () => NUMBERS[below(NUMBERS.length)]!)
			.sort((left, right) => left - right)
			.map((number) => ({ number, value: bytes(LENGTHS[below(LENGTHS.length)]!) })),
		payload: bytes(below(3) === 0 ? 0 : below(200)),
	}));
}

function dotted(code: number): string {
	return `${code >> 5}.${String(code & 31).padStart(2, "0")}`;
}

function ours(sample: Sample): Uint8Array {
	const encoder = new Encoder();
	const token = new TokenBearer();
	token.token = toHex(sample.token);
	const write = (into: Uint8Array | undefined) => {
		encoder.target(into);
		encoder.begin(sample.type, sample.code, sample.messageId, token);
		for (const { number, value } of sample.options) encoder.option(number, value);
		encoder.payload(sample.payload);
	};
	write(undefined);
	const bytes = new Uint8Array(encoder.end);
	write(bytes);
	return bytes;
}

function theirs(sample: Sample): Uint8Array {
	return generate(
		{
			code: dotted(sample.code),
			confirmable: sample.type === "CON",
			ack: sample.type === "ACK",
			reset: sample.type === "RST",
			messageId: sample.messageId,
			token: sample.token,
			options: sample.options.map(({ number, value }) => ({ name: number, value })),
			payload: sample.payload,
		},
		65_000,
	);
}

/** A message as one line, however it was read. */
function line(parts: Omit<Sample, "token" | "payload"> & { readonly token: string; readonly payload: string }): string {
	const options = parts.options.map(({ number, value }) => `${number}:${toHex(value)}`);
	return [parts.type, parts.code, parts.messageId, parts.token, ...options, parts.payload].join(" ");
}

function readByUs(bytes: Uint8Array): string {
	const message = new DatagramMessage();
	const decoded = message.decode(bytes);
	if (decoded !== "ok") return decoded;
	const options: { number: number; value: Buffer }[] = [];
	message.rewind();
	while (message.next()) {
		const end = message.valueOffset + message.valueLength;
		options.push({ number: message.optionNumber, value: Buffer.from(bytes.slice(message.valueOffset, end)) });
	}
	const { type, code, messageId, token, payload } = message;
	return line({ type, code, messageId, token, options, payload: payload === undefined ? "" : toHex(payload) });
}

function readByThem(bytes: Uint8Array): string {
	const packet = parse(Buffer.from(bytes));
	const [kind, detail] = packet.code.split(".").map(Number);
	return line({
		type: packet.confirmable ? "CON" : packet.ack ? "ACK" : packet.reset ? "RST" : "NON",
		code: kind! * 32 + detail!,
		messageId: packet.messageId,
		token: toHex(packet.token),
		options: packet.options.map(({ name, value }) => ({ number: Number(name), value: Buffer.from(value) })),
		payload: toHex(packet.payload),
	});
}

test(`${SAMPLES} messages are written alike, byte for byte`, () => {
	for (const sample of samples()) assert.is(toHex(ours(sample)), toHex(theirs(sample)));
});

test(`${SAMPLES} messages that they write are read alike`, () => {
	for (const sample of samples()) {
		const bytes = theirs(sample);
		assert.is(readByUs(bytes), readByThem(bytes));
	}
});

test(`${SAMPLES} messages that we write are read alike`, () => {
	for (const sample of samples()) {
		const bytes = ours(sample);
		assert.is(readByThem(bytes), readByUs(bytes));
	}
});

test.run();
